import assert from "node:assert/strict";
import { test } from "node:test";
import { BrokenReply, FheClient, PRESETS } from "../src/index.js";
import { parametersContainer, plaintextContainer, plaintextValues } from "../src/containers.js";
import { Fields } from "../src/fields.js";
import { Index, TopK } from "../src/indexes.js";
import { sealCalls } from "../src/seal.js";
import { Transform } from "../src/transform.js";
import { FakeService, frame, framesReply, json, jsonFrame } from "../support/fake-service.mjs";
import { seal } from "../support/seal.mjs";

const preset = PRESETS.S12;
const calls = sealCalls(seal);
const context = calls.context(calls.parameters(parametersContainer(preset)));
const prime = Number(preset.primes[0]);
const transform = new Transform(preset.degree, preset.primes[0]);

/** A generator of numbers in [-1, 1) that is the same in every run. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

test("the transform has SEAL's order and signs", () => {
  const encoder = calls.encoder(context);
  const { degree } = preset;
  for (const exponent of [1, 2, 777, 2047]) {
    // X^e - X^(N-e) has a real value at every root: 2·cos of e times its angle.
    let angle = 1;
    const slots = Float64Array.from({ length: degree / 2 }, () => {
      const value = 2 * Math.cos((Math.PI * angle * exponent) / degree);
      angle = (angle * 3) % (2 * degree);
      return value;
    });
    const theirs = calls.bytes(calls.encode(encoder, slots, 2 ** 24), "none");
    const coefficients = new Float64Array(degree);
    coefficients[exponent] = 2 ** 24;
    coefficients[degree - exponent] = prime - 2 ** 24;
    const ours = transform.forward(coefficients.slice());
    assert.deepEqual(ours, plaintextValues(preset, theirs));
    assert.deepEqual(plaintextContainer(preset, ours, 2 ** 24), theirs);
    assert.deepEqual(transform.inverse(ours), coefficients);
  }
});

test("the transform turns products of values into negacyclic products, also of the greatest residues", () => {
  const random = numbers(7);
  const { degree, primes } = preset;
  const a = Float64Array.from({ length: degree }, () => Math.floor(((random() + 1) / 2) * prime));
  const b = Float64Array.from({ length: degree }, (_, i) => (i < 3 ? prime - 1 - i : 0));
  const product = Array.from({ length: degree }, (_, i) =>
    [0, 1, 2].reduce((sum, k) => {
      const term = BigInt(a[(i - k + degree) % degree]) * BigInt(b[k]);
      return sum + (i >= k ? term : -term);
    }, 0n),
  ).map((value) => Number(((value % primes[0]) + primes[0]) % primes[0]));
  const valuesOfA = transform.forward(a);
  const valuesOfB = transform.forward(b);
  const values = valuesOfA.map((value, i) => Number((BigInt(value) * BigInt(valuesOfB[i])) % primes[0]));
  assert.deepEqual([...transform.inverse(values)], product);
});

const DESCRIPTION = {
  name: "texts",
  version: 3,
  preset: "S12",
  rows: 700,
  dimension: 20,
  query: { ciphertexts: 3, elements: [], keys: [], level: 0, scale: 2 ** 28, seeded: false, packing: "coefficients/8" },
  scores: { blocks: 2, level: 0, scale: 2 ** 48 },
};
const described = (change) => new Index(new Fields({ ...DESCRIPTION, ...change }, "the index"), preset);

for (const change of [
  { rows: 2000 },
  { rows: 0 },
  { dimension: 4 },
  { dimension: 5000 },
  { query: { ...DESCRIPTION.query, packing: "coefficients/7" } },
  { query: { ...DESCRIPTION.query, packing: "coefficients/8192" } },
  { query: { ...DESCRIPTION.query, packing: "slots" } },
  { query: { ...DESCRIPTION.query, scale: 2 ** 27 } },
  { query: { ...DESCRIPTION.query, scale: 3 }, scores: { ...DESCRIPTION.scores, scale: 3 * 2 ** 20 } },
  { query: { ...DESCRIPTION.query, scale: 2 ** 40 }, scores: { ...DESCRIPTION.scores, scale: 2 ** 60 } },
  { query: { ...DESCRIPTION.query, level: 1 } },
  { query: { ...DESCRIPTION.query, elements: [3] } },
  { query: { ...DESCRIPTION.query, keys: ["secret"] } },
]) {
  test(`refuses an index with ${JSON.stringify(change)}`, () => {
    assert.throws(() => described(change), BrokenReply);
  });
}

test("refuses queries for which scores could wrap around", () => {
  for (const query of [[1], Array(20).fill(1), Array(20).fill(Number.NaN), Array(21).fill(0)]) {
    assert.throws(() => described({}).pack(query), RangeError);
  }
});

test("keeps the best rows, of equal scores the first", () => {
  const best = new TopK(3);
  [0.1, 0.5, 0.3, 0.5, 0.2, 0.5, 0.4].forEach((score, row) => best.offer(row, score));
  assert.deepEqual(
    best.best().map(({ row }) => row),
    [1, 3, 5],
  );
  assert.throws(() => new TopK(0), RangeError);
});

function unit(random, length) {
  const vector = Array.from({ length }, random);
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

/** Multiplies queries with rows by SEAL, as the service does by means of its own. */
class FakeIndex {
  #rows;
  #service;

