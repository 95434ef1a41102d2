import {
  Card, Copyable, Count, EmptyState, ErrorBox, Facts, Field, Form, Money, Page, Table, duration, html, link, navigate, query,
  route, useApi, useMemo, useState,
} from '../kit.js';

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const TIMES = [
  { value: '1', label: 'Last 24 hours' },
  { value: '7', label: 'Last 7 days' },
  { value: '30', label: 'Last 30 days' },
  { value: '90', label: 'Last 90 days' },
];

/** The beginning of a time that ends now, at the full minute so that the same question stays the same. */
function since(days) {
  const now = new Date();
  now.setUTCSeconds(0, 0);
  return new Date(now.getTime() - days * 86_400_000).toISOString();
}

function Wallets({ query: asked }) {
  const days = TIMES.some((one) => one.value === asked.days) ? asked.days : '30';
  const start = useMemo(() => since(Number(days)), [days]);
  const wallets = useApi(`/manage/analytics/top${query({ by: 'wallet', metric: 'requests', start_time: start, limit: 100 })}`);
  const [address, setAddress] = useState('');
  const find = async () => navigate(link`/admin/wallets/${address.trim()}`);
  return html`
    <${Page} title="Wallets" lead="Ethereum wallets that sign their requests themselves. They need no token, and their limits count per wallet.">
      <div class="toolbar">
        <${Field} label="Time" name="days" type="select" value=${days} options=${TIMES}
          onInput=${(value) => navigate(`/admin/wallets${query({ days: value })}`, { replace: true })} />
        <${Form} inline submit="Show wallet" tone="" onSubmit=${find} disabled=${!ADDRESS.test(address.trim())}>
          <${Field} label="Address" name="address" value=${address} onInput=${setAddress} placeholder="0x…" class="code" size="44" spellcheck=${false} />
        <//>
      </div>
      <${ErrorBox} error=${wallets.error} retry=${wallets.reload} />
      ${!wallets.error && html`<${Table} caption="Wallets by requests" rows=${wallets.data && wallets.data.rows} columns=${COLUMNS}
        rowKey=${(row) => row.key}
        empty=${html`<${EmptyState} title="No wallet in this time">Wallets appear here with their first signed request.<//>`} />`}
    <//>`;
}

const COLUMNS = [
  { key: 'wallet', label: 'Wallet', render: (row) => html`<a href=${link`/admin/wallets/${row.key}`}><code>${row.key}</code></a>` },
  { key: 'requests', label: 'Requests', align: 'end', sort: (row) => row.requests, render: (row) => html`<${Count} value=${row.requests} />` },
  { key: 'failed', label: 'Failed', align: 'end', sort: (row) => row.failed, render: (row) => html`<${Count} value=${row.failed} />` },
  { key: 'in', label: 'Tokens in', align: 'end', sort: (row) => row.tokens_in, render: (row) => html`<${Count} value=${row.tokens_in} />` },
  { key: 'out', label: 'Tokens out', align: 'end', sort: (row) => row.tokens_out, render: (row) => html`<${Count} value=${row.tokens_out} />` },
  { key: 'cost', label: 'Cost', align: 'end', sort: (row) => row.cost_usd, render: (row) => html`<${Money} usd=${row.cost_usd} />` },
  { key: 'p95', label: 'p95', align: 'end', sort: (row) => row.latency_ms?.p95, render: (row) => duration(row.latency_ms?.p95) },
];

function Wallet({ params }) {
  const wallet = params.wallet;
  const usage = useApi(ADDRESS.test(wallet) ? link`/manage/usage/wallets/${wallet}` : null);
  if (!ADDRESS.test(wallet)) {
    return html`<${Page} title="Wallet"><${Card}><${EmptyState} title="This is no wallet's address">An address is 0x and 40
      hexadecimal digits.<//><//><//>`;
  }
  return html`
    <${Page} title="Wallet">
      <${ErrorBox} error=${usage.error} retry=${usage.reload} />
      <${Card}><${Facts} items=${[
        ['Address', html`<${Copyable} value=${wallet} label="Copy the address" />`],
        ['Requests in all', html`<${Count} value=${usage.data?.total_requests} />`],
        ['Model tokens in all', html`<${Count} value=${usage.data?.total_tokens} />`],
        ['Cost in all', html`<${Money} usd=${usage.data?.total_cost} />`],
      ]} /><//>
      <p><a href=${`/admin/requests${query({ actor: wallet })}`}>Its requests</a> ·
        <a href=${`/admin/audit${query({ actor: wallet })}`}> Its audit</a></p>
    <//>`;
}

route('/admin/wallets', Wallets, { title: 'Wallets', nav: { group: 'Access', order: 22 } });
route('/admin/wallets/:wallet', Wallet, { title: 'Wallet' });
