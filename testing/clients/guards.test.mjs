// The unmodified packages of OpenAI, Anthropic and Google, refused by guard policies. Settings: settings.mjs.
// The models `<family>-prompts_block` and `<family>-answers_block` of LG_BASE_URL block payment cards.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { baseUrl, token } from './settings.mjs';

const CARD = '4111 1111 1111 1111';
const FILLER = 'lorem ipsum dolor '.repeat(60);
const openai = new OpenAI({ baseURL: `${baseUrl()}/v1`, apiKey: token(), maxRetries: 2, timeout: 20_000 });
const anthropic = new Anthropic({ baseURL: baseUrl(), apiKey: token(), maxRetries: 2, timeout: 20_000 });
const google = new GoogleGenAI({ apiKey: token(), httpOptions: { baseUrl: baseUrl() } });
const messages = [{ role: 'user', content: `pay with ${CARD}` }];
const long = [{ role: 'user', content: FILLER + CARD + ' ' + FILLER }];

for (const side of ['prompts_block', 'answers_block']) {
  test(`openai: ${side} is a PermissionDeniedError with its code`, async () => {
    await assert.rejects(openai.chat.completions.create({ model: `gpt-${side}`, messages }), (error) => {
      assert.ok(error instanceof OpenAI.PermissionDeniedError);
      assert.equal(error.code, 'guard_blocked');
      assert.ok(error.message.includes(side) && !error.message.includes('1111'));
      return true;
    });
  });

  test(`anthropic: ${side} is a PermissionDeniedError of its type`, async () => {
    await assert.rejects(anthropic.messages.create({ model: `claude-${side}`, max_tokens: 100, messages }), (error) => {
      assert.ok(error instanceof Anthropic.PermissionDeniedError);
      assert.equal(error.error.error.type, 'permission_error');
      assert.ok(error.message.includes(side) && !error.message.includes('1111'));
      return true;
    });
  });

  test(`google: ${side} is an ApiError with status 403`, async () => {
    await assert.rejects(google.models.generateContent({ model: `gemini-${side}`, contents: `pay with ${CARD}` }), (error) => {
      assert.equal(error.status, 403);
      assert.ok(error.message.includes(side) && !error.message.includes('1111'));
      return true;
    });
  });
}

async function read(stream, textOf) {
  let text = '';
  try {
    for await (const event of await stream) text += textOf(event) ?? '';
  } catch (error) {
    return { text, error };
  }
  return { text, error: undefined };
}

test('openai: a stream that is blocked on its way throws', async () => {
  const { text, error } = await read(
    openai.chat.completions.create({ model: 'gpt-answers_block', messages: long, stream: true }),
    (chunk) => chunk.choices[0]?.delta?.content,
  );
  assert.ok(error instanceof OpenAI.APIError);
  assert.ok(text.includes('lorem') && !text.includes('1111'));
});

test('anthropic: a stream that is blocked on its way throws', async () => {
  const { text, error } = await read(
    anthropic.messages.create({ model: 'claude-answers_block', max_tokens: 1_000, messages: long, stream: true }),
    (event) => event.delta?.text,
  );
  assert.ok(error instanceof Anthropic.APIError);
  assert.ok(text.includes('lorem') && !text.includes('1111'));
});
