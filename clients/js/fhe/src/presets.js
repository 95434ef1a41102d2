/**
 * A parameter set: the ring and the primes that a client insists on. They are part of this package, so that no service can talk a
 * client into weaker ones.
 *
 * @typedef {object} Preset
 * @property {string} name
 * @property {number} degree N; half as many numbers fit into a ciphertext
 * @property {readonly bigint[]} primes of the data, q_0 first
 * @property {bigint} specialPrime of the keys
 * @property {number} scale of fresh ciphertexts
 * @property {string} keyParmsId what Microsoft SEAL calls the parameters of keys, in hexadecimal
 * @property {readonly string[]} parmsIds what it calls those of each level, level 0 first
 */

/** @type {Readonly<Record<string, Preset>>} */
export const PRESETS = Object.freeze({
  S12: preset("S12", 4096, [1125899906826241n], 72057594037641217n, 2 ** 24, "75cb0a5346bce14a8341223a674ff549a57ade92e480a24e6dbda381c3ded25e", [
    "cae27df3e725fe845a4026147fef44d63bbbf2a74f6d4068dd8b57b594fc48e7",
  ]),
  S13: preset("S13", 8192, [1125899906629633n, 1125899906826241n], 36028797018652673n, 2 ** 40, "eb530f6518f9804d40f69a948700b34aef514eac4541a83c01b40098490cecff", [
    "5085e128142aabb60d9a87351b98f0c5dcf518b4901604044074f711e285f1f5",
    "3c5fc4058d655e0b5668c6556773dbbfa33a7deeb8e15fb236a648a50dca938b",
  ]),
  S14: preset(
    "S14",
    16384,
    [1125899904679937n, 1099506352129n, 1099506515969n, 1099507695617n, 1099508121601n, 1099510054913n],
    1152921504606748673n,
    2 ** 40,
    "f18fb88ba610743a8c62293188d9a19bdf89b5b473d44b13ecafab6e428448a6",
    [
      "47feefbdc6ecc9a378290a8c57ea618d207603d4f8738f4c0a2caf61eda22007",
      "5fdc42f8cca6df5d03e700ba0f4f42d32cf2718e1fa48a2ba816c6a204eff480",
      "b2ebdf553314c4ea8c207e4e1c5128d14adc052d1760dbb42cd66135d3130a87",
      "58b1d8612d1f37e4566139925292d0b16c79a8010f9434139afe35b5938554f3",
      "e7e05e2b09d181d4aae8fe07e526ac56fe3d6c13710578751cbffb266e133ee6",
      "0885966b49dbd892b65205a15fd4f90d03a170120c2b4aab240ad9ccdb04b6b3",
    ],
  ),
});

function preset(name, degree, primes, specialPrime, scale, keyParmsId, parmsIds) {
  return Object.freeze({
    name,
    degree,
    primes: Object.freeze(primes),
    specialPrime,
    scale,
    keyParmsId,
    parmsIds: Object.freeze(parmsIds),
  });
}

/**
 * The set of a name.
 *
 * @param {string} name
 * @throws {TypeError} for another name
 */
export function presetOf(name) {
  if (!Object.hasOwn(PRESETS, name)) {
    throw new TypeError(`no parameter set ${name}; there are ${Object.keys(PRESETS).join(", ")}`);
  }
  return PRESETS[name];
}

/** @param {Preset} preset */
export const topLevel = (preset) => preset.primes.length - 1;

/** @param {Preset} preset */
export const slots = (preset) => preset.degree / 2;

/**
 * The bit length of q_0 ⋯ q_level.
 *
 * @param {Preset} preset
 * @param {number} level
 */
export function modulusBits(preset, level) {
  return preset.primes
    .slice(0, level + 1)
    .reduce((product, prime) => product * prime, 1n)
    .toString(2).length;
}

/**
 * @param {Preset} preset
 * @param {number} level
 * @throws {RangeError} where there is no such level
 */
export function requireLevel(preset, level) {
  if (!Number.isInteger(level) || level < 0 || level > topLevel(preset)) {
    throw new RangeError(`level ${level} of ${preset.name}; allowed are 0 to ${topLevel(preset)}`);
  }
}

/**
 * @param {Preset} preset
 * @param {number} scale
 * @param {number} level
 * @throws {RangeError} for a scale below 1, or not below the modulus of the level
 */
export function requireScale(preset, scale, level) {
  requireLevel(preset, level);
  const bits = modulusBits(preset, level);
  if (!(scale >= 1) || !(scale < 2 ** (bits - 1))) {
    throw new RangeError(`scale ${scale} at level ${level} of ${preset.name}; allowed are 1 to below 2^${bits - 1}`);
  }
}

/**
 * The Galois element of a rotation: 3^steps modulo 2N. Slot j becomes what slot j + steps was.
 *
 * @param {Preset} preset
 * @param {number} steps
 * @throws {RangeError} for 0, and for as many steps as there are slots
 */
export function rotationElement(preset, steps) {
  const count = slots(preset);
  if (!Number.isInteger(steps) || steps === 0 || Math.abs(steps) >= count) {
    throw new RangeError(`a rotation by ${steps}; allowed are 1 to ${count - 1}, and as many in the other direction`);
  }
  let element = 1;
  for (let left = (steps + count) % count; left > 0; left--) {
    element = (element * 3) % (2 * preset.degree);
  }
  return element;
}

/** The Galois element of conjugation. @param {Preset} preset */
export const conjugationElement = (preset) => 2 * preset.degree - 1;

/**
 * The rotation of a Galois element, as SEAL counts them: 0 for conjugation.
 *
 * @param {Preset} preset
 * @param {number} element
 * @throws {RangeError} where the element is that of no rotation and not of conjugation
 */
export function stepsOfElement(preset, element) {
  if (element === conjugationElement(preset)) {
    return 0;
  }
  let power = 1;
  for (let steps = 1; steps < slots(preset); steps++) {
    power = (power * 3) % (2 * preset.degree);
    if (power === element) {
      return steps;
    }
  }
  throw new RangeError(`Galois element ${element} of ${preset.name}; allowed are powers of 3 but 1, and 2N - 1`);
}
