// The unmodified `openai` package's calls around media, files and batches against LG_BASE_URL. Settings: settings.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI, { toFile } from 'openai';
import { baseUrl, token } from './settings.mjs';

const client = new OpenAI({ baseURL: `${baseUrl()}/v1`, apiKey: token(), maxRetries: 0, timeout: 20_000 });
const BYTES = Buffer.from([0xff, 0xfb, 0, 1, 2, 3, 13, 10, 0x80, 0x78]);
const media = (name) => toFile(BYTES, name);

test('a model is retrieved, an unknown one is a NotFoundError', async () => {
  assert.equal((await client.models.retrieve('gpt-4o-mini')).id, 'gpt-4o-mini');
  await assert.rejects(client.models.retrieve('no-such-model'), OpenAI.NotFoundError);
});

test('moderation', async () => {
  const moderation = await client.moderations.create({ model: 'omni-moderation-latest', input: 'some violence' });

  assert.equal(moderation.results[0].flagged, true);
});

test('an image is generated', async () => {
  const image = await client.images.generate({ model: 'gpt-image-1', prompt: 'a cat' });

  assert.deepEqual(Buffer.from(image.data[0].b64_json, 'base64'), BYTES);
  assert.equal(image.usage.total_tokens, 277);
});

test('an image is generated in a stream', async () => {
  const types = [];
  for await (const event of await client.images.generate({ model: 'gpt-image-1', prompt: 'a cat', stream: true })) types.push(event.type);

  assert.deepEqual(types, ['image_generation.partial_image', 'image_generation.completed']);
});

test('an image is edited and varied', async () => {
  const edited = await client.images.edit({ model: 'gpt-image-1', image: await media('cat.png'), prompt: 'a hat' });
  const varied = await client.images.createVariation({ model: 'dall-e-2', image: await media('cat.png') });

  assert.ok(edited.data[0].b64_json);
  assert.ok(varied.data[0].b64_json);
});

test('speech comes as the bytes of the provider', async () => {
  const speech = await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'hello' });

  assert.equal(speech.headers.get('content-type'), 'audio/mpeg');
  assert.deepEqual(Buffer.from(await speech.arrayBuffer()), BYTES);
});

test('audio is transcribed and translated', async () => {
  const transcription = await client.audio.transcriptions.create({ model: 'whisper-1', file: await media('a.mp3') });
  const translation = await client.audio.translations.create({ model: 'whisper-1', file: await media('a.mp3') });

  assert.equal(transcription.text, 'spoken words');
  assert.equal(translation.text, 'spoken words');
});

test('a file is stored, listed, read and deleted', async () => {
  const file = await client.files.create({ file: await media('data.jsonl'), purpose: 'batch' });
  const files = [];
  for await (const each of client.files.list({ purpose: 'batch' })) files.push(each);

  assert.ok(file.id.startsWith('file-'));
  assert.equal(files.length, 1);
  assert.equal((await client.files.retrieve(file.id)).id, file.id);
  assert.deepEqual(Buffer.from(await (await client.files.content(file.id)).arrayBuffer()), BYTES);
  assert.equal((await client.files.delete(file.id)).deleted, true);
});

test('a batch is created, listed, read and cancelled', async () => {
  const batch = await client.batches.create({ input_file_id: 'file-1', endpoint: '/v1/chat/completions', completion_window: '24h' });
  const batches = [];
  for await (const each of client.batches.list()) batches.push(each);

  assert.equal(batch.status, 'validating');
  assert.equal(batches.length, 1);
  assert.equal((await client.batches.retrieve(batch.id)).status, 'completed');
  assert.equal((await client.batches.cancel(batch.id)).status, 'cancelling');
});

test('a refusal of the gateway is an error of the package', async () => {
  await assert.rejects(client.images.generate({ model: 'claude-sonnet-4-5', prompt: 'a cat' }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError, String(error));
    assert.equal(error.code, 'unsupported_operation');
    return true;
  });
});
