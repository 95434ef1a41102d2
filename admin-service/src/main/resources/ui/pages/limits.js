/** How much of their allowances tokens have used, and the limits of the gateway itself. */
import { Card, count, ErrorBox, html, Loading, Meter, money, Page, query, route, Table, Time } from '../kit.js';
import { useLivePath } from '../live.js';
import { Short } from './parts.js';

const TOKENS = 500;
const ALLOWANCES = [
  { name: 'Requests', used: 'request_count', limit: 'max_requests', format: count },
  { name: 'Tokens', used: 'token_count', limit: 'max_tokens', format: count },
  { name: 'Money', used: 'cost_usd', limit: 'max_cost_usd', format: money },
];

const share = (token, { used, limit }) => ((token[limit] ?? null) === null ? -1 : token[used] / token[limit]);
const tightest = (token) => Math.max(...ALLOWANCES.map((allowance) => share(token, allowance)));

const TOKEN_COLUMNS = [
  { key: 'token', label: 'Token', render: (row) => html`<a href=${`/admin/requests${query({ token_id: row.id })}`}><code>${row.token}</code></a>` },
  { key: 'project', label: 'Project', render: (row) => html`<${Short} id=${row.project_id} />` },
  ...ALLOWANCES.map((allowance) => ({
    key: allowance.used,
    label: allowance.name,
    sort: (row) => share(row, allowance),
    render: (row) => html`<${Meter} used=${row[allowance.used]} limit=${row[allowance.limit]} format=${allowance.format}
      label=${`${allowance.name} used by ${row.token}`} />`,
  })),
  { key: 'expires', label: 'Expires', render: (row) => html`<${Time} value=${row.expires_at} />` },
];

function Allowances() {
  const { value, error, reload } = useLivePath(`/manage/tokens${query({ activeOnly: true, limit: TOKENS })}`);
  const limited = (value ?? []).filter((token) => tightest(token) >= 0).sort((one, other) => tightest(other) - tightest(one));
  return html`<${Card} title="Allowances of active tokens">
    ${!value && (error ? html`<${ErrorBox} error=${error} retry=${reload} />` : html`<${Loading} />`)}
    ${value && html`<${Table} columns=${TOKEN_COLUMNS} rows=${limited} caption="Allowances of active tokens"
        empty="No active token has a limit." />
      ${value.length === TOKENS && html`<p class="muted">Of the first ${count(TOKENS)} tokens; the page Tokens lists those of a project.</p>`}`}
  <//>`;
}

const LIMIT_COLUMNS = [
  { key: 'name', label: 'Setting', render: (row) => html`<code>${row.name}</code>` },
  { key: 'value', label: 'Value', align: 'end', render: (row) => String(row.value) },
];

/** A tree of settings as rows with dotted names. */
function rowsOf(tree, prefix = '') {
  return Object.entries(tree).flatMap(([name, value]) => (value !== null && typeof value === 'object' && !Array.isArray(value)
    ? rowsOf(value, `${prefix}${name}.`) : [{ name: prefix + name, value: value ?? 'none' }]));
}

function Limits() {
  const { value, error, reload } = useLivePath('/manage/limits');
  return html`<${Page} title="Limits and budgets" actions=${html`<a class="button" href="/admin/compute">Privacy budgets</a>
      <a class="button" href="/admin/alerts">Alerts on spending</a>`}>
    <${Allowances} />
    <${Card} title="Limits of the gateway">
      ${!value && (error ? html`<${ErrorBox} error=${error} retry=${reload} />` : html`<${Loading} />`)}
      ${value && html`<${Table} columns=${LIMIT_COLUMNS} rows=${rowsOf(value)} rowKey=${(row) => row.name} caption="Limits of the gateway" />`}
    <//>
  <//>`;
}

route('/admin/limits', Limits, { title: 'Limits and budgets', nav: { group: 'Traffic', order: 3, label: 'Limits' } });
