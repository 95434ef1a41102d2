/** Kept answers: how many there are, how often they are given again, and how to drop them. */
import {
  api, Badge, bytes, can, Card, count, ErrorBox, Field, Form, html, Loading, Page, percent, route, Table, useForm, useState,
} from '../kit.js';
import { rate } from '../figures.js';
import { useLivePath } from '../live.js';
import { Freshness } from './parts.js';

const EVERY = 5_000;
const exactly = (value) => count(value, { exact: true });

function stateOf({ reachable, enabled }) {
  if (!reachable) return html`<${Badge} tone="warn">does not answer<//>`;
  return html`<${Badge} tone=${enabled ? 'good' : 'neutral'}>${enabled ? 'on' : 'off'}<//>`;
}

const COLUMNS = [
  { key: 'node', label: 'Node' },
  { key: 'enabled', label: 'State', render: stateOf },
  { key: 'backend', label: 'Kept in', render: (row) => (row.backend === 'redis' ? 'Redis, shared' : 'its memory') },
  { key: 'entries', label: 'Entries', align: 'end', render: (row) => exactly(row.entries) },
  { key: 'bytes', label: 'Size', align: 'end', render: (row) => bytes(row.bytes) },
  { key: 'hits', label: 'Hits', align: 'end', render: (row) => exactly(row.hits) },
  { key: 'misses', label: 'Misses', align: 'end', render: (row) => exactly(row.misses) },
  { key: 'rate', label: 'Hit rate', align: 'end', render: (row) => percent(rate(row.hits, row.hits + row.misses)) },
];

const WHICH = [{ value: 'prefix', label: 'All answers below a path' }, { value: 'one', label: 'Answers to one path' }];

function inWords(deleted) {
  if (typeof deleted !== 'number') return deleted ? 'Dropped.' : 'There was none to drop.';
  return deleted === 1 ? '1 answer dropped.' : `${exactly(deleted)} answers dropped.`;
}

function Purge({ onPurged }) {
  const form = useForm({ which: 'prefix', method: 'POST', path: '/v1/chat/completions', project_id: '' });
  const [done, setDone] = useState('');
  const { which, method, path, project_id } = form.values;
  const purge = async () => {
    setDone('');
    const { deleted } = await api('POST', '/manage/cache/purge', {
      ...(which === 'prefix' ? { prefix: path.trim() } : { method, url: path.trim() }),
      ...(project_id.trim() && { project_id: project_id.trim() }),
    });
    setDone(inWords(deleted));
    onPurged();
  };
  return html`<${Form} onSubmit=${purge} submit="Drop" tone="danger">
    <div class="form-pair">
      <${Field} label="What to drop" type="select" options=${WHICH} ...${form.field('which')} />
      ${which === 'one' && html`<${Field} label="Method" type="select" options=${['POST', 'GET']} ...${form.field('method')} />`}
      <${Field} label="Path" required maxlength="2048" spellcheck=${false} ...${form.field('path')} />
      <${Field} label="Of one project only (its id)" maxlength="36" spellcheck=${false} ...${form.field('project_id')} />
    </div>
    <p role="status">${done}</p>
  <//>`;
}

function Cache() {
  const { value, error, at, reload } = useLivePath('/manage/cache', EVERY);
  return html`<${Page} title="Cache" lead="Answers that the gateway keeps and gives again.">
    ${!value && (error ? html`<${ErrorBox} error=${error} retry=${reload} />` : html`<${Loading} lines=${4} />`)}
    ${value && html`<${Card} title="Kept answers">
      <${Table} columns=${COLUMNS} rows=${value.nodes} rowKey=${(row) => row.node} caption="Kept answers" empty="No proxy has answered." />
      <${Freshness} at=${at} error=${error} every=${EVERY} /><//>`}
    ${can('operator') && html`<${Card} title="Drop kept answers"><${Purge} onPurged=${reload} /><//>`}
  <//>`;
}

route('/admin/cache', Cache, { title: 'Cache', nav: { group: 'Traffic', order: 4 } });
