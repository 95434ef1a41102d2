// The unmodified `cohere-ai` package (its client for version 2) against LG_BASE_URL. Settings: settings.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cohere, CohereClientV2, CohereError } from 'cohere-ai';
import { baseUrl, environment, eventually, mark, model, offers, providerUrl, recorded, token } from './settings.mjs';

const MODEL = model('command-a-03-2025');
const client = new CohereClientV2({ token: token(), environment: baseUrl(), maxRetries: 0, timeoutInSeconds: 20 });
const user = (content) => [{ role: 'user', content }];
const limit = { maxTokens: 5000 };
const tools = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Weather of a city',
      parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'] },
    },
  },
  { type: 'function', function: { name: 'get_time', parameters: { type: 'object', properties: { city: { type: 'string' } } } } },
];

async function collected(stream) {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
}

const ofType = (events, type) => events.filter((event) => event.type === type);
const textOf = (events) => ofType(events, 'content-delta').map((event) => event.delta.message.content.text ?? '').join('');
const thoughtOf = (events) => ofType(events, 'content-delta').map((event) => event.delta.message.content.thinking ?? '').join('');
const said = (reply) => reply.message.content.filter((item) => item.type === 'text').map((item) => item.text).join('');

/** Joins streamed tool calls by their index, as the guide to streaming describes. */
function toolCallsOf(events) {
  const calls = [];
  for (const event of ofType(events, 'tool-call-start')) calls[event.index] = structuredClone(event.delta.message.toolCalls);
  for (const event of ofType(events, 'tool-call-delta')) {
    calls[event.index].function.arguments += event.delta.message.toolCalls.function.arguments;
  }
  return calls;
}

test('chat', async () => {
  const reply = await client.chat({ model: MODEL, messages: [{ role: 'system', content: 'be brief' }, ...user('hello wörld 🎉')], ...limit });

  assert.equal(reply.message.role, 'assistant');
  assert.deepEqual(reply.message.content, [{ type: 'text', text: 'echo: hello wörld 🎉' }]);
  assert.equal(reply.finishReason, 'COMPLETE');
  assert.equal(reply.usage.billedUnits.inputTokens, 5);
  assert.equal(reply.usage.billedUnits.outputTokens, 4);
});

test('streamed chat', async () => {
  const events = await collected(await client.chatStream({ model: MODEL, messages: user('one two three'), ...limit }));

  assert.equal(textOf(events), 'echo: one two three');
  assert.deepEqual([...new Set(events.map((event) => event.type))], ['message-start', 'content-start', 'content-delta', 'content-end', 'message-end']);
  assert.ok(events[0].id);
  assert.equal(events.at(-1).delta.finishReason, 'COMPLETE');
  assert.equal(events.at(-1).delta.usage.billedUnits.inputTokens, 3);
  assert.equal(events.at(-1).delta.usage.billedUnits.outputTokens, 4);
});

test('the output limit ends an answer with MAX_TOKENS', async () => {
  const reply = await client.chat({ model: MODEL, messages: user('one two three'), maxTokens: 2 });

  assert.equal(said(reply), 'echo: one');
  assert.equal(reply.finishReason, 'MAX_TOKENS');
});

test('a tool is called and its result is read', async () => {
  const messages = user('please use get_weather');
  const first = await client.chat({ model: MODEL, messages, tools, ...limit });
  const [call] = first.message.toolCalls;

  assert.equal(first.finishReason, 'TOOL_CALL');
  assert.equal(call.type, 'function');
  assert.equal(call.function.name, 'get_weather');
  assert.deepEqual(JSON.parse(call.function.arguments), { city: 'echo-1', days: 1 });

  const second = await client.chat({
    model: MODEL, messages: [...messages, first.message, { role: 'tool', toolCallId: call.id, content: 'sunny all week' }], tools, ...limit,
  });
  assert.equal(said(second), 'tool said: sunny all week');
  assert.equal(second.finishReason, 'COMPLETE');
});

