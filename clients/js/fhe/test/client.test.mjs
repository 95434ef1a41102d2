import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { BrokenReply, Circuit, FheClient, KeyEpochExpired, Overloaded, ParameterMismatch, ServiceRefusal, ServiceUnreachable } from "../src/index.js";
import { FakeService, description, frame, framesReply, json, jsonFrame, refusal } from "../support/fake-service.mjs";
import { seal } from "../support/seal.mjs";

const HOUR_MS = 3_600_000;
const ERROR_MAX = 1e-6;

let service;
let client;
let now;

beforeEach(() => {
  now = 0;
  service = new FakeService();
  client = clientOf({});
});

afterEach(() => client.close());

function clientOf(options) {
  return new FheClient({ baseUrl: "https://fhe.test", token: "sk-test", seal, fetch: service.fetch, now: () => now, ...options });
}

function negation(inputs = 1) {
  const circuit = new Circuit("S13");
  const values = Array.from({ length: inputs }, () => circuit.input());
  values.map((value) => circuit.negate(value)).forEach((value) => circuit.output(value));
  return circuit;
}

function rotation(by) {
  const circuit = new Circuit("S13");
  return circuit.output(circuit.rotate(circuit.input(), by));
}

const isOps = ({ path }) => path.endsWith("/ops");
const asked = (method, part) => service.requests.filter((request) => request.method === method && request.path.includes(part));

function close(actual, expected) {
  expected.forEach((value, i) => assert.ok(Math.abs(actual[i] - value) < ERROR_MAX, `slot ${i} is ${actual[i]}, not ${value}`));
}

test("encrypts, has the service compute, decrypts", async () => {
  const [negative] = await client.ops(negation(), [[1.5, -2, 0.25]]);

  assert.equal(negative.length, 4096);
  close(negative, [-1.5, 2, -0.25, 0, 0]);
  assert.equal(asked("POST", "/sessions")[0].headers.authorization, "Bearer sk-test");
});

test("decrypts each output when it has arrived, before the next is there", async () => {
  const second = Promise.withResolvers?.() ?? deferred();
  service.lies.push((request) => {
    if (!isOps(request)) return undefined;
    const { job, inputs } = FakeService.asked(request);
    return new Response(
      new ReadableStream({
        async start(controller) {
          controller.enqueue(jsonFrame(1, { job, outputs: [] }));
          controller.enqueue(frame(2, service.negated(inputs[0])));
          await second.promise;
          controller.enqueue(frame(2, service.negated(inputs[1])));
          controller.enqueue(jsonFrame(3, { frames: 3 }));
          controller.close();
        },
      }),
      { headers: { "content-type": "application/vnd.latticegate.frames" } },
    );
  });

  const outputs = client.opsStream(negation(2), [[1], [2]]);
  close((await outputs.next()).value, [-1]);
  second.resolve();
  close((await outputs.next()).value, [-2]);
  assert.equal((await outputs.next()).done, true);
});

function deferred() {
  const made = {};
  made.promise = new Promise((resolve) => (made.resolve = resolve));
  return made;
}

for (const [what, change] of [
  ["smaller primes", (params) => (params.primes[0] = "1099511480321")],
  ["another degree", (params) => (params.degree = 4096)],
  ["another parms_id", (params) => (params.level_parms[1].parms_id = params.level_parms[0].parms_id)],
  ["a further level", (params) => params.level_parms.push({ level: 2, parms_id: "00" })],
  ["another scale", (params) => (params.scale = 2 ** 20)],
]) {
  test(`refuses a service with ${what}, before it makes a session`, async () => {
    const params = description("S13");
    change(params);
    service.lies.push(({ path }) => (path.includes("/params/") ? json(200, params) : undefined));

    await assert.rejects(client.ops(negation(), [[1]]), ParameterMismatch);
    assert.equal(asked("POST", "/sessions").length, 0);
  });
}

