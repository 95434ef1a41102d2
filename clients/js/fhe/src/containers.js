import { BrokenReply } from "./errors.js";
import { modulusBits } from "./presets.js";

/** The header of Microsoft SEAL's containers, version 4.1, uncompressed: magic number, its own length, version, no compression. */
const HEADER = [0x5e, 0xa1, 0x10, 4, 1, 0, 0, 0];
const HEADER_BYTES = 16;
const MODULUS_BYTES = HEADER_BYTES + 8;
const SCHEME_CKKS = 2;
const WORD_HALF = 2 ** 32;

const Offset = Object.freeze({ PARMS_ID: 16, NTT: 48, SIZE: 49, DEGREE: 57, PRIMES: 65, SCALE: 73, CORRECTION: 81, ARRAY: 89, COUNT: 105, WORDS: 113 });

const Plain = Object.freeze({ COUNT: 48, SCALE: 56, ARRAY: 64, ARRAY_COUNT: 80, WORDS: 88 });

/**
 * SEAL's EncryptionParameters of a preset.
 *
 * @param {import("./presets.js").Preset} preset
 */
export function parametersContainer(preset) {
  const primes = [...preset.primes, preset.specialPrime];
  const words = HEADER_BYTES + 1 + 16;
  const bytes = new Uint8Array(words + (primes.length + 1) * MODULUS_BYTES);
  const view = new DataView(bytes.buffer);
  header(bytes, 0, bytes.length);
  view.setUint8(HEADER_BYTES, SCHEME_CKKS);
  view.setBigUint64(HEADER_BYTES + 1, BigInt(preset.degree), true);
  view.setBigUint64(HEADER_BYTES + 9, BigInt(primes.length), true);
  const plainModulus = 0n;
  [...primes, plainModulus].forEach((modulus, i) => {
    const at = words + i * MODULUS_BYTES;
    header(bytes, at, MODULUS_BYTES);
    view.setBigUint64(at + HEADER_BYTES, modulus, true);
  });
  return bytes;
}

function header(bytes, at, length) {
  bytes.set(HEADER, at);
  new DataView(bytes.buffer).setBigUint64(at + HEADER.length, BigInt(length), true);
}

/**
 * SEAL's Plaintext of the values of a polynomial at level 0.
 *
 * @param {import("./presets.js").Preset} preset
 * @param {Float64Array} values residues of the transform
 * @param {number} scale
 */
export function plaintextContainer(preset, values, scale) {
  const bytes = new Uint8Array(Plain.WORDS + 8 * values.length);
  const view = new DataView(bytes.buffer);
  header(bytes, 0, bytes.length);
  bytes.set(Uint8Array.from(preset.parmsIds[0].match(/../g), (byte) => Number.parseInt(byte, 16)), Offset.PARMS_ID);
  view.setBigUint64(Plain.COUNT, BigInt(values.length), true);
  view.setFloat64(Plain.SCALE, scale, true);
  header(bytes, Plain.ARRAY, bytes.length - Plain.ARRAY);
  view.setBigUint64(Plain.ARRAY_COUNT, BigInt(values.length), true);
  values.forEach((value, i) => {
    view.setUint32(Plain.WORDS + 8 * i, value % WORD_HALF, true);
    view.setUint32(Plain.WORDS + 8 * i + 4, Math.floor(value / WORD_HALF), true);
  });
  return bytes;
}

/** The values in SEAL's Plaintext of a polynomial at level 0, uncompressed and made here. */
export function plaintextValues(preset, container) {
  const view = new DataView(container.buffer, container.byteOffset + Plain.WORDS, 8 * preset.degree);
  return Float64Array.from(
    { length: preset.degree },
    (_, i) => view.getUint32(8 * i + 4, true) * WORD_HALF + view.getUint32(8 * i, true),
  );
}

/**
 * How many bytes an uncompressed ciphertext has.
 *
 * @param {import("./presets.js").Preset} preset
 * @param {number} level
 * @param {number} polynomials
 */
export function ciphertextBytes(preset, level, polynomials) {
  return Offset.WORDS + 8 * polynomials * (level + 1) * preset.degree;
}

