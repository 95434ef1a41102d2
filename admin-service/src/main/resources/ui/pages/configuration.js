import {
  Badge, Button, Card, Confirm, Dialog, EmptyState, ErrorBox, Facts, Field, Form, Loading, Page, Pager, Table, Tabs, Time, api,
  apiFull, can, html, navigate, query, route, toast, useApi, useMemo, useState,
} from '../kit.js';

const TABS = [
  { id: 'force', label: 'In force' },
  { id: 'versions', label: 'Versions' },
  { id: 'effective', label: 'Whole configuration' },
];
const ORIGINS = { file: 'neutral', change: 'info', rollback: 'warn' };

function Configuration({ query: asked }) {
  const tabs = TABS.filter((tab) => tab.id !== 'effective' || can('admin'));
  const tab = tabs.some((one) => one.id === asked.tab) ? asked.tab : 'force';
  const choose = (id) => navigate(`/admin/configuration${query({ tab: id === 'force' ? null : id })}`, { replace: true });
  return html`
    <${Page} title="Configuration"
      lead="Providers, models, routing and origins change while the gateway runs. Every change is a version, in force on every node within a second.">
      <${Tabs} tabs=${tabs} current=${tab} onChange=${choose} label="Configuration">
        ${tab === 'force' && html`<${InForce} />`}
        ${tab === 'versions' && html`<${Versions} />`}
        ${tab === 'effective' && html`<${Effective} />`}
      <//>
    <//>`;
}

function InForce() {
  const config = useApi('/manage/config');
  const [editing, setEditing] = useState(false);
  const version = config.data;
  if (config.error) {
    return html`<${ErrorBox} error=${config.error} retry=${config.reload} />`;
  }
  if (!version) {
    return html`<${Loading} lines=${8} />`;
  }
  return html`
    <${Card} title=${`Version ${version.version}`} actions=${can('admin') && html`<${Button} onClick=${() => setEditing(true)}>Edit<//>`}>
      <${Facts} items=${[
        ['Origin', html`<${Badge} tone=${ORIGINS[version.origin]}>${version.origin}<//>`],
        ['In force since', html`<${Time} value=${version.created_at} exact />`],
        ['Same as the file', version.same_as_file ? 'yes' : 'no'],
        version.request_id && ['Request', html`<code>${version.request_id}</code>`],
      ]} />
      <${Document} value=${version.config} label=${`Document of version ${version.version}`} />
    <//>
    ${editing && html`<${Editor} version=${version} etag=${config.headers.get('ETag')} onClose=${() => setEditing(false)}
      onSaved=${config.reload} />`}`;
}

/** A document as indented JSON that may be scrolled with the keyboard. */
function Document({ value, label }) {
  return html`<pre class="document" tabindex="0" role="region" aria-label=${label}>${JSON.stringify(value, null, 2)}</pre>`;
}

function Editor({ version, etag, onClose, onSaved }) {
  const [text, setText] = useState(() => JSON.stringify(version.config, null, 2));
  const [checked, setChecked] = useState(null);
  const malformed = useMemo(() => {
    try {
      JSON.parse(text);
      return '';
    } catch (fault) {
      return `This is not JSON: ${fault.message}`;
    }
  }, [text]);
  const edit = (value) => {
    setText(value);
    setChecked(null);
  };
  const check = async () => setChecked(await api('POST', '/manage/config/validate', text));
  const save = async () => {
    const { data } = await apiFull('PUT', '/manage/config', text, { headers: { 'If-Match': etag } });
    toast(data.version === version.version ? 'Nothing was different; no version was made.' : `Version ${data.version} is in force.`);
    onSaved();
    onClose();
  };
  const ready = checked?.valid && checked.changes.length > 0;
  return html`
    <${Dialog} title="Edit the rules in force" onClose=${onClose} wide>
      <${Form} onSubmit=${ready ? save : check} onCancel=${onClose} submit=${ready ? 'Put into force' : 'Check changes'}
        disabled=${malformed !== ''}>
        <${Field} label="Document" name="document" type="textarea" class="code" rows="20" spellcheck=${false} value=${text} onInput=${edit}
          error=${malformed} hint="The whole document, without secrets. Checking changes nothing." />
        ${checked && !checked.valid && html`<${ErrorBox} error=${{ error: 'This would be refused.', problems: checked.problems }} />`}
        ${checked?.valid && (checked.changes.length === 0
          ? html`<div class="notice"><p>This changes nothing.</p></div>`
          : html`<div role="status"><h3>What will change</h3><${Changes} changes=${checked.changes} /></div>`)}
      <//>
    <//>`;
}

/** Differences by place, before and after. */
function Changes({ changes }) {
  return html`<ul class="diff">${changes.map((one) => html`
    <li key=${one.path}><code>${one.path || '/'}</code>
      ${one.before !== undefined && one.before !== null && html`<pre class="before"><span class="visually-hidden">before: </span>${shown(one.before)}</pre>`}
      ${one.after !== undefined && one.after !== null && html`<pre class="after"><span class="visually-hidden">after: </span>${shown(one.after)}</pre>`}
    </li>`)}</ul>`;
}

