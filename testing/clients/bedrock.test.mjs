// The unmodified `@aws-sdk/client-bedrock-runtime` package against LG_BASE_URL. Settings: settings.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AccessDeniedException, BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand, ResourceNotFoundException,
  ThrottlingException, ValidationException,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { baseUrl, environment, eventually, mark, model, offers, providerUrl, recorded, token } from './settings.mjs';

const MODEL = model('us.anthropic.claude-sonnet-4-v1:0');
// ID:SECRET for a server that wants AWS's own signature, as the service itself does.
const AWS_KEY = environment('LG_AWS_KEY', '');

// By default the package speaks HTTP/2, also where an endpoint is http.
const requestHandler = new NodeHttpHandler({ requestTimeout: 20_000 });
const credential = (key) => ({ token: { token: key }, authSchemePreference: ['httpBearerAuth'] });
const signed = () => {
  const [accessKeyId, secretAccessKey] = AWS_KEY.split(':');
  return { credentials: { accessKeyId, secretAccessKey } };
};
const connect = (more) =>
  new BedrockRuntimeClient({ endpoint: baseUrl(), region: 'us-east-1', maxAttempts: 1, requestHandler, ...more });
const client = connect(AWS_KEY ? signed() : credential(token()));

const user = (...content) => ({ role: 'user', content: content.map((each) => (typeof each === 'string' ? { text: each } : each)) });
const converse = (more, modelId = MODEL) => client.send(new ConverseCommand({ modelId, ...more }));

async function streamed(more, modelId = MODEL) {
  const { stream } = await client.send(new ConverseStreamCommand({ modelId, ...more }));
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
}

const types = (events) => events.map((event) => Object.keys(event)[0]).filter((type, index, all) => type !== all[index - 1]);
const deltas = (events) => events.flatMap((event) => (event.contentBlockDelta ? [event.contentBlockDelta] : []));
const textOf = (events) => deltas(events).map((each) => each.delta.text ?? '').join('');

const tool = (name, properties) => ({
  toolSpec: { name, description: `Tells ${name}`, inputSchema: { json: { type: 'object', properties } } },
});
const toolConfig = {
  tools: [
    tool('get_weather', { city: { type: 'string' }, days: { type: 'integer' } }),
    tool('get_time', { city: { type: 'string' } }),
  ],
};

test('message', async () => {
  const reply = await converse({
    system: [{ text: 'be brief' }],
    messages: [user('hello wörld 🎉')],
    inferenceConfig: { maxTokens: 100, temperature: 0.2, topP: 0.9, stopSequences: ['never'] },
  });

  assert.deepEqual(reply.output.message, { role: 'assistant', content: [{ text: 'echo: hello wörld 🎉' }] });
  assert.equal(reply.stopReason, 'end_turn');
  assert.equal(reply.usage.inputTokens, 5);
  assert.equal(reply.usage.outputTokens, 4);
  assert.equal(reply.usage.totalTokens, 9);
  assert.ok(reply.metrics.latencyMs >= 0);
});

test('streamed message has its events in the documented order and its usage', async () => {
  const events = await streamed({ messages: [user('one two three')], inferenceConfig: { maxTokens: 100 } });

  assert.deepEqual(types(events), ['messageStart', 'contentBlockDelta', 'contentBlockStop', 'messageStop', 'metadata']);
  assert.equal(events[0].messageStart.role, 'assistant');
  assert.equal(textOf(events), 'echo: one two three');
  assert.ok(deltas(events).length > 1);
  assert.equal(events.at(-2).messageStop.stopReason, 'end_turn');
  assert.equal(events.at(-1).metadata.usage.outputTokens, 4);
});

test('the output limit ends an answer with max_tokens', async () => {
  const reply = await converse({ messages: [user('one two three')], inferenceConfig: { maxTokens: 2 } });

  assert.equal(reply.output.message.content[0].text, 'echo: one');
  assert.equal(reply.stopReason, 'max_tokens');
});

