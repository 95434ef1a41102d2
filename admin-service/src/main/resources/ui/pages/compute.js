/** Encrypted compute: what nodes hold and do, and what readers of indexes have spent of their privacy budgets. */
import {
  api, Badge, Button, bytes, can, Card, Confirm, count, ErrorBox, html, Loading, Meter, Page, query, route, Table, Time, toast, useState,
} from '../kit.js';
import { decimal } from '../figures.js';
import { useLivePath } from '../live.js';
import { Freshness, Short } from './parts.js';

const EVERY = 5_000;
const BUDGETS = 1_000;
const exactly = (value) => count(value, { exact: true });

const NODE_COLUMNS = [
  { key: 'node', label: 'Node', render: (row) => html`${row.node}${row.reachable ? '' : html` <${Badge} tone="warn">does not answer<//>`}` },
  { key: 'sessions', label: 'Sessions', align: 'end', render: (row) => exactly(row.sessions) },
  { key: 'indexes', label: 'Indexes', align: 'end', render: (row) => exactly(row.indexes) },
  { key: 'queue', label: 'Jobs that wait', align: 'end', render: (row) => exactly(row.queue) },
  { key: 'running', label: 'Jobs that run', align: 'end', render: (row) => exactly(row.running) },
  { key: 'accelerator', label: 'Computes on' },
  { key: 'memory', label: 'Memory of jobs', render: (row) => html`<${Meter} used=${row.memory_taken_bytes} limit=${row.memory_bytes}
    format=${bytes} label=${`Memory that jobs hold on ${row.node}`} />` },
];

function Nodes() {
  const { value, error, at, reload } = useLivePath('/manage/fhe', EVERY);
  return html`<${Card} title="Nodes">
    ${!value && (error ? html`<${ErrorBox} error=${error} retry=${reload} />` : html`<${Loading} />`)}
    ${value && html`<${Table} columns=${NODE_COLUMNS} rows=${value.nodes} rowKey=${(row) => row.node} caption="Nodes"
        empty="No node offers encrypted compute; fhe.enabled does." />
      <${Freshness} at=${at} error=${error} every=${EVERY} />`}
  <//>`;
}

/** An index is named by its owner's project and its own name. */
const indexOf = ({ index }) => {
  const [owner, name] = index.split('~');
  return html`${name} <span class="muted">of <${Short} id=${owner} /></span>`;
};

const BUDGET_COLUMNS = [
  { key: 'index', label: 'Index', render: indexOf },
  { key: 'project', label: 'Reader', render: (row) => html`<${Short} id=${row.project} />` },
  { key: 'spent', label: 'Epsilon spent', render: (row) => html`<${Meter} used=${row.epsilon_spent} limit=${row.epsilon_budget}
    format=${decimal} label=${`Epsilon spent on ${row.index} by ${row.project}`} />`, sort: (row) => row.epsilon_spent / row.epsilon_budget },
  { key: 'queries', label: 'Searches', align: 'end', render: (row) => exactly(row.queries), sort: (row) => row.queries },
  { key: 'left', label: 'Left', align: 'end', sort: (row) => row.remaining_queries, render: (row) => (row.remaining_queries > 0
    ? exactly(row.remaining_queries) : html`<${Badge} tone="bad">none<//>`) },
  { key: 'each', label: 'Epsilon each', align: 'end', render: (row) => decimal(row.epsilon_per_query) },
  { key: 'delta', label: 'Delta', align: 'end', render: (row) => row.delta.toExponential() },
  { key: 'composition', label: 'Composition' },
  { key: 'generation', label: 'Resets', align: 'end', render: (row) => exactly(row.generation - 1) },
  { key: 'since', label: 'Since', render: (row) => html`<${Time} value=${row.opened_at} />` },
];

function Budgets() {
  const { value, error, reload } = useLivePath(`/manage/privacy/budgets${query({ limit: BUDGETS })}`);
  const [asked, setAsked] = useState(null);
  const columns = can('admin') ? [...BUDGET_COLUMNS, { key: 'reset', label: 'Actions', hidden: true, render: (row) => html`
    <${Button} small tone="danger" aria-label=${`Reset the budget of ${row.project} on ${row.index}`} onClick=${() => setAsked(row)}>Reset<//>` }]
    : BUDGET_COLUMNS;
  const reset = async () => {
    await api('POST', '/manage/privacy/budgets/reset', { project: asked.project, index: asked.index });
    toast('The budget is whole again.');
    reload();
  };
  return html`<${Card} title="Privacy budgets">
    <p class="lead">What each reader of somebody else's index may still learn from it. What was learnt in all is the sum over all resets.</p>
    ${!value && (error ? html`<${ErrorBox} error=${error} retry=${reload} />` : html`<${Loading} />`)}
    ${value && html`<${Table} columns=${columns} rows=${value} rowKey=${(row) => `${row.project}/${row.index}`} caption="Privacy budgets"
        empty="Nobody has searched somebody else's index." />
      ${value.length === BUDGETS && html`<p class="muted">The first ${exactly(BUDGETS)}; GET /manage/privacy/budgets lists all.</p>`}`}
    ${asked && html`<${Confirm} title="Reset this budget?" action="Reset" onConfirm=${reset} onClose=${() => setAsked(null)}>
      <p>Project <code>${asked.project}</code> may then spend ${decimal(asked.epsilon_budget)} epsilon on
        ${' '}<code>${asked.index}</code> once more.</p><//>`}
  <//>`;
}

const Compute = () => html`<${Page} title="Encrypted compute"><${Nodes} /><${Budgets} /><//>`;

route('/admin/compute', Compute, { title: 'Encrypted compute', nav: { group: 'Compute', order: 1 } });