function shown(value) {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

function Versions() {
  const [trail, setTrail] = useState([null]);
  const before = trail.at(-1);
  const versions = useApi(`/manage/config/versions${query({ before, limit: 20 })}`);
  const [looking, setLooking] = useState(null);
  const [rolling, setRolling] = useState(null);
  const current = useApi('/manage/config');
  const rows = versions.data && versions.data.versions;
  const last = rows && rows.length === 20 && rows.at(-1).version > 1 ? rows.at(-1).version : null;
  const columns = [
    { key: 'version', label: 'Version', render: (row) => html`${row.version} ${row.version === current.data?.version && html`<${Badge} tone="good">in force<//>`}` },
    { key: 'origin', label: 'Origin', render: (row) => html`<${Badge} tone=${ORIGINS[row.origin]}>${row.origin}<//>` },
    { key: 'created', label: 'Made', render: (row) => html`<${Time} value=${row.created_at} />` },
    { key: 'request', label: 'Request', render: (row) => html`<code>${row.request_id}</code>` },
    {
      key: 'actions',
      label: 'Actions',
      hidden: true,
      render: (row) => html`<span class="row-actions">
        <${Button} small onClick=${() => setLooking(row.version)}>Show<//>
        ${can('admin') && row.version !== current.data?.version && html`<${Button} small onClick=${() => setRolling(row.version)}>Roll back to it<//>`}
      </span>`,
    },
  ];
  return html`
    <${ErrorBox} error=${versions.error} retry=${versions.reload} />
    ${!versions.error && html`<${Table} caption="Versions of the rules" rows=${rows} columns=${columns} rowKey=${(row) => row.version}
      empty=${html`<${EmptyState} title="No versions here">The last 500 are kept.<//>`} />
      <${Pager} label=${trail.length > 1 ? `Page ${trail.length}` : ''}
        onPrev=${trail.length > 1 ? () => setTrail(trail.slice(0, -1)) : null}
        onNext=${last ? () => setTrail([...trail, last]) : null} />`}
    ${looking && html`<${Version} number=${looking} onClose=${() => setLooking(null)} />`}
    ${rolling && html`<${Rollback} number=${rolling} etag=${current.headers?.get('ETag')} onClose=${() => setRolling(null)} onDone=${() => {
      versions.reload();
      current.reload();
    }} />`}`;
}

function Version({ number, onClose }) {
  const version = useApi(`/manage/config/versions/${number}`);
  const diff = useApi(number > 1 ? `/manage/config/diff?from=${number - 1}&to=${number}` : null);
  return html`
    <${Dialog} title=${`Version ${number}`} onClose=${onClose} wide>
      <${ErrorBox} error=${version.error ?? (diff.error?.status === 404 ? null : diff.error)} />
      ${diff.data && html`<h3>Changes since version ${number - 1}</h3>
        ${diff.data.changes.length === 0 ? html`<p class="muted">None.</p>` : html`<${Changes} changes=${diff.data.changes} />`}`}
      ${version.data ? html`<h3>Document</h3><${Document} value=${version.data.config} label=${`Document of version ${number}`} />`
        : html`<${Loading} />`}
    <//>`;
}

function Rollback({ number, etag, onClose, onDone }) {
  const current = useApi('/manage/config');
  const diff = useApi(current.data ? `/manage/config/diff?from=${current.data.version}&to=${number}` : null);
  return html`
    <${Confirm} title=${`Roll back to version ${number}?`} action="Roll back" tone="primary" onClose=${onClose} onConfirm=${async () => {
      const { data } = await apiFull('POST', `/manage/config/versions/${number}/rollback`, undefined, { headers: { 'If-Match': etag } });
      toast(`Version ${data.version} is in force, with the document of version ${number}.`);
      onDone();
    }}>
      <p>Its document becomes a new version. This changes:</p>
      ${diff.data ? html`<${Changes} changes=${diff.data.changes} />` : html`<${Loading} />`}
    <//>`;
}

function Effective() {
  const config = useApi('/manage/config/effective');
  const [search, setSearch] = useState('');
  const rows = useMemo(() => config.data?.settings?.filter((one) => one.path.includes(search)) ?? null, [config.data, search]);
  if (config.error) {
    return html`<${ErrorBox} error=${config.error} retry=${config.reload} />`;
  }
  return html`
    <div class="toolbar"><${Field} label="Search by name" name="setting" type="search" value=${search} onInput=${setSearch} /></div>
    <${Table} caption="Every setting with its value and where it comes from" rows=${rows} columns=${SETTINGS} rowKey=${(row) => row.path}
      empty=${html`<${EmptyState} title="No setting of that name">Names are dotted, such as audit.dir.<//>`} />`;
}

const SETTINGS = [
  { key: 'path', label: 'Setting', sort: (row) => row.path, render: (row) => html`<code>${row.path}</code>` },
  { key: 'value', label: 'Value', render: (row) => html`<code>${shown(row.value ?? '')}</code>` },
  { key: 'source', label: 'Source', sort: (row) => row.source },
];

route('/admin/configuration', Configuration, { title: 'Configuration', nav: { group: 'Settings', order: 80 } });
