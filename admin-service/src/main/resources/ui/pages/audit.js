/** The audit: what was done and by whom, how complete the log is, and one event. */
import {
  api, Badge, Button, Card, count, duration, ErrorBox, Facts, html, link, Loading, Page, route, Table, Time, toast,
} from '../kit.js';
import { changeAddress, useLivePath, usePages } from '../live.js';
import { Filters, OUTCOMES } from './filters.js';
import { Figure, Figures, Freshness, Outcome, saveText, Short, Stamp } from './parts.js';
import { Continuity } from './continuity.js';
import { Proof } from './proof.js';

const PAGE_SIZE = 50;
const STATUS_EVERY = 5_000;
const FIELDS = [
  { name: 'search', label: 'Anywhere' },
  { name: 'action', label: 'Action' },
  { name: 'actor', label: 'Actor' },
  { name: 'project_id', label: 'Project id' },
  { name: 'request_id', label: 'Request id' },
  { name: 'correlation_id', label: 'Correlation id' },
  { name: 'client_ip', label: 'Client address' },
  { name: 'path', label: 'Path' },
  { name: 'outcome', label: 'Outcome', kind: 'choice', options: OUTCOMES },
  { name: 'start_time', label: 'From', kind: 'time' },
  { name: 'end_time', label: 'Until', kind: 'time' },
];

const exactly = (value) => count(value, { exact: true });

/** Keeps the checkpoint of now, against which verify-audit later shows that nothing before it was changed. */
async function saveCheckpoint() {
  try {
    saveText('checkpoint.txt', 'text/plain', await api('GET', '/manage/audit/checkpoint'));
  } catch (fault) {
    toast(fault.error ?? String(fault), 'bad');
  }
}

/** Whether the log is complete and how far its tree is behind. */
function TreeStatus() {
  const { value: status, error, at } = useLivePath('/manage/audit/status', STATUS_EVERY);
  const gaps = (status?.nodes ?? []).filter((node) => node.missing > 0);
  return html`<${Card} title="The log" actions=${status && html`<${Button} small onClick=${saveCheckpoint}>Download the checkpoint<//>`}>
    ${!status && (error ? html`<${ErrorBox} error=${error} />` : html`<${Loading} lines=${3} />`)}
    ${status && html`
      <${Figures} label="The log">
        <${Figure} name="Entries" value=${exactly(status.tree_size)} raw=${status.tree_size} />
        <${Figure} name="Under the checkpoint" value=${exactly(status.checkpoint_size)} raw=${status.checkpoint_size}
          note=${status.checkpoint_at && html`<${Time} value=${status.checkpoint_at} />`} />
        <${Figure} name="Behind by" value=${duration(status.lag_ms)} raw=${status.lag_ms} />
        <${Figure} name="Missing" value=${exactly(gaps.reduce((sum, node) => sum + node.missing, 0))} raw=${gaps.length}
          note=${gaps.length > 0 && html`<${Badge} tone="bad">${gaps.map((node) => node.node).join(', ')}<//>`} />
        <${Figure} name="Conflicts" value=${exactly(status.conflicts)} raw=${status.conflicts}
          note=${status.conflicts > 0 && html`<${Badge} tone="bad">came twice, with different content<//>`} />
      <//>
      ${status.refusal && html`<div class="notice bad" role="alert"><p>${status.refusal}</p></div>`}
      ${status.root_hash && html`<p class="root">Root <code>${status.root_hash}</code></p>`}
      <${Continuity} />
      <${Freshness} at=${at} error=${error} every=${STATUS_EVERY} />`}
  <//>`;
}

const COLUMNS = [
  { key: 'time', label: 'Time', render: (event) => html`<a href=${link`/admin/audit/${event.id}`}><${Stamp} at=${event.timestamp} /></a>` },
  { key: 'action', label: 'Action' },
  { key: 'outcome', label: 'Outcome', render: (event) => html`<${Outcome} of=${event.outcome} />` },
  { key: 'actor', label: 'Actor' },
  { key: 'call', label: 'Call', render: (event) => event.method && html`<code>${event.method} ${event.path}</code>` },
  { key: 'project', label: 'Project', render: (event) => html`<${Short} id=${event.project_id} />` },
  { key: 'client_ip', label: 'Client' },
];

/** How much of the listing is on the page, and how far back that is known. */
function Extent({ shown, pagination: { total_count: total, total_is_exact: exact, examined_to: to } }) {
  const all = `${exact ? '' : 'at least '}${exactly(total)} events`;
  return html`<span class="muted" role="status">
    ${shown === total && exact ? all : `${exactly(shown)} of ${all}`}${to && html`, looked back to <${Time} value=${to} exact />`}</span>`;
}

function Events({ query: address }) {
  const filters = Object.fromEntries(FIELDS.map(({ name }) => [name, address[name]]));
  const { rows, answer, more, asking, error, again } = usePages(
    '/manage/audit', { ...filters, page_size: PAGE_SIZE }, ({ events }) => events, ({ pagination }) => pagination.next);
  const further = answer?.pagination.examined_to ? 'Look further back' : 'Older';
  return html`<${Page} title="Audit" actions=${html`<${Button} onClick=${again} disabled=${asking}>Newest<//>`}>
    <${TreeStatus} />
    <${Filters} label="Search the audit" fields=${FIELDS} values=${address} onApply=${changeAddress} />
    <${ErrorBox} error=${error} retry=${rows ? null : again} />
    ${(rows || asking) && html`<${Card} flush>
      <${Table} columns=${COLUMNS} rows=${rows} caption="Events" empty=${more ? 'No event matches so far.' : 'No event matches.'}
        more=${answer && (rows.length > 0 || more) && html`<div class="pager"><${Extent} shown=${rows.length} pagination=${answer.pagination} />
          ${more && html`<${Button} small onClick=${more}>${further}<//>`}</div>`} /><//>`}
  <//>`;
}

const factsOf = (event) => [
  ['Event id', html`<code>${event.id}</code>`],
  ['Time', html`<${Time} value=${event.timestamp} exact />`],
  ['Action', event.action],
  ['Outcome', html`<${Outcome} of=${event.outcome} /> ${event.reason}`],
  ['Actor', event.actor],
  event.method && ['Call', html`<code>${event.method} ${event.path}</code>`],
  event.project_id && ['Project', html`<code>${event.project_id}</code>`],
  event.token_id && ['Token', html`<code>${event.token_id}</code>`],
  event.request_id && ['Request id', html`<a href=${link`/admin/requests/${event.request_id}`}><code>${event.request_id}</code></a>`],
  event.correlation_id && ['Correlation id', html`<code>${event.correlation_id}</code>`],
  event.client_ip && ['Client', event.client_ip],
  event.user_agent && ['User agent', event.user_agent],
  ...Object.entries(event.metadata ?? {}).map(([name, value]) => [name, html`<code>${String(value)}</code>`]),
];

function Event({ params: { id } }) {
  const { value: event, error, reload } = useLivePath(`/manage/audit/${encodeURIComponent(id)}`);
  return html`<${Page} title="Event" actions=${html`<a class="button" href="/admin/audit">All events</a>`}>
    ${!event && (error ? html`<${ErrorBox} error=${error} retry=${reload} />` : html`<${Loading} lines=${8} />`)}
    ${event && html`<${Card}><${Facts} items=${factsOf(event)} /><//><${Proof} key=${id} id=${id} />`}
  <//>`;
}

route('/admin/audit', Events, { title: 'Audit', nav: { group: 'Trust', order: 1 } });
route('/admin/audit/:id', Event, { title: 'Event' });
