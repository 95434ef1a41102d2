// The Responses API as the unmodified `openai` and `@langchain/openai` packages use it, against LG_BASE_URL. Settings:
// settings.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatOpenAI } from '@langchain/openai';
import OpenAI from 'openai';
import { standardTextFormat } from 'openai/helpers/standard-schema';
import { baseUrl, environment, eventually, mark, model, offers, providerUrl, recorded, token } from './settings.mjs';

const MODEL = model('gpt-4o-mini');
const client = new OpenAI({ baseURL: `${baseUrl()}/v1`, apiKey: token(), maxRetries: 0, timeout: 20_000 });
const limit = { max_output_tokens: 1000 };

const tools = [
  {
    type: 'function',
    name: 'get_weather',
    description: 'Weather of a city',
    strict: false,
    parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'] },
  },
  {
    type: 'function',
    name: 'get_time',
    description: 'Time in a city',
    strict: false,
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
];

async function collected(stream) {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
}

const ofType = (events, type) => events.filter((event) => event.type === type);
const callsOf = (response) => response.output.filter((item) => item.type === 'function_call');

/** Every event is numbered, every item and part that begins also ends, and the deltas add up to what is done. */
function wellFormed(events) {
  assert.deepEqual(events.map((event) => event.sequence_number), events.map((_, index) => index));
  assert.deepEqual(events.slice(0, 2).map((event) => event.type), ['response.created', 'response.in_progress']);
  const added = ofType(events, 'response.output_item.added');
  const done = ofType(events, 'response.output_item.done');
  assert.deepEqual(added.map((event) => event.output_index), added.map((_, index) => index));
  assert.deepEqual(done.map((event) => event.item.id).sort(), added.map((event) => event.item.id).sort());
  assert.equal(ofType(events, 'response.content_part.added').length, ofType(events, 'response.content_part.done').length);
  for (const [delta, end, field] of [
    ['response.output_text.delta', 'response.output_text.done', 'text'],
    ['response.function_call_arguments.delta', 'response.function_call_arguments.done', 'arguments'],
    ['response.reasoning_summary_text.delta', 'response.reasoning_summary_text.done', 'text'],
  ]) {
    for (const ended of ofType(events, end)) {
      const pieces = ofType(events, delta).filter((event) => event.item_id === ended.item_id);
      assert.equal(pieces.map((event) => event.delta).join(''), ended[field]);
    }
  }
  const last = events.at(-1);
  assert.ok(['response.completed', 'response.incomplete'].includes(last.type), last.type);
  assert.deepEqual(last.response.output, done.sort((a, b) => a.output_index - b.output_index).map((event) => event.item));
}

test('a string is answered', async () => {
  const response = await client.responses.create({ model: MODEL, input: 'hello wörld 🎉', ...limit });

  assert.equal(response.object, 'response');
  assert.match(response.id, /^resp_/);
  assert.equal(response.status, 'completed');
  assert.equal(response.output_text, 'echo: hello wörld 🎉');
  assert.equal(response.output[0].role, 'assistant');
  assert.equal(response.usage.input_tokens, 3);
  assert.equal(response.usage.output_tokens, 4);
  assert.equal(response.usage.total_tokens, 7);
  assert.equal(response.usage.output_tokens_details.reasoning_tokens, 0);
  assert.equal(response.error, null);
  assert.equal(response.incomplete_details, null);
});

test('instructions, earlier turns and settings are carried', async () => {
  const response = await client.responses.create({
    model: MODEL,
    instructions: 'be brief',
    input: [
      { role: 'developer', content: 'and kind' },
      { role: 'user', content: 'first' },
      { role: 'assistant', content: 'answer' },
      { role: 'user', content: [{ type: 'input_text', text: 'second' }] },
    ],
    temperature: 0.5,
    store: false,
    metadata: { purpose: 'test' },
    ...limit,
  });

  assert.equal(response.output_text, 'echo: second');
  assert.equal(response.usage.input_tokens, 7);
  assert.equal(response.temperature, 0.5);
  assert.equal(response.max_output_tokens, 1000);
  assert.equal(response.store, false);
  assert.deepEqual(response.metadata, { purpose: 'test' });
});

test('a stream has every event in order', async () => {
  const events = await collected(await client.responses.create({ model: MODEL, input: 'one two three', stream: true, ...limit }));

  wellFormed(events);
  assert.equal(events.at(-1).type, 'response.completed');
  assert.equal(ofType(events, 'response.output_text.delta').length, 4);
  assert.equal(ofType(events, 'response.output_text.done')[0].text, 'echo: one two three');
  assert.equal(events.at(-1).response.status, 'completed');
  assert.equal(events.at(-1).response.usage.total_tokens, 7);
  assert.ok(events.slice(0, 2).every((event) => event.response.usage === null && event.response.status === 'in_progress'));
});

test('the output limit makes a response incomplete, streamed and not', async () => {
  const request = { model: MODEL, input: 'one two three', max_output_tokens: 2 };
  const response = await client.responses.create(request);
  const events = await collected(await client.responses.create({ ...request, stream: true }));

  assert.equal(response.status, 'incomplete');
  assert.equal(response.incomplete_details.reason, 'max_output_tokens');
  assert.equal(response.output_text, 'echo: one');
  wellFormed(events);
  assert.equal(events.at(-1).type, 'response.incomplete');
  assert.equal(events.at(-1).response.incomplete_details.reason, 'max_output_tokens');
});

test('a tool is called and its output is read', async () => {
  const input = [{ role: 'user', content: 'please use get_weather' }];
  const first = await client.responses.create({ model: MODEL, input, tools, ...limit });
  const [call] = callsOf(first);

  assert.equal(first.status, 'completed');
  assert.equal(call.name, 'get_weather');
  assert.equal(call.status, 'completed');
  assert.deepEqual(JSON.parse(call.arguments), { city: 'echo-1', days: 1 });

  const second = await client.responses.create({
    model: MODEL,
    input: [...input, ...first.output, { type: 'function_call_output', call_id: call.call_id, output: 'sunny all week' }],
    tools,
    ...limit,
  });
  assert.equal(second.output_text, 'tool said: sunny all week');
});

test('tool_choice forces a tool and forbids all', async () => {
  const request = { model: MODEL, input: 'hello', tools, ...limit };
  const forced = await client.responses.create({ ...request, tool_choice: { type: 'function', name: 'get_time' } });
  const forbidden = await client.responses.create({ ...request, input: 'use get_time', tool_choice: 'none' });

  assert.deepEqual(callsOf(forced).map((call) => call.name), ['get_time']);
  assert.equal(forbidden.output_text, 'echo: use get_time');
});

test('parallel tool calls arrive in a stream, each in its item, and both outputs are read', async () => {
  const input = [{ role: 'user', content: 'both in parallel' }];
  const events = await collected(await client.responses.create({ model: MODEL, input, tools, stream: true, ...limit }));

  wellFormed(events);
  const calls = callsOf(events.at(-1).response);
  assert.deepEqual(calls.map((call) => call.name), ['get_weather', 'get_time']);
  assert.deepEqual(calls.map((call) => JSON.parse(call.arguments)), [{ city: 'echo-1', days: 1 }, { city: 'echo-2' }]);
  assert.equal(new Set(calls.map((call) => call.call_id)).size, 2);

  const answer = await client.responses.create({
    model: MODEL,
    tools,
    input: [
      ...input,
      ...calls,
      { type: 'function_call_output', call_id: calls[0].call_id, output: 'sunny' },
      { type: 'function_call_output', call_id: calls[1].call_id, output: [{ type: 'input_text', text: 'noon' }] },
    ],
    ...limit,
  });
  assert.equal(answer.output_text, 'tool said: sunny noon');
});

test('parallel_tool_calls false leaves one call', async () => {
  const response = await client.responses.create({
    model: MODEL, input: 'both in parallel', tools, parallel_tool_calls: false, ...limit,
  });

  assert.equal(callsOf(response).length, 1);
});

test('the streaming helper of the package assembles the same response', async () => {
  const stream = client.responses.stream({ model: MODEL, input: 'please use get_weather', tools, ...limit });
  let snapshot = '';
  stream.on('response.function_call_arguments.delta', (event) => (snapshot = event.snapshot));
  const response = await stream.finalResponse();

  assert.equal(callsOf(response)[0].name, 'get_weather');
  assert.equal(callsOf(response)[0].arguments, snapshot);
});

test('pictures reach the provider', async () => {
  const marked = mark();
  const picture = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  const response = await client.responses.create({
    model: MODEL,
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: marked },
          { type: 'input_image', image_url: `data:image/png;base64,${picture}`, detail: 'auto' },
          { type: 'input_image', image_url: 'https://example.org/cat.png', detail: 'auto' },
        ],
      },
    ],
    ...limit,
  });

  assert.equal(response.output_text, `echo: ${marked}`);
  if (providerUrl()) {
    const [request] = await recorded((each) => each.body.includes(marked));
    assert.ok(request.body.includes(picture) && request.body.includes('https://example.org/cat.png'), request.body);
  }
});

