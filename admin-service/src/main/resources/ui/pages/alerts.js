/** What is wrong now, what was, and the rules that say so. */
import { Badge, Card, count, ErrorBox, html, Loading, money, Page, percent, route, Table, Time } from '../kit.js';
import { useLivePath } from '../live.js';
import { Freshness } from './parts.js';

const EVERY = 5_000;
const TONES = { critical: 'bad', warning: 'warn', info: 'info' };

const ALERT_COLUMNS = [
  { key: 'summary', label: 'Alert' },
  { key: 'severity', label: 'Severity', render: (row) => html`<${Badge} tone=${row.state === 'firing' ? TONES[row.severity] ?? 'warn' : 'neutral'}>${row.severity}<//>` },
  { key: 'rule', label: 'Rule' },
  { key: 'labels', label: 'About', render: (row) => Object.entries(row.labels ?? {}).map(([name, value]) => html`<code key=${name}>${name}=${value}</code> `) },
  { key: 'since', label: 'Since', render: (row) => html`<${Time} value=${row.since} exact />` },
  { key: 'resolved_at', label: 'Resolved', render: (row) => html`<${Time} value=${row.resolved_at} exact />` },
];

/** What the kinds of rules look at, and how their thresholds read. */
const KINDS = {
  spend: { words: 'Cost of a project', format: money },
  error_rate: { words: 'Share of failed requests', format: percent },
  burst: { words: 'Requests of a minute against the average', format: (times) => `${count(times)} ×` },
  breaker: { words: 'Open circuit breakers', format: count },
  journal: { words: 'Journals that fail or fill', format: percent },
  vault: { words: 'Whether vault-service answers', format: () => null },
  privacy: { words: 'Privacy budgets of readers', format: percent },
};
const kindOf = ({ kind }) => KINDS[kind] ?? { words: kind, format: String };

const RULE_COLUMNS = [
  { key: 'name', label: 'Rule' },
  { key: 'kind', label: 'Watches', render: (row) => kindOf(row).words },
  { key: 'threshold', label: 'From', align: 'end', render: (row) => kindOf(row).format(row.threshold) },
  { key: 'window', label: 'Window' },
  { key: 'enabled', label: 'State', render: (row) => html`<${Badge} tone=${row.enabled ? 'good' : 'neutral'}>${row.enabled ? 'enabled' : 'disabled'}<//>` },
];

function Listed({ title, rows, empty }) {
  return html`<${Card} title=${title} flush=${rows.length > 0}>
    <${Table} columns=${ALERT_COLUMNS} rows=${rows} caption=${title} empty=${empty} /><//>`;
}

function Alerts() {
  const { value, error, at, reload } = useLivePath('/manage/alerts', EVERY);
  const alerts = value?.alerts ?? [];
  return html`<${Page} title="Alerts">
    ${!value && (error ? html`<${ErrorBox} error=${error} retry=${reload} />` : html`<${Loading} lines=${6} />`)}
    ${value && html`
      <${Freshness} at=${at} error=${error} every=${EVERY} />
      <${Listed} title="Firing" rows=${alerts.filter((one) => one.state === 'firing')} empty="Nothing is wrong." />
      <${Listed} title="Resolved" rows=${alerts.filter((one) => one.state !== 'firing')} empty="No alert has been resolved yet." />
      <${Card} title="Rules" flush=${value.rules.length > 0}>
        <${Table} columns=${RULE_COLUMNS} rows=${value.rules} rowKey=${(row) => row.name} caption="Rules" empty="No rules." /><//>`}
  <//>`;
}

route('/admin/alerts', Alerts, { title: 'Alerts', nav: { group: 'Trust', order: 2 } });
