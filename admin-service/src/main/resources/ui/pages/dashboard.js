/** What goes through the gateway now: figures and charts that keep up by themselves. */
import { api, Card, Chart, count, duration, ErrorBox, html, Loading, money, Page, percent, query, route, Table } from '../kit.js';
import { rate } from '../figures.js';
import { changeAddress, drawn, useLive, WINDOWS, windowNow } from '../live.js';
import { Figure, Figures, Freshness, WindowChoice } from './parts.js';

const LOOKS_BACK = ['15m', '1h', '24h', '7d', '30d'];

const CHARTS = [
  { title: 'Requests', kind: 'line', unit: 'requests', queries: [{ metric: 'requests', group_by: 'outcome' }] },
  { title: 'Latency', kind: 'line', unit: 'ms', queries: [
    { metric: 'latency_p50', label: 'p50' }, { metric: 'latency_p95', label: 'p95' }, { metric: 'latency_p99', label: 'p99' }] },
  { title: 'Tokens', kind: 'line', unit: 'tokens', queries: [
    { metric: 'tokens_in', label: 'in' }, { metric: 'tokens_out', label: 'out' }, { metric: 'tokens_cached', label: 'cached' }] },
  { title: 'Cost by provider', kind: 'line', unit: 'usd', queries: [{ metric: 'cost', group_by: 'provider', top: 8 }] },
];

const exactly = (value) => count(value, { exact: true });

async function series({ label, ...asked }, time) {
  const answer = await api('GET', `/manage/analytics/series${query({ ...asked, ...time })}`);
  return drawn(answer, time).map((one) => (label ? { ...one, key: label, label } : one));
}

/** The summary and all charts of one and the same window. */
async function load(window) {
  const time = windowNow(window);
  const { bucket, ...span } = time;
  const [summary, ...charts] = await Promise.all([
    api('GET', `/manage/analytics/summary${query(span)}`),
    ...CHARTS.map(async ({ queries }) => (await Promise.all(queries.map((asked) => series(asked, time)))).flat()),
  ]);
  return { summary, charts, bucket };
}

/** The figures of a summary; the same on the dashboard and in analytics. */
export function SummaryFigures({ of: now }) {
  const before = now.previous ?? {};
  const failed = rate(now.failed, now.requests);
  return html`<${Figures} label="Figures of the window">
    <${Figure} name="Requests" value=${exactly(now.requests)} raw=${now.requests} before=${before.requests} />
    <${Figure} name="Failed" value=${exactly(now.failed)} raw=${now.failed} before=${before.failed} note=${failed !== null && percent(failed)} />
    <${Figure} name="Tokens in" value=${exactly(now.tokens_in)} raw=${now.tokens_in} before=${before.tokens_in}
      note=${now.tokens_cached > 0 && `${exactly(now.tokens_cached)} from providers' caches`} />
    <${Figure} name="Tokens out" value=${exactly(now.tokens_out)} raw=${now.tokens_out} before=${before.tokens_out} />
    <${Figure} name="Cost" value=${money(now.cost_usd)} raw=${now.cost_micro_usd} before=${before.cost_micro_usd} />
    <${Figure} name="Latency, p95" value=${duration(now.latency_ms?.p95)} raw=${now.latency_ms?.p95} before=${before.latency_ms?.p95}
      note=${now.latency_ms && `p50 ${duration(now.latency_ms.p50)}`} />
    <${Figure} name="Cache hits" value=${exactly(now.cache?.hits)} raw=${now.cache?.hits} before=${before.cache?.hits}
      note=${now.cache?.saved_usd > 0 && `${money(now.cache.saved_usd)} saved`} />
    <${Figure} name="Active projects" value=${exactly(now.active?.projects)} raw=${now.active?.projects} before=${before.active?.projects}
      note=${`${count(now.active?.tokens)} tokens, ${count(now.active?.wallets)} wallets, ${count(now.active?.users)} users`} />
  <//>`;
}

const FAILURE_COLUMNS = [
  { key: 'kind', label: 'Kind' },
  { key: 'failed', label: 'Requests', align: 'end', render: (row) => exactly(row.failed) },
];

function Failures({ errors }) {
  const rows = Object.entries(errors ?? {}).map(([kind, failed]) => ({ kind, failed })).sort((one, other) => other.failed - one.failed);
  return html`<${Card} title="Failures by kind" flush=${rows.length > 0}>
    <${Table} columns=${FAILURE_COLUMNS} rows=${rows} rowKey=${(row) => row.kind} caption="Failures by kind"
      empty="No request failed in this window." /><//>`;
}

function Dashboard({ query: asked }) {
  const window = LOOKS_BACK.includes(asked.window) ? asked.window : '1h';
  const { every } = WINDOWS[window];
  const { value, error, at, reload } = useLive(() => load(window), every, window);
  return html`<${Page} title="Dashboard" actions=${html`<${WindowChoice} value=${window} of=${LOOKS_BACK}
      onChange=${(next) => changeAddress({ window: next })} />`}>
    ${!value && (error ? html`<${ErrorBox} error=${error} retry=${reload} />` : html`<${Loading} lines=${8} />`)}
    ${value && html`
      <${Freshness} at=${at} error=${error} every=${every} />
      <${SummaryFigures} of=${value.summary} />
      <div class="grid wide">
        ${CHARTS.map(({ title, kind, unit }, place) => html`<${Card} key=${title} title=${`${title}, per ${value.bucket}`}>
          <${Chart} series=${value.charts[place]} kind=${kind} unit=${unit} title=${title} /><//>`)}
        <${Failures} errors=${value.summary.errors} />
      </div>`}
  <//>`;
}

route('/admin/dashboard', Dashboard, { title: 'Dashboard', nav: { group: 'Overview', order: 1 } });
