// The unmodified `openai` and `@anthropic-ai/sdk` packages read a stream that breaks off at one provider and goes on at another.
// Models: LG_MODEL-openai and LG_MODEL-anthropic. Settings: settings.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { baseUrl, model, token } from './settings.mjs';

const MODEL = model('steady');
const openai = new OpenAI({ baseURL: `${baseUrl()}/v1`, apiKey: token(), maxRetries: 0, timeout: 20_000 });
const anthropic = new Anthropic({ baseURL: baseUrl(), apiKey: token(), maxRetries: 0, timeout: 20_000 });
const QUESTION = 'the mill stands by the river 🎉 and its wheel turns';
const messages = [{ role: 'user', content: QUESTION }];

for (const first of ['openai', 'anthropic']) {
  test(`openai reads one whole stream that begins at ${first}`, async () => {
    const stream = openai.chat.completions.stream({
      model: `${MODEL}-${first}`,
      messages,
      max_tokens: 100,
      stream_options: { include_usage: true },
    });
    const completion = await stream.finalChatCompletion();

    assert.equal(completion.choices[0].message.content, `echo: ${QUESTION}`);
    assert.equal(completion.choices[0].finish_reason, 'stop');
    assert.ok(completion.usage.prompt_tokens > 0);
  });

  test(`anthropic reads one whole stream that begins at ${first}`, async () => {
    const message = await anthropic.messages.stream({ model: `${MODEL}-${first}`, messages, max_tokens: 100 }).finalMessage();

    assert.equal(message.content.length, 1);
    assert.equal(message.content[0].text, `echo: ${QUESTION}`);
    assert.equal(message.stop_reason, 'end_turn');
    assert.ok(message.usage.output_tokens > 0);
  });
}
