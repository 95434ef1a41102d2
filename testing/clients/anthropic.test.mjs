// The unmodified `@anthropic-ai/sdk` package against LG_BASE_URL. Settings: settings.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { baseUrl, environment, eventually, mark, model, offers, providerUrl, recorded, token } from './settings.mjs';

const MODEL = model('claude-sonnet-4-5');
const client = new Anthropic({ baseURL: baseUrl(), apiKey: token(), maxRetries: 0, timeout: 20_000 });
const user = (content) => [{ role: 'user', content }];

const tools = [
  {
    name: 'get_weather',
    description: 'Weather of a city',
    input_schema: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'] },
  },
  { name: 'get_time', description: 'Time in a city', input_schema: { type: 'object', properties: { city: { type: 'string' } } } },
];

async function collected(stream) {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
}

test('message', async () => {
  const message = await client.messages.create({ model: MODEL, max_tokens: 100, system: 'be brief', messages: user('hello wörld 🎉') });

  assert.equal(message.type, 'message');
  assert.equal(message.role, 'assistant');
  assert.equal(message.content.length, 1);
  assert.equal(message.content[0].type, 'text');
  assert.equal(message.content[0].text, 'echo: hello wörld 🎉');
  assert.equal(message.stop_reason, 'end_turn');
  assert.equal(message.usage.input_tokens, 5);
  assert.equal(message.usage.output_tokens, 4);
});

test('streamed message has its events in the documented order and its usage', async () => {
  const events = await collected(
    await client.messages.create({ model: MODEL, max_tokens: 100, messages: user('one two three'), stream: true }),
  );
  const types = events.map((event) => event.type).filter((type, index, all) => type !== all[index - 1]);
  const text = events.filter((event) => event.type === 'content_block_delta').map((event) => event.delta.text).join('');
  const delta = events.find((event) => event.type === 'message_delta');

  assert.deepEqual(types, [
    'message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop',
  ]);
  assert.equal(text, 'echo: one two three');
  assert.equal(delta.delta.stop_reason, 'end_turn');
  assert.equal(delta.usage.output_tokens, 4);
});

test('the streaming helper of the package assembles the message', async () => {
  const message = await client.messages.stream({ model: MODEL, max_tokens: 100, messages: user('one two') }).finalMessage();

  assert.equal(message.content[0].text, 'echo: one two');
  assert.equal(message.usage.output_tokens, 3);
});

test('the output limit ends an answer with max_tokens', async () => {
  const message = await client.messages.create({ model: MODEL, max_tokens: 2, messages: user('one two three') });

  assert.equal(message.content[0].text, 'echo: one');
  assert.equal(message.stop_reason, 'max_tokens');
});

test('a tool is used and its result is read', async () => {
  const messages = user('please use get_weather');
  const first = await client.messages.create({ model: MODEL, max_tokens: 100, messages, tools });
  const use = first.content.find((block) => block.type === 'tool_use');

  assert.equal(first.stop_reason, 'tool_use');
  assert.equal(use.name, 'get_weather');
  assert.deepEqual(use.input, { city: 'echo-1', days: 1 });

  const second = await client.messages.create({
    model: MODEL,
    max_tokens: 100,
    tools,
    messages: [
      ...messages,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'sunny all week' }] },
    ],
  });
  assert.equal(second.content[0].text, 'tool said: sunny all week');
  assert.equal(second.stop_reason, 'end_turn');
});

test('parallel tool uses arrive in a stream as blocks of their own', async () => {
  const message = await client.messages
    .stream({ model: MODEL, max_tokens: 100, messages: user('both in parallel'), tools })
    .finalMessage();
  const uses = message.content.filter((block) => block.type === 'tool_use');

  assert.deepEqual(uses.map((use) => use.name), ['get_weather', 'get_time']);
  assert.deepEqual(uses.map((use) => use.input), [{ city: 'echo-1', days: 1 }, { city: 'echo-2' }]);
  assert.equal(new Set(uses.map((use) => use.id)).size, 2);
  assert.equal(message.stop_reason, 'tool_use');
});

