import { BrokenReply } from "./errors.js";

/** Rows and queries have norms up to this, a little above 1 for the rounding of a normalisation. */
export const NORM_MAX = 1 + 1e-3;

/** By what the service multiplies the components of rows. */
const ROW_SCALE = 2 ** 20;

/** By what the components of a query are multiplied at most: scores are below half of a prime of 50 bits then. */
const QUERY_SCALE_MAX = 2 ** 28;

const DIMENSION_MAX = 4096;
const ROWS_MAX = 2 ** 31 - 1;

/**
 * An index as the service describes it. A vector is cut into pieces of `span` components; piece i of a query is the polynomial
 * Σ_k q_(i·span+k)·X^k, and a block of N/span rows is laid out so that the coefficient of X^(r·span+span−1) of the products' sum is the
 * score of its row r. Nothing is rotated, and no evaluation keys are needed.
 */
export class Index {
  #degree;
  #prime;
  #span;
  #level = 0;

  /**
   * @param {import("./fields.js").Fields} description
   * @param {import("./presets.js").Preset} preset
   */
  constructor(description, preset) {
    const name = description.text("preset");
    if (name !== preset.name) {
      throw new RangeError(`an index of ${name} for a client of ${preset.name}; make the client with preset ${name}`);
    }
    this.#degree = preset.degree;
    this.#prime = Number(preset.primes[0]);
    this.version = description.integer("version", 1, Number.MAX_SAFE_INTEGER);
    this.rows = description.integer("rows", 1, ROWS_MAX);
    this.dimension = description.integer("dimension", 1, DIMENSION_MAX);
    const query = description.object("query");
    const scores = description.object("scores");
    this.#span = Number(query.matching("packing", /^coefficients\/[1-9][0-9]{0,5}$/).split("/")[1]);
    if (!Number.isInteger(Math.log2(this.#span)) || this.#span > this.#degree) {
      throw new BrokenReply(`the index has a span of ${this.#span}; allowed are powers of two up to ${this.#degree}`);
    }
    this.pieces = Math.ceil(this.dimension / this.#span);
    this.rowsPerBlock = this.#degree / this.#span;
    this.blocks = Math.ceil(this.rows / this.rowsPerBlock);
    query.integer("level", this.#level, this.#level);
    query.integer("ciphertexts", this.pieces, this.pieces);
    scores.integer("level", this.#level, this.#level);
    scores.integer("blocks", this.blocks, this.blocks);
    if (query.integers("elements", 3, 2 * this.#degree - 1).length > 0) {
      throw new BrokenReply("the index asks for Galois keys; searches take none");
    }
    const keys = query.texts("keys");
    if (keys.some((key) => key !== "public")) {
      throw new BrokenReply(`the index asks for the keys ${keys}; allowed is public`);
    }
    this.needs = { relin: false, publicKey: keys.length > 0, elements: new Set() };
    const queryScale = query.number("scale");
    const scoreScale = scores.number("scale");
    if (!Number.isInteger(Math.log2(queryScale)) || queryScale < 1 || queryScale > QUERY_SCALE_MAX || scoreScale !== queryScale * ROW_SCALE) {
      throw new BrokenReply(`the index has the scales ${queryScale} and ${scoreScale}; allowed are powers of two up to 2^28, and 2^20 times as much`);
    }
    this.taken = Object.freeze({ level: this.#level, scale: queryScale });
    this.given = Object.freeze({ level: this.#level, scale: scoreScale, polynomials: 2 });
  }

  /**
   * The pieces of a query, as coefficients in [0, q_0).
   *
   * @param {ArrayLike<number>} embedding
   * @returns {Float64Array[]}
   * @throws {RangeError} for another number of components, one that is not finite, or a norm above {@link NORM_MAX}
   */
  pack(embedding) {
    const query = Float32Array.from(embedding);
    if (query.length !== this.dimension) {
      throw new RangeError(`a query of ${query.length} components; the index has ${this.dimension}`);
    }
    const norm = Math.sqrt(query.reduce((sum, component) => sum + component * component, 0));
    if (!(norm <= NORM_MAX)) {
      throw new RangeError(`a query of norm ${norm}; allowed are finite components and norms up to ${NORM_MAX}`);
    }
    return Array.from({ length: this.pieces }, (_, piece) => {
      const residues = new Float64Array(this.#degree);
      query.subarray(piece * this.#span, (piece + 1) * this.#span).forEach((component, k) => {
        const rounded = rint(component * this.taken.scale);
        residues[k] = rounded < 0 ? rounded + this.#prime : rounded;
      });
      return residues;
    });
  }

  /**
   * The scores of the rows of a block, in their order.
   *
   * @param {number} block
   * @param {Float64Array} coefficients in [0, q_0)
   */
  scores(block, coefficients) {
    const count = Math.min(this.rowsPerBlock, this.rows - block * this.rowsPerBlock);
    return Float64Array.from({ length: count }, (_, row) => {
      const residue = coefficients[row * this.#span + this.#span - 1];
      return (residue > this.#prime / 2 ? residue - this.#prime : residue) / this.given.scale;
    });
  }
}

/** The nearest integer, of two the even one. */
function rint(value) {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** The rows with the greatest scores of those that were offered; of equal scores the lesser row counts as the greater. */
export class TopK {
  #count;
  #kept = [];

  /** @param {number} count how many rows to keep */
  constructor(count) {
    if (!Number.isInteger(count) || count < 1) {
      throw new RangeError(`the best ${count} rows; allowed are integers from 1`);
    }
    this.#count = count;
  }

  /** Takes a row into account. Rows are offered in ascending order. */
  offer(row, score) {
    const kept = this.#kept;
    if (kept.length === this.#count && !(score > kept.at(-1).score)) {
      return;
    }
    let low = 0;
    for (let high = kept.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (kept[middle].score >= score) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    kept.splice(low, 0, { row, score });
    kept.length = Math.min(kept.length, this.#count);
  }

  /** From the best to the worst. */
  best() {
    return this.#kept;
  }
}