const weatherSchema = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city', 'days'],
  additionalProperties: false,
};
const weather = standardTextFormat(
  {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) =>
        typeof value?.city === 'string' && Number.isInteger(value?.days) ? { value } : { issues: [{ message: 'no weather' }] },
      jsonSchema: { input: () => weatherSchema },
    },
  },
  'weather',
);

test('a JSON schema is kept to, and responses.parse reads the answer', async () => {
  const response = await client.responses.parse({ model: MODEL, input: 'weather', text: { format: weather }, ...limit });

  assert.deepEqual(response.output_parsed, { city: 'echo-1', days: 1 });
  assert.equal(response.text.format.name, 'weather');
});

test('a streamed answer to a JSON schema is parsed by the streaming helper', async () => {
  const stream = client.responses.stream({ model: MODEL, input: 'weather', text: { format: weather }, ...limit });

  assert.deepEqual((await stream.finalResponse()).output_parsed, { city: 'echo-1', days: 1 });
});

test('reasoning is summarised, and goes back with the next turn', async () => {
  const input = [{ role: 'user', content: 'why' }];
  const request = {
    model: MODEL, reasoning: { effort: 'low', summary: 'auto' }, include: ['reasoning.encrypted_content'], store: false, ...limit,
  };
  const response = await client.responses.create({ ...request, input });
  const [reasoning, message] = response.output;

  assert.equal(reasoning.type, 'reasoning');
  assert.equal(reasoning.summary[0].text, 'thinking about: why');
  assert.ok(reasoning.encrypted_content.length > 8);
  assert.equal(message.type, 'message');

  const next = await client.responses.create({
    ...request, input: [...input, ...response.output, { role: 'user', content: 'go on' }],
  });
  assert.equal(next.output_text, 'echo: go on');
});