const HOSTILE = {
  "stops inside a ciphertext": ({ job, good }) => [jsonFrame(1, { job }), frame(2, good).subarray(0, 1000)],
  "stops before its end": ({ job, good }) => [jsonFrame(1, { job }), frame(2, good)],
  "stops inside a frame's head": ({ job, good }) => [jsonFrame(1, { job }), frame(2, good).subarray(0, 5)],
  "ends before the result": ({ job }) => [jsonFrame(1, { job }), jsonFrame(3, { frames: 1 })],
  "has a result too many": ({ job, good }) => [jsonFrame(1, { job }), frame(2, good), frame(2, good), jsonFrame(3, { frames: 3 })],
  "counts wrongly": ({ job, good }) => [jsonFrame(1, { job }), frame(2, good), jsonFrame(3, { frames: 7 })],
  "goes on behind its end": ({ job, good }) => [jsonFrame(1, { job }), frame(2, good), jsonFrame(3, { frames: 2 }), Buffer.alloc(1)],
  "claims four gigabytes of ciphertext": ({ job, good }) => [jsonFrame(1, { job }), frame(2, good, 0xffffffff)],
  "claims four gigabytes of JSON": ({ good }) => [frame(1, good, 0xffffffff)],
  "has a frame of an unknown type": ({ job, good }) => [jsonFrame(1, { job }), frame(9, good)],
  "is to another job": ({ good }) => [jsonFrame(1, { job: "other" }), frame(2, good), jsonFrame(3, { frames: 2 })],
  "is no JSON": () => [frame(1, Buffer.from("{")), jsonFrame(3, { frames: 1 })],
  "has another level's parms_id": ({ job, good }) => {
    Buffer.from(description("S13").level_parms[0].parms_id, "hex").copy(good, 16);
    return [jsonFrame(1, { job }), frame(2, good), jsonFrame(3, { frames: 2 })];
  },
  "has another scale": ({ job, good }) => {
    good.writeDoubleLE(2 ** 39, 73);
    return [jsonFrame(1, { job }), frame(2, good), jsonFrame(3, { frames: 2 })];
  },
  "has a residue above its prime": ({ job, good }) => {
    good.writeBigUInt64LE(2n ** 63n, good.length - 8);
    return [jsonFrame(1, { job }), frame(2, good), jsonFrame(3, { frames: 2 })];
  },
  "says it is compressed": ({ job, good }) => {
    good.writeUInt8(2, 5);
    return [jsonFrame(1, { job }), frame(2, good), jsonFrame(3, { frames: 2 })];
  },
};
for (const [what, lie] of Object.entries(HOSTILE)) {
  test(`refuses a reply that ${what}`, async () => {
    service.lies.push((request) => {
      if (!isOps(request)) return undefined;
      const { job, inputs } = FakeService.asked(request);
      return framesReply(...lie({ job, good: service.negated(inputs[0]) }));
    });

    await assert.rejects(client.ops(negation(), [[1]]), BrokenReply);
  });
}

test("throws what the service says in an error frame", async () => {
  service.lies.push((request) =>
    isOps(request)
      ? framesReply(jsonFrame(1, { job: FakeService.asked(request).job }), jsonFrame(4, { error: { code: "deadline_exceeded", message: "late" } }))
      : undefined,
  );

  await assert.rejects(
    client.ops(negation(), [[1]]),
    (fault) => fault instanceof ServiceRefusal && fault.status === 0 && fault.code === "deadline_exceeded" && fault.detail === "late",
  );
});

test("refuses an answer that never ends", async () => {
  service.lies.push(({ path }) =>
    path === "/v1/fhe/sessions"
      ? new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1 << 16).fill(32)) }))
      : undefined,
  );

  await assert.rejects(client.ops(negation(), [[1]]), /more than 1048576 bytes/);
});

test("makes new keys, once, when the service says that they have expired", async () => {
  await client.ops(negation(), [[1]]);
  const first = client.sessionId;
  service.lies.push((request) => (isOps(request) && request.path.includes(first) ? refusal(410, "key_epoch_expired") : undefined));

  close((await client.ops(negation(), [[3]]))[0], [-3]);
  assert.notEqual(client.sessionId, first);
  assert.equal(service.sessions.get(client.sessionId).replaces, first);
});

test("gives up when fresh keys have expired too", async () => {
  service.lies.push((request) => (isOps(request) ? refusal(410, "key_epoch_expired") : undefined));

  await assert.rejects(client.ops(negation(), [[1]]), KeyEpochExpired);
  assert.equal(asked("POST", "/ops").length, 2);
});

test("makes another session where the service has forgotten its own", async () => {
  await client.ops(negation(), [[1]]);
  service.sessions.delete(client.sessionId);

  close((await client.ops(negation(), [[4]]))[0], [-4]);
});

test("renews keys before they expire, and never under the old secret", async () => {
  await client.ops(negation(), [[1]]);
  const first = client.sessionId;
  const secret = await client.exportSecretUnencrypted();
  now = 22 * HOUR_MS;
  await client.ops(negation(), [[1]]);
  assert.equal(client.sessionId, first);
  now = 23 * HOUR_MS;
  await client.ops(negation(), [[1]]);

  assert.equal(service.sessions.get(client.sessionId).replaces, first);
  assert.notDeepEqual(await client.exportSecretUnencrypted(), secret);
});

test("keys serve for a day, even where the service would let them serve for a year", async () => {
  service.lifeMs = 365 * 24 * HOUR_MS;
  await client.ops(negation(), [[1]]);
  const first = client.sessionId;
  now = 24 * HOUR_MS;
  await client.ops(negation(), [[1]]);

  assert.notEqual(client.sessionId, first);
});

test("keys that are due serve on while the service has no room for others", async () => {
  await client.ops(negation(), [[1]]);
  const first = client.sessionId;
  service.lies.push(({ method, path }) =>
    method === "POST" && path === "/v1/fhe/sessions" ? refusal(503, "overloaded", { "retry-after": "7" }) : undefined,
  );
  now = 23 * HOUR_MS;
  close((await client.ops(negation(), [[5]]))[0], [-5]);
  assert.equal(client.sessionId, first);

  now = 25 * HOUR_MS;
  await assert.rejects(client.ops(negation(), [[5]]), (fault) => fault instanceof Overloaded && fault.retryAfterSeconds === 7);
});