if (offers('count_tokens')) {
  test('tokens are counted', async () => {
    const count = await client.messages.countTokens({ model: MODEL, messages: user('one two three') });

    assert.equal(count.input_tokens, 3);
  });
}

if (offers('models')) {
  test('models are listed and retrieved', async () => {
    const models = [];
    for await (const each of client.models.list({ limit: 100 })) models.push(each);
    const one = await client.models.retrieve(MODEL);

    assert.ok(models.some((each) => each.id === MODEL), JSON.stringify(models));
    assert.ok(models.every((each) => each.type === 'model' && each.display_name));
    assert.equal(one.id, MODEL);
    await assert.rejects(client.models.retrieve('no-such-model'), Anthropic.NotFoundError);
  });
}

test('a wrong or missing credential is an AuthenticationError', async () => {
  const wrong = environment('LG_WRONG_TOKEN', '');
  const stranger = new Anthropic({
    baseURL: baseUrl(), apiKey: wrong || 'x', defaultHeaders: wrong ? {} : { Authorization: null }, maxRetries: 0,
  });
  await assert.rejects(stranger.messages.create({ model: MODEL, max_tokens: 10, messages: user('x') }), (error) => {
    assert.ok(error instanceof Anthropic.AuthenticationError, String(error));
    assert.equal(error.type, 'authentication_error');
    return true;
  });
});

test('the credential is accepted in x-api-key as well', async () => {
  const older = new Anthropic({
    baseURL: baseUrl(), apiKey: 'x', defaultHeaders: { Authorization: null, 'x-api-key': token() }, maxRetries: 0,
  });
  const message = await older.messages.create({ model: MODEL, max_tokens: 10, messages: user('x') });

  assert.equal(message.content[0].text, 'echo: x');
});

test('an unknown path is a NotFoundError', async () => {
  await assert.rejects(client.post('/v1/no/such/path', { body: { model: MODEL } }), Anthropic.NotFoundError);
});

test('a bad request is a BadRequestError with a message', async () => {
  await assert.rejects(client.post('/v1/messages', { body: { model: MODEL, messages: user('x') } }), (error) => {
    assert.ok(error instanceof Anthropic.BadRequestError, String(error));
    assert.equal(error.type, 'invalid_request_error');
    assert.match(error.message, /max_tokens/);
    return true;
  });
});

test('a rate limit is a RateLimitError that carries Retry-After', async () => {
  await assert.rejects(
    client.messages.create({ model: `${MODEL}+status=429+retry-after=7`, max_tokens: 10, messages: user('x') }),
    (error) => {
      assert.ok(error instanceof Anthropic.RateLimitError, String(error));
      assert.equal(error.type, 'rate_limit_error');
      assert.equal(error.headers.get('retry-after'), '7');
      return true;
    },
  );
});

test('a stream that the provider cuts does not end as if it were complete', async () => {
  const stream = await client.messages.create({
    model: `${MODEL}+cut=3`, max_tokens: 100, messages: user('one two three four five'), stream: true,
  });
  let stopped = false;
  await assert.rejects(async () => {
    for await (const event of stream) stopped ||= event.type === 'message_stop';
  });
  assert.equal(stopped, false);
});

test('an aborted stream stops, and the provider sees the client leave', async () => {
  const marked = mark();
  const stream = await client.messages.create({
    model: `${MODEL}+chunks=500+gap=20ms`, max_tokens: 1000, messages: user(marked), stream: true,
  });
  let pieces = 0;
  for await (const event of stream) {
    if (event.type === 'content_block_delta' && ++pieces === 3) stream.controller.abort();
  }

  assert.ok(pieces >= 3 && pieces < 50, `${pieces} pieces`);
  if (providerUrl()) {
    await eventually('the provider to see the client leave', async () =>
      (await recorded((request) => request.body.includes(marked))).some((request) => request.outcome === 'CLIENT_LEFT'));
  }
});
