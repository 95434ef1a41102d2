import assert from "node:assert/strict";
import { test } from "node:test";
import { FheClient } from "../src/index.js";
import { seal } from "../support/seal.mjs";
import { ask, baseUrl, inner, near, numbers, token, unit } from "./settings.mjs";

const INPUT = 48;
const HIDDEN = 16;
const LABELS = ["order", "refund", "other"];
const EMBEDDINGS = 4;

test("a head of two layers scores embeddings as it does in the clear", async () => {
  const random = numbers(5);
  const layer = (rows, columns) => ({
    weights: Array.from({ length: rows }, () => [...unit(random, columns)]),
    bias: Array.from({ length: rows }, () => random() / 4),
  });
  const hidden = layer(HIDDEN, INPUT);
  const scores = layer(LABELS.length, HIDDEN);
  const clear = (embedding) => {
    const squares = hidden.weights.map((row, i) => (inner(row, embedding) + hidden.bias[i]) ** 2);
    return scores.weights.map((row, i) => inner(row, squares) + scores.bias[i]);
  };
  const name = `intent-${process.env.LG_NODE_SEAL ?? "6"}`;
  const stored = await ask(`/v1/fhe/heads/${name}`, "PUT", {
    input: INPUT,
    layers: [{ ...hidden, activation: "square" }, scores],
    labels: LABELS,
  });
  assert.equal(stored.outputs, LABELS.length, JSON.stringify(stored));

  const client = new FheClient({ baseUrl, token, seal, preset: "S14" });
  let worst = 0;
  for (let i = 0; i < EMBEDDINGS; i++) {
    const embedding = unit(random, INPUT);
    const found = await client.infer(name, embedding);
    const expected = clear(embedding);
    expected.forEach((score, at) => near(found.values[at], score, stored.error_bound));
    worst = Math.max(worst, ...expected.map((score, at) => Math.abs(found.values[at] - score)));
    assert.equal(found.values.length, LABELS.length);
    assert.equal(found.label(), LABELS[expected.indexOf(Math.max(...expected))]);
  }
  console.log(`head ${INPUT}-${HIDDEN}-${LABELS.length}: greatest error of ${EMBEDDINGS} embeddings ${worst.toExponential(1)}, bound ${stored.error_bound.toExponential(1)}`);
  const keys = (await ask(`/v1/fhe/sessions/${client.sessionId}/keys`)).keys;
  assert.equal(keys.find(({ kind }) => kind === "galois").keys, stored.elements.length);
  await client.close();
});
