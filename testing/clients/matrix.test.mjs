// One column of the translation matrix: the package of LG_DIALECT, unmodified, against the model LG_MODEL, whichever protocol
// its provider, LG_BEHIND, speaks. Eight tests, one a cell, and one more for each kind of file that the package can send. What the gateway says it left out is printed as "dropped <cell>: <fields>".
// Settings: settings.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environment, eventually, mark, model, recorded } from './settings.mjs';

const dropped = [];
const fetched = globalThis.fetch;
globalThis.fetch = async (...call) => {
  const response = await fetched(...call);
  note(response.headers.get('x-latticegate-dropped'));
  return response;
};
const note = (fields) => fields?.split(',').forEach((field) => dropped.push(field.trim()));

const { connect } = await import(`./matrix/${environment('LG_DIALECT', 'openai')}.mjs`);
const MODEL = model('gpt-4o-mini');
const client = connect({ model: MODEL, note });

const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const weather = {
  name: 'get_weather',
  description: 'Weather of a city',
  schema: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city', 'days'], additionalProperties: false },
};
const time = {
  name: 'get_time',
  description: 'Time in a city',
  schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
};
const called = [
  { name: 'get_weather', arguments: { city: 'echo-1', days: 1 } },
  { name: 'get_time', arguments: { city: 'echo-2' } },
];

const cell = (name, check) =>
  test(name, async () => {
    dropped.length = 0;
    await check();
    if (dropped.length) console.log(`dropped ${name}: ${[...new Set(dropped)].sort().join(' ')}`);
  });

const seen = (marked) => eventually(`the provider to see ${marked}`, async () => (await recorded((each) => each.body.includes(marked)))[0]);

cell('text', async () => {
  const answer = await client.ask({ system: 'be brief', text: 'hello wörld 🎉' });

  assert.equal(answer.text, 'echo: hello wörld 🎉');
  assert.equal(answer.finish, 'stop');
  assert.deepEqual(answer.usage, { input: 5, output: 4 });
});

cell('stream', async () => {
  const answer = await client.stream({ system: 'be brief', text: 'one two three' });

  assert.equal(answer.text, 'echo: one two three');
  assert.equal(answer.finish, 'stop');
  assert.ok(answer.pieces > 1, `${answer.pieces} pieces`);
  assert.deepEqual(answer.usage, { input: 5, output: 4 });
});

cell('tools', async () => {
  const question = { text: 'both in parallel', tools: [weather, time] };
  const answer = await client.ask(question);

  assert.deepEqual(answer.calls.map(({ name, arguments: given }) => ({ name, arguments: given })), called);
  assert.equal(answer.finish, 'tools');

  const next = await client.answer(question, answer, ['sunny', 'noon']);
  assert.match(next.text, /^tool said: .*sunny.*noon/s);
});

cell('stream and tools', async () => {
  const question = { text: 'both in parallel', tools: [weather, time] };
  const answer = await client.stream(question);

  assert.deepEqual(answer.calls.map(({ name, arguments: given }) => ({ name, arguments: given })), called);
  assert.equal(answer.finish, 'tools');
});

cell('image', async () => {
  const marked = mark();
  const answer = await client.ask({ text: marked, picture: PICTURE });

  assert.equal(answer.text, `echo: ${marked}`);
  assert.ok((await seen(marked)).body.includes(PICTURE));
});

const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF').toString('base64');
const SOUND = Buffer.from('RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0', 'latin1').toString('base64');
const TAKES = { document: ['openai', 'responses', 'anthropic', 'gemini', 'bedrock'], audio: ['openai', 'gemini'] };

for (const kind of client.files)
  cell(kind, async () => {
    const marked = mark();
    const file = kind === 'audio' ? SOUND : PDF;
    const asked = client.ask({ text: marked, [kind === 'audio' ? 'sound' : 'pdf']: file });
    if (TAKES[kind].includes(environment('LG_BEHIND', 'openai'))) {
      assert.equal((await asked).text, `echo: ${marked}`);
      assert.ok((await seen(marked)).body.includes(file));
      return;
    }
    const refused = await asked.then(
      (answer) => assert.fail(`answered: ${JSON.stringify(answer)}`),
      (error) => error,
    );
    assert.equal(client.status(refused), 400, String(refused));
    assert.match(String(refused.message), /cannot be carried/);
    assert.deepEqual(await recorded((each) => each.body.includes(marked)), []);
  });

cell('JSON schema', async () => {
  const answer = await client.ask({ text: 'weather as JSON', schema: weather });

  assert.deepEqual(JSON.parse(answer.text), { city: 'echo-1', days: 1 });
});

cell('reasoning', async () => {
  const marked = mark();
  const question = { text: marked, reasoning: true };
  const answer = await client.ask(question);

  assert.equal(answer.text, `echo: ${marked}`);
  assert.match((await seen(marked)).body, /reasoning|thinking|effort/i);

  const next = await client.continue(question, answer, 'go on');
  assert.equal(next.text, 'echo: go on');
});

cell('error', async () => {
  for (const status of [400, 429, 503]) {
    const failure = await client.ask({ text: 'fail', model: `${MODEL}+status=${status}` }).then(
      (answer) => assert.fail(`answered: ${JSON.stringify(answer)}`),
      (error) => error,
    );
    assert.equal(client.status(failure), status, String(failure));
  }
});
