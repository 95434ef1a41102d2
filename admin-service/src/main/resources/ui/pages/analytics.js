/** Usage by any dimension and in any window, as a chart, a ranking and a file. */
import {
  api, Card, Chart, count, duration, ErrorBox, Field, html, Loading, money, Page, percent, query, route, Table,
} from '../kit.js';
import { rate } from '../figures.js';
import { changeAddress, drawn, useLive, WINDOWS, windowNow } from '../live.js';
import { SummaryFigures } from './dashboard.js';
import { Filters } from './filters.js';
import { Choice, Freshness, WindowChoice } from './parts.js';

const METRICS = [
  { value: 'requests', label: 'Requests', unit: 'requests' },
  { value: 'errors', label: 'Failed requests', unit: 'requests' },
  { value: 'tokens_in', label: 'Tokens in', unit: 'tokens' },
  { value: 'tokens_out', label: 'Tokens out', unit: 'tokens' },
  { value: 'tokens_cached', label: 'Tokens from caches', unit: 'tokens' },
  { value: 'cost', label: 'Cost', unit: 'usd' },
  { value: 'latency_p50', label: 'Latency, p50', unit: 'ms' },
  { value: 'latency_p95', label: 'Latency, p95', unit: 'ms' },
  { value: 'latency_p99', label: 'Latency, p99', unit: 'ms' },
  { value: 'cache_hits', label: 'Cache hits', unit: 'requests' },
  { value: 'cache_saved_usd', label: 'Saved by the cache', unit: 'usd' },
];
const GROUPS = [
  { value: 'none', label: 'Nothing' }, { value: 'project', label: 'Project' }, { value: 'token', label: 'Token' },
  { value: 'wallet', label: 'Wallet' }, { value: 'user', label: 'User' }, { value: 'model', label: 'Model' },
  { value: 'provider', label: 'Provider' }, { value: 'endpoint', label: 'Endpoint' }, { value: 'outcome', label: 'Outcome' },
  { value: 'error_class', label: 'Kind of failure' },
];
const RANKED = GROUPS.slice(1, 8);
const ORDERS = [['requests', 'By requests'], ['cost', 'By cost'], ['tokens', 'By tokens'], ['errors', 'By failures']];
const LOOKS_BACK = ['1h', '24h', '7d', '30d', '90d'];
const FIELDS = [
  { name: 'project_id', label: 'Project id' }, { name: 'model', label: 'Model' }, { name: 'provider', label: 'Provider' },
  { name: 'token_id', label: 'Token id' }, { name: 'wallet', label: 'Wallet' }, { name: 'endpoint', label: 'Endpoint' },
];
const SERIES = 8;
const RANKING_ROWS = 50;

const among = (options, wanted, standard) => options.find(({ value }) => value === wanted) ?? options.find(({ value }) => value === standard);

/** What the page shows, from its address; what stands there and is unknown counts as not there. */
function questionOf(address) {
  return {
    window: LOOKS_BACK.includes(address.window) ? address.window : '24h',
    metric: among(METRICS, address.metric, 'requests').value,
    group_by: among(GROUPS, address.group_by, 'model').value,
    by: among(RANKED, address.by, 'project').value,
    order: ORDERS.some(([key]) => key === address.order) ? address.order : 'requests',
    filters: Object.fromEntries(FIELDS.map(({ name }) => [name, address[name] ?? ''])),
  };
}

/** By minute, usage is kept by these sets of dimensions only; by hour, by all of them together. */
const KEPT_BY_MINUTE = [['model', 'provider', 'endpoint', 'outcome', 'error_class'], ['project', 'token'], ['wallet'], ['user']];

function bucketOf({ window, group_by, filters }) {
  const told = [...Object.keys(filters).filter((name) => filters[name]).map((name) => name.replace(/_id$/, '')), group_by]
    .filter((dimension) => dimension !== 'none');
  const { bucket } = WINDOWS[window];
  return bucket !== 'minute' || KEPT_BY_MINUTE.some((kept) => told.every((dimension) => kept.includes(dimension))) ? bucket : 'hour';
}

const seriesPath = ({ metric, group_by, filters }, time) =>
  `/manage/analytics/series${query({ metric, group_by, top: SERIES, ...filters, ...time })}`;