test('parallel tool calls arrive in a stream under their indexes, and both results are read', async () => {
  const messages = user('both in parallel');
  const events = await collected(await client.chatStream({ model: MODEL, messages, tools, ...limit }));
  const calls = toolCallsOf(events);

  assert.deepEqual(calls.map((call) => call.function.name), ['get_weather', 'get_time']);
  assert.deepEqual(calls.map((call) => JSON.parse(call.function.arguments)), [{ city: 'echo-1', days: 1 }, { city: 'echo-2' }]);
  assert.equal(new Set(calls.map((call) => call.id)).size, 2);
  assert.deepEqual(ofType(events, 'tool-call-end').map((event) => event.index).sort(), [0, 1]);
  assert.equal(events.at(-1).delta.finishReason, 'TOOL_CALL');

  const answer = await client.chat({
    model: MODEL,
    tools,
    messages: [
      ...messages,
      { role: 'assistant', toolCalls: calls, toolPlan: 'I look.' },
      { role: 'tool', toolCallId: calls[0].id, content: 'sunny' },
      { role: 'tool', toolCallId: calls[1].id, content: [{ type: 'text', text: 'noon' }] },
    ],
    ...limit,
  });
  assert.equal(said(answer), 'tool said: sunny noon');
});

test('a call can be forced, and none allowed', async () => {
  const forced = await client.chat({ model: MODEL, messages: user('x'), tools, toolChoice: 'REQUIRED', ...limit });
  const forbidden = await client.chat({ model: MODEL, messages: user('please use get_weather'), tools, toolChoice: 'NONE', ...limit });

  assert.equal(forced.message.toolCalls.length, 1);
  assert.equal(said(forbidden), 'echo: please use get_weather');
});

test('a document that a tool found is read', async () => {
  const messages = user('please use get_weather');
  const first = await client.chat({ model: MODEL, messages, tools, ...limit });
  const found = { role: 'tool', toolCallId: first.message.toolCalls[0].id, content: [{ type: 'document', document: { data: { sky: 'blue' } } }] };
  const second = await client.chat({ model: MODEL, messages: [...messages, first.message, found], tools, ...limit });

  assert.equal(said(second), 'tool said: {"sky":"blue"}');
});

test('a picture reaches the provider', async () => {
  const marked = mark();
  const picture = Buffer.from(`not really a picture ${marked}`).toString('base64');
  const reply = await client.chat({
    model: MODEL,
    messages: user([{ type: 'text', text: 'what is this' }, { type: 'image_url', imageUrl: { url: `data:image/png;base64,${picture}` } }]),
    ...limit,
  });

  assert.equal(said(reply), 'echo: what is this');
  if (providerUrl()) assert.equal((await recorded((request) => request.body.includes(picture))).length, 1);
});

test('a JSON schema reaches the provider', async () => {
  const property = mark();
  const reply = await client.chat({
    model: MODEL,
    messages: user('as json'),
    responseFormat: {
      type: 'json_object',
      jsonSchema: { type: 'object', properties: { [property]: { type: 'string' } }, required: [property] },
    },
    ...limit,
  });

  assert.ok(said(reply) === 'echo: as json' || property in JSON.parse(said(reply)), said(reply));
  if (providerUrl()) {
    const [seen] = await recorded((request) => request.body.includes(property));
    assert.match(seen.body, new RegExp(`"${property}":\\{"type":"string"\\}`, 'i'));
  }
});

if (offers('thinking')) {
  test('thinking arrives before the text, streamed and not, and can be sent back', async () => {
    const request = { model: MODEL, messages: user('think'), thinking: { type: 'enabled', tokenBudget: 1024 }, ...limit };
    const reply = await client.chat(request);
    const events = await collected(await client.chatStream(request));

    assert.deepEqual(reply.message.content.map((item) => item.type), ['thinking', 'text']);
    assert.equal(reply.message.content[0].thinking, 'thinking about: think');
    assert.equal(thoughtOf(events), 'thinking about: think');
    assert.equal(textOf(events), 'echo: think');
    assert.deepEqual(ofType(events, 'content-start').map((event) => event.delta.message.content.type), ['thinking', 'text']);

    const next = await client.chat({ ...request, messages: [...request.messages, reply.message, ...user('again')] });
    assert.equal(said(next), 'echo: again');
  });
}

