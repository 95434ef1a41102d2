/** Models that clients may ask for, where each goes and what it costs. */
import { Card, EmptyState, ErrorBox, html, Page, query, route, Table } from '../kit.js';
import { useLivePath } from '../live.js';
import { decimal } from '../figures.js';

const PREFILLS = { assistant_turn: 'as a prefilled turn', continue_final_message: 'as an open last message' };

const price = (usdPerMillion) => (usdPerMillion === null || usdPerMillion === undefined ? 'none' : `$${decimal(usdPerMillion)}`);

/** One row for each target, so that a model with several reads as a list. */
const targetsOf = (model) => (model.targets ?? []).map((target, at) => ({ model, target, first: at === 0 }));

const COLUMNS = [
  { key: 'model', label: 'Model', render: ({ model, first }) => html`${model.name}${first && (model.aliases ?? []).length > 0
    && html`<br /><span class="muted small-text">also ${model.aliases.join(', ')}</span>`}` },
  { key: 'provider', label: 'Provider', render: ({ target }) => target.provider },
  { key: 'upstream', label: 'Its name there', render: ({ target, model }) => html`<code>${target.upstream_model || model.name}</code>` },
  { key: 'price_in', label: 'Input, USD per million tokens', align: 'end', render: ({ target }) => price(target.price_in) },
  { key: 'price_out', label: 'Output, USD per million tokens', align: 'end', render: ({ target }) => price(target.price_out) },
  { key: 'weight', label: 'Weight', align: 'end', render: ({ target }) => target.weight ?? 1 },
  { key: 'prefill', label: 'Goes on with broken-off text', render: ({ target, model }) =>
    html`${model.continuation ? '' : 'no, '}${PREFILLS[target.prefill] ?? 'cannot'}` },
  { key: 'usage', label: 'Usage', render: ({ model }) => html`<a href=${`/admin/analytics${query({ model: model.name })}`}>Usage</a>` },
];

function Models() {
  const { value, error, reload } = useLivePath('/manage/models');
  return html`<${Page} title="Models and prices" lead="The names that clients ask for, the targets that serve them, and what these cost."
      actions=${html`<a class="button" href="/admin/configuration">Configuration</a>`}>
    <${ErrorBox} error=${error} retry=${reload} />
    ${!error && html`<${Card} flush>
      <${Table} columns=${COLUMNS} rows=${value && value.models.flatMap(targetsOf)} caption="Models"
        rowKey=${({ model, target }) => `${model.name} ${target.provider} ${target.upstream_model}`}
        empty=${html`<${EmptyState} title="No model is named">Every model of a provider is reached by its own name. The configuration may
          name models, with targets, aliases and prices.<//>`} /><//>`}
    <p class="muted">What a model without a price is asked for counts as free, in usage and against budgets.</p>
  <//>`;
}

route('/admin/models', Models, { title: 'Models and prices', nav: { group: 'Providers', order: 2, label: 'Models' } });
