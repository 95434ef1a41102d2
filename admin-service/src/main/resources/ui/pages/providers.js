/** Providers as each node sees them: reachable, broken off, how fast. */
import { Badge, Card, count, duration, EmptyState, ErrorBox, html, Loading, Page, percent, route, Table, Time } from '../kit.js';
import { useLivePath } from '../live.js';
import { Freshness } from './parts.js';

const EVERY = 5_000;
const STATUS_TONES = { healthy: 'good', degraded: 'warn', down: 'bad' };
const BREAKERS = { closed: ['good', 'closed'], half_open: ['warn', 'half open'], open: ['bad', 'open'] };

const Status = ({ of }) => html`<${Badge} tone=${STATUS_TONES[of] ?? 'neutral'}>${of ?? 'unknown'}<//>`;

function Breaker({ of }) {
  const [tone, name] = BREAKERS[of] ?? ['neutral', of ?? 'unknown'];
  return html`<${Badge} tone=${tone}>${name}<//>`;
}

const COLUMNS = [
  { key: 'node', label: 'Node' },
  { key: 'status', label: 'Status', render: (row) => html`<${Status} of=${row.status} />` },
  { key: 'breaker', label: 'Breaker', render: (row) => html`<${Breaker} of=${row.breaker} />` },
  { key: 'latency', label: 'Latency', align: 'end', render: (row) => duration(row.latency_ms) },
  { key: 'errors', label: 'Failures', align: 'end', render: (row) => percent(row.error_rate) },
  { key: 'in_flight', label: 'Under way', align: 'end', render: (row) => count(row.in_flight) },
  { key: 'checked', label: 'Checked', render: (row) => html`<${Time} value=${row.last_check} none="never" />` },
];

function Provider({ of: { name, kind, base_url, enabled, nodes } }) {
  return html`<${Card} title=${name} actions=${html`<${Badge} tone=${enabled ? 'good' : 'neutral'}>${enabled ? 'enabled' : 'disabled'}<//>`}>
    <p class="muted">${kind}${base_url && html` at <code>${base_url}</code>`}</p>
    <${Table} columns=${COLUMNS} rows=${nodes} rowKey=${(row) => row.node} caption=${`Nodes that use ${name}`}
      empty=${enabled ? 'No node has answered.' : 'No node uses it.'} />
  <//>`;
}

function Providers() {
  const { value, error, at, reload } = useLivePath('/manage/providers', EVERY);
  return html`<${Page} title="Providers" lead="As each proxy sees them: whether they can be reached, how fast they answer, and which are left alone.">
    ${!value && (error ? html`<${ErrorBox} error=${error} retry=${reload} />` : html`<${Loading} lines=${6} />`)}
    ${value && html`<${Freshness} at=${at} error=${error} every=${EVERY} />
      ${value.providers.length === 0 && html`<${EmptyState} title="No providers">The configuration names none.<//>`}
      ${value.providers.map((provider) => html`<${Provider} key=${provider.name} of=${provider} />`)}`}
  <//>`;
}

route('/admin/providers', Providers, { title: 'Providers', nav: { group: 'Providers', order: 1 } });
