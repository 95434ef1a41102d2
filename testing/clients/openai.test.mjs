// The unmodified `openai` package against LG_BASE_URL. Settings: settings.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { baseUrl, environment, eventually, mark, model, offers, providerUrl, recorded, token } from './settings.mjs';

const MODEL = model('gpt-4o-mini');
const client = new OpenAI({ baseURL: `${baseUrl()}/v1`, apiKey: token(), maxRetries: 0, timeout: 20_000 });
const user = (content) => [{ role: 'user', content }];

const tools = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Weather of a city',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' }, days: { type: 'integer' } },
        required: ['city'],
      },
    },
  },
  {
    type: 'function',
    function: { name: 'get_time', description: 'Time in a city', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
];

async function collected(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const textOf = (chunks) => chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? '').join('');

/** Joins streamed tool calls by their index, as the API reference describes. */
function toolCallsOf(chunks) {
  const calls = [];
  for (const part of chunks.flatMap((chunk) => chunk.choices[0]?.delta?.tool_calls ?? [])) {
    calls[part.index] ??= { id: '', name: '', arguments: '' };
    calls[part.index].id ||= part.id ?? '';
    calls[part.index].name += part.function?.name ?? '';
    calls[part.index].arguments += part.function?.arguments ?? '';
  }
  return calls;
}

test('chat completion', async () => {
  const completion = await client.chat.completions.create({
    model: MODEL,
    messages: [{ role: 'system', content: 'be brief' }, ...user('hello wörld 🎉')],
    max_tokens: 100,
  });

  assert.equal(completion.object, 'chat.completion');
  assert.equal(completion.choices[0].message.role, 'assistant');
  assert.equal(completion.choices[0].message.content, 'echo: hello wörld 🎉');
  assert.equal(completion.choices[0].finish_reason, 'stop');
  assert.equal(completion.usage.prompt_tokens, 5);
  assert.equal(completion.usage.completion_tokens, 4);
  assert.equal(completion.usage.total_tokens, 9);
});

test('streamed chat completion ends without usage that was not asked for', async () => {
  const chunks = await collected(
    await client.chat.completions.create({ model: MODEL, messages: user('one two three'), max_tokens: 100, stream: true }),
  );

  assert.equal(textOf(chunks), 'echo: one two three');
  assert.equal(chunks.filter((chunk) => chunk.choices[0]?.finish_reason).at(-1).choices[0].finish_reason, 'stop');
  assert.ok(chunks.every((chunk) => chunk.choices.length === 1 && !chunk.usage));
  assert.equal(new Set(chunks.map((chunk) => chunk.id)).size, 1);
});

test('streamed chat completion with include_usage ends with a usage chunk', async () => {
  const chunks = await collected(
    await client.chat.completions.create({
      model: MODEL,
      messages: user('one two three'),
      max_tokens: 100,
      stream: true,
      stream_options: { include_usage: true },
    }),
  );

  assert.equal(textOf(chunks), 'echo: one two three');
  assert.deepEqual(chunks.at(-1).choices, []);
  assert.equal(chunks.at(-1).usage.prompt_tokens, 3);
  assert.equal(chunks.at(-1).usage.completion_tokens, 4);
  assert.equal(chunks.at(-1).usage.total_tokens, 7);
  assert.ok(chunks.slice(0, -1).every((chunk) => chunk.usage === null));
});

test('the output limit ends an answer with length', async () => {
  const completion = await client.chat.completions.create({ model: MODEL, messages: user('one two three'), max_tokens: 2 });

  assert.equal(completion.choices[0].message.content, 'echo: one');
  assert.equal(completion.choices[0].finish_reason, 'length');
});

test('a tool is called and its result is read', async () => {
  const messages = user('please use get_weather');
  const first = await client.chat.completions.create({ model: MODEL, messages, tools, max_tokens: 100 });
  const [call] = first.choices[0].message.tool_calls;

  assert.equal(first.choices[0].finish_reason, 'tool_calls');
  assert.equal(call.type, 'function');
  assert.equal(call.function.name, 'get_weather');
  assert.deepEqual(JSON.parse(call.function.arguments), { city: 'echo-1', days: 1 });

  const second = await client.chat.completions.create({
    model: MODEL,
    messages: [...messages, first.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'sunny all week' }],
    tools,
    max_tokens: 100,
  });
  assert.equal(second.choices[0].message.content, 'tool said: sunny all week');
  assert.equal(second.choices[0].finish_reason, 'stop');
});

