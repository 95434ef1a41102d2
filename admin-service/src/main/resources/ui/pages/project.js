import {
  Badge, Button, Card, Confirm, Copyable, Dialog, EmptyState, ErrorBox, Facts, Field, Form, Loading, Page, Table, Time, api,
  can, html, link, route, toast, useApi, useForm, useState,
} from '../kit.js';
import { KeyFields, Missing, useProviders } from './projects.js';
import { TokenTable } from './tokens.js';

function Project({ params }) {
  const path = link`/manage/projects/${params.id}`;
  const project = useApi(path);
  const [doing, setDoing] = useState(null);
  const one = project.data;
  if (project.error) {
    return html`<${Page} title="Project"><${Missing} what="project" error=${project.error} retry=${project.reload} /><//>`;
  }
  if (!one) {
    return html`<${Page} title="Project"><${Loading} lines=${6} /><//>`;
  }
  const change = async (body, said) => {
    await api('PATCH', path, body);
    toast(said);
    project.reload();
  };
  const actions = can('operator') && html`
    <${Button} onClick=${() => setDoing('rename')}>Rename<//>
    ${one.is_active
      ? html`<${Button} tone="danger" onClick=${() => setDoing('deactivate')}>Deactivate<//>`
      : html`<${Button} onClick=${() => setDoing('activate')}>Activate<//>`}`;
  return html`
    <${Page} title=${one.name} actions=${actions}>
      <${Card}>
        <${Facts} items=${[
          ['State', one.is_active ? html`<${Badge} tone="good">active<//>` : html`<${Badge}>inactive<//>`],
          ['Id', html`<${Copyable} value=${one.id} label="Copy the project's id" />`],
          ['Created', html`<${Time} value=${one.created_at} exact />`],
          ['Changed', html`<${Time} value=${one.updated_at} exact />`],
          one.deactivated_at && ['Deactivated', html`<${Time} value=${one.deactivated_at} exact />`],
        ]} />
      <//>
      <${Keys} path=${path} />
      <${Tokens} project=${one} onRevokeAll=${() => setDoing('revoke')} />
      ${doing === 'rename' && html`<${Rename} project=${one} onSave=${change} onClose=${() => setDoing(null)} />`}
      ${doing === 'activate' && html`
        <${Confirm} title="Activate ${one.name}?" action="Activate" tone="primary" onClose=${() => setDoing(null)}
          onConfirm=${() => change({ is_active: true }, 'The project is active.')}>
          <p>Its valid tokens work again at once.</p><//>`}
      ${doing === 'deactivate' && html`<${Deactivate} project=${one} onSave=${change} onClose=${() => setDoing(null)} />`}
      ${doing === 'revoke' && html`
        <${Confirm} title="Revoke every token of ${one.name}?" action="Revoke all" typed=${one.name}
          onClose=${() => setDoing(null)} onConfirm=${async () => {
            const done = await api('POST', `${path}/tokens/revoke`);
            toast(`${done.revoked_count} tokens are revoked.`);
            project.reload();
          }}><p>Requests with them are refused within a second. Tokens cannot be brought back by this page.</p><//>`}
    <//>`;
}

function Rename({ project, onSave, onClose }) {
  const form = useForm({ name: project.name });
  const save = async () => {
    await onSave({ name: form.values.name.trim() }, 'The project has its new name.');
    onClose();
  };
  return html`
    <${Dialog} title="Rename project" onClose=${onClose}>
      <${Form} onSubmit=${save} onCancel=${onClose} submit="Rename" disabled=${form.values.name.trim() === ''}>
        <${Field} label="Name" required maxlength="256" ...${form.field('name')} />
      <//>
    <//>`;
}

function Deactivate({ project, onSave, onClose }) {
  const [revoke, setRevoke] = useState(false);
  return html`
    <${Confirm} title="Deactivate ${project.name}?" action="Deactivate" onClose=${onClose}
      onConfirm=${() => onSave({ is_active: false, revoke_tokens: revoke }, 'The project is inactive.')}>
      <p>Requests with its tokens are refused within a second. Keys and tokens stay, and activating it brings them back.</p>
      <${Field} type="checkbox" name="revoke" label="Also revoke its tokens, for good" value=${revoke} onInput=${setRevoke} />
    <//>`;
}

