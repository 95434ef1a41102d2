import {
  Badge, Button, Confirm, Copyable, Count, Dialog, EmptyState, ErrorBox, Facts, Field, Form, Meter, Money, Page, Table, Time,
  api, can, html, link, money, navigate, query, route, toast, useApi, useForm, useState,
} from '../kit.js';
import { ProjectLink, useProjectNames } from './projects.js';

const DURATIONS = [
  { value: '60', label: '1 hour' },
  { value: '1440', label: '1 day' },
  { value: '10080', label: '7 days' },
  { value: '43200', label: '30 days' },
  { value: '129600', label: '90 days' },
  { value: '525600', label: '365 days' },
];

function Tokens({ query: asked }) {
  const names = useProjectNames();
  const project = asked.project ?? '';
  const shown = asked.show ?? 'valid';
  const tokens = useApi(`/manage/tokens${query({ projectId: project, activeOnly: shown === 'valid' ? 'true' : null })}`);
  const go = (members) => navigate(`/admin/tokens${query({ project, show: asked.show, ...members })}`, { replace: true });
  const create = can('operator') && html`<${Button} tone="primary" onClick=${() => go({ new: '1' })}>New token<//>`;
  return html`
    <${Page} title="Tokens" actions=${create} lead="A token lets an application use the gateway for one project, within its limits.">
      <div class="toolbar">
        <${Field} label="Project" name="project" type="select" value=${project} onInput=${(value) => go({ project: value })}
          options=${[{ value: '', label: 'All projects' }, ...(names.data ?? []).map((one) => ({ value: one.id, label: one.name }))]} />
        <${Field} label="Show" name="show" type="select" value=${shown} onInput=${(value) => go({ show: value })}
          options=${[{ value: 'valid', label: 'Valid' }, { value: 'all', label: 'All' }]} />
      </div>
      <${ErrorBox} error=${tokens.error ?? names.error} retry=${tokens.reload} />
      ${!tokens.error && html`<${TokenTable} tokens=${tokens} names=${names} create=${create} />`}
      ${asked.new && can('operator') && html`<${NewToken} names=${names} project=${project} onClose=${() => go({ new: null })}
        onMade=${tokens.reload} />`}
    <//>`;
}

/** Tokens with what they used; `names` adds a column with the project. */
export function TokenTable({ tokens, names, create }) {
  const [revoking, setRevoking] = useState(null);
  const [limiting, setLimiting] = useState(null);
  const columns = [
    { key: 'token', label: 'Token', render: (row) => html`<code>${shorten(row.token)}</code>` },
    names && { key: 'project', label: 'Project', sort: (row) => names.name(row.project_id), render: (row) => html`<${ProjectLink} id=${row.project_id} names=${names} />` },
    { key: 'state', label: 'State', render: (row) => state(row) },
    { key: 'requests', label: 'Requests', align: 'end', sort: (row) => row.request_count, render: (row) => html`<${Meter} used=${row.request_count} limit=${row.max_requests} label="requests used" />` },
    { key: 'tokens', label: 'Model tokens', align: 'end', sort: (row) => row.token_count, render: (row) => html`<${Meter} used=${row.token_count} limit=${row.max_tokens} label="model tokens used" />` },
    { key: 'cost', label: 'Cost', align: 'end', sort: (row) => row.cost_usd, render: (row) => html`<${Meter} used=${row.cost_usd} limit=${row.max_cost_usd} format=${money} label="money used" />` },
    { key: 'used', label: 'Last used', sort: (row) => row.last_used_at, render: (row) => html`<${Time} value=${row.last_used_at} none="never" />` },
    { key: 'expires', label: 'Expires', sort: (row) => row.expires_at, render: (row) => html`<${Time} value=${row.expires_at} />` },
    can('operator') && {
      key: 'actions',
      label: 'Actions',
      hidden: true,
      render: (row) => (valid(row) ? html`<span class="row-actions">
        <${Button} small onClick=${() => setLimiting(row)}>Limit<//>
        <${Button} small tone="danger" onClick=${() => setRevoking(row)}>Revoke<//></span>` : ' '),
    },
  ].filter(Boolean);
  return html`
    <${Table} caption="Tokens" rows=${tokens.data} columns=${columns} rowClass=${(row) => (valid(row) ? null : 'dim')}
      empty=${html`<${EmptyState} title="No tokens here" action=${create}>A token is shown once, when it is made. Only its hash is kept.<//>`} />
    ${revoking && html`
      <${Confirm} title="Revoke this token?" action="Revoke" onClose=${() => setRevoking(null)} onConfirm=${async () => {
        await api('DELETE', link`/manage/tokens/${revoking.id}`);
        toast('The token is revoked.');
        tokens.reload();
      }}><p><code>${shorten(revoking.token)}</code> is refused everywhere within a second.</p><//>`}
    ${limiting && html`<${Limit} token=${limiting} onClose=${() => setLimiting(null)} onSaved=${tokens.reload} />`}`;
}

function Limit({ token, onClose, onSaved }) {
  const form = useForm({ max: token.max_requests === null ? '' : String(token.max_requests) });
  const save = async () => {
    await api('PATCH', link`/manage/tokens/${token.id}`, { max_requests: Number(form.values.max || 0) });
    toast('The limit is changed.');
    onSaved();
    onClose();
  };
  return html`
    <${Dialog} title="Limit of requests" onClose=${onClose}>
      <${Form} onSubmit=${save} onCancel=${onClose}>
        <${Facts} items=${[['Token', html`<code>${shorten(token.token)}</code>`], ['Requests so far', html`<${Count} value=${token.request_count} />`],
          ['Cost so far', html`<${Money} usd=${token.cost_usd} />`]]} />
        <${Field} label="Most requests" type="number" min="0" step="1" hint="Empty or 0: no limit. Requests so far count." ...${form.field('max')} />
      <//>
    <//>`;
}