test('parallel tool calls arrive in a stream under their indexes, and both results are read', async () => {
  const messages = user('both in parallel');
  const chunks = await collected(
    await client.chat.completions.create({ model: MODEL, messages, tools, max_tokens: 100, stream: true }),
  );
  const calls = toolCallsOf(chunks);

  assert.deepEqual(calls.map((call) => call.name), ['get_weather', 'get_time']);
  assert.deepEqual(calls.map((call) => JSON.parse(call.arguments)), [{ city: 'echo-1', days: 1 }, { city: 'echo-2' }]);
  assert.equal(new Set(calls.map((call) => call.id)).size, 2);
  assert.ok(chunks.some((chunk) => chunk.choices[0]?.finish_reason === 'tool_calls'));

  const answer = await client.chat.completions.create({
    model: MODEL,
    max_tokens: 100,
    tools,
    messages: [
      ...messages,
      {
        role: 'assistant',
        content: null,
        tool_calls: calls.map(({ id, name, arguments: json }) => ({ id, type: 'function', function: { name, arguments: json } })),
      },
      { role: 'tool', tool_call_id: calls[0].id, content: 'sunny' },
      { role: 'tool', tool_call_id: calls[1].id, content: 'noon' },
    ],
  });
  assert.equal(answer.choices[0].message.content, 'tool said: sunny noon');
});

test('the streaming helper of the package assembles the same answer', async () => {
  const stream = client.chat.completions.stream({ model: MODEL, messages: user('please use get_weather'), tools, max_tokens: 100 });
  const completion = await stream.finalChatCompletion();

  assert.equal(completion.choices[0].message.tool_calls[0].function.name, 'get_weather');
});

if (offers('embeddings')) {
  test('embeddings decode from base64, which the package asks for by default, as from floats', async () => {
    const request = { model: 'text-embedding-3-small', input: ['cat dog', 'fish'], dimensions: 64 };
    const encoded = await client.embeddings.create(request);
    const floats = await client.embeddings.create({ ...request, encoding_format: 'float' });

    assert.equal(encoded.data.length, 2);
    assert.equal(encoded.data[0].embedding.length, 64);
    assert.deepEqual(Array.from(encoded.data[1].embedding), floats.data[1].embedding.map(Math.fround));
    assert.equal(encoded.usage.prompt_tokens, 3);
  });
}

if (offers('models')) {
  test('models are listed', async () => {
    const models = [];
    for await (const each of client.models.list()) models.push(each);

    assert.ok(models.length > 0);
    assert.ok(models.every((each) => each.object === 'model' && each.id));
  });
}

if (offers('completions')) {
  test('legacy completion, plain and streamed', async () => {
    const request = { model: 'gpt-3.5-turbo-instruct', prompt: 'say this', max_tokens: 50 };
    const completion = await client.completions.create(request);
    const chunks = await collected(await client.completions.create({ ...request, stream: true }));

    assert.equal(completion.choices[0].text, 'echo: say this');
    assert.equal(chunks.map((chunk) => chunk.choices[0].text).join(''), 'echo: say this');
  });
}

if (offers('responses')) {
  test('response, plain and streamed', async () => {
    const request = { model: 'gpt-4o-mini', input: 'hello there' };
    const response = await client.responses.create(request);
    const events = await collected(await client.responses.create({ ...request, stream: true }));

    assert.equal(response.output_text, 'echo: hello there');
    assert.equal(response.usage.total_tokens, 5);
    assert.equal(events.filter((event) => event.type === 'response.output_text.delta').map((event) => event.delta).join(''), response.output_text);
    assert.equal(events.at(-1).type, 'response.completed');
    assert.deepEqual(events.map((event) => event.sequence_number), events.map((_, index) => index));
  });
}