test('a tool is used and its result is read', async () => {
  const question = user('please use get_weather');
  const first = await converse({ messages: [question], toolConfig, inferenceConfig: { maxTokens: 100 } });
  const use = first.output.message.content.find((block) => block.toolUse).toolUse;

  assert.equal(first.stopReason, 'tool_use');
  assert.equal(use.name, 'get_weather');
  assert.deepEqual(use.input, { city: 'echo-1', days: 1 });

  const second = await converse({
    toolConfig,
    inferenceConfig: { maxTokens: 100 },
    messages: [
      question,
      first.output.message,
      user({ toolResult: { toolUseId: use.toolUseId, content: [{ text: 'sunny all week' }], status: 'success' } }),
    ],
  });
  assert.equal(second.output.message.content[0].text, 'tool said: sunny all week');
  assert.equal(second.stopReason, 'end_turn');
});

test('parallel tools arrive in a stream as blocks of their own', async () => {
  const events = await streamed({ messages: [user('both in parallel')], toolConfig, inferenceConfig: { maxTokens: 100 } });
  const starts = events.flatMap((event) => (event.contentBlockStart ? [event.contentBlockStart] : []));
  const input = (index) =>
    JSON.parse(deltas(events).filter((each) => each.contentBlockIndex === index).map((each) => each.delta.toolUse.input).join(''));

  assert.deepEqual(starts.map((each) => each.start.toolUse.name), ['get_weather', 'get_time']);
  assert.deepEqual(starts.map((each) => input(each.contentBlockIndex)), [{ city: 'echo-1', days: 1 }, { city: 'echo-2' }]);
  assert.equal(new Set(starts.map((each) => each.start.toolUse.toolUseId)).size, 2);
  assert.equal(events.find((event) => event.messageStop).messageStop.stopReason, 'tool_use');
});

test('one tool can be forced', async () => {
  const reply = await converse({
    messages: [user('hello')], inferenceConfig: { maxTokens: 100 },
    toolConfig: { ...toolConfig, toolChoice: { tool: { name: 'get_time' } } },
  });

  assert.deepEqual(reply.output.message.content.map((block) => block.toolUse?.name), ['get_time']);
});

test('a picture reaches the provider', async () => {
  const bytes = Buffer.from(`not really a picture ${mark()}`);
  const reply = await converse({
    messages: [user('what is this', { image: { format: 'png', source: { bytes } } })], inferenceConfig: { maxTokens: 100 },
  });

  assert.equal(reply.output.message.content[0].text, 'echo: what is this');
  if (providerUrl()) {
    assert.equal((await recorded((request) => request.body.includes(bytes.toString('base64')))).length, 1);
  }
});

test('a JSON schema reaches the provider', async () => {
  const property = mark();
  const schema = JSON.stringify({ type: 'object', properties: { [property]: { type: 'string' } }, required: [property] });
  const reply = await converse({
    messages: [user('as json')], inferenceConfig: { maxTokens: 100 },
    outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema: { name: 'answer', schema } } } },
  });
  const { text } = reply.output.message.content[0];

  assert.ok(text === 'echo: as json' || property in JSON.parse(text), text);
  if (providerUrl()) assert.equal((await recorded((request) => request.body.includes(property))).length, 1);
});

if (offers('reasoning')) {
  const thinking = { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 } } };

  test('reasoning comes with a signature and is taken back with it', async () => {
    const question = user('think hard');
    const limits = { inferenceConfig: { maxTokens: 2000 }, ...thinking };
    const first = await converse({ messages: [question], ...limits });
    const { reasoningText } = first.output.message.content[0].reasoningContent;

    assert.equal(reasoningText.text, 'thinking about: think hard');
    assert.ok(reasoningText.signature);

    const second = await converse({ messages: [question, first.output.message, user('go on')], ...limits });
    assert.equal(second.output.message.content.at(-1).text, 'echo: go on');
    if (providerUrl()) {
      const replayed = await recorded((request) => request.body.includes('go on') && request.body.includes('thinking about'));
      assert.ok(replayed.length > 0);
    }
  });

  test('streamed reasoning has a block and a signature of its own', async () => {
    const events = await streamed({ messages: [user('think hard')], inferenceConfig: { maxTokens: 2000 }, ...thinking });
    const reasoning = deltas(events).filter((each) => each.delta.reasoningContent);

    assert.equal(reasoning.map((each) => each.delta.reasoningContent.text ?? '').join(''), 'thinking about: think hard');
    assert.ok(reasoning.some((each) => each.delta.reasoningContent.signature));
    assert.equal(textOf(events), 'echo: think hard');
    assert.notEqual(reasoning[0].contentBlockIndex, deltas(events).at(-1).contentBlockIndex);
  });
}

