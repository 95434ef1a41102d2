/**
 * The transform of polynomials modulo X^N + 1 and a prime, in the order of Microsoft SEAL: the value at index i is f(ψ^(2·rev(i)+1)),
 * with ψ the least primitive 2N-th root of unity and rev the reversal of log2 N bits. Residues are doubles, which hold them exactly:
 * primes have at most 50 bits.
 */
export class Transform {
  #prime;
  #inverse;
  #powers;
  #inversePowers;
  #degreeInverse;

  /**
   * @param {number} degree N, a power of two
   * @param {bigint} prime 1 modulo 2N, of at most 50 bits
   */
  constructor(degree, prime) {
    if (prime >= 1n << 50n || prime % BigInt(2 * degree) !== 1n) {
      throw new RangeError(`prime ${prime} with degree ${degree}; allowed are primes of at most 50 bits that are 1 modulo 2N`);
    }
    this.#prime = Number(prime);
    this.#inverse = 1 / this.#prime;
    const root = this.#leastRoot(degree, prime);
    const powers = this.#successive(root, 2 * degree);
    const bits = Math.log2(degree);
    this.#powers = Float64Array.from({ length: degree }, (_, i) => powers[reversed(i, bits)]);
    this.#inversePowers = Float64Array.from({ length: degree }, (_, i) => powers[(2 * degree - reversed(i, bits)) % (2 * degree)]);
    this.#degreeInverse = Number(power(BigInt(degree), prime - 2n, prime));
  }

  #leastRoot(degree, prime) {
    let some;
    for (let base = 2n; some === undefined; base++) {
      const candidate = power(base, (prime - 1n) / BigInt(2 * degree), prime);
      if (power(candidate, BigInt(degree), prime) === prime - 1n) {
        some = Number(candidate);
      }
    }
    const step = this.#product(some, some);
    let least = some;
    let root = some;
    for (let i = 1; i < degree; i++) {
      root = this.#product(root, step);
      least = Math.min(least, root);
    }
    return least;
  }

  #successive(root, count) {
    const powers = new Float64Array(count);
    powers[0] = 1;
    for (let i = 1; i < count; i++) {
      powers[i] = this.#product(powers[i - 1], root);
    }
    return powers;
  }

  /** Coefficients to values, in place. Residues are in [0, prime). */
  forward(residues) {
    const prime = this.#prime;
    for (let count = 1, span = residues.length / 2; span >= 1; count *= 2, span /= 2) {
      for (let group = 0; group < count; group++) {
        const factor = this.#powers[count + group];
        for (let j = 2 * group * span, end = j + span; j < end; j++) {
          const a = residues[j];
          const b = this.#product(residues[j + span], factor);
          residues[j] = a + b < prime ? a + b : a + b - prime;
          residues[j + span] = a >= b ? a - b : a - b + prime;
        }
      }
    }
    return residues;
  }

  /** Values to coefficients, in place. */
  inverse(residues) {
    const prime = this.#prime;
    for (let count = residues.length / 2, span = 1; count >= 1; count /= 2, span *= 2) {
      for (let group = 0; group < count; group++) {
        const factor = this.#inversePowers[count + group];
        for (let j = 2 * group * span, end = j + span; j < end; j++) {
          const a = residues[j];
          const b = residues[j + span];
          residues[j] = a + b < prime ? a + b : a + b - prime;
          residues[j + span] = this.#product(a >= b ? a - b : a - b + prime, factor);
        }
      }
    }
    for (let j = 0; j < residues.length; j++) {
      residues[j] = this.#product(residues[j], this.#degreeInverse);
    }
    return residues;
  }

  /**
   * a·b modulo the prime. Products of doubles are taken with their rounding error (Dekker), so that what is left after subtracting
   * a multiple of the prime is exact; the quotient is off by one at most.
   */
  #product(a, b) {
    const prime = this.#prime;
    const high = a * b;
    const quotient = Math.floor(high * this.#inverse);
    const multiple = quotient * prime;
    const rest = high - multiple + (roundingError(a, b, high) - roundingError(quotient, prime, multiple));
    return rest < 0 ? rest + prime : rest >= prime ? rest - prime : rest;
  }
}

const SPLITTER = 2 ** 27 + 1;

/** a·b less its rounded product. */
function roundingError(a, b, product) {
  const scaledA = SPLITTER * a;
  const highA = scaledA - (scaledA - a);
  const lowA = a - highA;
  const scaledB = SPLITTER * b;
  const highB = scaledB - (scaledB - b);
  const lowB = b - highB;
  return highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
}

function reversed(index, bits) {
  let result = 0;
  for (let bit = 0; bit < bits; bit++) {
    result = result * 2 + ((index >> bit) & 1);
  }
  return result;
}

function power(base, exponent, modulus) {
  let result = 1n;
  for (let square = base % modulus, left = exponent; left > 0n; left >>= 1n, square = (square * square) % modulus) {
    if (left & 1n) {
      result = (result * square) % modulus;
    }
  }
  return result;
}
