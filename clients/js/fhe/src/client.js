import { hex } from "./containers.js";
import { Circuit } from "./circuit.js";
import { BrokenReply } from "./errors.js";
import { Head, HeadScores } from "./heads.js";
import { Index, TopK } from "./indexes.js";
import { presetOf, topLevel } from "./presets.js";
import { Scheme, replyBytes } from "./scheme.js";
import { Service } from "./service.js";
import { Sessions } from "./sessions.js";

const HOUR_MS = 3_600_000;
const NAME = /^([A-Za-z0-9_-]{1,128}~)?[a-z0-9][a-z0-9._-]{0,63}$/;

/**
 * A client of encrypted compute. Keys are made here, with Microsoft SEAL as node-seal, and vectors are encrypted and decrypted
 * here; the service gets evaluation keys and ciphertexts. No call sends a secret key or a decrypted number. Randomness is
 * node-seal's own: it has no way to derive keys from a seed, so that the keys of one client object are its own and are gone with it.
 */
export class FheClient {
  #preset;
  #scheme;
  #service;
  #sessions;

  /**
   * @param {object} options
   * @param {string | URL} options.baseUrl of fhe-service, such as `https://fhe.example:8090`
   * @param {string | (() => string | Promise<string>)} options.token of the project
   * @param {object} options.seal an initialised node-seal, 6 or 7
   * @param {string} [options.preset] S12, S13 or S14
   * @param {typeof fetch} [options.fetch] in place of the platform's
   * @param {boolean} [options.allowHttp] lets the token go to another machine without TLS
   * @param {number} [options.timeoutMs] of a whole call but an upload of keys
   * @param {number} [options.renewBeforeMs] how long before their end keys are replaced
   * @param {number} [options.keyLifeMaxMs] how long keys serve at most, whatever the service allows
   * @param {Uint8Array} [options.secretKey] what {@link exportSecretUnencrypted} gave, for the first keys
   * @param {() => number} [options.now] the clock, in milliseconds
   */
  constructor({
    baseUrl,
    token,
    seal,
    preset = "S13",
    fetch = globalThis.fetch,
    allowHttp = false,
    timeoutMs = 120_000,
    renewBeforeMs = HOUR_MS,
    keyLifeMaxMs = 24 * HOUR_MS,
    secretKey,
    now = Date.now,
  }) {
    if (globalThis.crypto?.subtle === undefined) {
      throw new TypeError("there is no crypto.subtle here; browsers have it on pages that came over https, or from this machine");
    }
    this.#preset = presetOf(preset);
    this.#service = new Service({ baseUrl, token, fetch: (...call) => fetch(...call), allowHttp, timeoutMs });
    this.#scheme = new Scheme(seal, this.#preset);
    this.#sessions = new Sessions({ service: this.#service, scheme: this.#scheme, renewBeforeMs, keyLifeMaxMs, now, secretKey });
  }

  get preset() {
    return this.#preset.name;
  }

  /** The service's name of the session in force, or undefined before the first computation. */
  get sessionId() {
    return this.#sessions.id;
  }

  /** An empty circuit of this client's preset. */
  circuit() {
    return new Circuit(this.preset);
  }

  /**
   * Encrypts, has the service compute, and decrypts.
   *
   * @param {Circuit} circuit
   * @param {ArrayLike<number>[]} inputs a vector for each input of the circuit; slots behind it are zero
   * @param {{signal?: AbortSignal, deadlineMs?: number}} [options]
   * @returns {Promise<Float64Array[]>} all slots of each output
   */
  async ops(circuit, inputs, options) {
    const outputs = [];
    for await (const output of this.opsStream(circuit, inputs, options)) {
      outputs.push(output);
    }
    return outputs;
  }

  /**
   * The same, each output as soon as it has arrived. Who leaves the loop cancels the rest. A reply that breaks behind an
   * output is thrown then.
   *
   * @param {Circuit} circuit
   * @param {ArrayLike<number>[]} inputs
   * @param {{signal?: AbortSignal, deadlineMs?: number}} [options]
   * @returns {AsyncGenerator<Float64Array, void, void>}
   */
  async *opsStream(circuit, inputs, { signal, deadlineMs } = {}) {
    const plan = circuit.plan();
    if (circuit.preset !== this.preset || inputs.length !== plan.inputs) {
      throw new RangeError(
        `${inputs.length} vectors of ${this.preset} for a circuit of ${circuit.preset} with ${plan.inputs} inputs`,
      );
    }
    const fresh = { level: topLevel(this.#preset), scale: this.#preset.scale };
    yield* this.#computed({
      signal,
      needs: plan.needs,
      path: (epoch) => `/v1/fhe/sessions/${epoch.id}/ops`,
      request: () => ({ ...plan.request, ...deadline(deadlineMs) }),
      encrypt: (keys) => inputs.map((values) => keys.encrypt(values, fresh)),
      outputs: plan.outputs,
      decrypt: (keys, container, shape) => keys.decrypt(container, shape),
    });
  }

