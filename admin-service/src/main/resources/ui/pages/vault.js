import {
  Badge, Button, Card, Confirm, EmptyState, ErrorBox, Facts, Page, Pager, Table, Time, api, can, count, html, route, toast,
  useApi, useState,
} from '../kit.js';
import { ProjectLink, useProjectNames } from './projects.js';

const ROWS = 100;
const STATES = { idle: 'neutral', running: 'info', done: 'good', failed: 'bad' };
const QUESTIONS = {
  kek: {
    title: 'Rotate the key-encryption key?',
    action: 'Rotate the KEK',
    text: 'Every record is wrapped again under the active key of the configuration. Requests go on meanwhile; it resumes by itself after a crash.',
  },
  dek: {
    title: 'Encrypt every record again?',
    action: 'Rotate the DEKs',
    text: 'Every provider key is encrypted again under a new data key of its own. Requests go on meanwhile; it resumes by itself after a crash.',
  },
};

function Vault() {
  const [fast, setFast] = useState(false);
  const vault = useApi('/manage/vault', { every: fast ? 1_000 : 15_000 });
  const [asking, setAsking] = useState(null);
  const rotation = vault.data?.rotation;
  const running = rotation?.state === 'running';
  if (running !== fast && vault.data) {
    setFast(running);
  }
  const actions = can('admin') && html`
    <${Button} disabled=${running} onClick=${() => setAsking('kek')}>Rotate KEK<//>
    <${Button} disabled=${running} onClick=${() => setAsking('dek')}>Rotate DEKs<//>`;
  return html`
    <${Page} title="Vault" actions=${actions}
      lead="Provider keys are encrypted one by one, and what encrypts them is wrapped by a key-encryption key. Here are fingerprints, never keys.">
      <${ErrorBox} error=${vault.error} retry=${vault.reload} />
      ${!vault.error && html`
        <div class="grid wide">
          <${Card} title="Key-encryption keys">
            <${Table} caption="Key-encryption keys and how many records each protects" rows=${vault.data && vault.data.keks}
              columns=${kekColumns(vault.data?.active_kek)} empty=${html`<${EmptyState} title="No key yet">A key appears with the first record.<//>`} />
          <//>
          <${Card} title="Rotation"><${Rotation} rotation=${rotation} /><//>
        </div>
        <${Keys} />`}
      ${asking && html`
        <${Confirm} title=${QUESTIONS[asking].title} action=${QUESTIONS[asking].action} tone="primary" onClose=${() => setAsking(null)}
          onConfirm=${async () => {
            await api('POST', '/manage/vault/rotate', { what: asking });
            toast('The rotation has begun.');
            vault.reload();
          }}><p>${QUESTIONS[asking].text}</p><//>`}
    <//>`;
}

function kekColumns(active) {
  return [
    { key: 'id', label: 'Key', render: (row) => html`<code>${row.id}</code>` },
    { key: 'active', label: 'Use', render: (row) => (row.id === active ? html`<${Badge} tone="good">active<//>`
      : row.records > 0 ? html`<${Badge} tone="warn">still needed<//>` : html`<${Badge}>may be retired<//>`) },
    { key: 'records', label: 'Records', align: 'end', render: (row) => count(row.records, { exact: true }) },
  ];
}

function Rotation({ rotation }) {
  const total = rotation?.total ?? 0;
  const done = rotation?.done ?? 0;
  return html`
    <${Facts} items=${[
      ['State', rotation ? html`<${Badge} tone=${STATES[rotation.state]}>${rotation.state}<//>` : '–'],
      ['Records', `${count(done, { exact: true })} of ${count(total, { exact: true })}`],
      rotation?.failed > 0 && ['Failed', count(rotation.failed, { exact: true })],
      rotation?.reason && ['Because', rotation.reason],
      ['Began', html`<${Time} value=${rotation?.started_at} none="never" />`],
      ['Ended', html`<${Time} value=${rotation?.finished_at} />`],
    ]} />
    <progress max="1" value=${total === 0 ? (rotation?.state === 'done' ? 1 : 0) : done / total} aria-label="Rotation progress"></progress>`;
}

function Keys() {
  const [trail, setTrail] = useState([null]);
  const after = trail.at(-1);
  const keys = useApi(`/manage/vault/keys?limit=${ROWS}${after ? `&after=${encodeURIComponent(after)}` : ''}`);
  const names = useProjectNames();
  const next = keys.data?.next ?? null;
  const columns = [
    { key: 'fingerprint', label: 'Fingerprint', render: (row) => html`<code>${row.fingerprint}</code>` },
    { key: 'owner', label: 'Owner', render: (row) => (row.owner_kind === 'project'
      ? html`<${ProjectLink} id=${row.owner_id} names=${names} />` : html`${row.owner_kind} <code>${row.owner_id}</code>`) },
    { key: 'provider', label: 'Provider' },
    { key: 'name', label: 'Name', render: (row) => html`<code>${row.name}</code>` },
    { key: 'kek', label: 'Wrapped by', render: (row) => html`<code>${row.kek}</code>` },
    { key: 'created', label: 'Stored', render: (row) => html`<${Time} value=${row.created_at} />` },
    { key: 'rotated', label: 'Rotated', render: (row) => html`<${Time} value=${row.rotated_at} none="never" />` },
  ];
  return html`
    <${Card} title="Stored keys" flush>
      <${ErrorBox} error=${keys.error} retry=${keys.reload} />
      ${!keys.error && html`<${Table} caption="Stored provider keys" rows=${keys.data && keys.data.keys} columns=${columns}
        rowKey=${(row) => `${row.owner_kind}/${row.owner_id}/${row.provider}/${row.name}`}
        empty=${html`<${EmptyState} title="No key is stored yet">Keys come with projects and wallets.<//>`}
        more=${(next || trail.length > 1) && html`<${Pager} label=${`Page ${trail.length}`}
          onPrev=${trail.length > 1 ? () => setTrail(trail.slice(0, -1)) : null}
          onNext=${next ? () => setTrail([...trail, next]) : null} />`} />`}
    <//>`;
}

route('/admin/vault', Vault, { title: 'Vault keys', nav: { group: 'Trust', order: 51 } });
