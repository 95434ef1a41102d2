import { BrokenReply } from "./errors.js";
import { conjugationElement, modulusBits, slots, topLevel } from "./presets.js";

/** Heads hold for vectors up to this length, a little above 1. */
export const NORM_MAX = 1 + 1e-3;

const LABEL_COUNT_MAX = 4096;

/**
 * A head as the service describes it: which numbers of a vector are in which slot, what is encrypted and what comes back.
 * The vector, filled up with zeros to `period`, is repeated over all slots; in each block of `block` slots it begins `shift` numbers
 * later than in the block before, and after `turns` blocks anew.
 */
export class Head {
  #packing;

  /**
   * @param {import("./fields.js").Fields} description
   * @param {import("./presets.js").Preset} preset
   */
  constructor(description, preset) {
    const name = description.text("preset");
    if (name !== preset.name) {
      throw new RangeError(`a head of ${name} for a client of ${preset.name}; make the client with preset ${name}`);
    }
    const count = slots(preset);
    const scale = (field, level) => {
      const given = description.number(field);
      if (!(given >= 1) || !(given < 2 ** (modulusBits(preset, level) - 1))) {
        throw new BrokenReply(`the head's ${field} is ${given}; allowed is what is below the modulus of level ${level}`);
      }
      return given;
    };
    this.version = description.integer("version", 1, Number.MAX_SAFE_INTEGER);
    this.input = description.integer("input", 1, count);
    this.outputs = description.integer("outputs", 1, Math.min(count, LABEL_COUNT_MAX));
    this.labels = Object.freeze(description.texts("labels"));
    const inputLevel = description.integer("input_level", 0, topLevel(preset));
    const outputLevel = description.integer("output_level", 0, inputLevel);
    this.taken = Object.freeze({ level: inputLevel, scale: scale("input_scale", inputLevel) });
    this.given = Object.freeze({ level: outputLevel, scale: scale("output_scale", outputLevel), polynomials: 2 });
    this.needs = {
      relin: description.flag("multiplies"),
      publicKey: false,
      elements: new Set(description.integers("elements", 3, conjugationElement(preset))),
    };
    if (this.labels.length !== 0 && this.labels.length !== this.outputs) {
      throw new BrokenReply(`the head has ${this.labels.length} labels and ${this.outputs} scores`);
    }
    this.#packing = packing(description.object("packing"), count, this.input);
  }

  /**
   * The numbers in all slots for an embedding.
   *
   * @param {ArrayLike<number>} embedding
   * @throws {RangeError} for another number of numbers, one that is not finite, or a length above {@link NORM_MAX}, for which the
   *     head's bounds do not hold
   */
  pack(embedding) {
    const vector = Float64Array.from(embedding);
    if (vector.length !== this.input) {
      throw new RangeError(`an embedding of ${vector.length} numbers; the head takes ${this.input}`);
    }
    const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    if (!(norm <= NORM_MAX)) {
      throw new RangeError(`an embedding of length ${norm}; allowed are finite numbers and lengths up to ${NORM_MAX}: scale it to length 1`);
    }
    const { period, block, shift, turns, count } = this.#packing;
    return Float64Array.from({ length: count }, (_, slot) => {
      const column = (slot + shift * (Math.floor(slot / block) % turns)) % period;
      return column < vector.length ? vector[column] : 0;
    });
  }
}

function packing(fields, count, input) {
  const power = (name, least, most) => {
    const value = fields.integer(name, least, most);
    if (!Number.isInteger(Math.log2(value))) {
      throw new BrokenReply(`the head's ${name} is ${value}; allowed are powers of two`);
    }
    return value;
  };
  fields.integer("slots", count, count);
  const period = power("period", input, count);
  const block = power("block", period, count);
  return { count, period, block, turns: power("turns", 1, count / block), shift: power("shift", 1, period) };
}

/**
 * The decrypted scores of a head. They hold the noise of their ciphertext: what is shared with others are decisions, such as
 * {@link best}, or rounded numbers, and never the scores as they are.
 */
export class HeadScores {
  /**
   * @param {Float64Array} values one for each label
   * @param {readonly string[]} labels empty where the head has none
   */
  constructor(values, labels) {
    this.values = values;
    this.labels = labels;
    Object.freeze(this);
  }

  /** The index of the greatest score, the first of equal ones. */
  best() {
    return this.values.reduce((best, value, i) => (value > this.values[best] ? i : best), 0);
  }

  /** The label of the greatest score, where the head has labels. */
  label() {
    return this.labels[this.best()];
  }

  /** exp(score) by the sum of all of them: for a model that was trained with cross entropy, probabilities. */
  softmax() {
    const greatest = this.values[this.best()];
    const shares = this.values.map((value) => Math.exp(value - greatest));
    const sum = shares.reduce((total, share) => total + share, 0);
    return shares.map((share) => share / sum);
  }
}