test("uploads the keys that are needed, and others when they are", async () => {
  service.lies.push((request) => (isOps(request) ? refusal(409, "keys_missing") : undefined));
  const run = (circuit) => assert.rejects(client.ops(circuit, [[1]]), ServiceRefusal);
  await run(negation());
  assert.equal(asked("PUT", "/keys/").length, 0);
  await run(rotation(1));
  await run(rotation(1));
  assert.equal(asked("PUT", "/keys/galois").length, 1);
  await run(rotation(2));
  assert.equal(asked("PUT", "/keys/galois").length, 2);
  assert.equal(asked("PUT", "/keys/relin").length, 0);
  assert.equal(asked("POST", "/v1/fhe/sessions").filter(({ path }) => path === "/v1/fhe/sessions").length, 1);
});

test("refuses a service that stores other keys than were sent, and deletes the session", async () => {
  service.lies.push(({ path }) => (path.includes("/keys/") ? json(201, { kind: "galois", sha256: "00", elements: [3] }) : undefined));

  await assert.rejects(client.ops(rotation(1), [[1]]), /other galois keys/);
  assert.equal(service.sessions.size, 0);
});

test("calls that begin at once share one session", async () => {
  await Promise.all([1, 2, 3].map((value) => client.ops(negation(), [[value]])));

  assert.equal(service.sessions.size, 1);
});

test("a signal ends a call, and the stream of its reply", async () => {
  const abort = new AbortController();
  let cancelled = false;
  service.lies.push((request) => {
    if (!isOps(request)) return undefined;
    const { job } = FakeService.asked(request);
    return new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(jsonFrame(1, { job }));
          request.signal.addEventListener("abort", () => controller.error(request.signal.reason));
          queueMicrotask(() => abort.abort());
        },
        cancel: () => (cancelled = true),
      }),
      { headers: { "content-type": "application/vnd.latticegate.frames" } },
    );
  });

  await assert.rejects(client.ops(negation(), [[1]], { signal: abort.signal }), { name: "AbortError" });
  assert.equal(cancelled, false);
  await assert.rejects(client.ops(negation(), [[1]], { signal: abort.signal }), { name: "AbortError" });
});

test("who leaves the loop cancels the rest of the reply", async () => {
  const cancelled = deferred();
  service.lies.push((request) => {
    if (!isOps(request)) return undefined;
    const { job, inputs } = FakeService.asked(request);
    return new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(jsonFrame(1, { job }));
          controller.enqueue(frame(2, service.negated(inputs[0])));
        },
        cancel: () => cancelled.resolve(),
      }),
      { headers: { "content-type": "application/vnd.latticegate.frames" } },
    );
  });

  for await (const output of client.opsStream(negation(2), [[1], [2]])) {
    close(output, [-1]);
    break;
  }
  await cancelled.promise;
});

test("a connection that cannot be made, or breaks, is unreachable", async () => {
  service.lies.push((request) => {
    if (isOps(request)) throw new TypeError("fetch failed");
    return undefined;
  });

  await assert.rejects(client.ops(negation(), [[1]]), ServiceUnreachable);
});

test("sends neither its secret key nor anything that was decrypted", async () => {
  const [decrypted] = await client.ops(negation(), [[0.123456789]]);
  const secret = Buffer.from(await client.exportSecretUnencrypted()).subarray(200, 264);
  const number = Buffer.from(decrypted.buffer, 0, 8);
  await client.ops(negation(), [[1]]);

  for (const { bytes } of service.requests) {
    assert.equal(bytes.indexOf(secret), -1);
    assert.equal(bytes.indexOf(number), -1);
    assert.equal(bytes.indexOf(String(decrypted[0])), -1);
  }
  assert.equal(JSON.stringify(client), "{}");
});

test("an exported secret makes another client's first keys", async () => {
  const exported = await client.exportSecretUnencrypted();
  const other = clientOf({ secretKey: exported });
  assert.deepEqual(await other.exportSecretUnencrypted(), exported);
  await other.close();

  const wrong = clientOf({ secretKey: exported.slice(0, 100) });
  await assert.rejects(wrong.ops(negation(), [[1]]), /secretKey is no secret key of S13/);
  await wrong.close();
});

test("refuses to send the token over http to another machine", () => {
  assert.throws(() => clientOf({ baseUrl: "http://fhe.test" }), /allowed are https/);
  assert.throws(() => clientOf({ baseUrl: "https://name:word@fhe.test" }), TypeError);
  assert.throws(() => clientOf({ preset: "S15" }), /no parameter set S15/);
  assert.throws(() => clientOf({ seal: {} }), /node-seal 6 or 7/);
});

test("deletes its session when it is closed, and is closed then", async () => {
  await client.ops(negation(), [[1]]);
  await client.close();

  assert.equal(service.sessions.size, 0);
  await assert.rejects(client.ops(negation(), [[1]]), /closed/);
  client = clientOf({});
});
