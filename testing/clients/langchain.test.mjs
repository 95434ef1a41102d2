// The unmodified `@langchain/openai` package against LG_BASE_URL. Settings: settings.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { baseUrl, model, offers, token } from './settings.mjs';

const MODEL = model('gpt-4o-mini');
const configuration = { baseURL: `${baseUrl()}/v1` };
const chat = new ChatOpenAI({ model: MODEL, apiKey: token(), maxRetries: 0, maxTokens: 100, configuration });
const tool = {
  type: 'function',
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};

test('a chat model is invoked', async () => {
  const message = await chat.invoke('hello world');

  assert.equal(message.content, 'echo: hello world');
  assert.equal(message.usage_metadata.total_tokens, 5);
});

test('a chat model streams and reports its usage', async () => {
  let text = '';
  let usage;
  for await (const chunk of await chat.stream('one two three')) {
    text += chunk.content;
    usage = chunk.usage_metadata ?? usage;
  }

  assert.equal(text, 'echo: one two three');
  assert.equal(usage.total_tokens, 7);
});

test('a bound tool is called', async () => {
  const message = await chat.bindTools([tool]).invoke('please use get_weather');

  assert.equal(message.tool_calls[0].name, 'get_weather');
  assert.deepEqual(message.tool_calls[0].args, { city: 'echo-1' });
});

if (offers('embeddings')) {
  test('documents are embedded', async () => {
    const embeddings = new OpenAIEmbeddings({ model: 'text-embedding-3-small', dimensions: 32, apiKey: token(), configuration });

    assert.deepEqual((await embeddings.embedDocuments(['cat', 'dog'])).map((vector) => vector.length), [32, 32]);
  });
}
