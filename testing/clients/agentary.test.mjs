// How agentary-js's cloud provider (3.0.1, not on npm) talks and listens, as measured against it, re-created against
// LG_BASE_URL/api/LG_PROVIDER. Settings: settings.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseUrl, environment, model, token } from './settings.mjs';

const PROVIDER = environment('LG_PROVIDER', 'openai');
const MODEL = model('gpt-4o-mini');

class ProviderApiError extends Error {
  constructor(message, statusCode, code) {
    super(message);
    Object.assign(this, { statusCode, code });
  }
}

const post = (path, body, headers = {}) =>
  fetch(`${baseUrl()}/api/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream', Authorization: `Bearer ${token()}`, ...headers },
    body: JSON.stringify(body),
  });

/** Only lines that begin with exactly `data: ` or `error: ` count, and every JSON event is a token. */
async function* tokens(response) {
  let held = '';
  for await (const bytes of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (held + bytes).split('\n');
    held = lines.pop();
    for (const line of lines) {
      if (line.startsWith('error: ')) {
        const { message, statusCode, code } = JSON.parse(line.slice(7));
        throw new ProviderApiError(message, statusCode, code);
      }
      if (!line.startsWith('data: ')) continue;
      if (line === 'data: [DONE]') return;
      const event = JSON.parse(line.slice(6));
      yield { ...event, token: event.token ?? '', isFirst: event.isFirst ?? false, isLast: event.isLast ?? false };
    }
  }
  throw new Error('the stream ended without [DONE]');
}

async function collected(body, path = PROVIDER) {
  const response = await post(path, { model: MODEL, ...body });
  assert.equal(response.status, 200, await (response.ok ? '' : response.text()));
  assert.match(response.headers.get('content-type'), /^text\/event-stream/);
  const events = [];
  for await (const event of tokens(response)) events.push(event);
  return events;
}

const messages = [{ role: 'system', content: 'be brief' }, { role: 'user', content: 'hello wörld 🎉' }];

for (const path of [PROVIDER, `${PROVIDER}/messages`]) {
  test(`the messages form streams tokens from ${path}`, async () => {
    const events = await collected({ messages, max_new_tokens: 100, temperature: 0.7 }, path);

    assert.equal(events.map((event) => event.token).join(''), 'echo: hello wörld 🎉');
    assert.deepEqual(events.map((event) => event.tokenId), events.map((_, index) => index));
    assert.deepEqual(events.map((event) => event.isFirst), events.map((_, index) => index === 0));
    assert.deepEqual(events.map((event) => event.isLast), events.map((_, index) => index === events.length - 1));
    assert.ok(Number.isInteger(events[0].ttfbMs) && events.slice(1).every((event) => !('ttfbMs' in event)));
    assert.equal(events.at(-1).token, '');
  });
}

test('the input form streams tokens', async () => {
  const input = messages.map((message) => ({ type: 'message', ...message }));
  const events = await collected({ input, max_output_tokens: 100, stream: true });

  assert.equal(events.map((event) => event.token).join(''), 'echo: hello wörld 🎉');
});

test('the output limit is kept under each of its names', async () => {
  for (const limit of ['max_new_tokens', 'max_tokens', 'max_output_tokens']) {
    const events = await collected({ messages: [{ role: 'user', content: 'one two three' }], [limit]: 2 });
    assert.equal(events.map((event) => event.token).join(''), 'echo: one', limit);
  }
});

const tool = {
  name: 'get_weather',
  description: 'Weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
};

test('a tool is called and its result is read', async () => {
  const question = { role: 'user', content: 'please use get_weather' };
  const first = await (await post(PROVIDER, { model: MODEL, stream: false, tools: [tool], messages: [question], max_new_tokens: 100 })).json();
  const [call] = first.tool_calls;

  assert.equal(first.finish_reason, 'tool_calls');
  assert.equal(call.type, 'function');
  assert.deepEqual(JSON.parse(call.function.arguments), { city: 'echo-1' });

  const second = await (
    await post(PROVIDER, {
      model: MODEL,
      stream: false,
      tools: [tool],
      max_new_tokens: 100,
      messages: [
        question,
        { role: 'assistant', content: [{ type: 'tool_use', id: call.id, name: 'get_weather', arguments: { city: 'echo-1' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, result: 'sunny all week' }] },
      ],
    })
  ).json();
  assert.equal(second.content, 'tool said: sunny all week');
  assert.equal(second.finish_reason, 'stop');
  assert.equal(second.usage.totalTokens, second.usage.promptTokens + second.usage.completionTokens);
});

test('a tool is called in a stream, and a client that knows tokens only is not disturbed', async () => {
  const time = { name: 'get_time', parameters: { type: 'object', properties: { city: { type: 'string' } } } };
  const events = await collected({ tools: [tool, time], messages: [{ role: 'user', content: 'both in parallel' }], max_new_tokens: 100 });
  const calls = [];
  for (const { index, id, function: piece } of events.flatMap((event) => event.tool_calls ?? [])) {
    calls[index] ??= { id, name: piece.name, arguments: '' };
    calls[index].arguments += piece.arguments;
  }

  assert.deepEqual(calls.map((call) => [call.name, JSON.parse(call.arguments).city]), [['get_weather', 'echo-1'], ['get_time', 'echo-2']]);
  assert.ok(calls.every((call) => call.id) && calls[0].id !== calls[1].id);
  assert.equal(events.at(-1).finish_reason, 'tool_calls');
  assert.deepEqual(events.map((event) => event.tokenId), events.map((_, index) => index));
  assert.equal(events.filter((event) => event.isFirst).length + events.filter((event) => event.isLast).length, 2);
  assert.ok(events.every((event) => typeof event.token === 'string'));
});

test('a tool is called in the input form', async () => {
  const question = { type: 'message', role: 'user', content: 'please use get_weather' };
  const answer = await (
    await post(PROVIDER, {
      model: MODEL,
      stream: false,
      tools: [{ type: 'function', ...tool }],
      max_output_tokens: 100,
      input: [
        question,
        { type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: '{"city":"echo-1"}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'sunny' },
      ],
    })
  ).json();

  assert.equal(answer.content, 'tool said: sunny');
});

test('a stream that breaks off raises the error of the line that ends it', async () => {
  const response = await post(PROVIDER, { model: `${MODEL}+cut=3`, messages: [{ role: 'user', content: 'one two three four five' }], max_new_tokens: 100 });
  const seen = [];
  await assert.rejects(
    async () => {
      for await (const event of tokens(response)) seen.push(event.token);
    },
    (error) => error instanceof ProviderApiError && error.statusCode === 502 && error.code === 'provider_stream_cut',
  );
  assert.ok(seen.length > 0);
});

test('refusals have the texts that the examples of the protocol have', async () => {
  const answer = async (response) => [response.status, await response.json()];
  const ask = { model: MODEL, messages };

  assert.deepEqual(await answer(await post(PROVIDER, ask, { Authorization: 'Bearer sk-wrong' })), [401, { error: 'Unauthorized' }]);
  assert.deepEqual(await answer(await post(PROVIDER, { ...ask, model: 'other-model' })), [400, { error: 'Invalid model' }]);
  assert.deepEqual(await answer(await post(PROVIDER, { model: MODEL })), [
    400, { error: 'Missing required fields: model and messages are required' },
  ]);
  const [status, overloaded] = await answer(await post(PROVIDER, { ...ask, model: `${MODEL}+status=503`, max_new_tokens: 10 }));
  assert.equal(status, 503);
  assert.deepEqual(Object.keys(overloaded), ['error', 'type']);
});
