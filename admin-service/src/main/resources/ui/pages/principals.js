import {
  Badge, Button, Confirm, Dialog, EmptyState, ErrorBox, Field, Form, Page, Table, Time, api, html, link, route, toast,
  useApi, useForm, useState,
} from '../kit.js';
import { Once } from './tokens.js';

const ROLES = [
  { value: 'viewer', label: 'Viewer: sees everything but secrets' },
  { value: 'operator', label: 'Operator: also changes projects, tokens and keys' },
  { value: 'admin', label: 'Admin: everything' },
];
const LIVES = [
  { value: '', label: 'Never' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In 365 days' },
];
const TONES = { viewer: 'neutral', operator: 'info', admin: 'warn' };

function Principals() {
  const principals = useApi('/manage/principals');
  const projects = useApi('/manage/projects');
  const [doing, setDoing] = useState(null);
  const [shown, setShown] = useState(null);
  const close = () => setDoing(null);
  const name = (id) => projects.data?.find((one) => one.id === id)?.name ?? id;
  const columns = [
    { key: 'name', label: 'Name', sort: (row) => row.name },
    { key: 'role', label: 'Role', sort: (row) => row.role, render: (row) => html`<${Badge} tone=${TONES[row.role]}>${row.role}<//>` },
    { key: 'projects', label: 'Projects', render: (row) => (row.projects === null ? 'all' : row.projects.map(name).join(', ')) },
    { key: 'created', label: 'Created', sort: (row) => row.created_at, render: (row) => html`<${Time} value=${row.created_at} />` },
    { key: 'used', label: 'Last used', sort: (row) => row.last_used_at, render: (row) => html`<${Time} value=${row.last_used_at} none="never" />` },
    { key: 'expires', label: 'Expires', sort: (row) => row.expires_at, render: (row) => expiry(row) },
    {
      key: 'actions',
      label: 'Actions',
      hidden: true,
      render: (row) => html`<span class="row-actions">
        <${Button} small onClick=${() => setDoing({ kind: 'edit', row })}>Change<//>
        <${Button} small onClick=${() => setDoing({ kind: 'rotate', row })}>New token<//>
        <${Button} small tone="danger" onClick=${() => setDoing({ kind: 'remove', row })}>Remove<//></span>`,
    },
  ];
  const create = html`<${Button} tone="primary" onClick=${() => setDoing({ kind: 'create' })}>New principal<//>`;
  return html`
    <${Page} title="Principals" actions=${create}
      lead="People and programs that manage this gateway, each with a token and a role of its own, so that the audit tells them apart.">
      <${ErrorBox} error=${principals.error} retry=${principals.reload} />
      ${!principals.error && html`<${Table} caption="Principals" rows=${principals.data} columns=${columns}
        empty=${html`<${EmptyState} title="Only the management token so far" action=${create}>Give everyone who manages this
          gateway a token of their own, and keep the management token for emergencies.<//>`} />`}
      ${(doing?.kind === 'create' || doing?.kind === 'edit') && html`
        <${Editor} row=${doing.row} projects=${projects.data ?? []} onClose=${close} onDone=${(token) => {
          principals.reload();
          close();
          setShown(token);
        }} />`}
      ${doing?.kind === 'rotate' && html`
        <${Confirm} title="Give ${doing.row.name} a new token?" action="Make new token" onClose=${close} onConfirm=${async () => {
          const made = await api('POST', link`/manage/principals/${doing.row.id}/rotate`, {});
          principals.reload();
          setShown(made.token);
        }}><p>The old token stops at once, and everyone who is signed in with it is signed out.</p><//>`}
      ${doing?.kind === 'remove' && html`
        <${Confirm} title="Remove ${doing.row.name}?" action="Remove" onClose=${close} onConfirm=${async () => {
          await api('DELETE', link`/manage/principals/${doing.row.id}`);
          toast(`${doing.row.name} can no longer manage this gateway.`);
          principals.reload();
        }}><p>The token and every session of it end at once. What it did stays in the audit.</p><//>`}
      ${shown && html`<${Once} title="Copy the token now" token=${shown} onClose=${() => setShown(null)}>
        <p>This is the only time it is shown; only its hash is kept.</p><//>`}
    <//>`;
}

function Editor({ row, projects, onClose, onDone }) {
  const form = useForm({ name: row?.name ?? '', role: row?.role ?? 'viewer', life: '90' });
  const [limited, setLimited] = useState(Boolean(row?.projects));
  const [chosen, setChosen] = useState(new Set(row?.projects ?? []));
  const pick = (id, on) => setChosen((before) => {
    const next = new Set(before);
    if (on) {
      next.add(id);
    } else {
      next.delete(id);
    }
    return next;
  });
  const save = async () => {
    const body = { name: form.values.name.trim(), role: form.values.role, all_projects: !limited };
    if (limited) {
      body.projects = [...chosen];
    }
    if (row) {
      await api('PATCH', link`/manage/principals/${row.id}`, body);
      toast('The principal is changed; sessions of it have ended.');
      onDone(null);
      return;
    }
    if (form.values.life !== '') {
      body.expires_at = new Date(Date.now() + Number(form.values.life) * 86_400_000).toISOString();
    }
    onDone((await api('POST', '/manage/principals', body)).token);
  };
  return html`
    <${Dialog} title=${row ? `Change ${row.name}` : 'New principal'} onClose=${onClose}>
      <${Form} onSubmit=${save} onCancel=${onClose} submit=${row ? 'Save' : 'Make principal and token'}
        disabled=${form.values.name.trim() === '' || (limited && chosen.size === 0)}>
        <${Field} label="Name" required maxlength="100" hint="As the audit names it: a person or a program." ...${form.field('name')} />
        <${Field} label="Role" type="select" options=${ROLES} ...${form.field('role')} />
        ${!row && html`<${Field} label="Token expires" type="select" options=${LIVES} ...${form.field('life')} />`}
        <${Field} type="checkbox" name="limited" label="Only some projects" value=${limited} onInput=${setLimited}
          hint="Calls that concern no single project are then refused." />
        ${limited && html`
          <fieldset class="choices"><legend>Projects</legend>
            ${projects.map((one) => html`<${Field} key=${one.id} type="checkbox" name=${one.id} label=${one.name}
              value=${chosen.has(one.id)} onInput=${(on) => pick(one.id, on)} />`)}
            ${projects.length === 0 && html`<p class="muted">There are no projects yet.</p>`}
          </fieldset>`}
      <//>
    <//>`;
}

function expiry(row) {
  if (row.expires_at && new Date(row.expires_at) <= new Date()) {
    return html`<${Badge} tone="bad">expired<//>`;
  }
  return html`<${Time} value=${row.expires_at} none="never" />`;
}

route('/admin/principals', Principals, { title: 'Principals', nav: { group: 'Access', order: 23 }, role: 'admin' });
