// The unmodified `@google/genai` package against LG_BASE_URL. Settings: settings.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, GoogleGenAI } from '@google/genai';
import { baseUrl, model, offers, token } from './settings.mjs';

const MODEL = model('gemini-2.5-flash');
const client = new GoogleGenAI({ apiKey: token(), httpOptions: { baseUrl: baseUrl(), timeout: 20_000 } });
const weather = {
  name: 'get_weather',
  parameters: { type: 'OBJECT', properties: { city: { type: 'STRING' }, days: { type: 'INTEGER' } } },
};
const config = { tools: [{ functionDeclarations: [weather] }] };

test('content is generated', async () => {
  const response = await client.models.generateContent({ model: MODEL, contents: 'hello wörld 🎉', config: { systemInstruction: 'be brief' } });

  assert.equal(response.text, 'echo: hello wörld 🎉');
  assert.equal(response.candidates[0].finishReason, 'STOP');
  assert.equal(response.usageMetadata.promptTokenCount, 5);
  assert.equal(response.usageMetadata.candidatesTokenCount, 4);
});

test('content is streamed and ends with its usage', async () => {
  const responses = [];
  for await (const each of await client.models.generateContentStream({ model: MODEL, contents: 'one two three' })) responses.push(each);

  assert.equal(responses.map((each) => each.text ?? '').join(''), 'echo: one two three');
  assert.equal(responses.at(-1).candidates[0].finishReason, 'STOP');
  assert.equal(responses.at(-1).usageMetadata.totalTokenCount, 7);
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

if (offers('embeddings')) {
  test('content is embedded', async () => {
    const response = await client.models.embedContent({
      model: 'gemini-embedding-001', contents: 'cat', config: { outputDimensionality: 16 },
    });

    assert.equal(response.embeddings[0].values.length, 16);
  });
}

test('a rate limit is an ApiError with its status', async () => {
  await assert.rejects(client.models.generateContent({ model: `${MODEL}+status=429`, contents: 'x' }), (error) => {
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.status, 429);
    assert.match(error.message, /RESOURCE_EXHAUSTED/);
    return true;
  });
});
