/** Pages and their paths, over the history API. */
import { store, useStore } from './core.js';

const routes = [];

/** Where the reader is: `{path, query}`. */
export const location = store(read());

function read() {
  return {
    path: window.location.pathname.replace(/\/+$/, '') || '/admin',
    query: Object.fromEntries(new URLSearchParams(window.location.search)),
  };
}

/**
 * Adds a page.
 *
 * @param {string} path such as `/admin/projects/:id`
 * @param {Function} Page a component; gets `{params, query}`
 * @param {{title: string, nav?: string | {group: string, order?: number, label?: string}, role?: string}} about
 *     `nav`: the group of the menu in which it stands, absent for none; `role`: the least role that may see it
 */
export function route(path, Page, { title, nav = null, role = 'viewer' }) {
  const entry = nav === null ? null : typeof nav === 'string' ? { group: nav } : nav;
  routes.push({
    path,
    segments: path.split('/').slice(1),
    Page,
    title,
    role,
    nav: entry === null ? null : { group: entry.group, order: entry.order ?? 100, label: entry.label ?? title },
  });
}

/** The page of a path with the parameters that it names, or null. */
export function find(path) {
  const segments = path.split('/').slice(1);
  let best = null;
  for (const candidate of routes) {
    const params = match(candidate.segments, segments);
    if (params !== null && (best === null || Object.keys(params).length < Object.keys(best.params).length)) {
      best = { route: candidate, params };
    }
  }
  return best;
}

function match(pattern, segments) {
  if (pattern.length !== segments.length) {
    return null;
  }
  const params = {};
  for (let i = 0; i < pattern.length; i += 1) {
    if (pattern[i].startsWith(':')) {
      try {
        params[pattern[i].slice(1)] = decodeURIComponent(segments[i]);
      } catch {
        return null;
      }
    } else if (pattern[i] !== segments[i]) {
      return null;
    }
  }
  return params;
}

/** The entries of the menu for a role check, by group in the order of their first appearance. */
export function menu(allowed) {
  const groups = new Map();
  routes.filter((entry) => entry.nav && allowed(entry.role))
    .sort((left, right) => left.nav.order - right.nav.order)
    .forEach((entry) => {
      groups.set(entry.nav.group, [...(groups.get(entry.nav.group) ?? []), entry]);
    });
  return groups;
}

/** Goes to a page of this interface. */
export function navigate(target, { replace = false } = {}) {
  const url = new URL(target, window.location.href);
  if (url.origin !== window.location.origin || !/^\/admin(\/|$)/.test(url.pathname)) {
    throw new Error('navigate is for pages below /admin');
  }
  const unchanged = url.pathname === window.location.pathname;
  history[replace ? 'replaceState' : 'pushState'](null, '', url.pathname + url.search);
  location.set(read());
  if (!replace && !unchanged) {
    window.scrollTo(0, 0);
  }
}

/** `href` of a page, with parameters put in safely: link`/admin/projects/${id}`. */
export function link(strings, ...values) {
  return strings.reduce((all, part, i) => all + encodeURIComponent(values[i - 1]) + part);
}

/** `{path, query}` of the page that is shown. */
export function useLocation() {
  return useStore(location);
}

/** Follows links to pages without loading the document again. */
export function listen() {
  window.addEventListener('popstate', () => location.set(read()));
  document.addEventListener('click', (event) => {
    const anchor = event.target instanceof Element ? event.target.closest('a[href]') : null;
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (anchor === null || !plain || event.defaultPrevented || anchor.target || anchor.hasAttribute('download')) {
      return;
    }
    const url = new URL(anchor.href);
    const here = url.origin === window.location.origin && /^\/admin(\/|$)/.test(url.pathname);
    if (here && !url.hash && !/^\/admin\/(assets|oidc|api)\//.test(url.pathname)) {
      event.preventDefault();
      navigate(url.pathname + url.search);
    }
  });
}
