import {
  Badge, Button, Card, Dialog, EmptyState, ErrorBox, Field, Form, Page, Table, Time, api, can, html, link, navigate, route,
  toast, useApi, useForm, useMemo, useState,
} from '../kit.js';

/** Providers that a key may be for when the rules in force cannot be read. */
const KNOWN = ['openai', 'anthropic', 'gemini', 'cohere'];

function Projects() {
  const projects = useApi('/manage/projects');
  const [creating, setCreating] = useState(false);
  const [search, setSearch] = useState('');
  const [shown, setShown] = useState('active');
  const rows = useMemo(() => projects.data && projects.data.filter((one) => (shown === 'all' || one.is_active)
    && (one.name.toLowerCase().includes(search.toLowerCase()) || one.id.startsWith(search))), [projects.data, search, shown]);
  const create = can('operator') && html`<${Button} tone="primary" onClick=${() => setCreating(true)}>New project<//>`;
  return html`
    <${Page} title="Projects" actions=${create}
      lead="A project owns tokens and the provider keys that serve them. Keys go in and never come out again.">
      <${ErrorBox} error=${projects.error} retry=${projects.reload} />
      ${projects.data?.length > 0 && html`
        <div class="toolbar">
          <${Field} label="Search by name or id" name="search" type="search" value=${search} onInput=${setSearch} />
          <${Field} label="Show" name="shown" type="select" value=${shown} onInput=${setShown}
            options=${[{ value: 'active', label: 'Active' }, { value: 'all', label: 'All' }]} />
        </div>`}
      ${!projects.error && html`<${Table} caption="Projects" rows=${rows} columns=${COLUMNS}
        rowClass=${(row) => (row.is_active ? null : 'dim')}
        empty=${projects.data?.length > 0
          ? html`<${EmptyState} title="No project fits">Change the search, or show inactive projects too.<//>`
          : html`<${EmptyState} title="No projects yet" action=${create}>A project groups the tokens of one team or
              application and holds the provider keys that they use.<//>`} />`}
      ${creating && html`<${NewProject} onClose=${() => setCreating(false)} />`}
    <//>`;
}

const COLUMNS = [
  {
    key: 'name',
    label: 'Name',
    sort: (row) => row.name,
    render: (row) => html`<a href=${link`/admin/projects/${row.id}`}>${row.name}</a>`,
  },
  {
    key: 'state',
    label: 'State',
    sort: (row) => row.is_active,
    render: (row) => (row.is_active ? html`<${Badge} tone="good">active<//>` : html`<${Badge}>inactive<//>`),
  },
  { key: 'keys', label: 'Keys for', render: (row) => Object.keys(row.api_keys ?? {}).sort().join(', ') },
  { key: 'created_at', label: 'Created', sort: (row) => row.created_at, render: (row) => html`<${Time} value=${row.created_at} />` },
  { key: 'updated_at', label: 'Changed', sort: (row) => row.updated_at, render: (row) => html`<${Time} value=${row.updated_at} />` },
  { key: 'id', label: 'Id', render: (row) => html`<code>${row.id}</code>` },
];

function NewProject({ onClose }) {
  const providers = useProviders();
  const form = useForm({ name: '', provider: 'openai', api_key: '' });
  const save = async () => {
    const { name, provider, api_key: key } = form.values;
    const made = await api('POST', '/manage/projects', { name: name.trim(), provider, api_key: key.trim() });
    toast(`Project ${made.name} is there.`);
    navigate(link`/admin/projects/${made.id}`);
  };
  return html`
    <${Dialog} title="New project" onClose=${onClose}>
      <${Form} onSubmit=${save} submit="Create project" onCancel=${onClose}
        disabled=${form.values.name.trim() === '' || form.values.api_key.trim() === ''}>
        <${Field} label="Name" required maxlength="256" ...${form.field('name')} />
        <${KeyFields} form=${form} providers=${providers} />
      <//>
    <//>`;
}

/** Provider and key, as project and key dialogs have them. */
export function KeyFields({ form, providers }) {
  return html`
    <${Field} label="Provider" type="select" options=${providers} ...${form.field('provider')} />
    <${Field} label="Provider key" type="password" required autocomplete="off" spellcheck=${false} maxlength="4096"
      hint="Encrypted in the vault. It can be replaced and used, but nobody can read it again." ...${form.field('api_key')} />`;
}

/** Names of the providers of the rules in force that take keys. */
export function useProviders() {
  const config = useApi('/manage/config');
  return useMemo(() => {
    const written = Object.entries(config.data?.config?.providers ?? {})
      .filter(([, provider]) => provider?.kind !== 'echo').map(([name]) => name).filter((name) => name !== 'echo');
    return [...new Set([...KNOWN, ...written])].sort();
  }, [config.data]);
}

/** Id and name of every project, by id. */
export function useProjectNames() {
  const projects = useApi('/manage/projects');
  return {
    ...projects,
    name: (id) => projects.data?.find((one) => one.id === id)?.name ?? id,
  };
}

/** A project by its name, with a link to it. */
export function ProjectLink({ id, names }) {
  return id ? html`<a href=${link`/admin/projects/${id}`}>${names.name(id)}</a>` : html`<span class="muted">–</span>`;
}

/** One card's worth of explanation for a project that cannot be shown. */
export function Missing({ what, error, retry }) {
  return error.status === 404
    ? html`<${Card}><${EmptyState} title=${`This ${what} does not exist`}>It may have another id, or lie outside of what
        you may see.<//><//>`
    : html`<${ErrorBox} error=${error} retry=${retry} />`;
}

route('/admin/projects', Projects, { title: 'Projects', nav: { group: 'Access', order: 20 } });