test('a call can be forced although reasoning is asked for', async () => {
  const response = await client.responses.create({
    model: MODEL, input: 'hello', tools, tool_choice: 'required', reasoning: { summary: 'auto' }, ...limit,
  });

  assert.equal(callsOf(response)[0].name, 'get_weather');
});

test('streamed reasoning has its events, and goes back with the output of a tool', async () => {
  const input = [{ role: 'user', content: 'use get_time' }];
  const request = {
    model: MODEL, reasoning: { summary: 'detailed' }, temperature: 0.3, include: ['reasoning.encrypted_content'], tools, ...limit,
  };
  const events = await collected(await client.responses.create({ ...request, input, stream: true }));

  wellFormed(events);
  assert.equal(ofType(events, 'response.reasoning_summary_text.done')[0].text, 'thinking about: use get_time');
  const { output } = events.at(-1).response;
  assert.deepEqual(output.map((item) => item.type), ['reasoning', 'function_call']);

  const next = await client.responses.create({
    ...request, input: [...input, ...output, { type: 'function_call_output', call_id: output[1].call_id, output: 'noon' }],
  });
  assert.equal(next.output_text, 'tool said: noon');
});

if (offers('kept_responses')) {
  test('what the provider keeps can be named', async () => {
    const response = await client.responses.create({ model: MODEL, input: 'hi', previous_response_id: `resp_${'0'.repeat(24)}` });

    assert.equal(response.previous_response_id, `resp_${'0'.repeat(24)}`);
  });

  test('a kept response can be read, replayed, cancelled and deleted, and its input listed', async () => {
    const { id } = await client.responses.create({ model: MODEL, input: 'hi' });
    const replayed = await collected(await client.responses.retrieve(id, { stream: true }));
    const items = [];
    for await (const item of client.responses.inputItems.list(id)) items.push(item);

    assert.equal((await client.responses.retrieve(id)).id, id);
    assert.equal(replayed.at(-1).type, 'response.completed');
    assert.equal((await client.responses.cancel(id)).status, 'cancelled');
    assert.equal(items[0].role, 'user');
    await client.responses.delete(id);
    await assert.rejects(client.responses.retrieve('resp_unknown'), OpenAI.NotFoundError);
  });
} else {
  for (const [name, more] of [
    ['previous_response_id', { previous_response_id: 'resp_1' }],
    ['background', { background: true }],
    ['store', { store: true }],
    ['tools', { tools: [{ type: 'web_search' }] }],
    ['input', { input: [{ role: 'user', content: 'hi' }, { type: 'item_reference', id: 'msg_1' }] }],
  ]) {
    test(`${name} that only OpenAI could honour is refused by name`, async () => {
      await assert.rejects(client.responses.create({ model: MODEL, input: 'hi', ...more }), (error) => {
        assert.ok(error instanceof OpenAI.BadRequestError, String(error));
        assert.equal(error.code, 'unsupported_parameter');
        assert.ok(error.param.startsWith(name), error.param);
        return true;
      });
    });
  }
}

