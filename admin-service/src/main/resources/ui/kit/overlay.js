/** What lies above a page: dialogs and passing messages. */
import { html, store, useEffect, useId, useRef, useState, useStore } from './core.js';
import { Button } from './form.js';
import { ErrorBox } from './parts.js';

/** A modal dialog (the platform's own: focus stays inside and returns, Escape closes). Rendered only while it is open. */
export function Dialog({ title, onClose, children, wide = false, locked = false }) {
  const element = useRef(null);
  const id = useId('dialog');
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog.showModal();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus();
      }
    };
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    if (!locked) {
      onClose();
    }
  };
  return html`
    <dialog ref=${element} class=${wide ? 'wide' : null} aria-labelledby=${id} onCancel=${cancel}>
      <header class="dialog-head">
        <h2 id=${id}>${title}</h2>
        ${!locked && html`<button type="button" class="quiet small" aria-label="Close" onClick=${onClose}>✕</button>`}
      </header>
      <div class="dialog-body">${children}</div>
    </dialog>`;
}

/**
 * Asks before something is done that cannot be undone.
 *
 * @param {object} props
 * @param {string} props.title names what will happen
 * @param {any} props.children what it means
 * @param {string} props.action words of the button
 * @param {string} [props.typed] text that must be typed first
 * @param {() => Promise<any>} props.onConfirm a fault is shown and the dialog stays
 * @param {() => void} props.onClose
 */
export function Confirm({ title, children, action, typed, tone = 'danger', onConfirm, onClose }) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState(null);
  const [text, setText] = useState('');
  const id = useId('confirm');
  const go = async (event) => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      await onConfirm();
      onClose();
    } catch (problem) {
      setFault(problem);
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title=${title} onClose=${onClose}>
      <form class="form" onSubmit=${go}>
        <div>${children}</div>
        ${typed && html`
          <div class="field">
            <label for=${id}>Type <code>${typed}</code> to go on</label>
            <input id=${id} value=${text} autocomplete="off" onInput=${(event) => setText(event.target.value)} />
          </div>`}
        <${ErrorBox} error=${fault} />
        <div class="form-actions">
          <${Button} type="submit" tone=${tone} busy=${busy} disabled=${Boolean(typed) && text !== typed}>${action}<//>
          <${Button} onClick=${onClose}>Cancel<//>
        </div>
      </form>
    <//>`;
}

const messages = store([]);
let numbers = 0;

/** Says something in passing. `tone`: good, bad or info. */
export function toast(text, tone = 'good') {
  const id = ++numbers;
  messages.set([...messages.get().slice(-3), { id, text, tone }]);
  setTimeout(() => messages.set(messages.get().filter((one) => one.id !== id)), tone === 'bad' ? 10_000 : 4_500);
}

/** Where passing messages appear; the shell has it once. */
export function Toast() {
  const shown = useStore(messages);
  return html`
    <div class="toasts" role="status" aria-live="polite">
      ${shown.map((one) => html`<p key=${one.id} class=${`toast ${one.tone}`}>${one.text}</p>`)}
    </div>`;
}