function Keys({ path }) {
  const keys = useApi(`${path}/keys`);
  const [adding, setAdding] = useState(null);
  const [deleting, setDeleting] = useState(null);
  const columns = [
    { key: 'name', label: 'Name', render: (row) => html`<code>${row.name}</code>`, sort: (row) => row.name },
    { key: 'provider', label: 'Provider', sort: (row) => row.provider },
    { key: 'api_key', label: 'Key', render: (row) => html`<code>${row.api_key}</code>` },
    { key: 'fingerprint', label: 'Fingerprint', render: (row) => html`<code>${row.fingerprint}</code>` },
    { key: 'weight', label: 'Weight', align: 'end', sort: (row) => row.weight },
    { key: 'created_at', label: 'Stored', render: (row) => html`<${Time} value=${row.created_at} />` },
    can('operator') && {
      key: 'actions',
      label: 'Actions',
      hidden: true,
      render: (row) => html`<span class="row-actions">
        <${Button} small onClick=${() => setAdding(row)}>Replace or weigh<//>
        <${Button} small tone="danger" onClick=${() => setDeleting(row)}>Delete<//></span>`,
    },
  ].filter(Boolean);
  const add = can('operator') && html`<${Button} small onClick=${() => setAdding({})}>Add key<//>`;
  return html`
    <${Card} title="Provider keys" flush actions=${add}>
      <${ErrorBox} error=${keys.error} retry=${keys.reload} />
      ${!keys.error && html`<${Table} caption="Provider keys of this project" rows=${keys.data} columns=${columns}
        rowKey=${(row) => `${row.provider}/${row.name}`}
        empty=${html`<${EmptyState} title="No key yet" action=${add}>Without a key of its own, the project uses the
          gateway's keys where there are any.<//>`} />`}
      ${adding && html`<${KeyDialog} path=${path} row=${adding} onClose=${() => setAdding(null)} onSaved=${keys.reload} />`}
      ${deleting && html`
        <${Confirm} title="Delete the key ${deleting.name}?" action="Delete key" onClose=${() => setDeleting(null)}
          onConfirm=${async () => {
            await api('DELETE', path + link`/keys/${deleting.provider}/${deleting.name}`);
            toast('The key is gone from the vault.');
            keys.reload();
          }}>
          <p>Requests to ${deleting.provider} use the project's other keys, or the gateway's. It cannot be undone.</p><//>`}
    <//>`;
}

function KeyDialog({ path, row, onClose, onSaved }) {
  const providers = useProviders();
  const known = Boolean(row.name);
  const form = useForm({
    name: row.name ?? 'default', provider: row.provider ?? 'openai', api_key: '', weight: String(row.weight ?? 1),
  });
  const key = form.values.api_key.trim();
  const save = async () => {
    const weight = Number(form.values.weight);
    if (known && key === '') {
      await api('PATCH', path + link`/keys/${row.provider}/${row.name}`, { weight });
    } else {
      await api('POST', `${path}/keys`, { name: form.values.name, provider: form.values.provider, api_key: key, weight });
    }
    toast(known ? 'The key is changed.' : 'The key is stored.');
    onSaved();
    onClose();
  };
  return html`
    <${Dialog} title=${known ? `Key ${row.name} for ${row.provider}` : 'Add key'} onClose=${onClose}>
      <${Form} onSubmit=${save} onCancel=${onClose} submit=${known ? 'Save' : 'Store key'} disabled=${!known && key === ''}>
        ${known
          ? html`<${Field} label="New key" type="password" autocomplete="off" spellcheck=${false} maxlength="4096"
              hint="Leave it empty to keep the key and change only its weight." ...${form.field('api_key')} />`
          : html`
            <${Field} label="Name" required maxlength="64" pattern="[a-z0-9][a-z0-9._\\-]*"
              hint="Lower case letters, digits, dots, dashes; a key of this name is replaced." ...${form.field('name')} />
            <${KeyFields} form=${form} providers=${providers} />`}
        <${Field} label="Weight" type="number" min="1" max="1000" hint="Its share of requests among the keys for one provider."
          ...${form.field('weight')} />
      <//>
    <//>`;
}

function Tokens({ project, onRevokeAll }) {
  const tokens = useApi(`/manage/tokens?projectId=${project.id}`);
  const valid = (tokens.data ?? []).some((token) => token.is_active);
  const actions = can('operator') && html`
    ${valid && html`<${Button} small tone="danger" onClick=${onRevokeAll}>Revoke all<//>`}
    <a class="button small" href=${`/admin/tokens?project=${project.id}&new=1`}>New token</a>`;
  return html`
    <${Card} title="Tokens" flush actions=${actions}>
      <${ErrorBox} error=${tokens.error} retry=${tokens.reload} />
      ${!tokens.error && html`<${TokenTable} tokens=${tokens} />`}
    <//>`;
}

route('/admin/projects/:id', Project, { title: 'Project' });
