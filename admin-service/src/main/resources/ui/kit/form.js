/** Forms: labels, hints and faults where they belong, and one submission at a time. */
import { html, useEffect, useId, useRef, useState } from './core.js';
import { ErrorBox } from './parts.js';

/** A button. `tone`: primary, danger, quiet or none. */
export function Button({ tone = '', busy = false, type = 'button', disabled = false, small = false, children, ...rest }) {
  return html`<button type=${type} class=${`${tone} ${small ? 'small' : ''}`} disabled=${disabled || busy}
    aria-busy=${busy ? 'true' : null} ...${rest}>${children}</button>`;
}

/**
 * The values of a form's fields.
 *
 * @param {Record<string, any>} initial
 * @returns {{values: Record<string, any>, set: (name: string, value: any) => void, field: (name: string) => object,
 *     reset: (values?: Record<string, any>) => void}} `field(name)` is spread into a {@link Field}
 */
export function useForm(initial) {
  const [values, setValues] = useState(initial);
  const set = (name, value) => setValues((before) => ({ ...before, [name]: value }));
  return {
    values,
    set,
    field: (name) => ({ name, value: values[name], onInput: (value) => set(name, value) }),
    reset: (next = initial) => setValues(next),
  };
}

/**
 * @param {object} props
 * @param {() => Promise<any>} props.onSubmit its fault is shown above the buttons
 * @param {string} [props.submit] words of the button
 * @param {string} [props.tone] of that button
 * @param {() => void} [props.onCancel]
 */
export function Form({ onSubmit, submit = 'Save', tone = 'primary', onCancel, disabled = false, children, inline = false }) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState(null);
  const alive = useRef(true);
  useEffect(() => () => {
    alive.current = false;
  }, []);
  const send = async (event) => {
    event.preventDefault();
    if (busy) {
      return;
    }
    setBusy(true);
    setFault(null);
    try {
      await onSubmit();
    } catch (problem) {
      if (alive.current) {
        setFault(problem);
      }
    } finally {
      if (alive.current) {
        setBusy(false);
      }
    }
  };
  return html`
    <form class=${inline ? 'form inline' : 'form'} onSubmit=${send} autocomplete="off">
      ${children}
      <${ErrorBox} error=${fault} />
      <div class="form-actions">
        <${Button} type="submit" tone=${tone} busy=${busy} disabled=${disabled}>${submit}<//>
        ${onCancel && html`<${Button} onClick=${onCancel}>Cancel<//>`}
      </div>
    </form>`;
}

/**
 * A labelled field.
 *
 * @param {object} props
 * @param {string} props.label
 * @param {string} props.name
 * @param {'text'|'number'|'password'|'search'|'select'|'textarea'|'checkbox'|'datetime-local'} [props.type]
 * @param {(value: any) => void} props.onInput gets text, or true and false of a checkbox
 * @param {({value: string, label: string}|string)[]} [props.options] of a select
 * @param {string} [props.hint] one line below the field
 * @param {string} [props.error] what is wrong with the value
 */
export function Field({ label, name, type = 'text', value, onInput, options, hint, error, required, hideLabel, ...rest }) {
  const id = useId(`field-${name}`);
  const about = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || null;
  const common = {
    id, name, required, 'aria-describedby': about, 'aria-invalid': error ? 'true' : null, ...rest,
  };
  if (type === 'checkbox') {
    return html`
      <div class="field check">
        <input type="checkbox" ...${common} checked=${Boolean(value)} onChange=${(event) => onInput(event.target.checked)} />
        <label for=${id}>${label}</label>
        ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
      </div>`;
  }
  const input = (event) => onInput(event.target.value);
  return html`
    <div class="field">
      <label for=${id} class=${hideLabel ? 'visually-hidden' : null}>${label}</label>
      ${type === 'select' ? html`
        <select ...${common} value=${value} onChange=${input}>${(options ?? []).map((option) => {
          const one = typeof option === 'string' ? { value: option, label: option } : option;
          return html`<option key=${one.value} value=${one.value} selected=${one.value === value}>${one.label}</option>`;
        })}</select>`
        : type === 'textarea' ? html`<textarea ...${common} value=${value ?? ''} onInput=${input}></textarea>`
          : html`<input type=${type} ...${common} value=${value ?? ''} onInput=${input} />`}
      ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
      ${error && html`<p class="hint bad" id=${`${id}-error`}>${error}</p>`}
    </div>`;
}
