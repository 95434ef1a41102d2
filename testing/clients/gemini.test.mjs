// The unmodified `@google/genai` package against LG_BASE_URL. Settings: settings.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, FunctionCallingConfigMode, GoogleGenAI } from '@google/genai';
import { baseUrl, environment, eventually, mark, model, offers, providerUrl, recorded, token } from './settings.mjs';

const MODEL = model('gemini-2.5-flash');
const client = new GoogleGenAI({ apiKey: token(), httpOptions: { baseUrl: baseUrl(), timeout: 20_000 } });
const weather = {
  name: 'get_weather',
  description: 'Weather of a city',
  parameters: { type: 'OBJECT', properties: { city: { type: 'STRING' }, days: { type: 'INTEGER' } }, required: ['city'] },
};
const time = { name: 'get_time', parameters: { type: 'OBJECT', properties: { city: { type: 'STRING' } } } };
const config = { tools: [{ functionDeclarations: [weather, time] }] };

async function collected(stream) {
  const responses = [];
  for await (const each of stream) responses.push(each);
  return responses;
}

const textOf = (responses) => responses.map((each) => each.text ?? '').join('');

test('content is generated', async () => {
  const response = await client.models.generateContent({ model: MODEL, contents: 'hello wörld 🎉', config: { systemInstruction: 'be brief' } });

  assert.equal(response.text, 'echo: hello wörld 🎉');
  assert.equal(response.candidates[0].finishReason, 'STOP');
  assert.equal(response.usageMetadata.promptTokenCount, 5);
  assert.equal(response.usageMetadata.candidatesTokenCount, 4);
  assert.equal(response.usageMetadata.totalTokenCount, 9);
});

test('content is streamed and ends with its usage', async () => {
  const responses = await collected(await client.models.generateContentStream({ model: MODEL, contents: 'one two three' }));

  assert.equal(textOf(responses), 'echo: one two three');
  assert.ok(responses.length > 2, `${responses.length} responses`);
  assert.equal(responses.at(-1).candidates[0].finishReason, 'STOP');
  assert.equal(responses.at(-1).usageMetadata.totalTokenCount, 7);
});

test('the output limit ends an answer with MAX_TOKENS', async () => {
  const response = await client.models.generateContent({ model: MODEL, contents: 'one two three', config: { maxOutputTokens: 2 } });

  assert.equal(response.text, 'echo: one');
  assert.equal(response.candidates[0].finishReason, 'MAX_TOKENS');
});

test('a function is called and its result is read', async () => {
  const question = { role: 'user', parts: [{ text: 'please use get_weather' }] };
  const first = await client.models.generateContent({ model: MODEL, contents: [question], config });
  const [call] = first.functionCalls;

  assert.equal(call.name, 'get_weather');
  assert.deepEqual(call.args, { city: 'echo-1', days: 1 });

  const result = { role: 'user', parts: [{ functionResponse: { id: call.id, name: call.name, response: { output: 'sunny' } } }] };
  const second = await client.models.generateContent({
    model: MODEL, contents: [question, first.candidates[0].content, result], config,
  });
  assert.match(second.text, /^tool said: .*sunny/);
});

test('parallel function calls arrive in a stream, and both results are read', async () => {
  const question = { role: 'user', parts: [{ text: 'both in parallel' }] };
  const responses = await collected(await client.models.generateContentStream({ model: MODEL, contents: [question], config }));
  const calls = responses.flatMap((each) => each.functionCalls ?? []);

  assert.deepEqual(calls.map((call) => call.name), ['get_weather', 'get_time']);
  assert.deepEqual(calls.map((call) => call.args), [{ city: 'echo-1', days: 1 }, { city: 'echo-2' }]);
  assert.equal(responses.at(-1).candidates[0].finishReason, 'STOP');

  const answer = await client.models.generateContent({
    model: MODEL,
    config,
    contents: [
      question,
      ...responses.map((each) => each.candidates[0].content),
      { role: 'user', parts: calls.map(({ id, name }) => ({ functionResponse: { id, name, response: { output: `${name} done` } } })) },
    ],
  });
  assert.equal(answer.text, 'tool said: get_weather done get_time done');
});

test('one function can be forced, and none forbidden', async () => {
  const choice = (functionCallingConfig) =>
    client.models.generateContent({ model: MODEL, contents: 'please use get_weather', config: { ...config, toolConfig: { functionCallingConfig } } });
  const forced = await choice({ mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['get_time'] });
  const forbidden = await choice({ mode: FunctionCallingConfigMode.NONE });

  assert.deepEqual(forced.functionCalls.map((call) => call.name), ['get_time']);
  assert.equal(forbidden.functionCalls, undefined);
  assert.equal(forbidden.text, 'echo: please use get_weather');
});

test('a chat of the package keeps its history', async () => {
  const chat = client.chats.create({ model: MODEL });
  const streamed = await collected(await chat.sendMessageStream({ message: 'first words' }));
  const second = await chat.sendMessage({ message: 'second' });

  assert.equal(textOf(streamed), 'echo: first words');
  assert.equal(second.text, 'echo: second');
});

