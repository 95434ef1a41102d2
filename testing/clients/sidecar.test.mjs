// The unmodified `openai` package against the sidecar at LG_BASE_URL, with its own key. Settings: settings.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI, { toFile } from 'openai';
import { baseUrl, environment, model, token } from './settings.mjs';

const MODEL = model('gpt-4o-mini');
const client = new OpenAI({ baseURL: `${baseUrl()}/v1`, apiKey: token(), timeout: 60_000 });

const notes = [
  'The gateway keeps provider keys in a vault; no client ever holds one.',
  'Espresso is brewed by forcing hot water through finely ground coffee under pressure.',
  'A lattice is a discrete subgroup of Euclidean space, and hard problems on it protect ciphertexts.',
  'The night train to Lisbon leaves at half past nine from platform four.',
];

async function store(texts, attributes = () => undefined) {
  const made = await client.vectorStores.create({ name: 'notes', metadata: { owner: 'tests' } });
  for (const [i, text] of texts.entries()) {
    const file = await client.files.create({ file: await toFile(Buffer.from(text), `note-${i}.txt`), purpose: 'assistants' });
    const attached = await client.vectorStores.files.createAndPoll(made.id, { file_id: file.id, attributes: attributes(i) });
    assert.equal(attached.status, 'completed');
  }
  return made;
}

test('a search is encrypted and finds what it should', async () => {
  const { id } = await store(notes);
  const asked = [
    ['How is coffee made?', 1],
    ['When does the train go?', 3],
    ['Where are the API keys stored?', 0],
  ];
  for (const [query, best] of asked) {
    const found = await client.vectorStores.search(id, { query, max_num_results: 2 });
    assert.equal(found.data.length, 2);
    assert.equal(found.data[0].content[0].text, notes[best]);
    assert.equal(found.data[0].filename, `note-${best}.txt`);
    assert.ok(found.data[0].score > found.data[1].score);
    assert.ok(found.data[0].score <= 1);
  }
});

test('scores are those of the embeddings themselves', async () => {
  const { id } = await store(notes.slice(0, 2));
  const query = 'hot drinks';
  const { data } = await client.embeddings.create({ model: 'all-minilm-l6-v2', input: [query, ...notes.slice(0, 2)] });
  const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const found = await client.vectorStores.search(id, { query });
  for (const result of found.data) {
    const note = notes.indexOf(result.content[0].text);
    const cosine = Math.max(0, dot(data[0].embedding, data[note + 1].embedding));
    assert.ok(Math.abs(result.score - cosine) < 1e-3, `${result.score} is not ${cosine}`);
  }
});

test('filters, thresholds and several queries', async () => {
  const { id } = await store(notes, (i) => ({ number: i, odd: i % 2 === 1 }));
  const odd = await client.vectorStores.search(id, {
    query: 'Where are the API keys stored?',
    filters: { type: 'and', filters: [{ type: 'eq', key: 'odd', value: true }, { type: 'lt', key: 'number', value: 3 }] },
  });
  assert.deepEqual(odd.data.map((result) => result.content[0].text), [notes[1]]);
  assert.equal(odd.data[0].attributes.number, 1);
  const none = await client.vectorStores.search(id, { query: notes[1], ranking_options: { score_threshold: 0.999999 } });
  assert.ok(none.data.length <= 1);
  const both = await client.vectorStores.search(id, { query: ['coffee', 'train departure'], max_num_results: 2 });
  assert.deepEqual(new Set(both.data.map((result) => result.content[0].text)), new Set([notes[1], notes[3]]));
});

test('what is detached or deleted is found no more', async () => {
  const { id } = await store(notes.slice(0, 2));
  const files = [];
  for await (const file of client.vectorStores.files.list(id, { order: 'asc', limit: 1 })) files.push(file);
  assert.equal(files.length, 2);
  await client.vectorStores.files.delete(files[0].id, { vector_store_id: id });
  const found = await client.vectorStores.search(id, { query: notes[0] });
  assert.deepEqual(found.data.map((result) => result.content[0].text), [notes[1]]);
  const content = await client.vectorStores.files.content(files[1].id, { vector_store_id: id });
  assert.equal(content.data[0].text, notes[1]);
  assert.equal((await client.vectorStores.delete(id)).deleted, true);
  await assert.rejects(client.vectorStores.search(id, { query: 'x' }), OpenAI.NotFoundError);
});

test('stores and models are listed', async () => {
  const { id } = await store(notes.slice(0, 1));
  const kept = await client.vectorStores.retrieve(id);
  assert.equal(kept.file_counts.completed, 1);
  assert.equal(kept.metadata.owner, 'tests');
  const ids = [];
  for await (const one of client.vectorStores.list({ limit: 2 })) ids.push(one.id);
  assert.ok(ids.includes(id));
  const models = [];
  for await (const one of client.models.list()) models.push(one.id);
  assert.equal(models[0], 'all-minilm-l6-v2');
  assert.ok(models.length > 1, 'the models of the gateway are listed too');
});

test('chat completions go on to the gateway, streamed and whole', async () => {
  const { id } = await store(notes);
  const question = 'How is coffee made?';
  const [found] = (await client.vectorStores.search(id, { query: question, max_num_results: 1 })).data;
  const messages = [
    { role: 'system', content: `Answer from this: ${found.content[0].text}` },
    { role: 'user', content: question },
  ];
  const whole = await client.chat.completions.create({ model: MODEL, messages });
  assert.ok(whole.choices[0].message.content.length > 0);
  let text = '';
  for await (const chunk of await client.chat.completions.create({ model: MODEL, messages, stream: true })) {
    text += chunk.choices[0]?.delta?.content ?? '';
  }
  assert.ok(text.length > 0);
});

test('refusals are the ones that the package knows', async () => {
  const stranger = new OpenAI({ baseURL: `${baseUrl()}/v1`, apiKey: environment('LG_WRONG_TOKEN', 'sk-wrong'), maxRetries: 0 });
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
  await assert.rejects(
    client.chat.completions.create({ model: MODEL, messages: [], tools: [{ type: 'file_search' }] }),
    (error) => error instanceof OpenAI.BadRequestError && /no file_search/.test(error.message),
  );
  await assert.rejects(client.embeddings.create({ model: 'text-embedding-3-small', input: 'x' }), OpenAI.BadRequestError);
  await assert.rejects(client.files.create({ file: await toFile(Buffer.from('x'), 'x.txt'), purpose: 'batch' }), OpenAI.BadRequestError);
});