  constructor(service, rows) {
    this.#service = service;
    this.#rows = rows;
  }

  answer = (request) => {
    if (request.path === "/v1/fhe/indexes/texts") {
      return json(200, DESCRIPTION);
    }
    if (request.path !== "/v1/fhe/indexes/texts/search") {
      return undefined;
    }
    const { job, inputs } = FakeService.asked(request);
    const pieces = inputs.map((container) => this.#service.load(container));
    const blocks = [0, 1].map((block) => frame(2, this.#service.sumOfProducts(pieces, pieces.map((_, piece) => this.#plain(block, piece)))));
    return framesReply(jsonFrame(1, { job, version: this.version, blocks: 2 }), ...blocks, jsonFrame(3, { frames: 3 }));
  };

  version = DESCRIPTION.version;

  #plain(block, piece) {
    const coefficients = new Float64Array(preset.degree);
    this.#rows.slice(block * 512, (block + 1) * 512).forEach((row, r) => {
      row.slice(piece * 8, (piece + 1) * 8).forEach((component, k) => {
        const rounded = Math.round(component * 2 ** 20);
        coefficients[r * 8 + 7 - k] = rounded < 0 ? rounded + prime : rounded;
      });
    });
    return plaintextContainer(preset, transform.forward(coefficients), 2 ** 20);
  }
}

test("finds the rows that are nearest, in blocks and pieces", async () => {
  const random = numbers(11);
  const rows = Array.from({ length: DESCRIPTION.rows }, () => unit(random, DESCRIPTION.dimension));
  const service = new FakeService("S12");
  const index = new FakeIndex(service, rows);
  service.lies.push(index.answer);
  const client = new FheClient({ baseUrl: "https://fhe.test", token: "sk-test", seal, preset: "S12", fetch: service.fetch });
  for (let i = 0; i < 3; i++) {
    const query = unit(random, DESCRIPTION.dimension);
    const exact = rows.map((row) => row.reduce((sum, value, k) => sum + value * query[k], 0));
    const best = exact.map((score, row) => ({ row, score })).sort((a, b) => b.score - a.score).slice(0, 10);
    const found = await client.search("texts", query, 10);
    assert.deepEqual(
      found.map(({ row }) => row),
      best.map(({ row }) => row),
    );
    found.forEach(({ score }, at) => assert.ok(Math.abs(score - best[at].score) < 1e-4, `score ${score}, not ${best[at].score}`));
  }

  index.version = 4;
  await assert.rejects(client.search("texts", unit(random, DESCRIPTION.dimension), 1), /replaced meanwhile/);
  await assert.rejects(client.search("../keys", [1], 1), TypeError);
  await client.close();
});
