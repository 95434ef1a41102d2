import { conjugationElement, presetOf, requireScale, rotationElement, topLevel } from "./presets.js";

/** What the service takes in one request. */
const STEPS_MAX = 64;
const VALUES_MAX = 16;

/** Below this ratio two scales count as one, as at the service. */
const SCALE_TOLERANCE = 2 ** -46;

/**
 * Keys that a computation needs at the service.
 *
 * @typedef {{relin: boolean, publicKey: boolean, elements: ReadonlySet<number>}} KeyNeeds
 */

/**
 * Operations that the service is to do with what a client encrypts. Every value has a level, a scale and a number of polynomials
 * from the start, and what does not fit is refused here, before anything is encrypted. Inputs come before steps.
 */
export class Circuit {
  #preset;
  #inputs = 0;
  #steps = [];
  #outputs = [];
  #elements = new Set();
  #relin = false;

  /** @param {string} preset S12, S13 or S14 */
  constructor(preset) {
    this.#preset = presetOf(preset);
  }

  get preset() {
    return this.#preset.name;
  }

  /** The next input: fresh, at the top level and the preset's scale. */
  input() {
    ensure(this.#steps.length === 0, "an input behind a step; allowed: inputs first");
    ensure(this.#inputs < VALUES_MAX, `more than ${VALUES_MAX} inputs`);
    return new Value(this, this.#inputs++, { level: topLevel(this.#preset), scale: this.#preset.scale, polynomials: 2 });
  }

  /** a + b, of one level and one scale. */
  add(a, b) {
    return this.#sum("add", a, b);
  }

  /** a - b, of one level and one scale. */
  subtract(a, b) {
    return this.#sum("subtract", a, b);
  }

  #sum(op, a, b) {
    this.#own(a, b);
    requireOneLevel(a, b);
    ensure(Math.abs(a.scale - b.scale) <= SCALE_TOLERANCE * Math.max(a.scale, b.scale), `scales ${a.scale} and ${b.scale}; allowed is one scale`);
    return this.#step({ op, a, b }, { ...a.shape, polynomials: Math.max(a.polynomials, b.polynomials) });
  }

  negate(a) {
    this.#own(a);
    return this.#step({ op: "negate", a }, a.shape);
  }

  /** a * b, of one level: three polynomials, the product of the scales. */
  multiply(a, b) {
    this.#own(a, b);
    requireOneLevel(a, b);
    requireTwo(a);
    requireTwo(b);
    return this.#step({ op: "multiply", a, b }, { level: a.level, scale: a.scale * b.scale, polynomials: 3 });
  }

  /** a * a. */
  square(a) {
    this.#own(a);
    requireTwo(a);
    return this.#step({ op: "square", a }, { level: a.level, scale: a.scale * a.scale, polynomials: 3 });
  }

  /** A product as two polynomials again. */
  relinearise(a) {
    this.#own(a);
    ensure(a.polynomials === 3, "nothing to relinearise: a value of two polynomials");
    this.#relin = true;
    return this.#step({ op: "relinearise", a }, { ...a.shape, polynomials: 2 });
  }

  /** a one level lower, its scale divided by the prime of the level that is left. */
  rescale(a) {
    this.#own(a);
    ensure(a.level > 0, "a value at level 0 cannot be rescaled");
    const scale = a.scale / Number(this.#preset.primes[a.level]);
    return this.#step({ op: "rescale", a }, { ...a.shape, level: a.level - 1, scale });
  }

  /** a at a lower level. */
  lower(a, level) {
    this.#own(a);
    ensure(Number.isInteger(level) && level >= 0 && level < a.level, `from level ${a.level} to ${level}; allowed are lower ones`);
    return this.#step({ op: "mod_switch", a, level }, { ...a.shape, level });
  }

  /** a with what was in slot j + by in slot j, cyclically. */
  rotate(a, by) {
    this.#own(a);
    requireTwo(a);
    this.#elements.add(rotationElement(this.#preset, by));
    return this.#step({ op: "rotate", a, by }, a.shape);
  }

  /** The complex conjugates of all slots. */
  conjugate(a) {
    this.#own(a);
    requireTwo(a);
    this.#elements.add(conjugationElement(this.#preset));
    return this.#step({ op: "conjugate", a }, a.shape);
  }

  /** A value that the service is to send back. Gives the circuit, so that calls can be chained. */
  output(value) {
    this.#own(value);
    ensure(this.#outputs.length < VALUES_MAX, `more than ${VALUES_MAX} outputs`);
    this.#outputs.push(value);
    return this;
  }

  #own(...values) {
    ensure(
      values.every((value) => value instanceof Value && value.circuit === this),
      "an operand that is no value of this circuit",
    );
  }

  #step(step, shape) {
    ensure(this.#steps.length < STEPS_MAX, `more than ${STEPS_MAX} steps`);
    requireScale(this.#preset, shape.scale, shape.level);
    const index = this.#inputs + this.#steps.length;
    this.#steps.push(Object.fromEntries(Object.entries(step).map(([name, part]) => [name, part instanceof Value ? part.index : part])));
    return new Value(this, index, shape);
  }

  /**
   * The circuit as a client runs it; later calls do not change it.
   *
   * @throws {RangeError} where it has no input, no step or no output
   */
  plan() {
    ensure(this.#inputs > 0 && this.#steps.length > 0 && this.#outputs.length > 0, "no input, no step or no output");
    return Object.freeze({
      inputs: this.#inputs,
      outputs: this.#outputs.map(({ shape }) => shape),
      needs: { relin: this.#relin, publicKey: false, elements: new Set(this.#elements) },
      request: { steps: [...this.#steps], outputs: this.#outputs.map(({ index }) => index), compression: "none" },
    });
  }
}

/** A value of a circuit: inputs first, then one for each step. */
class Value {
  constructor(circuit, index, { level, scale, polynomials }) {
    this.circuit = circuit;
    this.index = index;
    this.level = level;
    this.scale = scale;
    this.polynomials = polynomials;
    Object.freeze(this);
  }

  get shape() {
    return { level: this.level, scale: this.scale, polynomials: this.polynomials };
  }
}

function requireOneLevel(a, b) {
  ensure(a.level === b.level, `operands at levels ${a.level} and ${b.level}; allowed is one level`);
}

function requireTwo(a) {
  ensure(a.polynomials === 2, "a product must be relinearised first; it has 3 polynomials");
}

function ensure(holds, otherwise) {
  if (!holds) {
    throw new RangeError(otherwise);
  }
}
