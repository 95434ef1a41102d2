/**
 * Signed checkpoints of the audit tree (C2SP tlog-checkpoint in a signed note) and what a proof says below them.
 * P-256 signatures are checked here. Browsers know no ML-DSA-65 yet: that one is for ./latticegate verify-audit.
 */
import { fromBase64, fromHex, leafHash, readLeaf, rootOf, sameBytes, sha256, subtle, toHex } from './merkle.js';

const SIGNATURE_LINE = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/;
const KEY_ID_BYTES = 4;
const COORDINATE_BYTES = 32;
const NOTE_CHARACTERS_MAX = 65_536;

/**
 * A signed note in its parts.
 *
 * @returns {{body: string, signatures: {name: string, keyId: string, signature: Uint8Array}[]}} the signed text with its last
 *     line end, and the signatures with the four bytes that name their keys in hexadecimal
 */
export function readNote(note) {
  if (typeof note !== 'string' || note.length > NOTE_CHARACTERS_MAX) throw new Error('the checkpoint is not a short text');
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) throw new Error('the checkpoint has no signatures');
  const signatures = note.slice(split + 2, -1).split('\n').map((line) => {
    const match = SIGNATURE_LINE.exec(line);
    if (!match) throw new Error('a signature line of the checkpoint is malformed');
    const bytes = fromBase64(match[2]);
    return { name: match[1], keyId: toHex(bytes.subarray(0, KEY_ID_BYTES)), signature: bytes.subarray(KEY_ID_BYTES) };
  });
  return { body: note.slice(0, split + 1), signatures };
}

/** Origin, size and root of a checkpoint's signed text. */
export function readCheckpoint(body) {
  const [origin, size, root] = body.split('\n');
  if (!origin || !/^(?:0|[1-9][0-9]{0,15})$/.test(size ?? '') || !Number.isSafeInteger(Number(size))) {
    throw new Error('the checkpoint does not begin with an origin and a size');
  }
  const hash = fromBase64(root ?? '');
  if (hash.length !== 32) throw new Error("the checkpoint's root does not have 32 bytes");
  return { origin, size: Number(size), root: hash };
}

/** r and s of an ECDSA signature in DER (RFC 3279, section 2.2.3) as 64 bytes, as the browser wants them. */
export function rawSignature(der) {
  const malformed = () => new Error('the P-256 signature is not in DER');
  const integer = (at) => {
    const length = der[at + 1];
    if (der[at] !== 0x02 || !(length >= 1 && length <= COORDINATE_BYTES + 1) || at + 2 + length > der.length) throw malformed();
    let bytes = der.subarray(at + 2, at + 2 + length);
    if (bytes.length > COORDINATE_BYTES) {
      if (bytes[0] !== 0) throw malformed();
      bytes = bytes.subarray(1);
    }
    return { bytes, end: at + 2 + length };
  };
  if (der.length < 8 || der[0] !== 0x30 || der[1] !== der.length - 2) throw malformed();
  const r = integer(2);
  const s = integer(r.end);
  if (s.end !== der.length) throw malformed();
  const raw = new Uint8Array(2 * COORDINATE_BYTES);
  raw.set(r.bytes, COORDINATE_BYTES - r.bytes.length);
  raw.set(s.bytes, 2 * COORDINATE_BYTES - s.bytes.length);
  return raw;
}

/** The four bytes that name a P-256 key in signature lines (C2SP signed-note, type 0x02): of the key itself, not of its name. */
const keyIdOf = async (spki) => toHex((await sha256(spki)).subarray(0, KEY_ID_BYTES));

const isP256 = (key) => /P-?256/i.test(key.algorithm);

/**
 * Checks the P-256 signatures of a note by keys that the log is known for.
 *
 * @param {{name: string, algorithm: string, public_key: string}[]} keys public keys as base64 of a
 *     SubjectPublicKeyInfo
 * @returns the names of the keys whose signature is right
 * @throws {Error} when one is wrong or none is by a known key
 */
