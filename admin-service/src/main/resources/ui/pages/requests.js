/** The request log, newest first, and one request with its attempts. */
import { Button, Card, count, duration, ErrorBox, Facts, html, link, Loading, Money, Page, query, route, Table, Time } from '../kit.js';
import { changeAddress, useLivePath, usePages } from '../live.js';
import { Filters, OUTCOMES } from './filters.js';
import { Outcome, Short, Stamp } from './parts.js';

const PAGE = 50;
const FILE_ROWS = 200;
const FIELDS = [
  { name: 'request_id', label: 'Request id' },
  { name: 'project_id', label: 'Project id' },
  { name: 'token_id', label: 'Token id' },
  { name: 'actor', label: 'Actor' },
  { name: 'model', label: 'Model' },
  { name: 'provider', label: 'Provider' },
  { name: 'surface', label: 'Surface' },
  { name: 'outcome', label: 'Outcome', kind: 'choice', options: OUTCOMES },
  { name: 'status', label: 'Status', kind: 'number' },
  { name: 'min_ms', label: 'At least, in ms', kind: 'number' },
  { name: 'start_time', label: 'From', kind: 'time' },
  { name: 'end_time', label: 'Until', kind: 'time' },
];

const tokensOf = (row) => `${count(row.tokens_in)} → ${count(row.tokens_out)}`;
const outcomeOf = (row) => html`<${Outcome} of=${row.outcome} /> ${row.status || ''}`;

const COLUMNS = [
  { key: 'time', label: 'Time', render: (row) => html`<a href=${link`/admin/requests/${row.request_id}`}><${Stamp} at=${row.time} /></a>` },
  { key: 'outcome', label: 'Outcome', render: outcomeOf },
  { key: 'model', label: 'Model' },
  { key: 'provider', label: 'Provider' },
  { key: 'call', label: 'Call', render: (row) => html`<code>${row.method} ${row.path}</code>` },
  { key: 'tokens', label: 'Tokens, in → out', align: 'end', render: tokensOf },
  { key: 'cost', label: 'Cost', align: 'end', render: (row) => html`<${Money} usd=${row.cost_usd} />` },
  { key: 'attempts', label: 'Attempts', align: 'end', render: (row) => count(row.attempts) },
  { key: 'took', label: 'Took', align: 'end', render: (row) => duration(row.elapsed_ms) },
];

function Log({ query: address }) {
  const filters = Object.fromEntries(FIELDS.map(({ name }) => [name, address[name]]));
  const { rows, more, asking, error, again } = usePages('/manage/requests', { ...filters, limit: PAGE }, (answer) => answer.requests);
  return html`<${Page} title="Requests" actions=${html`<${Button} onClick=${again} disabled=${asking}>Newest<//>
      <a class="button" download="requests.csv"
        href=${`/manage/requests${query({ ...filters, limit: FILE_ROWS, format: 'csv' })}`}>CSV of ${FILE_ROWS}</a>`}>
    <${Filters} label="Filter requests" fields=${FIELDS} values=${address} onApply=${changeAddress} />
    <${ErrorBox} error=${error} retry=${rows ? null : again} />
    ${(rows || asking) && html`<${Card} flush>
      <${Table} columns=${COLUMNS} rows=${rows} caption="Requests" empty="No request matches."
        more=${more && html`<div class="pager"><${Button} small onClick=${more}>Older<//></div>`} /><//>`}
  <//>`;
}

const ATTEMPT_COLUMNS = [
  { key: 'number', label: 'Attempt' },
  { key: 'provider', label: 'Provider' },
  { key: 'model', label: 'Model' },
  { key: 'outcome', label: 'Outcome', render: outcomeOf },
  { key: 'class', label: 'Kind of failure' },
  { key: 'tokens', label: 'Tokens, in → out', align: 'end', render: tokensOf },
  { key: 'cost', label: 'Cost', align: 'end', render: (row) => html`<${Money} usd=${row.cost_usd} />` },
  { key: 'took', label: 'Took', align: 'end', render: (row) => duration(row.elapsed_ms) },
];

/** The attempts that another followed have entries of their own; the last one is what the request ended with. */
function attemptsOf(row) {
  const given = row.attempt_rows;
  const only = row.attempts === 1;
  const last = {
    provider: row.provider, model: row.model, status: row.status, outcome: row.outcome, class: row.reason,
    tokens_in: only ? row.tokens_in : null, tokens_out: only ? row.tokens_out : null, cost_usd: only ? row.cost_usd : null,
    elapsed_ms: only ? row.elapsed_ms : null,
  };
  return (given.length < row.attempts ? [...given, last] : given).map((attempt, at) => ({ ...attempt, number: at + 1 }));
}

function tokensInWords(row) {
  const cached = row.tokens_cached > 0 ? `, of which ${count(row.tokens_cached)} from the provider's cache` : '';
  return `${count(row.tokens_in)} in${cached}, ${count(row.tokens_out)} out${row.estimated ? ' (estimated: the provider told none)' : ''}`;
}

const factsOf = (row) => [
  ['Request id', html`<code>${row.request_id}</code>`],
  ['Time', html`<${Time} value=${row.time} exact />`],
  ['Call', html`<code>${row.method} ${row.path}</code>`],
  ['Surface', row.surface],
  ['Outcome', html`${outcomeOf(row)} ${row.reason}`],
  ['Model', row.model],
  ['Provider', row.provider],
  ['Actor', row.actor],
  row.project_id && ['Project', html`<a href=${`/admin/requests${query({ project_id: row.project_id })}`}><${Short} id=${row.project_id} /></a>`],
  row.token_id && ['Token', html`<a href=${`/admin/requests${query({ token_id: row.token_id })}`}><${Short} id=${row.token_id} /></a>`],
  ['Tokens', tokensInWords(row)],
  ['Cost', html`<${Money} usd=${row.cost_usd} />`],
  ['Took', duration(row.elapsed_ms)],
  row.cache && ['Cache', row.cache],
];

function Request({ params: { id } }) {
  const { value: row, error, reload } = useLivePath(`/manage/requests/${encodeURIComponent(id)}`);
  const attempts = row ? attemptsOf(row) : [];
  return html`<${Page} title="Request" actions=${html`
      <a class="button" href="/admin/requests">All requests</a>
      <a class="button" href=${`/admin/audit${query({ request_id: id })}`}>In the audit</a>`}>
    ${error && html`<${ErrorBox} error=${error} retry=${reload} />
      ${error.status === 404 && html`<p class="muted">A request reaches the log a moment after its answer.</p>`}`}
    ${!row && !error && html`<${Loading} lines=${8} />`}
    ${row && html`<${Card}><${Facts} items=${factsOf(row)} /><//>
      <${Card} title="Attempts" flush=${attempts.length > 0}>
        <${Table} columns=${ATTEMPT_COLUMNS} rows=${attempts} rowKey=${(attempt) => attempt.number} caption="Attempts"
          empty="No provider was asked." /><//>`}
  <//>`;
}

route('/admin/requests', Log, { title: 'Requests', nav: { group: 'Traffic', order: 1 } });
route('/admin/requests/:id', Request, { title: 'Request' });
