/** Whether the log is still the one that this browser saw before: same keys, nothing removed, nothing changed. */
import { api, Button, count, ErrorBox, html, query, useState, when } from '../kit.js';
import { checkSignatures, nameKeys, readCheckpoint, readNote } from '../checkpoint.js';
import { checkGrowth, fromHex, toHex } from '../merkle.js';

const KEPT = 'latticegate.audit.checkpoint';

/** What this browser keeps about the log: nothing of it is secret. */
function read() {
  const text = localStorage.getItem(KEPT);
  return text === null ? null : JSON.parse(text);
}

/**
 * Compares the checkpoint of now with the one that was kept, and keeps the new one in its place if nothing is wrong.
 *
 * @returns {Promise<string>} what was found
 * @throws {Error} when the log is another one, or cannot be asked
 */
async function compare() {
  const [note, { keys }] = await Promise.all([api('GET', '/manage/audit/checkpoint'), api('GET', '/manage/audit/keys')]);
  await checkSignatures(note, keys);
  const now = readCheckpoint(readNote(note).body);
  const names = await nameKeys(keys);
  const kept = read();
  if (kept !== null) {
    if (kept.origin !== now.origin) throw new Error(`This browser kept a checkpoint of the log ${kept.origin}; this one is ${now.origin}.`);
    if (kept.keys.some((name) => !names.includes(name))) {
      throw new Error(`A key with which the log signed on ${when(kept.at)} is not among its keys any more.`);
    }
    const { path } = kept.size === now.size ? { path: [] }
      : await api('GET', `/manage/audit/consistency${query({ from: kept.size, to: now.size })}`);
    await checkGrowth({ size: kept.size, root: fromHex(kept.root) }, now, path.map(fromHex));
  }
  localStorage.setItem(KEPT, JSON.stringify({
    origin: now.origin, size: now.size, root: toHex(now.root), keys: names, at: new Date().toISOString() }));
  const entries = (size) => `${count(size, { exact: true })} entries`;
  return kept === null
    ? `Kept: ${entries(now.size)}. From now on this browser notices when the log or its keys are not what they were.`
    : `Nothing was removed or changed since ${when(kept.at)}: ${entries(kept.size)} then, ${entries(now.size)} now.`;
}

export function Continuity() {
  const [{ busy, found, error }, setState] = useState({ busy: false, found: '', error: null });
  const check = async () => {
    setState({ busy: true, found: '', error: null });
    try {
      setState({ busy: false, found: await compare(), error: null });
    } catch (fault) {
      setState({ busy: false, found: '', error: fault });
    }
  };
  const forget = () => {
    localStorage.removeItem(KEPT);
    setState({ busy: false, found: 'Forgotten.', error: null });
  };
  return html`<div class="form">
    <div class="form-actions">
      <${Button} small busy=${busy} onClick=${check}>Compare with what this browser kept<//>
      ${error && !error.status && html`<${Button} small tone="danger" onClick=${forget}>Forget what it kept<//>`}
    </div>
    <${ErrorBox} error=${error} />
    <p role="status">${found}</p>
  </div>`;
}
