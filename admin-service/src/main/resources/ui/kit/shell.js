/** The frame around all pages: sign-in, menu, theme, and the page that the address names. */
import { html, render, useEffect, useRef, useState, useErrorBoundary, store, useStore } from './core.js';
import { api } from './api.js';
import { Toast, toast } from './overlay.js';
import { Badge, ErrorBox, Page } from './parts.js';
import { find, listen, menu, useLocation } from './router.js';
import { can, current, useSession } from './session.js';
import { Login } from './login.js';

const GROUPS = ['Overview', 'Traffic', 'Access', 'Providers', 'Trust', 'Compute', 'Settings'];
const THEMES = ['system', 'light', 'dark'];
const theme = store(document.documentElement.dataset.theme ?? 'system');

/** Asks who is signed in; nobody is when the server says 401. */
export async function whoIsThere() {
  try {
    current.set(await api('GET', '/admin/api/session'));
    return null;
  } catch (fault) {
    if (fault.status === 401) {
      current.set(null);
      return null;
    }
    return fault;
  }
}

/** Draws the interface into `element` and keeps it up to date. */
export function start(element) {
  listen();
  element.textContent = '';
  render(html`<${App} />`, element);
}

function App() {
  const session = useSession();
  const [fault, setFault] = useState(null);
  const ask = () => {
    setFault(null);
    whoIsThere().then(setFault);
  };
  useEffect(ask, []);
  if (fault) {
    return html`<main class="alone"><h1>Latticegate</h1><${ErrorBox} error=${fault} retry=${ask} /></main>`;
  }
  if (session === undefined) {
    return html`<main class="alone" aria-busy="true"><p class="muted">Loading…</p></main>`;
  }
  return html`${session === null ? html`<${Login} onSignedIn=${ask} />` : html`<${Shell} session=${session} />`}<${Toast} />`;
}

function Shell({ session }) {
  const place = useLocation();
  const [open, setOpen] = useState(false);
  const main = useRef(null);
  const first = useRef(true);
  const found = find(place.path);
  const title = found ? found.route.title : 'No such page';
  useEffect(() => {
    document.title = `${title} · Latticegate`;
    setOpen(false);
    if (first.current) {
      first.current = false;
      return;
    }
    (main.current.querySelector('h1') ?? main.current).focus({ preventScroll: true });
  }, [place.path]);
  useEffect(() => {
    const close = (event) => event.key === 'Escape' && setOpen(false);
    document.addEventListener('keydown', close);
    return () => document.removeEventListener('keydown', close);
  }, []);
  const skip = (event) => {
    event.preventDefault();
    main.current.focus();
  };
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to content</a>
    <div class=${open ? 'shell open' : 'shell'}>
      <header class="top">
        <button type="button" class="quiet menu-button" aria-expanded=${String(open)} aria-controls="menu"
          onClick=${() => setOpen(!open)}><span aria-hidden="true">☰</span><span class="visually-hidden">Menu</span></button>
        <a class="brand" href="/admin"><img src="/admin/assets/icon.svg" alt="" width="22" height="22" />Latticegate</a>
        <div class="top-end"><${ThemeSwitch} /><${Who} session=${session} /></div>
      </header>
      <${Menu} path=${place.path} />
      <main id="main" tabindex="-1" ref=${main}>
        <${Content} key=${place.path} found=${found} place=${place} />
      </main>
    </div>`;
}

function Content({ found, place }) {
  const [broken] = useErrorBoundary();
  if (broken) {
    return html`<${Page} title="This page failed"><${ErrorBox} error=${broken} retry=${() => window.location.reload()} /><//>`;
  }
  if (!found) {
    return html`<${Page} title="No such page"><p>Nothing lies at <code>${place.path}</code>. The menu names every page.</p><//>`;
  }
  if (!can(found.route.role)) {
    return html`<${Page} title=${found.route.title}>
      <div class="notice warn"><p>This page needs the role <strong>${found.route.role}</strong>; yours
        is <strong>${current.get()?.role}</strong>. An administrator can change it.</p></div><//>`;
  }
  return html`<${found.route.Page} params=${found.params} query=${place.query} />`;
}

function Menu({ path }) {
  const groups = [...menu(can)].sort(([left], [right]) => rank(left) - rank(right));
  return html`
    <nav id="menu" class="menu" aria-label="Pages">
      ${groups.map(([group, entries]) => html`
        <div key=${group} class="menu-group">
          <h2>${group}</h2>
          <ul>${entries.map((entry) => html`
            <li key=${entry.path}><a href=${entry.path} aria-current=${at(path, entry.path) ? 'page' : null}>${entry.nav.label}</a>
            </li>`)}</ul>
        </div>`)}
    </nav>`;
}

function rank(group) {
  const at = GROUPS.indexOf(group);
  return at < 0 ? GROUPS.length : at;
}

function at(path, entry) {
  return path === entry || (entry !== '/admin' && path.startsWith(`${entry}/`));
}

function ThemeSwitch() {
  const chosen = useStore(theme);
  const choose = (event) => {
    const next = event.target.value;
    theme.set(next);
    if (next === 'system') {
      delete document.documentElement.dataset.theme;
    } else {
      document.documentElement.dataset.theme = next;
    }
    try {
      localStorage.setItem('latticegate.theme', next);
    } catch {
      toast('This browser does not keep the choice of theme.', 'info');
    }
    document.dispatchEvent(new Event('latticegate:theme'));
  };
  return html`
    <label class="theme"><span class="visually-hidden">Theme</span>
      <select value=${chosen} onChange=${choose}>${THEMES.map((one) => html`
        <option key=${one} value=${one} selected=${one === chosen}>${one[0].toUpperCase() + one.slice(1)}</option>`)}</select>
    </label>`;
}

function Who({ session }) {
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    try {
      await api('DELETE', '/admin/api/session');
      current.set(null);
    } catch (fault) {
      toast(fault.error ?? String(fault), 'bad');
      setBusy(false);
    }
  };
  return html`
    <span class="who"><span class="who-name">${session.actor}</span> <${Badge} tone="info">${session.role}<//></span>
    <button type="button" class="small" disabled=${busy} onClick=${leave}>Sign out</button>`;
}
