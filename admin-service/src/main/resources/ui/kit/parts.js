/** Small parts of pages. */
import { html, useEffect, useId, useRef, useState } from './core.js';
import { ago, count, instant, money, when } from './text.js';

/** A page's frame: its heading, actions beside it, and what is below. */
export function Page({ title, lead, actions, children }) {
  return html`
    <header class="page-head">
      <div>
        <h1 tabindex="-1">${title}</h1>
        ${lead && html`<p class="lead">${lead}</p>`}
      </div>
      ${actions && html`<div class="actions">${actions}</div>`}
    </header>
    ${children}`;
}

/** A section with a heading of its own. */
export function Card({ title, actions, children, flush = false }) {
  return html`
    <section class=${flush ? 'card flush' : 'card'}>
      ${(title || actions) && html`
        <header class="card-head">
          ${title && html`<h2>${title}</h2>`}
          ${actions && html`<div class="actions">${actions}</div>`}
        </header>`}
      ${children}
    </section>`;
}

/** Names and values: `[[name, value], …]`. */
export function Facts({ items }) {
  return html`<dl class="facts">${items.filter(Boolean).map(([name, value]) => html`
    <div key=${name}><dt>${name}</dt><dd>${value ?? '–'}</dd></div>`)}</dl>`;
}

/** A word with a meaning. `tone`: neutral, good, warn, bad, info. */
export function Badge({ tone = 'neutral', children }) {
  return html`<span class=${`badge ${tone}`}>${children}</span>`;
}

let clock = null;
const ticking = new Set();

function useMinute() {
  const [, tick] = useState(0);
  useEffect(() => {
    const beat = () => tick((before) => before + 1);
    ticking.add(beat);
    clock ??= setInterval(() => ticking.forEach((one) => one()), 30_000);
    return () => {
      ticking.delete(beat);
      if (ticking.size === 0) {
        clearInterval(clock);
        clock = null;
      }
    };
  }, []);
}

/** A time, as how long ago with the exact time beside the pointer, or the other way round with `exact`. */
export function Time({ value, exact = false, none = '–' }) {
  useMinute();
  const stamp = instant(value);
  if (stamp === null) {
    return html`<span class="muted">${none}</span>`;
  }
  return html`<time datetime=${stamp} title=${exact ? ago(value) : when(value)}>${exact ? when(value) : ago(value)}</time>`;
}

/** US dollars, given as such or as millionths. */
export function Money({ usd, micro }) {
  const amount = micro === undefined || micro === null ? usd : micro / 1e6;
  return html`<span class="num" title=${amount === null || amount === undefined ? '' : `$${amount}`}>${money(amount)}</span>`;
}

/** A number of things with its exact value beside the pointer. */
export function Count({ value }) {
  return html`<span class="num" title=${count(value, { exact: true })}>${count(value)}</span>`;
}

/** How much of a limit is used; without a limit only the number. */
export function Meter({ used, limit, format = count, label }) {
  if (limit === null || limit === undefined) {
    return html`<span class="num">${format(used)}</span>`;
  }
  const share = limit === 0 ? 1 : Math.min(1, used / limit);
  const tone = share >= 1 ? 'bad' : share >= 0.8 ? 'warn' : 'good';
  return html`
    <span class="meter">
      <span class="num">${format(used)} of ${format(limit)}</span>
      <meter class=${tone} min="0" max="1" value=${share} aria-label=${label ?? 'used'}>${Math.round(share * 100)} %</meter>
    </span>`;
}

/** Text to be copied with one click. `secret` sets it apart as something that is shown once. */
export function Copyable({ value, label = 'Copy', secret = false, short = false }) {
  const [state, setState] = useState('');
  const text = useRef(null);
  useEffect(() => {
    if (state === '') {
      return undefined;
    }
    const timer = setTimeout(() => setState(''), 2_500);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setState('Copied');
    } catch {
      getSelection().selectAllChildren(text.current);
      setState('Press Ctrl+C');
    }
  };
  return html`
    <span class=${secret ? 'copyable secret' : 'copyable'}>
      <code ref=${text} title=${short ? value : null}>${short ? `${value.slice(0, 8)}…` : value}</code>
      <button type="button" class="small quiet" onClick=${copy} aria-label=${`${label}: ${secret ? 'secret' : value}`}>
        ${state || 'Copy'}
      </button>
      <span class="visually-hidden" role="status">${state}</span>
    </span>`;
}

/** What stands where nothing is yet, with the next step. */
export function EmptyState({ title, children, action }) {
  return html`
    <div class="empty">
      <p class="empty-title">${title}</p>
      ${children && html`<p>${children}</p>`}
      ${action}
    </div>`;
}

/** A fault in plain words with the id under which logs and audit have it. */
export function ErrorBox({ error, retry }) {
  if (!error) {
    return null;
  }
  const problems = error.problems ?? [];
  return html`
    <div class="notice bad" role="alert">
      <div>
        <p>${error.error ?? error.message ?? String(error)}</p>
        ${problems.length > 0 && html`<ul>${problems.map((one) => html`
          <li><code>${one.path || one.where}</code> ${one.message}</li>`)}</ul>`}
        ${(error.requestId || error.code) && html`<p class="muted small-text">
          ${error.code && html`<span>code <code>${error.code}</code> </span>`}
          ${error.requestId && html`<span>request <code>${error.requestId}</code></span>`}</p>`}
      </div>
      ${retry && html`<button type="button" class="small" onClick=${retry}>Try again</button>`}
    </div>`;
}

/** Lines that hold the place of what is still to come. */
export function Loading({ lines = 3 }) {
  return html`<div class="skeleton" role="status" aria-label="Loading">
    ${Array.from({ length: lines }, (_, i) => html`<span key=${i}></span>`)}</div>`;
}

/** One page of a listing to the next and back. */
export function Pager({ onPrev, onNext, label = '' }) {
  if (!onPrev && !onNext && !label) {
    return null;
  }
  return html`
    <nav class="pager" aria-label="Pages of this list">
      <button type="button" class="small" disabled=${!onPrev} onClick=${onPrev}>Previous</button>
      <span class="muted" role="status">${label}</span>
      <button type="button" class="small" disabled=${!onNext} onClick=${onNext}>Next</button>
    </nav>`;
}

/**
 * Tabs over panels (ARIA authoring practices: arrow keys move, Home and End jump).
 *
 * @param {{tabs: {id: string, label: string, count?: number}[], current: string, onChange: (id: string) => void,
 *     label: string, children: any}} props `children` are the content of the current tab
 */
export function Tabs({ tabs, current, onChange, label, children }) {
  const id = useId('tabs');
  const list = useRef(null);
  const move = (event) => {
    const at = tabs.findIndex((tab) => tab.id === current);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) {
      return;
    }
    event.preventDefault();
    const next = (to + tabs.length) % tabs.length;
    onChange(tabs[next].id);
    list.current.children[next].focus();
  };
  return html`
    <div class="tabs" role="tablist" aria-label=${label} ref=${list} onKeyDown=${move}>
      ${tabs.map((tab) => html`
        <button type="button" role="tab" key=${tab.id} id=${`${id}-${tab.id}`} aria-selected=${String(tab.id === current)}
          aria-controls=${`${id}-panel`} tabindex=${tab.id === current ? 0 : -1} onClick=${() => onChange(tab.id)}>
          ${tab.label}${tab.count === undefined ? null : html` <span class="muted">${count(tab.count)}</span>`}
        </button>`)}
    </div>
    <div role="tabpanel" id=${`${id}-panel`} aria-labelledby=${`${id}-${current}`} class="tab-panel">${children}</div>`;
}