async function load(question) {
  const time = windowNow(question.window, Date.now(), bucketOf(question));
  const { bucket, ...span } = time;
  const { filters, by, order } = question;
  const [answer, summary, top] = await Promise.all([
    api('GET', seriesPath(question, time)),
    api('GET', `/manage/analytics/summary${query({ ...filters, ...span })}`),
    api('GET', `/manage/analytics/top${query({ by, metric: order, limit: RANKING_ROWS, ...filters, ...span })}`),
  ]);
  return { time, series: drawn(answer, time), summary, top: top.rows };
}

const FORMATS = { usd: money, ms: duration };
const exactly = (value) => count(value, { exact: true });

const rankingColumns = (by) => [
  { key: 'label', label: among(RANKED, by).label, render: (row) => html`<span title=${row.key}>${row.label || row.key || 'none'}</span>` },
  { key: 'requests', label: 'Requests', align: 'end', render: (row) => exactly(row.requests) },
  { key: 'failed', label: 'Failed', align: 'end', render: (row) => `${exactly(row.failed)} (${percent(rate(row.failed, row.requests) ?? 0)})` },
  { key: 'tokens_in', label: 'Tokens in', align: 'end', render: (row) => exactly(row.tokens_in) },
  { key: 'tokens_out', label: 'Tokens out', align: 'end', render: (row) => exactly(row.tokens_out) },
  { key: 'cost', label: 'Cost', align: 'end', render: (row) => money(row.cost_usd) },
  { key: 'p50', label: 'p50', align: 'end', render: (row) => duration(row.latency_ms?.p50) },
  { key: 'p95', label: 'p95', align: 'end', render: (row) => duration(row.latency_ms?.p95) },
];

function Totals({ series, unit }) {
  const format = FORMATS[unit] ?? exactly;
  return html`<ul class="totals" aria-label="Totals of the window">${series.map((one) => html`
    <li key=${one.key}><span title=${one.key}>${one.label}</span> <data value=${String(one.total)}>${format(one.total)}</data></li>`)}
  </ul>`;
}

function Series({ question, value }) {
  const { label, unit } = among(METRICS, question.metric);
  const file = seriesPath(question, value.time);
  const pick = (name, words, options) => html`<${Field} name=${name} label=${words} type="select" options=${options}
    value=${question[name]} onInput=${(chosen) => changeAddress({ [name]: chosen })} />`;
  return html`<${Card} title=${`${label}, per ${value.time.bucket}`} actions=${html`
      <a class="button small" href=${`${file}&format=csv`} download=${`${question.metric}.csv`}>CSV</a>
      <a class="button small" href=${file} download=${`${question.metric}.json`}>JSON</a>`}>
    <div class="toolbar">${pick('metric', 'Show', METRICS)}${pick('group_by', 'Divide by', GROUPS)}</div>
    <${Chart} series=${value.series} kind="line" unit=${unit} title=${label} />
    ${unit !== 'ms' && html`<${Totals} series=${value.series} unit=${unit} />`}
  <//>`;
}

function Ranking({ question, rows }) {
  return html`<${Card} title="Ranking">
    <div class="toolbar">
      <${Field} name="by" label="Of" type="select" options=${RANKED} value=${question.by} onInput=${(by) => changeAddress({ by })} />
      <${Choice} label="Order" value=${question.order} options=${ORDERS} onChange=${(order) => changeAddress({ order })} />
    </div>
    <${Table} columns=${rankingColumns(question.by)} rows=${rows} rowKey=${(row) => row.key} caption="Ranking"
      empty="No request matches in this window." />
  <//>`;
}

function Analytics({ query: address }) {
  const question = questionOf(address);
  const { every } = WINDOWS[question.window];
  const { value, error, at, reload } = useLive(() => load(question), every, JSON.stringify(question));
  return html`<${Page} title="Analytics" actions=${html`<${WindowChoice} value=${question.window} of=${LOOKS_BACK}
      onChange=${(window) => changeAddress({ window })} />`}>
    <${Filters} label="Filter usage" fields=${FIELDS} values=${address} onApply=${changeAddress} />
    ${!value && (error ? html`<${ErrorBox} error=${error} retry=${reload} />` : html`<${Loading} lines=${8} />`)}
    ${value && html`
      <${Freshness} at=${at} error=${error} every=${every} />
      <${SummaryFigures} of=${value.summary} />
      <${Series} question=${question} value=${value} />
      <${Ranking} question=${question} rows=${value.top} />`}
  <//>`;
}

route('/admin/analytics', Analytics, { title: 'Analytics', nav: { group: 'Overview', order: 2 } });
