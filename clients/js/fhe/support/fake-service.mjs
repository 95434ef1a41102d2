// A service in this process: keeps sessions, negates ciphertexts by SEAL, and lies where a test has it lie.
import { createHash } from "node:crypto";
import { parametersContainer } from "../src/containers.js";
import { PRESETS } from "../src/presets.js";
import { sealCalls } from "../src/seal.js";
import { seal } from "./seal.mjs";

export const FRAMES = "application/vnd.latticegate.frames";
const DAY_MS = 86_400_000;

export function frame(type, payload, length = payload.length) {
  const head = Buffer.alloc(8);
  head.writeUInt8(type, 0);
  head.writeUInt32LE(length, 4);
  return Buffer.concat([head, payload]);
}

export const jsonFrame = (type, value) => frame(type, Buffer.from(JSON.stringify(value)));

export const json = (status, value, headers = {}) =>
  new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json", ...headers } });

export const refusal = (status, code, headers) => json(status, { error: { code, message: "as the test wants it" } }, headers);

export function framesReply(...parts) {
  return new Response(new Blob(parts).stream(), { status: 200, headers: { "content-type": FRAMES } });
}

function parse(body) {
  const frames = [];
  for (let at = 0; at < body.length; ) {
    const length = body.readUInt32LE(at + 4);
    frames.push({ type: body.readUInt8(at), payload: body.subarray(at + 8, at + 8 + length) });
    at += 8 + length;
  }
  return frames;
}

/** What an honest service says of a preset. */
export function description(name) {
  const preset = PRESETS[name];
  return {
    name,
    degree: preset.degree,
    scale: preset.scale,
    primes: preset.primes.map(String),
    special_primes: [String(preset.specialPrime)],
    key_parms_id: preset.keyParmsId,
    level_parms: preset.parmsIds.map((parms_id, level) => ({ level, parms_id, modulus_bits: 50 })),
  };
}

export class FakeService {
  #preset;
  #calls = sealCalls(seal);
  #context;

  /** Tests replace these to lie: given what is asked, they answer, or leave it to the honest service with undefined. */
  lies = [];
  requests = [];
  sessions = new Map();
  lifeMs = DAY_MS;

  constructor(preset = "S13") {
    this.#preset = preset;
    this.#context = this.#calls.context(this.#calls.parameters(parametersContainer(PRESETS[preset])));
  }

  fetch = async (url, { method, headers, body, signal }) => {
    signal?.throwIfAborted();
    const { pathname } = new URL(url);
    const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(await new Response(body).arrayBuffer());
    const request = { method, path: pathname, headers, bytes, signal };
    this.requests.push(request);
    for (const lie of this.lies) {
      const answer = await lie(request);
      if (answer !== undefined) {
        return answer;
      }
    }
    return this.#honest(request);
  };

  #honest({ method, path, bytes }) {
    const [, session, keys] = /^\/v1\/fhe\/sessions\/([0-9a-f]{32})(?:\/keys\/(\w+))?/.exec(path) ?? [];
    if (path.startsWith("/v1/fhe/params/")) {
      return json(200, description(this.#preset));
    }
    if (path === "/v1/fhe/sessions") {
      return this.#create(JSON.parse(bytes));
    }
    if (!this.sessions.has(session)) {
      return refusal(404, "not_found");
    }
    if (method === "DELETE") {
      this.sessions.delete(session);
      return new Response(null, { status: 204 });
    }
    if (keys !== undefined) {
      return this.#stored(session, keys, bytes);
    }
    return path.endsWith("/ops") ? this.#negated(parse(bytes)) : json(200, this.sessions.get(session).wire);
  }

  #create({ preset, replaces }) {
    const id = (this.sessions.size + 1).toString(16).padStart(32, "0");
    const wire = {
      id,
      preset,
      epoch: 1,
      state: "active",
      created_at: "2026-01-01T00:00:00Z",
      expires_at: new Date(Date.parse("2026-01-01T00:00:00Z") + this.lifeMs).toISOString(),
      grace_until: new Date(Date.parse("2026-01-01T00:30:00Z") + this.lifeMs).toISOString(),
      keys: [],
    };
    this.sessions.set(id, { wire, replaces, keys: {} });
    return json(201, wire);
  }

  #stored(session, kind, bytes) {
    this.sessions.get(session).keys[kind] = bytes;
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const elements = Array.from({ length: PRESETS[this.#preset].degree }, (_, i) => 2 * i + 1).slice(1);
    return json(201, { kind, bytes: bytes.length, keys: 1, elements, sha256 });
  }

  #negated([head, ...inputs]) {
    const { job } = JSON.parse(head.payload);
    const outputs = inputs.map(({ payload }) => this.negated(payload));
    return framesReply(
      jsonFrame(1, { job, outputs: outputs.map(() => ({ level: 1, scale: 2 ** 40, polynomials: 2 })) }),
      ...outputs.map((output) => frame(2, output)),
      jsonFrame(3, { frames: outputs.length + 1 }),
    );
  }

  /** The negative of what a container holds, by SEAL, uncompressed. */
  negated(container) {
    const ciphertext = this.#calls.ciphertext(this.#context, container);
    const evaluator = this.#calls.evaluator(this.#context);
    if (seal.SEALContext === undefined) {
      return Buffer.from(this.#calls.bytes(evaluator.negate(ciphertext), "none"));
    }
    const negative = new seal.Ciphertext();
    evaluator.negate(ciphertext, negative);
    return Buffer.from(this.#calls.bytes(negative, "none"));
  }

  /** A ciphertext, given to SEAL. */
  load(container) {
    return this.#calls.ciphertext(this.#context, container);
  }

  /** The sum of products of ciphertexts with plaintexts, by SEAL, uncompressed. */
  sumOfProducts(ciphertexts, plaintexts) {
    const evaluator = this.#calls.evaluator(this.#context);
    const six = seal.SEALContext === undefined;
    const given = (action) => {
      if (six) return action();
      const made = new seal.Ciphertext();
      action(made);
      return made;
    };
    const products = ciphertexts.map((ciphertext, i) => {
      const plain = this.#calls.plaintext(this.#context, plaintexts[i]);
      return given((to) => (six ? evaluator.multiplyPlain(ciphertext, plain) : evaluator.multiplyPlain(ciphertext, plain, to)));
    });
    const sum = products.reduce((a, b) => given((to) => (six ? evaluator.add(a, b) : evaluator.add(a, b, to))));
    return Buffer.from(this.#calls.bytes(sum, "none"));
  }

  /** The job, and the ciphertexts, of a request of frames. */
  static asked({ bytes }) {
    const [head, ...inputs] = parse(bytes);
    return { job: JSON.parse(head.payload).job, inputs: inputs.map(({ payload }) => payload) };
  }
}