  /**
   * What the service says of a head, without its weights.
   *
   * @param {string} name a head of one's own, or `<project>~<name>`
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<Head>}
   */
  async head(name, { signal } = {}) {
    return new Head(await this.#service.get(`/v1/fhe/heads/${named(name)}`, signal), this.#preset);
  }

  /**
   * The scores that a head of the service gives an embedding. The service learns neither.
   *
   * @param {string} name a head of one's own, or `<project>~<name>`
   * @param {ArrayLike<number>} embedding of length 1 at most
   * @param {{signal?: AbortSignal, deadlineMs?: number}} [options]
   * @returns {Promise<HeadScores>}
   */
  async infer(name, embedding, { signal, deadlineMs } = {}) {
    const head = await this.head(name, { signal });
    const values = head.pack(embedding);
    const reply = this.#computed({
      signal,
      needs: head.needs,
      path: () => `/v1/fhe/heads/${name}/infer`,
      request: (epoch) => ({ session: epoch.id, ...deadline(deadlineMs) }),
      encrypt: (keys) => [keys.encrypt(values, head.taken)],
      outputs: [head.given],
      decrypt: (keys, container, shape) => keys.decrypt(container, shape),
      accept: (answer) => requireVersion(answer, head, name),
    });
    let scores;
    for await (const slots of reply) {
      scores = slots.slice(0, head.outputs);
    }
    return new HeadScores(scores, head.labels);
  }

  /**
   * What the service says of an index.
   *
   * @param {string} name an index of one's own, or `<project>~<name>`
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<Index>}
   */
  async index(name, { signal } = {}) {
    return new Index(await this.#service.get(`/v1/fhe/indexes/${named(name)}`, signal), this.#preset);
  }

  /**
   * The rows of an index whose inner products with an embedding are greatest. Every row is compared; the service learns neither the
   * embedding nor scores nor which rows are best. Blocks of scores are decrypted while the others are computed.
   *
   * @param {string} name an index of one's own, or `<project>~<name>`
   * @param {ArrayLike<number>} embedding of single precision and of length 1 at most
   * @param {number} k how many rows
   * @param {{signal?: AbortSignal, deadlineMs?: number}} [options]
   * @returns {Promise<{row: number, score: number}[]>} from the best to the worst
   */
  async search(name, embedding, k, { signal, deadlineMs } = {}) {
    const best = new TopK(k);
    const index = await this.index(name, { signal });
    index.pack(embedding);
    const reply = this.#computed({
      signal,
      needs: index.needs,
      path: () => `/v1/fhe/indexes/${name}/search`,
      request: (epoch) => ({ session: epoch.id, ...deadline(deadlineMs) }),
      encrypt: (keys) => index.pack(embedding).map((piece) => keys.encryptPolynomial(piece, index.taken)),
      outputs: Array.from({ length: index.blocks }, () => index.given),
      decrypt: (keys, container, shape) => keys.decryptPolynomial(container, shape),
      accept: (answer) => requireVersion(answer, index, name),
    });
    let block = 0;
    for await (const coefficients of reply) {
      const first = block * index.rowsPerBlock;
      index.scores(block++, coefficients).forEach((score, row) => best.offer(first + row, score));
    }
    return best.best();
  }

  /** Sends what is encrypted under the keys in force, and decrypts the answer frame by frame. */
  async *#computed({ signal, needs, path, request, encrypt, outputs, decrypt, accept = () => undefined }) {
    const job = hex(crypto.getRandomValues(new Uint8Array(16)));
    const { epoch, begun: reply } = await this.#sessions.under(needs, signal, async (begun) =>
      this.#asked(path(begun), { ...request(begun), job }, encrypt(begun.keys), signal, accept),
    );
    try {
      for (const shape of outputs) {
        const container = await reply.ciphertext(replyBytes(this.#preset, shape));
        yield decrypt(epoch.keys, container, shape);
      }
      await reply.end();
    } finally {
      await reply.close();
      epoch.leave();
    }
  }

  async #asked(path, request, ciphertexts, signal, accept) {
    const reply = await this.#service.frames(path, request, ciphertexts, signal);
    try {
      const head = await reply.head();
      if (head.text("job") !== request.job) {
        throw new BrokenReply(`the reply is to another job than ${request.job}`);
      }
      accept(head);
      return reply;
    } catch (fault) {
      await reply.close();
      throw fault;
    }
  }

  /** Replaces the keys now, also where they are not yet due. */
  async renew({ signal } = {}) {
    await this.#sessions.renew(signal);
  }

  /**
   * The secret key in force, NOT encrypted: whoever gets these bytes reads everything that was and will be encrypted with it. Nothing
   * else in this package gives the key out. It makes the first keys of another client as its `secretKey`.
   *
   * @returns {Promise<Uint8Array>} SEAL's SecretKey container
   */
  exportSecretUnencrypted({ signal } = {}) {
    return this.#sessions.exportSecret(signal);
  }

  /** Deletes the session at the service and the keys here. Who computes still may end. */
  async close() {
    await this.#sessions.close();
    this.#scheme.close();
  }
}

const deadline = (deadlineMs) => (deadlineMs === undefined ? {} : { deadline_ms: deadlineMs });

function named(name) {
  if (!NAME.test(name)) {
    throw new TypeError(`no name of a head or an index: ${name}`);
  }
  return name;
}

function requireVersion(answer, described, name) {
  if (answer.integer("version", 1, Number.MAX_SAFE_INTEGER) !== described.version) {
    throw new BrokenReply(`${name} was replaced meanwhile; ask again`);
  }
}
