import { Badge, Card, ErrorBox, Page, Time, html, route, useApi, useSession } from '../kit.js';

/** What there is, and what to do next. */
function Overview() {
  const session = useSession();
  const projects = useApi('/manage/projects');
  const tokens = useApi('/manage/tokens?activeOnly=true');
  const config = useApi(session.projects ? null : '/manage/config');
  const names = new Set((projects.data ?? []).filter((one) => one.is_active).map((one) => one.id));
  const used = (tokens.data ?? []).some((token) => token.request_count > 0);
  return html`
    <${Page} title="Overview" lead="What this gateway serves, and for whom.">
      <${ErrorBox} error=${projects.error} retry=${projects.reload} />
      <div class="tiles">
        <${Tile} href="/admin/projects" name="Active projects" value=${projects.data && names.size}
          note=${projects.data && `${projects.data.length} in all`} />
        <${Tile} href="/admin/tokens" name="Valid tokens" value=${tokens.data && tokens.data.length}
          note=${tokens.data && `${tokens.data.filter((one) => one.last_used_at).length} of them used`} />
        ${!session.projects && html`<${Tile} href="/admin/configuration" name="Rules in force" value=${config.data && `v${config.data.version}`}
          note=${config.data && html`since <${Time} value=${config.data.created_at} />`} />`}
        <${Tile} href=${session.role === 'admin' ? '/admin/principals' : null} name="You are" value=${session.role}
          note=${session.projects ? `limited to ${session.projects.length} projects` : session.actor} />
      </div>
      <${Card} title="First steps">
        <ol class="steps">
          <${Step} done=${projects.data?.length > 0} href="/admin/projects" text="Create a project with a provider's key" />
          <${Step} done=${tokens.data?.length > 0} href="/admin/tokens" text="Make a token for the project and copy it" />
          <${Step} done=${used} text="Point an SDK at this gateway: base_url and the token are all that changes" />
        </ol>
      <//>
    <//>`;
}

function Tile({ name, value, note, href }) {
  const content = html`
    <span class="tile-name">${name}</span>
    <span class="tile-value">${value ?? ' '}</span>
    <span class="tile-note">${note ?? ' '}</span>`;
  return href ? html`<a class="tile" href=${href}>${content}</a>` : html`<div class="tile">${content}</div>`;
}

function Step({ done, text, href }) {
  return html`<li><${Badge} tone=${done ? 'good' : 'neutral'}>${done ? 'done' : 'to do'}<//>
    ${href ? html`<a href=${href}>${text}</a>` : html`<span>${text}</span>`}</li>`;
}

route('/admin', Overview, { title: 'Overview', nav: { group: 'Overview', order: 0 } });
