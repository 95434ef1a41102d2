// Wallets that sign with the unmodified `ethers` packages, v5 and v6, against the relay surface of LG_BASE_URL.
// Settings: settings.mjs. Without LG_BASE_URL only the signing itself is checked, against published vectors.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as ethers6 from 'ethers';
import { ethers as ethers5 } from 'ethers5';
import { environment, mark, model, providerUrl, recorded } from './settings.mjs';

const MODEL = model('gpt-4');
const VAULT_KEY = environment('LG_VAULT_KEY', 'sk-relay-test-key');
const relayUrl = process.env.LG_BASE_URL?.replace(/\/+$/, '');

const RELAY_DOMAIN = { name: 'LLM Relay Service', version: '1', chainId: 1 };
const VAULT_DOMAIN = { name: 'LLM Relay Vault', version: '1' };
const field = (name, type) => ({ name, type });
const LLM_REQUEST = {
  LLMRequest: [
    field('prompt', 'string'), field('model', 'string'), field('wallet', 'address'), field('nonce', 'uint256'),
    field('timestamp', 'uint256'),
  ],
};
const VAULT_STORE = { VaultStore: [field('provider', 'string'), field('apiKey', 'string'), field('timestamp', 'uint256')] };
const VAULT_DELETE = {
  VaultDelete: [field('wallet', 'address'), field('provider', 'string'), field('nonce', 'uint256'), field('timestamp', 'uint256')],
};
const DOMAIN_TYPES = { name: 'string', version: 'string', chainId: 'uint256' };

const signers = {
  'ethers v5': {
    create: (key) => (key ? new ethers5.Wallet(key) : ethers5.Wallet.createRandom()),
    sign: (wallet, domain, types, message) => wallet._signTypedData(domain, types, message),
    digest: (domain, types, message) => ethers5.utils._TypedDataEncoder.hash(domain, types, message),
  },
  'ethers v6': {
    create: (key) => (key ? new ethers6.Wallet(key) : ethers6.Wallet.createRandom()),
    sign: (wallet, domain, types, message) => wallet.signTypedData(domain, types, message),
    digest: (domain, types, message) => ethers6.TypedDataEncoder.hash(domain, types, message),
  },
};

/** The members of `message` that the type declares: ethers refuses others, although a client may send them. */
const declared = (types, message) =>
  Object.fromEntries(Object.values(types)[0].map(({ name }) => [name, message[name]]));

/** A signed body; `withDomainType` lists EIP712Domain among the types, as the original client does. */
async function signed(signer, wallet, domain, types, message, withDomainType = false) {
  const signature = await signer.sign(wallet, domain, types, declared(types, message));
  const domainType = { EIP712Domain: Object.keys(domain).map((name) => field(name, DOMAIN_TYPES[name])) };
  const typedData = {
    types: withDomainType ? { ...domainType, ...types } : types,
    domain,
    primaryType: Object.keys(types)[0],
    message,
  };
  return { typedData, signature };
}

const now = () => Math.floor(Date.now() / 1000);
let nonceLast = 0;
/** Milliseconds since 1970, but never twice the same. */
const nextNonce = () => (nonceLast = Math.max(Date.now(), nonceLast + 1));

