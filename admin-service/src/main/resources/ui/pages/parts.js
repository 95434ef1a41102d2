/** Parts that these pages share, besides the kit. */
import { Badge, html, when } from '../kit.js';
import { stampOf, timeOfDay, trend } from '../figures.js';
import { WINDOWS } from '../live.js';

/** One figure with its name, and how it differs from the window before. `raw` is the figure as the API gave it. */
export function Figure({ name, value, raw, before, note }) {
  const moved = trend(raw, before);
  return html`<div class="tile">
    <dt class="tile-name">${name}</dt>
    <dd class="tile-value"><data value=${String(raw ?? '')}>${value}</data></dd>
    <dd class="tile-note">${moved && `${moved} on the window before`}${moved && note ? ', ' : ''}${note}</dd>
  </div>`;
}

export const Figures = ({ label, children }) => html`<dl class="tiles figures" aria-label=${label}>${children}</dl>`;

/** One of several, as a row of buttons. */
export function Choice({ label, value, options, onChange }) {
  return html`<div class="choice" role="group" aria-label=${label}>
    ${options.map(([key, text]) => html`<button type="button" class="small" key=${key} aria-pressed=${String(key === value)}
      onClick=${() => onChange(key)}>${text}</button>`)}
  </div>`;
}

/** How far back a page looks. */
export const WindowChoice = ({ value, onChange, of }) => html`<${Choice} label="Time window" value=${value}
  options=${of.map((key) => [key, WINDOWS[key].label])} onChange=${onChange} />`;

/** When the figures of a page came, and that newer ones could not be had. */
export function Freshness({ at, error, every }) {
  if (error) {
    return html`<p class="muted small-text" role="status">
      ${at ? `Not updated since ${timeOfDay(at)}: ` : ''}${error.message || 'the server does not answer'}</p>`;
  }
  return at && html`<p class="muted small-text">Updated ${timeOfDay(at)}${every > 0 ? `, every ${every / 1_000} s while this page is seen` : ''}</p>`;
}

/** Gives text to the person as a file. */
export function saveText(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Shortens an id for a narrow column; the whole one is in the title. */
export const Short = ({ id }) => (id ? html`<code title=${id}>${id.length > 13 ? `${id.slice(0, 8)}…` : id}</code>` : '–');

/** When something happened, short enough for a column on a phone; the year and the zone's own words are in the title. */
export const Stamp = ({ at }) => html`<time class="stamp" datetime=${at} title=${when(at)}>${stampOf(at)}</time>`;

const TONES = { success: 'good', failure: 'warn', denied: 'warn', error: 'bad' };

/** How a request or a deed ended. */
export const Outcome = ({ of }) => html`<${Badge} tone=${TONES[of] ?? 'neutral'}>${of || 'unknown'}<//>`;
