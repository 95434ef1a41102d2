/** How targets are chosen and when they are left alone: read by everybody, changed by administrators. */
import { api, can, Card, Field, Form, html, ErrorBox, Loading, Page, route, toast, useEffect, useForm } from '../kit.js';
import { useLivePath } from '../live.js';

/** The settings of the page, in the words of docs/configuration.md; what is not set has the default. */
const SETTINGS = [
  { name: 'strategy', label: 'Which target is asked first', standard: 'cost_optimized', options: {
    cost_optimized: 'The cheapest', round_robin: 'Each in turn', weighted: 'At random, by weight', performance: 'The fastest of two',
    health_based: 'The one with the fewest failures', usage: 'The least used' } },
  { name: 'failover_enabled', label: 'Another target when one fails', standard: 'true', options: { true: 'Yes', false: 'No' } },
  { name: 'health_check_interval', label: 'Pause between two health checks', standard: '30s', hint: 'A duration up to 1h; 0s: none.' },
  { name: 'circuit_breaker.failures', label: 'Failures in a row that open a breaker', standard: '5', hint: '1 to 1000.', number: true },
  { name: 'circuit_breaker.cooldown', label: 'How long an open breaker rests', standard: '30s', hint: 'A duration from 100ms to 1h.' },
  { name: 'retry_budget', label: 'Further attempts, as a share of the requests', standard: '0.1', hint: '0 to 1.', number: true },
];

const within = (routing, { name }) => name.split('.').reduce((at, part) => at?.[part], routing);

const textsOf = (routing) => Object.fromEntries(SETTINGS.map((setting) => [setting.name, String(within(routing, setting) ?? '')]));

/** What was typed as the document holds it; null takes the setting back. What is no number is left for the server to refuse. */
function typed({ number, options }, text) {
  if (text === '') return null;
  if (options && (text === 'true' || text === 'false')) return text === 'true';
  return number && !Number.isNaN(Number(text)) ? Number(text) : text;
}

/** A merge patch (RFC 7396) of what differs from the document. */
function patchOf(routing, texts) {
  const patch = {};
  for (const setting of SETTINGS) {
    const text = texts[setting.name].trim();
    if (text === String(within(routing, setting) ?? '')) continue;
    const [first, second] = setting.name.split('.');
    patch[first] = second ? { ...patch[first], [second]: typed(setting, text) } : typed(setting, text);
  }
  return patch;
}

function Settings({ version, routing, onChanged }) {
  const form = useForm(textsOf(routing));
  useEffect(() => form.reset(textsOf(routing)), [version]);
  const patch = patchOf(routing, form.values);
  const mayChange = can('admin');
  const save = async () => {
    const made = await api('PATCH', '/manage/config', { routing: patch }, {
      headers: { 'If-Match': `"${version}"`, 'Content-Type': 'application/merge-patch+json' } });
    toast(`Version ${made.version} is in force.`);
    onChanged();
  };
  return html`<${Form} onSubmit=${save} submit="Change" disabled=${!mayChange || Object.keys(patch).length === 0}>
    <div class="form-pair roomy">${SETTINGS.map(({ name, label, standard, options, hint, number }) => html`<${Field} key=${name} label=${label}
      hint=${hint} type=${options ? 'select' : 'text'} inputmode=${number ? 'decimal' : null} disabled=${!mayChange}
      placeholder=${`${standard} (default)`} ...${form.field(name)}
      options=${options && [{ value: '', label: `${options[standard]} (default)` },
        ...Object.entries(options).map(([value, words]) => ({ value, label: words }))]} />`)}</div>
    ${!mayChange && html`<p class="muted">Administrators may change this.</p>`}
  <//>`;
}

function Routing() {
  const { value, error, reload } = useLivePath('/manage/config');
  return html`<${Page} title="Routing" lead="How a request finds its target. A change is in force on every node within a second."
      actions=${html`<a class="button" href="/admin/providers">Providers</a><a class="button" href="/admin/models">Models</a>
        <a class="button" href="/admin/configuration">Versions</a>`}>
    <${ErrorBox} error=${error} retry=${reload} />
    ${!value && !error && html`<${Loading} lines=${6} />`}
    ${value && html`<${Card} title=${`In force: version ${value.version}`}>
      <${Settings} version=${value.version} routing=${value.config.routing ?? {}} onChanged=${reload} /><//>`}
  <//>`;
}

route('/admin/routing', Routing, { title: 'Routing', nav: { group: 'Providers', order: 3 } });
