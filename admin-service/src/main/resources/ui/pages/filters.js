/** Filters of listings: a form over the page's address. */
import { Button, Field, html, useEffect, useState } from '../kit.js';

/** An input of type datetime-local holds local time without a zone; the API wants RFC 3339. */
function toInstant(local) {
  const time = new Date(local);
  return Number.isNaN(time.getTime()) ? '' : time.toISOString();
}

function toLocal(instant) {
  const time = new Date(instant);
  if (Number.isNaN(time.getTime())) return '';
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

const KINDS = {
  text: { type: 'text', maxlength: 256, spellcheck: false },
  number: { type: 'number', min: 0, step: 1 },
  time: { type: 'datetime-local', step: 1 },
  choice: { type: 'select' },
};

/**
 * A form that shows the filters in force and changes them when it is sent.
 *
 * @param {{name: string, label: string, kind?: 'text'|'time'|'number'|'choice', options?: {value: string, label: string}[]}[]} fields
 * @param {Object<string, string>} values those in force; times in RFC 3339
 * @param {(changed: Object<string, string>) => void} onApply takes all of them; an empty one does not filter
 */
export function Filters({ fields, values, onApply, label }) {
  const inForce = JSON.stringify(fields.map(({ name }) => values[name] ?? ''));
  const [draft, setDraft] = useState({});
  useEffect(() => setDraft({}), [inForce]);
  const shown = (name) => draft[name] ?? values[name] ?? '';
  const empty = Object.fromEntries(fields.map(({ name }) => [name, '']));
  const send = (event) => {
    event.preventDefault();
    onApply(Object.fromEntries(fields.map(({ name }) => [name, shown(name).trim()])));
  };
  const used = fields.filter(({ name }) => values[name]).length;
  return html`<details class="filters" open=${used > 0}>
    <summary>${label}${used > 0 ? ` (${used})` : ''}</summary>
    <form class="form" role="search" aria-label=${label} onSubmit=${send} autocomplete="off">
      <div class="form-pair">${fields.map(({ name, label: words, kind = 'text', options }) => html`<${Field} key=${name} name=${name}
        label=${words} options=${options} ...${KINDS[kind]} value=${kind === 'time' ? toLocal(shown(name)) : shown(name)}
        onInput=${(value) => setDraft((before) => ({ ...before, [name]: kind === 'time' ? toInstant(value) : value }))} />`)}</div>
      <div class="form-actions">
        <${Button} type="submit" tone="primary">Apply<//>
        ${used > 0 && html`<${Button} onClick=${() => onApply(empty)}>Clear<//>`}
      </div>
    </form>
  </details>`;
}

/** How requests and deeds may end, as a filter. */
export const OUTCOMES = [
  { value: '', label: 'Any' }, { value: 'success', label: 'Success' }, { value: 'failure', label: 'Failure' },
  { value: 'denied', label: 'Denied' }, { value: 'error', label: 'Error' },
];
