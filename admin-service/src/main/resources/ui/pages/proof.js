/** The proof that an event is in the audit tree, checked in this browser. */
import { api, Button, Card, ErrorBox, html, useState } from '../kit.js';
import { checkProof } from '../checkpoint.js';
import { saveText } from './parts.js';

const NOTHING = { asking: false, proof: null, keys: null, verdict: null, error: null };

/** Asks for the proof of event `id`, checks it here and offers it as a file. */
export function Proof({ id }) {
  const [{ asking, proof, keys, verdict, error }, setState] = useState(NOTHING);
  const check = async () => {
    setState({ ...NOTHING, asking: true });
    try {
      const [given, { keys: known }] = await Promise.all([
        api('GET', `/manage/audit/${encodeURIComponent(id)}/proof`), api('GET', '/manage/audit/keys')]);
      setState({ ...NOTHING, proof: given, keys: known, verdict: await checkProof(id, given, known) });
    } catch (fault) {
      setState({ ...NOTHING, error: fault });
    }
  };
  const save = () => saveText(`proof-${id}.json`, 'application/json', `${JSON.stringify({ proof, keys }, null, 2)}\n`);
  return html`<${Card} title="Proof" actions=${html`
      <${Button} tone="primary" busy=${asking} onClick=${check}>Check the proof<//>
      ${proof && html`<${Button} onClick=${save}>Download the proof<//>`}`}>
    <p class="lead">Whether this entry is in the log, unchanged, is computed in this browser: from its stored bytes up to the signed
      checkpoint. The keys come from this server, so compare them with those that you have kept. The post-quantum signature is checked
      by <code>./latticegate verify-audit</code>.</p>
    <${ErrorBox} error=${error} />
    ${error?.code === 'not_yet_in_tree' && html`<p class="muted">The next checkpoint, in about a second, takes it in.</p>`}
    <div role="status">${verdict && html`
      <p class=${verdict.good ? 'verdict good' : 'verdict bad'}>${verdict.good ? 'Proved: this entry is in the log.' : 'Not proved.'}</p>
      <ol class="proof">${verdict.steps.map((step) => html`<li key=${step.name}>
        <span class=${step.good ? 'verdict good' : 'verdict bad'}>${step.good ? '✓' : '✗'} ${step.name}</span>
        <code>${step.found}</code></li>`)}</ol>`}</div>
  <//>`;
}
