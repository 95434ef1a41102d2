/**
 * Inclusion proofs of the audit tree, checked here and not by the server that gives them (RFC 9162, section 2.1).
 * Hashes are SHA-256, sizes and indexes are whole numbers below 2^53.
 */

const LEAF = 0x00;
const NODE = 0x01;
const HASH_BYTES = 32;
const WHOLE = 1;
const DIGEST = 2;
const LEAF_FIXED_BYTES = 15;

/** SHA-256 of the parts one after another. */
export async function sha256(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await subtle().digest('SHA-256', whole));
}

/**
 * The browser's cryptography.
 *
 * @throws {Error} where the page came over plain HTTP from another machine, as browsers then withhold it
 */
export function subtle() {
  if (!globalThis.crypto?.subtle) {
    throw new Error('This browser computes no hashes for pages that came over plain HTTP from another machine. '
      + 'Open this page over HTTPS or from localhost, or use ./latticegate verify-audit.');
  }
  return globalThis.crypto.subtle;
}

/** The hash of a leaf: SHA-256(0x00 | data). */
export const leafHash = (data) => sha256(Uint8Array.of(LEAF), data);

const nodeHash = (left, right) => sha256(Uint8Array.of(NODE), left, right);

/**
 * The root that a proof leads to (RFC 9162, section 2.1.3.2).
 *
 * @param {Uint8Array} leaf hash of the leaf
 * @param {number} index its place, from 0
 * @param {number} size leaves of the tree
 * @param {Uint8Array[]} path from the leaf upwards
 * @throws {Error} when the path does not fit the place and the size
 */
export async function rootOf(leaf, index, size, path) {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) {
    throw new Error(`leaf ${index} is not in a tree of ${size}`);
  }
  let place = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (sibling.length !== HASH_BYTES) throw new Error('a hash of the path does not have 32 bytes');
    if (last === 0) throw new Error('the path is longer than the tree is high');
    if (place % 2 === 1 || place === last) {
      hash = await nodeHash(sibling, hash);
      while (place % 2 === 0 && place !== 0) {
        place /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = await nodeHash(hash, sibling);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0) throw new Error('the path is shorter than the tree is high');
  return hash;
}

/**
 * Checks that a tree is what another, smaller one has grown into (RFC 9162, section 2.1.4.2).
 *
 * @param {{size: number, root: Uint8Array}} first of at least one leaf
 * @param {{size: number, root: Uint8Array}} second
 * @param {Uint8Array[]} path
 * @throws {Error} when it is not, or the path does not show it
 */
export async function checkGrowth(first, second, path) {
  const refused = (what) => new Error(`${what}: the log is not what it was`);
  if (!Number.isSafeInteger(first.size) || !Number.isSafeInteger(second.size) || first.size < 1) throw new Error('a size is malformed');
  if (second.size < first.size) throw refused(`it had ${first.size} entries and has ${second.size}`);
  if (second.size === first.size) {
    if (path.length > 0 || !sameBytes(first.root, second.root)) throw refused('of the same size, it has another root');
    return;
  }
  const isPowerOfTwo = Number.isInteger(Math.log2(first.size)) && 2 ** Math.log2(first.size) === first.size;
  const [start, ...rest] = isPowerOfTwo ? [first.root, ...path] : path;
  if (!start || [start, ...rest].some((hash) => hash.length !== HASH_BYTES)) throw new Error('the path is malformed');
  let place = first.size - 1;
  let last = second.size - 1;
  const up = () => {
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  };
  while (place % 2 === 1) up();
  let before = start;
  let after = start;
  for (const sibling of rest) {
    if (last === 0) throw new Error('the path is longer than the tree is high');
    if (place % 2 === 1 || place === last) {
      before = await nodeHash(sibling, before);
      after = await nodeHash(sibling, after);
      while (place % 2 === 0 && place !== 0) up();
    } else {
      after = await nodeHash(after, sibling);
    }
    up();
  }
  if (last !== 0) throw new Error('the path is shorter than the tree is high');
  if (!sameBytes(before, first.root) || !sameBytes(after, second.root)) throw refused('the path leads to other roots');
}

/**
 * What a leaf says about itself, big-endian: format, u16 length of the node's name, that name in UTF-8, u64 number of the entry
 * there, u32 length of the stored entry, then (format 1) the stored entry or (format 2) its SHA-256.
 *
 * @returns {{node: string, sequence: bigint, length: number, whole: boolean}}
 * @throws {Error} when the bytes are not exactly that
 */
export function readLeaf(data) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const malformed = () => new Error('the leaf is not: format 1 or 2, node, sequence, entry');
  if (data.length < LEAF_FIXED_BYTES || (data[0] !== WHOLE && data[0] !== DIGEST)) throw malformed();
  const nodeEnd = 3 + view.getUint16(1);
  if (data.length < nodeEnd + 12) throw malformed();
  const length = view.getUint32(nodeEnd + 8);
  const whole = data[0] === WHOLE;
  if (data.length !== nodeEnd + 12 + (whole ? length : HASH_BYTES)) throw malformed();
  return {
    node: new TextDecoder('utf-8', { fatal: true }).decode(data.subarray(3, nodeEnd)),
    sequence: view.getBigUint64(nodeEnd),
    length,
    whole,
  };
}

/** Bytes of a text of hexadecimal digits. */
export function fromHex(text) {
  if (typeof text !== 'string' || !/^(?:[0-9a-f]{2})*$/i.test(text)) throw new Error('a hash is not hexadecimal');
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Bytes of a text in base64 with padding. */
export function fromBase64(text) {
  if (typeof text !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) {
    throw new Error('a value is not base64');
  }
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Whether both hold the same bytes. */
export const sameBytes = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);