if (!AWS_KEY) {
  test('the credential may stand in the environment', async () => {
    process.env.AWS_BEARER_TOKEN_BEDROCK = token();
    try {
      const reply = await connect({}).send(new ConverseCommand({ modelId: MODEL, messages: [user('x')], inferenceConfig: { maxTokens: 10 } }));
      assert.equal(reply.output.message.content[0].text, 'echo: x');
    } finally {
      delete process.env.AWS_BEARER_TOKEN_BEDROCK;
    }
  });

  test('a wrong credential is an AccessDeniedException', async () => {
    const stranger = connect(credential(environment('LG_WRONG_TOKEN', 'wrong')));
    await assert.rejects(
      stranger.send(new ConverseCommand({ modelId: MODEL, messages: [user('x')] })),
      (error) => error instanceof AccessDeniedException && /token/i.test(error.message),
    );
  });

  test('a signature of AWS, which cannot be checked here, is refused', async () => {
    const other = connect({ credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' } });
    await assert.rejects(
      other.send(new ConverseCommand({ modelId: MODEL, messages: [user('x')] })),
      (error) => error instanceof AccessDeniedException && /Bearer/.test(error.message),
    );
  });
}

test('a model that the provider does not have is a ResourceNotFoundException', async () => {
  await assert.rejects(
    converse({ messages: [user('x')], inferenceConfig: { maxTokens: 10 } }, `${MODEL}+status=404`), ResourceNotFoundException,
  );
});

test('a bad request is a ValidationException with a message', async () => {
  await assert.rejects(converse({ messages: [{ role: 'nobody', content: [{ text: 'x' }] }] }), (error) => {
    assert.ok(error instanceof ValidationException, String(error));
    assert.ok(error.message.length > 5);
    return true;
  });
});

test('a rate limit is a ThrottlingException', async () => {
  await assert.rejects(
    converse({ messages: [user('x')], inferenceConfig: { maxTokens: 10 } }, `${MODEL}+status=429+retry-after=7`),
    (error) => {
      assert.ok(error instanceof ThrottlingException, String(error));
      assert.equal(error.$metadata.httpStatusCode, 429);
      return true;
    },
  );
});

test('a stream that the provider cuts does not end as if it were complete', async () => {
  const { stream } = await client.send(new ConverseStreamCommand({
    modelId: `${MODEL}+cut=3`, messages: [user('one two three four five')], inferenceConfig: { maxTokens: 100 },
  }));
  let stopped = false;
  await assert.rejects(async () => {
    for await (const event of stream) stopped ||= Boolean(event.messageStop);
  });
  assert.equal(stopped, false);
});

test('an aborted stream stops, and the provider sees the client leave', async () => {
  const marked = mark();
  const abort = new AbortController();
  const { stream } = await client.send(
    new ConverseStreamCommand({
      modelId: `${MODEL}+chunks=500+gap=20ms`, messages: [user(marked)], inferenceConfig: { maxTokens: 1000 },
    }),
    { abortSignal: abort.signal },
  );
  let pieces = 0;
  for await (const event of stream) {
    if (event.contentBlockDelta && ++pieces === 3) break;
  }
  abort.abort();

  assert.equal(pieces, 3);
  if (providerUrl()) {
    await eventually('the provider to see the client leave', async () =>
      (await recorded((request) => request.body.includes(marked))).some((request) => request.outcome === 'CLIENT_LEFT'));
  }
});
