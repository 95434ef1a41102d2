/** Models that clients may ask for, where each goes and what it costs. */
import { Card, EmptyState, ErrorBox, html, Page, query, route, Table } from '../kit.js';
import { useLivePath } from '../live.js';
import { decimal } from '../figures.js';

const price = (usdPerMillion) => (usdPerMillion === null ? 'none' : `$${decimal(usdPerMillion)}`);

/** One row for each target, so that a model with several reads as a list. */
const targetsOf = (model) => model.targets.map((target, at) => ({ model, target, at }));

const COLUMNS = [
  { key: 'model', label: 'Model', render: ({ model, at }) => html`${model.model}${at === 0 && model.aliases.length > 0
    && html`<br /><span class="muted small-text">also ${model.aliases.join(', ')}</span>`}` },
  { key: 'provider', label: 'Provider', render: ({ target }) => target.provider },
  { key: 'upstream', label: 'Its name there', render: ({ target, model }) => html`<code>${target.upstream_model || model.model}</code>` },
  { key: 'price_in', label: 'Input, USD per million tokens', align: 'end', render: ({ target }) => price(target.price_in_usd) },
  { key: 'price_out', label: 'Output, USD per million tokens', align: 'end', render: ({ target }) => price(target.price_out_usd) },
  { key: 'weight', label: 'Weight', align: 'end', render: ({ target }) => target.weight },
  { key: 'usage', label: 'Usage', render: ({ model }) => html`<a href=${`/admin/analytics${query({ model: model.model, group_by: 'provider' })}`}>Usage</a>` },
];

function Models() {
  const { value, error, reload } = useLivePath('/manage/models');
  return html`<${Page} title="Models and prices" lead="The names that clients ask for, the targets that serve them, and what these cost."
      actions=${html`<a class="button" href="/admin/routing">Routing</a><a class="button" href="/admin/configuration">Configuration</a>`}>
    <${ErrorBox} error=${error} retry=${reload} />
    ${!error && html`<${Card} flush>
      <${Table} columns=${COLUMNS} rows=${value && value.models.flatMap(targetsOf)} caption="Models"
        rowKey=${({ model, at }) => `${model.model} ${at}`}
        empty=${html`<${EmptyState} title="No model is named">Every model of a provider is reached by its own name. The configuration may
          name models, with targets, aliases and prices.<//>`} /><//>`}
    <p class="muted">What a model without a price is asked for counts as free, in usage and against budgets.</p>
  <//>`;
}

route('/admin/models', Models, { title: 'Models and prices', nav: { group: 'Providers', order: 2, label: 'Models' } });
