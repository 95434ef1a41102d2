import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { Circuit, HeadScores, PRESETS } from "../src/index.js";
import { hex, parametersContainer } from "../src/containers.js";
import { BrokenReply } from "../src/errors.js";
import { Fields } from "../src/fields.js";
import { FrameReader } from "../src/frames.js";
import { Head } from "../src/heads.js";
import { rotationElement, stepsOfElement } from "../src/presets.js";
import { sealCalls } from "../src/seal.js";
import { frame, jsonFrame } from "../support/fake-service.mjs";
import { seal } from "../support/seal.mjs";

const calls = sealCalls(seal);

for (const preset of Object.values(PRESETS)) {
  test(`SEAL names the parameters of ${preset.name} as this package does`, () => {
    const context = calls.context(calls.parameters(parametersContainer(preset)));
    assert.ok(context.parametersSet(), "128 bits of security by SEAL's own table");
    const generator = calls.generator(context);
    const secret = generator.secretKey();
    const parmsId = (container) => hex(container.subarray(16, 48));
    assert.equal(parmsId(calls.bytes(secret, "none")), preset.keyParmsId);
    const encryptor = calls.encryptor(context, generator.createPublicKey(), secret);
    const evaluator = calls.evaluator(context);
    let plain = calls.encode(calls.encoder(context), Float64Array.of(1), preset.scale);
    for (let level = preset.primes.length - 1; level >= 0; level--) {
      assert.equal(parmsId(calls.encrypt(encryptor, plain, "none")), preset.parmsIds[level]);
      plain = level > 0 ? calls.lowered(evaluator, plain) : plain;
    }
  });
}

test("rotations and their Galois elements go together", () => {
  const preset = PRESETS.S12;
  for (const steps of [1, 2, 64, 2047]) {
    assert.equal(stepsOfElement(preset, rotationElement(preset, steps)), steps);
    assert.equal(stepsOfElement(preset, rotationElement(preset, -steps)), 2048 - steps);
  }
  assert.equal(rotationElement(preset, 1), 3);
  assert.equal(stepsOfElement(preset, 8191), 0);
  assert.throws(() => stepsOfElement(preset, 5), RangeError);
  assert.throws(() => rotationElement(preset, 2048), RangeError);
});

const circuit = () => new Circuit("S13");
const REFUSED = {
  "an input behind a step": (made, a) => {
    made.negate(a);
    made.input();
  },
  "operands of two levels": (made, a) => made.add(a, made.lower(a, 0)),
  "a product of three polynomials times another": (made, a) => made.multiply(made.square(a), a),
  "a value of another circuit": (made) => made.negate(circuit().input()),
  "a product that does not fit": (made, a) => made.square(made.relinearise(made.square(a))),
  "rescaling below level 0": (made, a) => made.rescale(made.rescale(a)),
  "a 65th step": (made, a) => Array.from({ length: 65 }, () => made.negate(a)),
  "a rotation by nothing": (made, a) => made.rotate(a, 0),
  "scales that differ": (made, a) => made.add(made.relinearise(made.square(a)), a),
  "no output": (made) => made.plan(),
};
for (const [what, build] of Object.entries(REFUSED)) {
  test(`a circuit refuses ${what}`, () => {
    const made = circuit();
    assert.throws(() => build(made, made.input()), RangeError);
  });
}

test("reads frames from pieces of any length", async () => {
  const body = Buffer.concat([jsonFrame(1, { a: 1 }), frame(2, Buffer.from("ciphertext")), jsonFrame(3, { frames: 2 })]);
  for (const size of [1, 3, 7, body.length]) {
    const pieces = Array.from({ length: Math.ceil(body.length / size) }, (_, i) => body.subarray(i * size, (i + 1) * size));
    const reader = new FrameReader(ReadableStream.from?.(pieces) ?? new Blob(pieces).stream());
    assert.deepEqual(await reader.head(), { a: 1 });
    assert.equal(Buffer.from(await reader.ciphertext(10)).toString(), "ciphertext");
    await reader.end();
    await reader.close();
  }
});

const DESCRIPTION = {
  name: "topics",
  version: 1,
  preset: "S14",
  input: 3,
  outputs: 2,
  labels: ["yes", "no"],
  packing: { slots: 8192, period: 4, block: 4, shift: 2, turns: 2 },
  elements: [3, 9],
  multiplies: true,
  input_level: 3,
  input_scale: 2 ** 40,
  output_level: 0,
  output_scale: 2 ** 40,
};
const head = (change) => new Head(new Fields({ ...DESCRIPTION, ...change }, "the head"), PRESETS.S14);

test("lays an embedding over the slots as the service says", () => {
  const slots = head({}).pack([0.1, 0.2, 0.3]);
  assert.equal(slots.length, 8192);
  assert.deepEqual([...slots.slice(0, 12)], [0.1, 0.2, 0.3, 0, 0.3, 0, 0.1, 0.2, 0.1, 0.2, 0.3, 0]);
});

test("refuses embeddings for which a head's bounds do not hold", () => {
  for (const vector of [[1, 0], [1, 1, 0], [Number.NaN, 0, 0], [0, 0, 0, 0]]) {
    assert.throws(() => head({}).pack(vector), RangeError);
  }
});

for (const change of [
  { packing: { ...DESCRIPTION.packing, slots: 4096 } },
  { packing: { ...DESCRIPTION.packing, period: 2 } },
  { packing: { ...DESCRIPTION.packing, turns: 8192 } },
  { packing: { ...DESCRIPTION.packing, shift: 3 } },
  { elements: [1] },
  { elements: "all" },
  { input_level: 9 },
  { output_level: 4 },
  { input_scale: 2 ** 300 },
  { output_scale: 2 ** 50 },
  { outputs: 1e9 },
  { labels: ["one"] },
  { multiplies: 1 },
]) {
  test(`refuses a head with ${JSON.stringify(change)}`, () => {
    assert.throws(() => head(change), BrokenReply);
  });
}

test("decides by the greatest score", () => {
  const scores = new HeadScores(Float64Array.of(1, 3, 3, 2), ["a", "b", "c", "d"]);
  assert.equal(scores.best(), 1);
  assert.equal(scores.label(), "b");
  assert.ok(Math.abs(scores.softmax().reduce((sum, share) => sum + share) - 1) < 1e-12);
});

test("the package needs nothing that browsers lack", async () => {
  const folder = new URL("../src/", import.meta.url);
  for (const file of await readdir(folder)) {
    const text = (await readFile(new URL(file, folder), "utf8")).replaceAll(/\/\*[^]*?\*\//g, "");
    for (const [, from] of text.matchAll(/^(?:import|export)\b[^;]*?from "([^"]+)"/gm)) {
      assert.match(from, /^\.\/[a-z]+\.js$/, `${file} imports ${from}`);
    }
    assert.doesNotMatch(text, /\b(Buffer|process|require|__dirname|setImmediate|import)\s*[.(]/, file);
  }
});

test("the example of the README is the one that runs", async () => {
  const read = (file) => readFile(new URL(`../${file}`, import.meta.url), "utf8");
  assert.ok((await read("README.md")).includes(`\`\`\`js\n${await read("example/product.mjs")}\`\`\``));
});
