// Same-protocol calls, sent to the provider itself and through the server under test: body, status and end-to-end headers
// must be equal byte for byte. Run with `node --test bytes.mjs`. Settings: settings.mjs.
import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { baseUrl, environment, model, offers, token } from './settings.mjs';

const DIALECT = environment('LG_DIALECT', 'openai');
const MODEL = model({ openai: 'gpt-4o-mini', anthropic: 'claude-sonnet-4-5', gemini: 'gemini-2.5-flash', cohere: 'command-a-03-2025' }[DIALECT]);
const DIRECT = environment('LG_DIRECT_URL', '').replace(/\/+$/, '');
const DIRECT_KEY = environment('LG_DIRECT_KEY', 'sk-direct');

// RFC 9110 section 7.6.1, and the framing, which every hop chooses for itself.
const HOP_BY_HOP = [
  'connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'te', 'trailer', 'transfer-encoding', 'upgrade',
  'content-length', 'date',
];
// What the server is documented to add to a response.
const ADDED = /^(x-request-id|x-proxy|x-proxy-.*|x-latticegate-.*|x-gateway-(provider|attempts)|cache-status|server-timing|via|x-content-type-options|access-control-.*|vary)$/;
const MORE = environment('LG_IGNORE_HEADERS', '').toLowerCase().split(',').filter(Boolean);

/** One exchange over a connection of its own: status, raw header lines, body bytes, and whether the body ended in order. */
function exchange(root, credential, { method = 'POST', path, body, headers = {} }) {
  const url = new URL(root + path);
  return new Promise((resolve, reject) => {
    const request = http.request(
      url,
      { method, agent: false, headers: { 'content-type': 'application/json', ...credential, ...headers } },
      (response) => {
        const chunks = [];
        const done = (ended) =>
          resolve({ status: response.statusCode, raw: response.rawHeaders, body: Buffer.concat(chunks), ended });
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => done(response.complete));
        response.on('error', () => done(false));
        response.on('aborted', () => done(false));
      },
    );
    request.on('error', reject);
    request.setTimeout(20_000, () => request.destroy(new Error(`no answer from ${url.pathname} within 20 s`)));
    request.end(body);
  });
}

/** Header lines of `raw` that concern the end points, sorted; those that `dropped` selects are left out. */
function endToEnd(raw, dropped) {
  const lines = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i].toLowerCase();
    if (!HOP_BY_HOP.includes(name) && !dropped(name)) lines.push(`${name}: ${raw[i + 1]}`);
  }
  return lines.sort();
}

const credential = (key) =>
  ({
    openai: { authorization: `Bearer ${key}` },
    anthropic: { 'x-api-key': key, 'anthropic-version': '2023-06-01' },
    gemini: { 'x-goog-api-key': key },
    cohere: { authorization: `Bearer ${key}` },
  })[DIALECT];

async function same(call) {
  const direct = await exchange(DIRECT, credential(DIRECT_KEY), call);
  const proxied = await exchange(baseUrl(), credential(token()), call);
  const names = new Set(direct.raw.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()));
  const ignored = (name) => MORE.includes(name) || name === 'x-request-id';

  assert.equal(proxied.status, direct.status);
  assert.equal(proxied.body.toString('latin1'), direct.body.toString('latin1'));
  assert.equal(proxied.ended, direct.ended);
  assert.deepEqual(
    endToEnd(proxied.raw, (name) => ignored(name) || (ADDED.test(name) && !names.has(name))),
    endToEnd(direct.raw, ignored),
  );
}

const json = (value) => JSON.stringify(value);
const turns = (text) => [{ role: 'user', content: text }];

