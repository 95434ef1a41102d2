import {
  ciphertextBytes,
  parametersContainer,
  plaintextContainer,
  plaintextValues,
  requireCiphertext,
  requireSecretKey,
  valueMax,
} from "./containers.js";
import { BrokenReply } from "./errors.js";
import { requireScale, slots, stepsOfElement, topLevel } from "./presets.js";
import { sealCalls, using } from "./seal.js";
import { Transform } from "./transform.js";

/** Keys and ciphertexts travel compressed; SEAL's residues leave bits of their words unused. */
const MODE = "zstd";

/**
 * What is known of a ciphertext before it is there.
 *
 * @typedef {{level: number, scale: number, polynomials: number}} Shape
 */

/** Microsoft SEAL with the parameters of one preset. */
export class Scheme {
  #seal;
  #context;
  #encoder;
  #evaluator;
  #transform;
  #open = 0;
  #closed = false;

  /**
   * @param {object} seal an initialised node-seal
   * @param {import("./presets.js").Preset} preset
   */
  constructor(seal, preset) {
    this.preset = preset;
    this.#seal = sealCalls(seal);
    this.#context = using(this.#seal.parameters(parametersContainer(preset)), (parameters) => this.#seal.context(parameters));
    if (!this.#context.parametersSet()) {
      throw new Error(`node-seal does not accept the parameters of ${preset.name}`);
    }
    this.#encoder = this.#seal.encoder(this.#context);
    this.#evaluator = this.#seal.evaluator(this.#context);
  }

  /**
   * A secret key and what is made with it. The randomness is node-seal's own.
   *
   * @param {Uint8Array} [exported] a secret key from {@link SecretKeys.export}; a new one where it is missing
   */
  keys(exported) {
    const keys = new SecretKeys(this, this.#seal, this.#context, exported, () => {
      this.#open--;
      this.#free();
    });
    this.#open++;
    return keys;
  }

  /**
   * The plaintext of real numbers, one a slot; slots behind them are zero. SEAL encodes at the top level, and the residues of lower
   * levels are among those.
   */
  encode(values, level, scale) {
    const { preset } = this;
    requireScale(preset, scale, level);
    const numbers = Float64Array.from(values);
    if (numbers.length === 0 || numbers.length > slots(preset)) {
      throw new RangeError(`a vector of ${numbers.length} numbers; allowed are 1 to ${slots(preset)}`);
    }
    const most = valueMax(preset, level, scale);
    const odd = numbers.findIndex((value) => !(Math.abs(value) < most));
    if (odd >= 0) {
      throw new RangeError(`number ${odd} of a vector is ${numbers[odd]}; allowed is what is below ${most} in magnitude`);
    }
    let plain = this.#seal.encode(this.#encoder, numbers, scale);
    for (let at = topLevel(preset); at > level; at--) {
      plain = using(plain, (upper) => this.#seal.lowered(this.#evaluator, upper));
    }
    return plain;
  }

  /** The plaintext at level 0 of a polynomial, by its coefficients, which are used up. SEAL's encoder knows slots alone. */
  polynomial(coefficients, scale) {
    this.#transform ??= new Transform(this.preset.degree, this.preset.primes[0]);
    return this.#seal.plaintext(this.#context, plaintextContainer(this.preset, this.#transform.forward(coefficients), scale));
  }

  /** The coefficients of a plaintext at level 0. */
  coefficients(plain) {
    this.#transform ??= new Transform(this.preset.degree, this.preset.primes[0]);
    return this.#transform.inverse(plaintextValues(this.preset, this.#seal.bytes(plain, "none")));
  }

  /** The numbers in the slots of a plaintext. */
  decode(plain) {
    return this.#seal.decode(this.#encoder, plain);
  }

  /** Frees what SEAL holds, as soon as the last keys are destroyed. */
  close() {
    this.#closed = true;
    this.#free();
  }

  #free() {
    if (this.#closed && this.#open === 0) {
      for (const object of [this.#evaluator, this.#encoder, this.#context]) {
        object.delete();
      }
    }
  }
}