/**
 * Holds a ciphertext of a reply against what it must be, before SEAL reads it: uncompressed, of these parameters, this level, scale
 * and number of polynomials. SEAL checks the residues.
 *
 * @param {import("./presets.js").Preset} preset
 * @param {Uint8Array} container
 * @param {{level: number, scale: number, polynomials: number}} expected
 * @throws {BrokenReply}
 */
export function requireCiphertext(preset, container, { level, scale, polynomials }) {
  const refuse = (what, allowed) => {
    throw new BrokenReply(`a ciphertext of a reply has ${what}; allowed is ${allowed}`);
  };
  const length = ciphertextBytes(preset, level, polynomials);
  if (container.length !== length) {
    refuse(`${container.length} bytes`, length);
  }
  const view = new DataView(container.buffer, container.byteOffset, container.length);
  const word = (at) => view.getBigUint64(at, true);
  requireHeader(container, 0, length, refuse);
  requireHeader(container, Offset.ARRAY, length - Offset.ARRAY, refuse);
  const parmsId = hex(container.subarray(Offset.PARMS_ID, Offset.NTT));
  if (parmsId !== preset.parmsIds[level]) {
    refuse(`parms_id ${parmsId}`, `${preset.parmsIds[level]}, ${preset.name} at level ${level}`);
  }
  const words = BigInt(polynomials * (level + 1) * preset.degree);
  const fields = [
    ["SIZE", "polynomials", BigInt(polynomials)],
    ["DEGREE", "the degree", BigInt(preset.degree)],
    ["PRIMES", "a number of primes of", BigInt(level + 1)],
    ["CORRECTION", "a correction factor of", 1n],
    ["COUNT", "a number of words of", words],
  ];
  for (const [field, what, wanted] of fields) {
    if (word(Offset[field]) !== wanted) {
      refuse(`${what} ${word(Offset[field])}`, wanted);
    }
  }
  if (container[Offset.NTT] !== 1) {
    refuse("coefficients", "values of the transform");
  }
  const given = view.getFloat64(Offset.SCALE, true);
  if (given !== scale) {
    refuse(`scale ${given}`, scale);
  }
}

/**
 * Holds an exported secret key against what it must be, before SEAL reads it.
 *
 * @param {import("./presets.js").Preset} preset
 * @param {Uint8Array} container
 * @throws {TypeError}
 */
export function requireSecretKey(preset, container) {
  const refuse = (what, allowed) => {
    throw new TypeError(`secretKey is no secret key of ${preset.name} in SEAL's container: it has ${what}; allowed is ${allowed}`);
  };
  const count = (preset.primes.length + 1) * preset.degree;
  const length = Plain.WORDS + 8 * count;
  if (!(container instanceof Uint8Array) || container.length !== length) {
    refuse(`${container?.length} bytes`, length);
  }
  requireHeader(container, 0, length, refuse);
  requireHeader(container, Plain.ARRAY, length - Plain.ARRAY, refuse);
  const parmsId = hex(container.subarray(Offset.PARMS_ID, Plain.COUNT));
  if (parmsId !== preset.keyParmsId) {
    refuse(`parms_id ${parmsId}`, preset.keyParmsId);
  }
  const view = new DataView(container.buffer, container.byteOffset);
  for (const at of [Plain.COUNT, Plain.ARRAY_COUNT]) {
    if (view.getBigUint64(at, true) !== BigInt(count)) {
      refuse(`${view.getBigUint64(at, true)} residues`, count);
    }
  }
}

function requireHeader(container, at, length, refuse) {
  const view = new DataView(container.buffer, container.byteOffset);
  if (HEADER.some((byte, i) => container[at + i] !== byte) || view.getBigUint64(at + HEADER.length, true) !== BigInt(length)) {
    refuse(`the header ${hex(container.subarray(at, at + HEADER_BYTES))}`, `an uncompressed container of SEAL 4.1 of ${length} bytes`);
  }
}

/** @param {Uint8Array} bytes */
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * The greatest number that can be encrypted at a level and scale without wrapping around the modulus.
 *
 * @param {import("./presets.js").Preset} preset
 */
export const valueMax = (preset, level, scale) => 2 ** (modulusBits(preset, level) - 2) / scale;