if (offers('embeddings')) {
  const EMBEDDING_MODEL = environment('LG_EMBEDDING_MODEL', 'embed-v4.0');

  test('texts are embedded in their order', async () => {
    const embed = (texts) => client.embed({
      model: EMBEDDING_MODEL, texts, inputType: 'search_document', embeddingTypes: ['float'], outputDimension: 256,
    });
    const both = await embed(['cat', 'fish']);
    const second = await embed(['fish']);

    assert.equal(both.responseType, 'embeddings_by_type');
    assert.equal(both.embeddings.float[0].length, 256);
    assert.deepEqual(both.embeddings.float[1].map(Math.fround), second.embeddings.float[0].map(Math.fround));
    assert.equal(both.meta.billedUnits.inputTokens, 2);
  });
}

const documents = ['fish swim', 'cats purr', 'dogs bark'];
if (offers('rerank')) {
  test('documents are ranked', async () => {
    const ranking = await client.rerank({ model: 'rerank-v3.5', query: 'cats purr', documents, topN: 2 });

    assert.equal(ranking.results.length, 2);
    assert.equal(ranking.results[0].index, 1);
    assert.ok(ranking.results[0].relevanceScore > ranking.results[1].relevanceScore);
  });
} else {
  test('ranking is refused where the provider has another protocol', async () => {
    await assert.rejects(client.rerank({ model: MODEL, query: 'x', documents }), (error) => {
      assert.ok(error instanceof Cohere.BadRequestError, String(error));
      assert.match(error.body.message, /\/v2\/rerank/);
      return true;
    });
  });
}

test('a wrong or missing credential is an UnauthorizedError', async () => {
  const stranger = new CohereClientV2({ token: environment('LG_WRONG_TOKEN', 'x'), environment: baseUrl(), maxRetries: 0 });
  await assert.rejects(stranger.chat({ model: MODEL, messages: user('x') }), (error) => {
    assert.ok(error instanceof Cohere.UnauthorizedError, String(error));
    assert.ok(error.body.message.length > 4);
    return true;
  });
});

test('a bad request is a BadRequestError with a message', async () => {
  await assert.rejects(client.chat({ model: MODEL, messages: [], ...limit }), (error) => {
    assert.ok(error instanceof Cohere.BadRequestError, String(error));
    assert.match(error.body.message, /messages/);
    return true;
  });
});

test('a rate limit is a TooManyRequestsError', async () => {
  await assert.rejects(client.chat({ model: `${MODEL}+status=429`, messages: user('x'), ...limit }), (error) => {
    assert.ok(error instanceof Cohere.TooManyRequestsError, String(error));
    return true;
  });
});

test('an unknown path is a CohereError with status 404', async () => {
  const lost = new CohereClientV2({ token: token(), environment: `${baseUrl()}/v2`, maxRetries: 0 });
  await assert.rejects(lost.chat({ model: MODEL, messages: user('x') }), (error) => error instanceof CohereError && error.statusCode === 404);
});

// What only breaks off is told as an error by the gateway; the provider itself leaves it to the client.
for (const fault of baseUrl() === providerUrl() ? ['error=3'] : ['cut=3', 'truncate=3', 'error=3']) {
  test(`a stream that ends with ${fault} at the provider ends with an error`, async () => {
    const events = await collected(
      await client.chatStream({ model: `${MODEL}+${fault}`, messages: user('one two three four five'), ...limit }),
    );

    assert.match(textOf(events), /^echo: one/);
    assert.equal(ofType(events, 'message-end').length, 1);
    assert.equal(events.at(-1).delta.finishReason, 'ERROR');
    assert.ok(events.at(-1).delta.error);
  });
}

test('an aborted stream stops, and the provider sees the client leave', async () => {
  const marked = mark();
  const controller = new AbortController();
  const stream = await client.chatStream(
    { model: `${MODEL}+chunks=500+gap=20ms`, messages: user(marked), ...limit }, { abortSignal: controller.signal },
  );
  let pieces = 0;
  await assert.rejects(async () => {
    for await (const event of stream) {
      if (event.type === 'content-delta' && ++pieces === 3) controller.abort();
    }
  });

  assert.ok(pieces >= 3 && pieces < 50, `${pieces} pieces`);
  if (providerUrl()) {
    await eventually('the provider to see the client leave', async () =>
      (await recorded((request) => request.body.includes(marked))).some((request) => request.outcome === 'CLIENT_LEFT'));
  }
});