test('a wrong or missing credential is an AuthenticationError', async () => {
  const wrong = environment('LG_WRONG_TOKEN', '');
  const stranger = new OpenAI({
    baseURL: `${baseUrl()}/v1`, apiKey: wrong || 'x', defaultHeaders: wrong ? {} : { Authorization: null }, maxRetries: 0,
  });
  await assert.rejects(stranger.responses.create({ model: MODEL, input: 'x' }), OpenAI.AuthenticationError);
});

test('a bad request is a BadRequestError that names the parameter', async () => {
  await assert.rejects(client.responses.create({ model: MODEL, ...limit }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError, String(error));
    assert.equal(error.param, 'input');
    return true;
  });
});

test('a rate limit is a RateLimitError that carries Retry-After', async () => {
  await assert.rejects(client.responses.create({ model: `${MODEL}+status=429+retry-after=7`, input: 'x', ...limit }), (error) => {
    assert.ok(error instanceof OpenAI.RateLimitError, String(error));
    assert.equal(error.headers.get('retry-after'), '7');
    return true;
  });
});

// Straight from the provider, a well-formed end of HTTP cannot be told from the end of the answer.
for (const fault of baseUrl() === providerUrl() ? ['cut=3'] : ['cut=3', 'truncate=3']) {
  test(`a stream that the provider ends early (${fault}) raises and never completes`, async () => {
    const stream = await client.responses.create({
      model: `${MODEL}+${fault}`, input: 'one two three four five', stream: true, ...limit,
    });
    const types = [];
    await assert.rejects(async () => {
      for await (const event of stream) types.push(event.type);
    });
    assert.ok(types.includes('response.output_text.delta'));
    assert.ok(!types.includes('response.completed') && !types.includes('response.incomplete'));
  });
}

test('an error of the provider inside a stream is seen', async () => {
  const stream = await client.responses.create({
    model: `${MODEL}+error=3`, input: 'one two three four five', stream: true, ...limit,
  });
  const types = [];
  try {
    for await (const event of stream) types.push(event.type);
  } catch (error) {
    assert.ok(error instanceof OpenAI.APIError, String(error));
    types.push('error');
  }
  assert.equal(types.at(-1), 'error');
  assert.ok(!types.includes('response.completed'));
});

test('an aborted stream stops, and the provider sees the client leave', async () => {
  const marked = mark();
  const stream = await client.responses.create({ model: `${MODEL}+chunks=500+gap=20ms`, input: marked, stream: true, ...limit });
  let pieces = 0;
  for await (const event of stream) {
    if (event.type === 'response.output_text.delta' && ++pieces === 3) stream.controller.abort();
  }

  assert.ok(pieces >= 3 && pieces < 50, `${pieces} pieces`);
  if (providerUrl()) {
    await eventually('the provider to see the client leave', async () =>
      (await recorded((request) => request.body.includes(marked))).some((request) => request.outcome === 'CLIENT_LEFT'));
  }
});

test('LangChain chats, streams and calls tools over this API', async () => {
  const chat = new ChatOpenAI({
    model: MODEL, apiKey: token(), maxRetries: 0, maxTokens: 1000, useResponsesApi: true, configuration: { baseURL: `${baseUrl()}/v1` },
  });
  const message = await chat.invoke('hello world');
  let streamed = '';
  for await (const chunk of await chat.stream('one two three')) streamed += chunk.text;
  const { name, description, parameters } = tools[0];
  const functions = [{ type: 'function', function: { name, description, parameters } }];
  const called = await chat.bindTools(functions).invoke('please use get_weather');
  const answered = await chat.invoke([
    { role: 'user', content: 'please use get_weather' },
    called,
    { role: 'tool', content: 'sunny', tool_call_id: called.tool_calls[0].id },
  ]);

  assert.equal(message.text, 'echo: hello world');
  assert.equal(message.usage_metadata.total_tokens, 5);
  assert.equal(streamed, 'echo: one two three');
  assert.deepEqual(called.tool_calls[0].args, { city: 'echo-1', days: 1 });
  assert.equal(answered.text, 'tool said: sunny');
});