test('a picture reaches the provider', async () => {
  const marked = mark();
  const picture = Buffer.from(`not really a picture ${marked}`).toString('base64');
  const response = await client.models.generateContent({
    model: MODEL,
    contents: [{ role: 'user', parts: [{ text: 'what is this' }, { inlineData: { mimeType: 'image/png', data: picture } }] }],
  });

  assert.equal(response.text, 'echo: what is this');
  if (providerUrl()) assert.equal((await recorded((request) => request.body.includes(picture))).length, 1);
});

test('a JSON schema reaches the provider', async () => {
  const property = mark();
  const response = await client.models.generateContent({
    model: MODEL,
    contents: 'as json',
    config: {
      responseMimeType: 'application/json',
      responseSchema: { type: 'OBJECT', properties: { [property]: { type: 'STRING' } }, required: [property] },
    },
  });

  assert.ok(response.text === 'echo: as json' || property in JSON.parse(response.text), response.text);
  if (providerUrl()) {
    const [seen] = await recorded((request) => request.body.includes(property));
    assert.match(seen.body.replaceAll('\\', ''), new RegExp(`"${property}":\\{"type":"string"\\}`, 'i'));
  }
});

if (offers('embeddings')) {
  test('content is embedded', async () => {
    const response = await client.models.embedContent({
      model: environment('LG_EMBEDDING_MODEL', 'gemini-embedding-001'), contents: 'cat', config: { outputDimensionality: 16 },
    });

    assert.equal(response.embeddings[0].values.length, 16);
  });

  test('several contents are embedded in their order', async () => {
    const embed = (contents) => client.models.embedContent({
      model: environment('LG_EMBEDDING_MODEL', 'gemini-embedding-001'), contents, config: { outputDimensionality: 8 },
    });
    const both = await embed(['cat', 'fish']);
    const second = await embed(['fish']);

    assert.equal(both.embeddings.length, 2);
    assert.deepEqual(both.embeddings[1].values, second.embeddings[0].values);
  });
}

if (offers('count_tokens')) {
  test('tokens are counted', async () => {
    const count = await client.models.countTokens({ model: MODEL, contents: 'one two three' });

    assert.equal(count.totalTokens, 3);
  });
} else {
  test('counting tokens is refused where the provider has another protocol', async () => {
    await assert.rejects(client.models.countTokens({ model: MODEL, contents: 'x' }), (error) => {
      assert.ok(error instanceof ApiError, String(error));
      assert.equal(error.status, 400);
      assert.match(error.message, /countTokens/);
      return true;
    });
  });
}

if (offers('models')) {
  test('models are listed', async () => {
    const models = await collected(await client.models.list());

    assert.ok(models.some((each) => each.name === `models/${MODEL}`), JSON.stringify(models));
  });
}

test('a wrong or missing credential is an ApiError with status 401', async () => {
  const stranger = new GoogleGenAI({ apiKey: environment('LG_WRONG_TOKEN', 'x'), httpOptions: { baseUrl: baseUrl() } });
  await assert.rejects(stranger.models.generateContent({ model: MODEL, contents: 'x' }), (error) => {
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.status, 401);
    assert.match(error.message, /UNAUTHENTICATED/);
    return true;
  });
});

test('a bad request is an ApiError that names the field', async () => {
  await assert.rejects(
    client.models.generateContent({ model: MODEL, contents: 'x', config: { httpOptions: { extraBody: { contents: [] } } } }),
    (error) => {
      assert.ok(error instanceof ApiError, String(error));
      assert.equal(error.status, 400);
      assert.match(error.message, /contents/);
      return true;
    },
  );
});

test('a rate limit is an ApiError with its status', async () => {
  await assert.rejects(client.models.generateContent({ model: `${MODEL}+status=429`, contents: 'x' }), (error) => {
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.status, 429);
    assert.match(error.message, /RESOURCE_EXHAUSTED/);
    return true;
  });
});

// What only breaks off is told as an error by the gateway; the provider itself leaves it to the client.
for (const fault of baseUrl() === providerUrl() ? ['error=3'] : ['cut=3', 'truncate=3', 'error=3']) {
  test(`a stream that ends with ${fault} at the provider does not end as if it were complete`, async () => {
    const stream = await client.models.generateContentStream({ model: `${MODEL}+${fault}`, contents: 'one two three four five' });
    const responses = [];
    await assert.rejects(
      async () => {
        for await (const each of stream) responses.push(each);
      },
      (error) => {
        assert.ok(error instanceof ApiError, String(error));
        assert.ok(error.status >= 500, String(error.status));
        return true;
      },
    );
    assert.match(textOf(responses), /^echo: one/);
    assert.ok(responses.every((each) => !each.candidates?.[0]?.finishReason));
  });
}

test('an aborted stream stops, and the provider sees the client leave', async () => {
  const marked = mark();
  const controller = new AbortController();
  const stream = await client.models.generateContentStream({
    model: `${MODEL}+chunks=500+gap=20ms`, contents: marked, config: { abortSignal: controller.signal },
  });
  let pieces = 0;
  await assert.rejects(async () => {
    for await (const each of stream) {
      if (each.text && ++pieces === 3) controller.abort();
    }
  });

  assert.ok(pieces >= 3 && pieces < 50, `${pieces} pieces`);
  if (providerUrl()) {
    await eventually('the provider to see the client leave', async () =>
      (await recorded((request) => request.body.includes(marked))).some((request) => request.outcome === 'CLIENT_LEFT'));
  }
});