function send(method, path, body, headers = {}) {
  return fetch(`${relayUrl}${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-wallet-signature': body.signature, ...headers },
    body: JSON.stringify(body),
  });
}

const ask = (wallet, prompt, more = {}) => ({
  prompt, model: MODEL, wallet: wallet.address, nonce: nextNonce(), timestamp: now(), ...more,
});

async function refused(reply, status, text) {
  const body = await reply.text();
  assert.equal(reply.status, status, body);
  assert.match(JSON.parse(body).detail, text);
}

for (const [name, signer] of Object.entries(signers)) {
  suite(name, { concurrency: 1 }, () => {
    test('signs the published vectors', async () => {
      const wallet = signer.create(`0x${'11'.repeat(32)}`);
      const request = { prompt: 'hi', model: 'gpt-4', wallet: wallet.address, nonce: 1, timestamp: 1700000000 };
      const store = { provider: 'openai', apiKey: 'sk-test', timestamp: 1700000000 };

      assert.equal(wallet.address, '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A');
      assert.equal(
        signer.digest(RELAY_DOMAIN, LLM_REQUEST, request),
        '0xa8dac1ddd943aed85b92b173f4c23379956776e6e2007ee1f8aa234f11e7ba99',
      );
      assert.equal(
        await signer.sign(wallet, RELAY_DOMAIN, LLM_REQUEST, request),
        '0xeb7e205068099c0af0e75ef0525927258dea559356a4f87d22251f9e528219a55f2e7e023a3fdd8c6cbba60bb40d434a2a0a1a76107b6235e74167a459d8a5a91c',
      );
      assert.equal(
        signer.digest(VAULT_DOMAIN, VAULT_STORE, store),
        '0x50f2d1ef91a430ea99ea867f1f21e5676eea4805a971d6408d57fcf440ac8aad',
      );
      assert.equal(
        await signer.sign(wallet, VAULT_DOMAIN, VAULT_STORE, store),
        '0x4551f97a26b163967d5c988a75a817039010c161159f80c94ae82b539d0c4bce628e8a5fe3cb302a57d3fd4b4147675a136d8a61890cfc6d0ba45c37d8ab32cb1b',
      );
    });

    if (relayUrl) relayTests(signer);
  });
}

function relayTests(signer) {
  const wallet = signer.create();
  let first;

  test('without a stored key a request is 403', async () => {
    const body = await signed(signer, wallet, RELAY_DOMAIN, LLM_REQUEST, ask(wallet, 'too early'));
    await refused(await send('POST', '/api/llm/proxy', body), 403, /^No API key found for openai/);
  });

  test('a key is stored', async () => {
    const message = { provider: 'openai', apiKey: VAULT_KEY, timestamp: now() };
    const reply = await send('POST', '/api/vault/store', await signed(signer, wallet, VAULT_DOMAIN, VAULT_STORE, message));
    const text = await reply.text();

    assert.equal(reply.status, 200, text);
    assert.deepEqual(JSON.parse(text), { success: true, provider: 'openai', wallet: wallet.address.toLowerCase() });
  });

  test('a signed request is answered with the stored key', async () => {
    const marked = mark();
    const message = ask(wallet, `hello ${marked}`, { options: { temperature: 0.7, max_tokens: 50 } });
    first = await signed(signer, wallet, RELAY_DOMAIN, LLM_REQUEST, message, true);
    const reply = await send('POST', '/api/llm/proxy', first);
    const text = await reply.text();

    assert.equal(reply.status, 200, text);
    const answer = JSON.parse(text);
    assert.deepEqual(Object.keys(answer).sort(), ['response', 'timestamp', 'wallet']);
    assert.equal(answer.response.choices[0].message.content, `echo: hello ${marked}`);
    assert.equal(answer.wallet, wallet.address.toLowerCase());
    assert.ok(Math.abs(answer.timestamp - now()) < 60);
    if (providerUrl()) {
      const [seen] = await recorded((request) => request.body.includes(marked));
      const sent = JSON.parse(seen.body);
      const authorization = seen.headers.find(([header]) => header.toLowerCase() === 'authorization')[1];
      assert.equal(authorization, `Bearer ${VAULT_KEY}`);
      assert.deepEqual(sent.messages, [{ role: 'user', content: `hello ${marked}` }]);
      assert.equal(sent.temperature, 0.7);
    }
  });

  test('the same body again is 401', async () => {
    await refused(await send('POST', '/api/llm/proxy', first), 401, /^Invalid or replayed nonce/);
  });

  test('X-Stream: true streams the bare text', async () => {
    const body = await signed(signer, wallet, RELAY_DOMAIN, LLM_REQUEST, ask(wallet, 'one two three'));
    const reply = await send('POST', '/api/llm/proxy', body, { 'x-stream': 'true' });

    assert.equal(reply.status, 200);
    assert.match(reply.headers.get('content-type'), /^text\/plain/);
    assert.equal(await reply.text(), 'echo: one two three');
  });

  test('X-Stream with another value does not stream', async () => {
    const body = await signed(signer, wallet, RELAY_DOMAIN, LLM_REQUEST, ask(wallet, 'plain'));
    const reply = await send('POST', '/api/llm/proxy', body, { 'x-stream': '1' });

    assert.equal(reply.status, 200);
    assert.equal((await reply.json()).response.choices[0].message.content, 'echo: plain');
  });

  test('a signature over another type, with the fields of a request added, is 401', async () => {
    const domain = { name: 'Some Market', version: '1', chainId: 1 };
    const order = { Order: [field('item', 'string'), field('price', 'uint256')] };
    const forged = await signed(signer, wallet, domain, order, { item: 'painting', price: 1, ...ask(wallet, 'forged') });

    await refused(await send('POST', '/api/llm/proxy', forged), 401, /./);
  });

  test('a signature over another type under our domain and primary type is 401', async () => {
    const wider = { LLMRequest: [...LLM_REQUEST.LLMRequest, field('extra', 'string')] };
    const forged = await signed(signer, wallet, RELAY_DOMAIN, wider, ask(wallet, 'forged', { extra: 'x' }));

    await refused(await send('POST', '/api/llm/proxy', forged), 401, /./);
  });

  test('a request that names another wallet is 401', async () => {
    const body = await signed(signer, wallet, RELAY_DOMAIN, LLM_REQUEST, ask(signer.create(), 'not mine'));

    await refused(await send('POST', '/api/llm/proxy', body), 401, /./);
  });

  test('a missing signature header is 401 or 422, and one that differs from the body 400 or 401', async () => {
    const body = await signed(signer, wallet, RELAY_DOMAIN, LLM_REQUEST, ask(wallet, 'unsigned'));
    const bare = await fetch(`${relayUrl}/api/llm/proxy`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ typedData: body.typedData }),
    });
    const differing = await send('POST', '/api/llm/proxy', body, { 'x-wallet-signature': first.signature });

    assert.ok([401, 422].includes(bare.status), `status ${bare.status}`);
    assert.ok([400, 401].includes(differing.status), `status ${differing.status}`);
  });

  test('another wallet cannot delete the key', async () => {
    const stranger = signer.create();
    const message = { wallet: wallet.address, provider: 'openai', nonce: nextNonce(), timestamp: now() };
    const body = await signed(signer, stranger, VAULT_DOMAIN, VAULT_DELETE, message);
    const reply = await send('DELETE', '/api/vault/openai', body);

    assert.ok([401, 403].includes(reply.status), `status ${reply.status}`);
  });

  test('the deleted key is gone: a request is 403', async () => {
    const message = { wallet: wallet.address, provider: 'openai', nonce: nextNonce(), timestamp: now() };
    const deleted = await send('DELETE', '/api/vault/openai', await signed(signer, wallet, VAULT_DOMAIN, VAULT_DELETE, message));
    const text = await deleted.text();
    assert.equal(deleted.status, 200, text);

    const body = await signed(signer, wallet, RELAY_DOMAIN, LLM_REQUEST, ask(wallet, 'too late'));
    await refused(await send('POST', '/api/llm/proxy', body), 403, /^No API key found for openai/);
  });
}
