import assert from "node:assert/strict";
import { test } from "node:test";
import { FheClient, PrivacyBudgetExhausted } from "../src/index.js";
import { seal } from "../support/seal.mjs";
import { ask, baseUrl, inner, near, numbers, token, unit } from "./settings.mjs";

const ROWS = 3000;
const DIMENSION = 384;
const QUERIES = 5;
const BEST = 10;

/** Forty times the deviation that docs/fhe.md gives for an error. */
const ERROR_MAX = 2e-5;

for (const preset of ["S12", "S13"]) {
  test(`${preset}: finds the rows that a scan in the clear finds`, async () => {
    const random = numbers(17);
    const rows = Array.from({ length: ROWS }, () => unit(random, DIMENSION));
    const floats = new Float32Array(ROWS * DIMENSION);
    rows.forEach((row, i) => floats.set(row, i * DIMENSION));
    const name = `texts-${preset.toLowerCase()}-${process.env.LG_NODE_SEAL ?? "6"}`;
    const path = `/v1/fhe/indexes/${name}?rows=${ROWS}&dimension=${DIMENSION}&preset=${preset}`;
    const stored = await ask(path, "PUT", new Uint8Array(floats.buffer), "application/octet-stream");
    assert.equal(stored.rows, ROWS, JSON.stringify(stored));

    const client = new FheClient({ baseUrl, token, seal, preset });
    let worst = 0;
    for (let i = 0; i < QUERIES; i++) {
      const query = unit(random, DIMENSION);
      const exact = rows.map((row, at) => ({ row: at, score: inner(row, query) }));
      const best = [...exact].sort((a, b) => b.score - a.score);
      const found = await client.search(name, query, BEST);
      assert.deepEqual(
        found.map(({ row }) => row),
        best.slice(0, BEST).map(({ row }) => row),
      );
      found.forEach(({ row, score }) => near(score, exact[row].score, ERROR_MAX));
      worst = Math.max(worst, ...found.map(({ row, score }) => Math.abs(score - exact[row].score)));
    }
    console.log(`${preset}: greatest error of ${QUERIES} searches of ${ROWS} rows ${worst.toExponential(1)}, recall@${BEST} 1`);
    assert.deepEqual((await ask(`/v1/fhe/sessions/${client.sessionId}/keys`)).keys, []);
    await client.close();
  });
}

test("scores under terms of privacy hold noise, and end with the budget", async () => {
  const random = numbers(23);
  const rows = Array.from({ length: 64 }, () => unit(random, DIMENSION));
  const floats = new Float32Array(64 * DIMENSION);
  rows.forEach((row, i) => floats.set(row, i * DIMENSION));
  const name = `paid-${process.env.LG_NODE_SEAL ?? "6"}`;
  const privacy = { epsilon_per_query: 2, epsilon_budget: 4, delta: 1e-5, composition: "sum", apply_to_owner: true };
  const stored = await ask(
    `/v1/fhe/indexes/${name}?rows=64&dimension=${DIMENSION}&preset=S12`,
    "PUT",
    new Uint8Array(floats.buffer),
    "application/octet-stream",
    { "x-latticegate-index-options": JSON.stringify({ privacy }) },
  );
  assert.deepEqual(stored.query?.keys, ["public"], JSON.stringify(stored));

  const client = new FheClient({ baseUrl, token, seal, preset: "S12" });
  for (let i = 0; i < 2; i++) {
    const query = unit(random, DIMENSION);
    const found = await client.search(name, query, 64);
    const errors = found.map(({ row, score }) => score - inner(rows[row], query));
    const deviation = Math.sqrt(inner(errors, errors) / errors.length);
    assert.ok(deviation > stored.scores.sigma / 2 && deviation < stored.scores.sigma * 2, `${deviation}, not about ${stored.scores.sigma}`);
  }
  await assert.rejects(client.search(name, unit(random, DIMENSION), 1), PrivacyBudgetExhausted);
  await client.close();
});
