/** Who is signed in. The cookie itself is out of reach for scripts; this is what the server says about it. */
import { store, useStore } from './core.js';

const ROLES = ['viewer', 'operator', 'admin'];

/** `undefined` before the first answer, `null` when nobody is signed in. */
export const current = store(undefined);

/** `{actor, role, csrf, expires_at, projects}`. */
export function useSession() {
  return useStore(current);
}

/** Whether the one who is signed in has at least this role. The server decides again; this only spares dead buttons. */
export function can(role) {
  const session = current.get();
  return Boolean(session) && ROLES.indexOf(session.role) >= ROLES.indexOf(role);
}