/** One secret key. It leaves this object only by {@link export}. */
class SecretKeys {
  #scheme;
  #seal;
  #context;
  #generator;
  #secret;
  #encryptor;
  #decryptor;
  #destroyed;

  constructor(scheme, seal, context, exported, destroyed) {
    this.#destroyed = destroyed;
    this.#scheme = scheme;
    this.#seal = seal;
    this.#context = context;
    if (exported === undefined) {
      this.#generator = seal.generator(context);
      this.#secret = this.#generator.secretKey();
    } else {
      this.#secret = imported(seal, context, exported, scheme.preset);
      this.#generator = seal.generator(context, this.#secret);
    }
    this.#encryptor = using(this.#generator.createPublicKey(), (key) => seal.encryptor(context, key, this.#secret));
    this.#decryptor = seal.decryptor(context, this.#secret);
  }

  /** Relinearisation keys, seeded, as a container. */
  relin() {
    return this.#seal.relin(this.#generator, MODE);
  }

  /** Galois keys of these elements, seeded, as a container. */
  galois(elements) {
    const steps = Int32Array.from(elements, (element) => stepsOfElement(this.#scheme.preset, element));
    return this.#seal.galois(this.#generator, steps, MODE);
  }

  /** The public key, seeded, as a container. */
  public() {
    return this.#seal.public(this.#generator, MODE);
  }

  /** Numbers, one a slot, as a fresh, seeded ciphertext in a container. */
  encrypt(values, { level, scale }) {
    return this.#encrypted(this.#scheme.encode(values, level, scale));
  }

  /** A polynomial, by its coefficients, the same way at level 0. */
  encryptPolynomial(coefficients, { scale }) {
    return this.#encrypted(this.#scheme.polynomial(coefficients, scale));
  }

  #encrypted(plaintext) {
    return using(plaintext, (plain) => this.#seal.encrypt(this.#encryptor, plain, MODE));
  }

  /**
   * The numbers in the slots of a ciphertext of a reply.
   *
   * @param {Uint8Array} container
   * @param {Shape} shape what it must have
   * @throws {BrokenReply} where it has something else
   */
  decrypt(container, shape) {
    return this.#decrypted(container, shape, (plain) => this.#scheme.decode(plain));
  }

  /** The coefficients of a ciphertext of a reply at level 0. */
  decryptPolynomial(container, shape) {
    return this.#decrypted(container, shape, (plain) => this.#scheme.coefficients(plain));
  }

  #decrypted(container, shape, decode) {
    requireCiphertext(this.#scheme.preset, container, shape);
    return using(this.#load(container), (ciphertext) => using(this.#seal.decrypt(this.#decryptor, ciphertext), decode));
  }

  #load(container) {
    try {
      return this.#seal.ciphertext(this.#context, container);
    } catch (fault) {
      throw new BrokenReply("node-seal refuses a ciphertext of a reply", { cause: fault });
    }
  }

  /** The secret key as an uncompressed container: whoever has it reads everything that was encrypted with it. */
  export() {
    return this.#seal.bytes(this.#secret, "none");
  }

  /** Frees the keys; SEAL overwrites the secret one. */
  destroy() {
    for (const object of [this.#decryptor, this.#encryptor, this.#generator, this.#secret]) {
      object.delete();
    }
    this.#destroyed();
  }
}

/** SEAL reads only what has the size and the fields of a secret key: at a broken container node-seal 6 ends for good. */
function imported(seal, context, container, preset) {
  requireSecretKey(preset, container);
  try {
    return seal.secret(context, container);
  } catch (fault) {
    throw new TypeError(`secretKey is no secret key of ${preset.name}: node-seal refuses it`, { cause: fault });
  }
}

/** The bytes of the container of a reply's ciphertext. */
export const replyBytes = (preset, shape) => ciphertextBytes(preset, shape.level, shape.polynomials);