test('a wrong or missing credential is an AuthenticationError', async () => {
  const wrong = environment('LG_WRONG_TOKEN', '');
  const stranger = new OpenAI({
    baseURL: `${baseUrl()}/v1`, apiKey: wrong || 'x', defaultHeaders: wrong ? {} : { Authorization: null }, maxRetries: 0,
  });
  await assert.rejects(stranger.chat.completions.create({ model: MODEL, messages: user('x') }), (error) => {
    assert.ok(error instanceof OpenAI.AuthenticationError, String(error));
    assert.equal(error.status, 401);
    assert.ok(error.message.length > 4);
    return true;
  });
});

test('an unknown path is a NotFoundError', async () => {
  await assert.rejects(client.post('/no/such/path', { body: { model: MODEL } }), OpenAI.NotFoundError);
});

test('a bad request is a BadRequestError with a message', async () => {
  await assert.rejects(client.post('/chat/completions', { body: { model: MODEL } }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError, String(error));
    assert.match(error.message, /messages/);
    return true;
  });
});

test('a rate limit is a RateLimitError that carries Retry-After', async () => {
  await assert.rejects(
    client.chat.completions.create({ model: `${MODEL}+status=429+retry-after=7`, messages: user('x'), max_tokens: 10 }),
    (error) => {
      assert.ok(error instanceof OpenAI.RateLimitError, String(error));
      assert.equal(error.headers.get('retry-after'), '7');
      return true;
    },
  );
});

test('a rate limit is retried by the package and then succeeds or fails in order', async () => {
  const patient = new OpenAI({ baseURL: `${baseUrl()}/v1`, apiKey: token(), maxRetries: 1 });
  const started = Date.now();
  await assert.rejects(
    patient.chat.completions.create({ model: `${MODEL}+status=429+retry-after=1`, messages: user('x'), max_tokens: 10 }),
    OpenAI.RateLimitError,
  );
  assert.ok(Date.now() - started >= 900, 'the package waited for Retry-After');
});

test('a stream that the provider cuts does not end as if it were complete', async () => {
  const stream = await client.chat.completions.create({
    model: `${MODEL}+cut=3`,
    messages: user('one two three four five'),
    max_tokens: 100,
    stream: true,
  });
  let finished = false;
  await assert.rejects(async () => {
    for await (const chunk of stream) finished ||= Boolean(chunk.choices[0]?.finish_reason);
  });
  assert.equal(finished, false);
});

test('an aborted stream stops, and the provider sees the client leave', async () => {
  const marked = mark();
  const stream = await client.chat.completions.create({
    model: `${MODEL}+chunks=500+gap=20ms`,
    messages: user(marked),
    max_tokens: 1000,
    stream: true,
  });
  let pieces = 0;
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta?.content && ++pieces === 3) stream.controller.abort();
  }

  assert.ok(pieces >= 3 && pieces < 50, `${pieces} pieces`);
  if (providerUrl()) {
    await eventually('the provider to see the client leave', async () =>
      (await recorded((request) => request.body.includes(marked))).some((request) => request.outcome === 'CLIENT_LEFT'));
  }
});

test('an aborted request without a stream reaches the provider as a disconnect', async () => {
  const marked = mark();
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 200);
  await assert.rejects(
    client.chat.completions.create(
      { model: `${MODEL}+latency=30s`, messages: user(marked), max_tokens: 10 },
      { signal: controller.signal },
    ),
    OpenAI.APIUserAbortError,
  );
  if (providerUrl()) {
    await eventually('the provider to see the client leave', async () =>
      (await recorded((request) => request.body.includes(marked))).some((request) => request.outcome === 'CLIENT_LEFT'));
  }
});