if (DIALECT === 'openai') {
  const chat = (more, suffix = '') => ({
    path: '/v1/chat/completions', body: json({ model: MODEL + suffix, messages: turns('hello wörld 🎉'), ...more }),
  });
  const tools = [
    { type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } },
  ];
  test('chat', () => same(chat({})));
  test('chat, streamed, without usage', () => same(chat({ stream: true })));
  test('chat, streamed, with usage', () => same(chat({ stream: true, stream_options: { include_usage: true } })));
  test('chat, streamed, include_usage false', () => same(chat({ stream: true, stream_options: { include_usage: false } })));
  test('chat with tools', () => same(chat({ tools, messages: turns('use get_weather') })));
  test('chat with parallel tools, streamed', () => same(chat({ tools, messages: turns('in parallel'), stream: true })));
  test('chat with unknown fields and odd spacing', () =>
    same({ path: '/v1/chat/completions', body: `{ "messages" : [ {"content":"x\\u0041","role":"user"} ],\n "x_unknown": 1.50, "model":"${MODEL}" }` }));
  test('large answer', () => same(chat({}, '+big=2MiB')));
  test('large answer, streamed', () => same(chat({ stream: true }, '+big=2MiB')));
  test('many small chunks', () => same(chat({ stream: true }, '+chunks=2000')));
  test('rate limit', () => same(chat({}, '+status=429+retry-after=3')));
  test('bad request from the provider', () => same(chat({}, '+status=400')));
  if (offers('embeddings')) {
    test('embeddings, float', () => same({ path: '/v1/embeddings', body: json({ model: 'text-embedding-3-small', input: 'cat' }) }));
    test('embeddings, base64', () =>
      same({ path: '/v1/embeddings', body: json({ model: 'text-embedding-3-small', input: ['cat', 'dog'], encoding_format: 'base64' }) }));
  }
  if (offers('completions')) {
    test('completion', () => same({ path: '/v1/completions', body: json({ model: 'gpt-3.5-turbo-instruct', prompt: 'hi' }) }));
    test('completion, streamed', () =>
      same({ path: '/v1/completions', body: json({ model: 'gpt-3.5-turbo-instruct', prompt: 'hi', stream: true }) }));
  }
  if (offers('responses')) {
    const responses = (more, suffix = '') => ({
      path: '/v1/responses', body: json({ model: MODEL + suffix, input: 'hello wörld 🎉', ...more }),
    });
    const functions = [{ type: 'function', name: 'get_weather', parameters: tools[0].function.parameters }];
    const kept = `/v1/responses/resp_${'0'.repeat(24)}`;
    test('response', () => same(responses({})));
    test('response, streamed', () => same(responses({ stream: true })));
    test('response that names what the provider keeps', () =>
      same(responses({ previous_response_id: 'resp_1', store: true, conversation: { id: 'conv_1' } })));
    test('response with tools of the provider', () => same(responses({ tools: [{ type: 'web_search' }, ...functions] })));
    test('response with parallel tools, streamed', () => same(responses({ tools: functions, input: 'in parallel', stream: true })));
    test('response with reasoning, streamed', () =>
      same(responses({ reasoning: { effort: 'low', summary: 'auto' }, include: ['reasoning.encrypted_content'], stream: true })));
    test('response with unknown fields and odd spacing', () =>
      same({ path: '/v1/responses', body: `{ "input" : "x\\u0041",\n "x_unknown": 1.50, "model":"${MODEL}" }` }));
    test('response, large', () => same(responses({}, '+big=2MiB')));
    test('response, large, streamed', () => same(responses({ stream: true }, '+big=2MiB')));
    test('response, streamed, that the provider fails', () => same(responses({ stream: true }, '+error=2')));
    test('response, rate limit', () => same(responses({}, '+status=429+retry-after=4')));
    test('response, bad request from the provider', () => same(responses({ input: [] })));
    test('kept response', () => same({ method: 'GET', path: `${kept}?include=reasoning.encrypted_content` }));
    test('kept response, replayed', () => same({ method: 'GET', path: `${kept}?stream=true&starting_after=1` }));
    test('kept response, its input', () => same({ method: 'GET', path: `${kept}/input_items?limit=5` }));
    test('kept response, cancelled', () => same({ path: `${kept}/cancel` }));
    test('kept response, deleted', () => same({ method: 'DELETE', path: kept }));
    test('kept response that is unknown', () => same({ method: 'GET', path: '/v1/responses/resp_unknown' }));
  }
} else if (DIALECT === 'gemini') {
  const path = (call, suffix = '', version = 'v1beta') => `/${version}/models/${MODEL}${suffix}:${call}`;
  const contents = (text) => [{ role: 'user', parts: [{ text }] }];
  const content = (more, suffix) => ({
    path: path('generateContent', suffix), body: json({ contents: contents('hello wörld 🎉'), ...more }),
  });
  const streamed = (more, suffix, query = '?alt=sse') => ({
    path: path('streamGenerateContent', suffix) + query, body: json({ contents: contents('hello wörld 🎉'), ...more }),
  });
  const tools = [{ functionDeclarations: [{ name: 'get_weather', parameters: { type: 'OBJECT', properties: { city: { type: 'STRING' } } } }] }];
  test('content', () => same(content({})));
  test('content of the stable version', () =>
    same({ path: path('generateContent', '', 'v1'), body: json({ contents: contents('x') }) }));
  test('content, as events', () => same(streamed({})));
  test('content, as an array', () => same(streamed({}, '', '')));
  test('content with functions', () => same(content({ tools, contents: contents('use get_weather') })));
  test('content with parallel functions, as events', () => same(streamed({ tools, contents: contents('in parallel') })));
  test('content with parallel functions, as an array', () => same(streamed({ tools, contents: contents('in parallel') }, '', '')));
  test('content with unknown fields and odd spacing', () =>
    same({ path: path('generateContent'), body: `{ "contents" : [ {"parts":[{"text":"x\\u0041"}],"role":"user"} ],\n "x_unknown": 1.50 }` }));
  test('large answer', () => same(content({}, '+big=2MiB')));
  test('large answer, as events', () => same(streamed({}, '+big=2MiB')));
  test('large answer, as an array', () => same(streamed({}, '+big=2MiB', '')));
  test('many small chunks', () => same(streamed({}, '+chunks=2000')));
  test('rate limit', () => same(content({}, '+status=429+retry-after=3')));
  test('bad request from the provider', () => same(content({}, '+status=400')));
  test('embedding', () => same({ path: path('embedContent'), body: json({ content: { parts: [{ text: 'cat' }] } }) }));
  test('embeddings', () =>
    same({ path: path('batchEmbedContents'), body: json({ requests: [{ model: `models/${MODEL}`, content: { parts: [{ text: 'cat' }] } }] }) }));
  test('token count', () => same({ path: path('countTokens'), body: json({ contents: contents('a b') }) }));
  test('models', () => same({ method: 'GET', path: '/v1beta/models?pageSize=10' }));
} else if (DIALECT === 'cohere') {
  const chat = (more, suffix = '') => ({
    path: '/v2/chat', body: json({ model: MODEL + suffix, messages: turns('hello wörld 🎉'), ...more }),
  });
  const tools = [
    { type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } },
  ];
  test('chat', () => same(chat({})));
  test('chat, streamed', () => same(chat({ stream: true })));
  test('chat with thinking, streamed', () => same(chat({ stream: true, thinking: { type: 'enabled' } })));
  test('chat with tools', () => same(chat({ tools, messages: turns('use get_weather') })));
  test('chat with parallel tools, streamed', () => same(chat({ tools, messages: turns('in parallel'), stream: true })));
  test('chat with documents, unknown fields and odd spacing', () =>
    same({ path: '/v2/chat', body: `{ "messages" : [ {"content":"x\\u0041","role":"user"} ],\n "documents":["d"], "x_unknown": 1.50, "model":"${MODEL}" }` }));
  test('large answer', () => same(chat({}, '+big=2MiB')));
  test('large answer, streamed', () => same(chat({ stream: true }, '+big=2MiB')));
  test('many small chunks', () => same(chat({ stream: true }, '+chunks=2000')));
  test('a stream that the provider fails', () => same(chat({ stream: true }, '+error=2')));
  test('rate limit', () => same(chat({}, '+status=429+retry-after=3')));
  test('bad request from the provider', () => same(chat({ p: 2 })));
  test('embedding', () => same({ path: '/v2/embed', body: json({ model: 'embed-v4.0', texts: ['cat'], input_type: 'classification' }) }));
  test('ranking', () => same({ path: '/v2/rerank', body: json({ model: 'rerank-v3.5', query: 'cat', documents: ['cat', 'dog'] }) }));
} else {
  const messages = (more, suffix = '') => ({
    path: '/v1/messages', body: json({ model: MODEL + suffix, max_tokens: 5000, messages: turns('hello wörld 🎉'), ...more }),
  });
  const tools = [{ name: 'get_weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }];
  test('message', () => same(messages({})));
  test('message, streamed', () => same(messages({ stream: true })));
  test('message with tools', () => same(messages({ tools, messages: turns('use get_weather') })));
  test('message with parallel tools, streamed', () => same(messages({ tools, messages: turns('in parallel'), stream: true })));
  test('message with unknown fields and odd spacing', () =>
    same({ path: '/v1/messages', body: `{ "messages" : [ {"content":"x\\u0041","role":"user"} ],\n "max_tokens":9, "model":"${MODEL}" }` }));
  test('large answer', () => same(messages({}, '+big=2MiB')));
  test('large answer, streamed', () => same(messages({ stream: true }, '+big=2MiB')));
  test('many small chunks', () => same(messages({ stream: true }, '+chunks=2000')));
  test('rate limit', () => same(messages({}, '+status=429+retry-after=3')));
  test('bad request from the provider', () => same(messages({}, '+status=400')));
  if (offers('count_tokens')) {
    test('token count', () => same({ path: '/v1/messages/count_tokens', body: json({ model: MODEL, messages: turns('a b') }) }));
  }
}