export async function checkSignatures(note, keys) {
  const { body, signatures } = readNote(note);
  const right = [];
  for (const key of keys.filter(isP256)) {
    const spki = fromBase64(key.public_key);
    const id = await keyIdOf(spki);
    const line = signatures.find((one) => one.name === key.name && one.keyId === id);
    if (!line) continue;
    const imported = await subtle().importKey(
      'spki', spki, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
    const good = await subtle().verify(
      { name: 'ECDSA', hash: 'SHA-256' }, imported, rawSignature(line.signature), new TextEncoder().encode(body));
    if (!good) throw new Error(`the signature of ${key.name} does not fit the checkpoint`);
    right.push(`${key.name} (${key.algorithm}, key ${id})`);
  }
  if (right.length === 0) throw new Error('the checkpoint has no P-256 signature by a key of this log');
  return right;
}

/** Names what a log signs with, so that other keys in their place are noticed: SHA-256 of each, in the order of the log. */
export const nameKeys = (keys) => Promise.all(keys.map(async (key) => toHex(await sha256(fromBase64(key.public_key)))));

/**
 * Checks one proof from the entry's bytes to the signatures. Each step has what was found; the first that fails ends it.
 *
 * @param {string} eventId the entry that the proof is asked for
 * @param proof the answer of GET /manage/audit/{id}/proof
 * @param keys those of GET /manage/audit/keys
 * @returns {Promise<{good: boolean, steps: {name: string, good: boolean, found: string}[]}>}
 */
export async function checkProof(eventId, proof, keys) {
  const steps = [];
  const step = async (name, check) => {
    try {
      steps.push({ name, good: true, found: await check() });
      return true;
    } catch (fault) {
      steps.push({ name, good: false, found: fault.message });
      return false;
    }
  };
  const differs = (what) => {
    throw new Error(what);
  };
  let hash;
  let root;
  const good = await step('The leaf is this entry', async () => {
    if (proof.event_id !== eventId) differs(`the proof is about ${proof.event_id}, not ${eventId}`);
    if (proof.leaf_data === null) return 'its bytes are not kept any more: what is proved is about their hash';
    const leaf = readLeaf(fromBase64(proof.leaf_data));
    const named = `${leaf.node}-${leaf.sequence}`;
    return named === eventId
      ? `entry ${leaf.sequence} of node ${leaf.node}, ${leaf.length} bytes as stored${leaf.whole ? '' : ', by their SHA-256'}`
      : differs(`the leaf is entry ${named}, not ${eventId}`);
  }) && await step('Its hash', async () => {
    hash = fromHex(proof.leaf_hash);
    return proof.leaf_data === null || sameBytes(hash, await leafHash(fromBase64(proof.leaf_data)))
      ? toHex(hash) : differs('SHA-256 of the leaf is not the hash that is given');
  }) && await step('The path leads to the root', async () => {
    root = await rootOf(hash, proof.leaf_index, proof.tree_size, proof.path.map(fromHex));
    return sameBytes(root, fromHex(proof.root_hash))
      ? `leaf ${proof.leaf_index} of ${proof.tree_size}, ${proof.path.length} hashes, root ${toHex(root)}`
      : differs(`the path leads to ${toHex(root)}, not to the root that is given`);
  }) && await step('The root is that of the checkpoint', async () => {
    const checkpoint = readCheckpoint(readNote(proof.checkpoint).body);
    return checkpoint.size === proof.tree_size && sameBytes(checkpoint.root, root)
      ? `${checkpoint.origin}, ${checkpoint.size} entries`
      : differs(`the checkpoint is about ${checkpoint.size} entries with the root ${toHex(checkpoint.root)}`);
  }) && await step('The checkpoint is signed', async () => (await checkSignatures(proof.checkpoint, keys)).join(', '));
  return { good, steps };
}
