/** Calls to the management API with the session's cookie. */
import { useCallback, useEffect, useRef, useState } from './core.js';
import { current } from './session.js';

/** An answer that is no success, or none at all (`status` 0). */
export class ApiError extends Error {
  constructor(status, error, { code = '', requestId = '', problems = [] } = {}) {
    super(error);
    this.name = 'ApiError';
    this.status = status;
    this.error = error;
    this.code = code;
    this.requestId = requestId;
    this.problems = problems;
  }
}

/** `?a=1&b=2` of those members that are neither null, undefined nor empty. */
export function query(members) {
  const set = Object.entries(members).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return set.length === 0 ? '' : `?${new URLSearchParams(set)}`;
}

/**
 * One call.
 *
 * @param {string} method
 * @param {string} path of this origin, with its query
 * @param {object} [body] sent as JSON
 * @returns {Promise<any>} the parsed JSON, text where the answer is no JSON, null where it is empty
 * @throws {ApiError}
 */
export async function api(method, path, body, options = {}) {
  return (await apiFull(method, path, body, options)).data;
}

/** As {@link api}, with `{data, headers, status}`. */
export async function apiFull(method, path, body, { headers = {}, signal } = {}) {
  const sent = { Accept: 'application/json', ...headers };
  const session = current.get();
  if (method !== 'GET' && method !== 'HEAD' && session) {
    sent['X-CSRF-Token'] = session.csrf;
  }
  if (body !== undefined && !('Content-Type' in sent)) {
    sent['Content-Type'] = 'application/json';
  }
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: sent,
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      credentials: 'same-origin',
      redirect: 'error',
      cache: 'no-store',
      signal,
    });
  } catch (fault) {
    if (fault.name === 'AbortError') {
      throw fault;
    }
    throw new ApiError(0, 'The gateway does not answer. Check that it runs and that this machine reaches it.');
  }
  const data = await read(response);
  if (!response.ok) {
    if (response.status === 401 && session) {
      current.set(null);
    }
    throw new ApiError(response.status, data?.error ?? `The gateway answered with status ${response.status}.`, {
      code: data?.code,
      requestId: response.headers.get('X-Request-ID') ?? '',
      problems: data?.problems,
    });
  }
  return { data, headers: response.headers, status: response.status };
}

async function read(response) {
  const text = await response.text();
  if (text === '') {
    return null;
  }
  if (!(response.headers.get('Content-Type') ?? '').includes('json')
      || (response.headers.get('Content-Type') ?? '').includes('ndjson')) {
    return text;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(response.status, 'The gateway answered with something that is not JSON.', {
      requestId: response.headers.get('X-Request-ID') ?? '',
    });
  }
}

/**
 * What a GET answers. What was there stays while it is asked for again, so that nothing jumps.
 *
 * @param {string|null} path null: ask nothing yet
 * @param {{every?: number}} [options] milliseconds after which to ask again, while the page is visible
 * @returns {{data: any, headers: Headers|null, error: ApiError|null, loading: boolean, reload: () => void}}
 */
export function useApi(path, { every } = {}) {
  const [state, setState] = useState({ path: null, data: null, headers: null, error: null, loading: path !== null });
  const [turn, setTurn] = useState(0);
  const running = useRef(null);
  const reload = useCallback(() => setTurn((before) => before + 1), []);

  useEffect(() => {
    if (path === null) {
      setState({ path, data: null, headers: null, error: null, loading: false });
      return undefined;
    }
    const control = new AbortController();
    running.current = control;
    setState((before) => (before.path === path
      ? { ...before, loading: true }
      : { path, data: null, headers: null, error: null, loading: true }));
    apiFull('GET', path, undefined, { signal: control.signal }).then(
      ({ data, headers }) => setState({ path, data, headers, error: null, loading: false }),
      (fault) => {
        if (fault.name !== 'AbortError') {
          setState((before) => ({ ...before, path, error: fault, loading: false }));
        }
      },
    );
    return () => control.abort();
  }, [path, turn]);

  useEffect(() => {
    if (!every || path === null) {
      return undefined;
    }
    const timer = setInterval(() => {
      if (!document.hidden && current.get()) {
        reload();
      }
    }, every);
    return () => clearInterval(timer);
  }, [path, every]);

  return { ...state, reload };
}