function NewToken({ names, project, onClose, onMade }) {
  const active = (names.data ?? []).filter((one) => one.is_active);
  const form = useForm({ project, minutes: '43200', max_requests: '', max_tokens: '', max_cost_usd: '' });
  const [made, setMade] = useState(null);
  const chosen = form.values.project || active[0]?.id || '';
  const save = async () => {
    const { minutes, max_requests: requests, max_tokens: tokens, max_cost_usd: cost } = form.values;
    setMade(await api('POST', '/manage/tokens', {
      project_id: chosen,
      duration_minutes: Number(minutes),
      max_requests: requests === '' ? undefined : Number(requests),
      max_tokens: tokens === '' ? undefined : Number(tokens),
      max_cost_usd: cost === '' ? undefined : Number(cost),
    }));
    onMade();
  };
  if (made) {
    return html`<${Once} title="Copy the token now" token=${made.token} onClose=${onClose}>
      <p>This is the only time it is shown. It expires <${Time} value=${made.expires_at} exact />.</p><//>`;
  }
  return html`
    <${Dialog} title="New token" onClose=${onClose}>
      ${names.data && active.length === 0
        ? html`<${EmptyState} title="No active project" action=${html`<a class="button primary" href="/admin/projects">To the projects</a>`}>A
            token belongs to a project. Create one first.<//>`
        : html`
          <${Form} onSubmit=${save} onCancel=${onClose} submit="Make token" disabled=${chosen === ''}>
            <${Field} label="Project" type="select" ...${form.field('project')} value=${chosen}
              options=${active.map((one) => ({ value: one.id, label: one.name }))} />
            <${Field} label="Valid for" type="select" options=${DURATIONS} ...${form.field('minutes')} />
            <div class="form-pair">
              <${Field} label="Most requests" type="number" min="0" step="1" placeholder="no limit" ...${form.field('max_requests')} />
              <${Field} label="Most model tokens" type="number" min="0" step="1" placeholder="no limit" ...${form.field('max_tokens')} />
              <${Field} label="Most US dollars" type="number" min="0" step="0.000001" placeholder="no limit" ...${form.field('max_cost_usd')} />
            </div>
          <//>`}
    <//>`;
}

/** Shows a secret that will never be shown again. */
export function Once({ title, token, onClose, children }) {
  return html`
    <${Dialog} title=${title} onClose=${onClose} locked>
      ${children}
      <${Copyable} value=${token} secret label="Copy the token" />
      <div class="form-actions"><${Button} tone="primary" onClick=${onClose}>I have kept it<//></div>
    <//>`;
}

function valid(token) {
  return token.is_active && new Date(token.expires_at) > new Date();
}

function state(token) {
  if (!token.is_active) {
    return html`<${Badge} tone="bad">revoked<//>`;
  }
  if (!valid(token)) {
    return html`<${Badge}>expired<//>`;
  }
  const full = token.max_requests !== null && token.request_count >= token.max_requests;
  return full ? html`<${Badge} tone="warn">used up<//>` : html`<${Badge} tone="good">valid<//>`;
}

function shorten(token) {
  return token.replace(/\*+/, '…');
}

route('/admin/tokens', Tokens, { title: 'Tokens', nav: { group: 'Access', order: 21 } });
