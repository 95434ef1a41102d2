// Against a service whose sessions have no grace; LG_OTHER_TOKEN is of another project.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Circuit, FheClient, NotFound, ServiceRefusal } from "../src/index.js";
import { seal } from "../support/seal.mjs";
import { ask, baseUrl, token } from "./settings.mjs";

const otherToken = process.env.LG_OTHER_TOKEN;

/** What the planner's worst-case bound for these circuits stays far below. */
const ERROR_MAX = 1e-4;

const clients = [];

function clientOf(options) {
  const client = new FheClient({ baseUrl, token, seal, ...options });
  clients.push(client);
  return client;
}

after(() => Promise.all(clients.map((client) => client.close())));

const numbers = (count, of) => Float64Array.from({ length: count }, (_, i) => of(i));

function near(actual, expected) {
  assert.equal(actual.length, expected.length);
  const errors = actual.map((value, i) => Math.abs(value - expected[i]));
  const worst = errors.reduce((most, error) => Math.max(most, error), 0);
  assert.ok(worst < ERROR_MAX, `an error of ${worst}`);
  return worst;
}

for (const preset of ["S13", "S14"]) {
  test(`${preset}: every operation gives what it gives in the clear`, async () => {
    const circuit = new Circuit(preset);
    const a = circuit.input();
    const b = circuit.input();
    const product = circuit.rescale(circuit.relinearise(circuit.multiply(a, b)));
    const outputs = [
      circuit.rotate(product, 1),
      circuit.rotate(product, -2),
      circuit.add(a, b),
      circuit.subtract(a, b),
      circuit.negate(circuit.lower(a, 0)),
      circuit.conjugate(b),
      circuit.square(a),
    ];
    outputs.forEach((output) => circuit.output(output));

    const client = clientOf({ preset });
    const count = preset === "S13" ? 4096 : 8192;
    const x = numbers(count, (i) => Math.sin(i));
    const y = numbers(count, (i) => Math.cos(3 * i) / 2);
    const expected = [
      (i) => x[(i + 1) % count] * y[(i + 1) % count],
      (i) => x[(i + count - 2) % count] * y[(i + count - 2) % count],
      (i) => x[i] + y[i],
      (i) => x[i] - y[i],
      (i) => -x[i],
      (i) => y[i],
      (i) => x[i] * x[i],
    ];
    let worst = 0;
    (await client.ops(circuit, [x, y])).forEach((output, i) => {
      worst = Math.max(worst, near(output, numbers(count, expected[i])));
    });
    console.log(`${preset}: greatest error of 7 outputs ${worst.toExponential(1)}`);

    const keys = (await ask(`/v1/fhe/sessions/${client.sessionId}/keys`)).keys;
    assert.deepEqual(keys.map(({ kind }) => kind).sort(), ["galois", "relin"]);
    assert.equal(keys.find(({ kind }) => kind === "galois").keys, 3);
  });
}

test("outputs arrive one by one", async () => {
  const circuit = new Circuit("S13");
  const input = circuit.input();
  circuit.output(circuit.negate(input)).output(circuit.add(input, input));
  const seen = [];
  for await (const output of clientOf({}).opsStream(circuit, [[1, 2, 3]])) {
    seen.push(output.slice(0, 3).map((value) => Math.round(value * 1000) / 1000));
  }
  assert.deepEqual(seen, [Float64Array.of(-1, -2, -3), Float64Array.of(2, 4, 6)]);
});

function rotation(by) {
  const circuit = new Circuit("S13");
  return circuit.output(circuit.rotate(circuit.input(), by));
}

test("adds keys to a session, and replaces the session with all of them", async () => {
  const client = clientOf({});
  const x = numbers(4096, (i) => i / 4096);
  const rotated = async (by) => near((await client.ops(rotation(by), [x]))[0], numbers(4096, (i) => x[(i + by) % 4096]));
  await rotated(1);
  await rotated(64);
  const first = client.sessionId;
  await client.renew();
  assert.notEqual(client.sessionId, first);
  await rotated(1);

  assert.equal((await ask("/v1/fhe/sessions")).sessions.find(({ id }) => id === first).state, "expired");
  const session = await ask(`/v1/fhe/sessions/${client.sessionId}`);
  assert.equal(session.epoch, 2);
  assert.equal((await ask(`/v1/fhe/sessions/${client.sessionId}/keys`)).keys[0].keys, 2);
});

test("goes on where its session was deleted", async () => {
  const client = clientOf({});
  await client.ops(rotation(1), [[1]]);
  const first = client.sessionId;
  await ask(`/v1/fhe/sessions/${first}`, "DELETE");
  near((await client.ops(rotation(1), [[0, 5]]))[0], numbers(4096, (i) => (i === 0 ? 5 : 0)));
  assert.notEqual(client.sessionId, first);
});

test("makes new keys where the service says that its own have expired", async () => {
  const client = clientOf({});
  await client.ops(rotation(1), [[1]]);
  const first = client.sessionId;
  await ask("/v1/fhe/sessions", "POST", { preset: "S13", replaces: first });
  near((await client.ops(rotation(1), [[0, 6]]))[0], numbers(4096, (i) => (i === 0 ? 6 : 0)));
  assert.notEqual(client.sessionId, first);
});

test("closing deletes the session", async () => {
  const client = clientOf({});
  await client.ops(rotation(1), [[1]]);
  const session = client.sessionId;
  await client.close();
  clients.pop();
  assert.equal((await ask(`/v1/fhe/sessions/${session}`)).error.code, "not_found");
});

test("refusals have the service's code", async () => {
  const client = clientOf({ token: "sk-0123456789012345678901" });
  await assert.rejects(
    client.ops(rotation(1), [[1]]),
    (fault) => fault instanceof ServiceRefusal && fault.status === 401 && fault.code === "token_not_found" && fault.requestId.length > 0,
  );
  await assert.rejects(
    clientOf({}).ops(rotation(1), [[1]], { deadlineMs: -1 }),
    (fault) => fault instanceof ServiceRefusal && fault.code === "invalid_request",
  );
  await assert.rejects(clientOf({ token: otherToken, preset: "S14" }).infer("no-such-head", [1]), NotFound);
});
