// The parts of the interface that compute, in the browser that runs them, against values from the RFC's own definitions.
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { after, before, test } from 'node:test';
import { launch, open } from './browser.mjs';

let browser;
let page;

before(async () => {
  browser = await launch();
  ({ page } = await open(browser));
  await page.goto('/admin');
});
after(() => browser.close());

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const leafHash = (data) => sha256(Buffer.of(0), data);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);

/** MTH of RFC 9162, section 2.1.1, as it is defined there. */
function rootOf(leaves) {
  if (leaves.length === 1) return leaves[0];
  const split = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return nodeHash(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

/** PATH of RFC 9162, section 2.1.3.1. */
function pathOf(index, leaves) {
  if (leaves.length === 1) return [];
  const split = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return index < split
    ? [...pathOf(index, leaves.slice(0, split)), rootOf(leaves.slice(split))]
    : [...pathOf(index - split, leaves.slice(split)), rootOf(leaves.slice(0, split))];
}

function leafData(node, sequence, payload) {
  const head = Buffer.alloc(3 + node.length + 12);
  head.writeUInt8(1, 0);
  head.writeUInt16BE(node.length, 1);
  head.write(node, 3);
  head.writeBigUInt64BE(BigInt(sequence), 3 + node.length);
  head.writeUInt32BE(payload.length, 11 + node.length);
  return Buffer.concat([head, payload]);
}

const datas = Array.from({ length: 40 }, (_, index) => leafData('node-a', index + 1, Buffer.from(`entry ${index}`)));
const leaves = datas.map(leafHash);

const log = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = log.publicKey.export({ type: 'spki', format: 'der' });
const ORIGIN = 'latticegate.audit/test';
const KEYS = [{ name: ORIGIN, algorithm: 'ECDSA-P256-SHA256', public_key: spki.toString('base64'), verifier: '' },
  { name: ORIGIN, algorithm: 'ML-DSA-65', public_key: Buffer.alloc(64, 7).toString('base64'), verifier: '' }];

function checkpoint(size, root) {
  const body = `${ORIGIN}\n${size}\n${root.toString('base64')}\n`;
  const line = (bytes) => `\u2014 ${ORIGIN} ${bytes.toString('base64')}\n`;
  return `${body}\n${line(Buffer.concat([sha256(spki).subarray(0, 4), sign('sha256', Buffer.from(body), log.privateKey)]))}`
    + line(Buffer.concat([Buffer.of(1, 2, 3, 4), Buffer.alloc(3309)]));
}

function proofOf(index, size) {
  const some = leaves.slice(0, size);
  const root = rootOf(some);
  return {
    event_id: `node-a-${index + 1}`, leaf_index: index, leaf_hash: leaves[index].toString('hex'), tree_size: size,
    root_hash: root.toString('hex'), path: pathOf(index, some).map((hash) => hash.toString('hex')),
    leaf_data: datas[index].toString('base64'), checkpoint: checkpoint(size, root),
  };
}

/** Checks proofs in the page; gives whether each is good and the step that failed. */
const check = (proofs, keys = KEYS) => page.evaluate(async ([all, known]) => {
  const { checkProof } = await import('/admin/assets/checkpoint.js');
  return Promise.all(all.map(async (proof) => {
    const { good, steps } = await checkProof(proof.event_id, proof, known);
    return { good, failed: steps.find((step) => !step.good)?.name ?? null };
  }));
}, [proofs, keys]);

test('every proof of every tree up to 17 leaves is found right, and of one with 33', async () => {
  const sizes = [...Array.from({ length: 17 }, (_, at) => at + 1), 33];
  const verdicts = await check(sizes.flatMap((size) => leaves.slice(0, size).map((_, index) => proofOf(index, size))));
  assert.equal(verdicts.length, 186);
  assert.ok(verdicts.every(({ good }) => good), JSON.stringify(verdicts.find(({ good }) => !good)));
});

test('what is not kept any more is proved by its hash', async () => {
  const [right, wrong] = await check([{ ...proofOf(3, 9), leaf_data: null }, { ...proofOf(3, 9), leaf_data: null, leaf_hash: leaves[4].toString('hex') }]);
  assert.deepEqual(right, { good: true, failed: null });
  assert.deepEqual(wrong, { good: false, failed: 'The path leads to the root' });
});

test('what was changed is found, and where', async () => {
  const right = proofOf(11, 37);
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' });
  const flipped = (text, encoding) => {
    const bytes = Buffer.from(text, encoding);
    bytes[bytes.length - 1] ^= 1;
    return bytes.toString(encoding);
  };
  const cases = [
    ['The leaf is this entry', { ...right, event_id: 'node-a-13' }],
    ['The leaf is this entry', { ...right, leaf_data: datas[12].toString('base64') }],
    ['The leaf is this entry', { ...right, leaf_data: datas[11].subarray(1).toString('base64') }],
    ['The leaf is this entry', { ...right, leaf_data: '!' }],
    ['Its hash', { ...right, leaf_data: flipped(right.leaf_data, 'base64') }],
    ['Its hash', { ...right, leaf_hash: flipped(right.leaf_hash, 'hex') }],
    ['The path leads to the root', { ...right, leaf_index: 12 }],
    ['The path leads to the root', { ...right, leaf_index: -1 }],
    ['The path leads to the root', { ...right, tree_size: 11 }],
    ['The path leads to the root', { ...right, tree_size: '37' }],
    ['The path leads to the root', { ...right, path: right.path.slice(1) }],
    ['The path leads to the root', { ...right, path: right.path.slice(0, -1) }],
    ['The path leads to the root', { ...right, path: [...right.path, right.path[0]] }],
    ['The path leads to the root', { ...right, path: [flipped(right.path[0], 'hex'), ...right.path.slice(1)] }],
    ['The path leads to the root', { ...right, path: [right.path[0].slice(2), ...right.path.slice(1)] }],
    ['The path leads to the root', { ...right, root_hash: flipped(right.root_hash, 'hex') }],
    ['The root is that of the checkpoint', { ...right, checkpoint: checkpoint(36, rootOf(leaves.slice(0, 36))) }],
    ['The root is that of the checkpoint', { ...right, checkpoint: checkpoint(37, rootOf(leaves.slice(0, 36))) }],
    ['The root is that of the checkpoint', { ...right, tree_size: 38 }],
    ['The root is that of the checkpoint', { ...right, checkpoint: '' }],
    ['The checkpoint is signed', { ...right, checkpoint: right.checkpoint.replace(ORIGIN, 'latticegate.audit/other') }],
    ['The checkpoint is signed', { ...right, checkpoint: right.checkpoint.replace(/\n\u2014 .*\n/, '\n') }],
  ];
  const verdicts = await check(cases.map(([, proof]) => proof));
  assert.deepEqual(verdicts.map(({ failed }) => failed), cases.map(([step]) => step));
  const [unknown] = await check([right], [{ ...KEYS[0], public_key: other.toString('base64') }]);
  assert.equal(unknown.failed, 'The checkpoint is signed');
});

/** PROOF of RFC 9162, section 2.1.4.1. */
function growthOf(size, some) {
  const subproof = (first, part, whole) => {
    if (first === part.length) return whole ? [] : [rootOf(part)];
    const split = 2 ** Math.floor(Math.log2(part.length - 1));
    return first <= split
      ? [...subproof(first, part.slice(0, split), whole), rootOf(part.slice(split))]
      : [...subproof(first - split, part.slice(split), false), rootOf(part.slice(0, split))];
  };
  return subproof(size, some, true);
}

test('a log that grew is told from one that was changed', async () => {
  const hex = (hash) => hash.toString('hex');
  const trees = Array.from({ length: 24 }, (_, at) => ({ size: at + 1, root: hex(rootOf(leaves.slice(0, at + 1))) }));
  const grown = trees.flatMap((second) => trees.slice(0, second.size).map((first) => ({
    first, second, path: growthOf(first.size, leaves.slice(0, second.size)).map(hex) })));
  const changed = grown.filter(({ first, second }) => first.size < second.size).flatMap(({ first, second, path }) => [
    { first: { ...first, root: trees[(first.size + 1) % 24].root }, second, path },
    { first, second: { ...second, root: trees[(second.size + 1) % 24].root }, path },
    { first, second, path: path.slice(1) },
    { first, second, path: [...path, path[0]] },
    { first: second, second: first, path },
  ]).concat({ first: trees[5], second: { ...trees[5], root: trees[4].root }, path: [] });
  const verdicts = (cases) => page.evaluate(async (all) => {
    const { checkGrowth, fromHex } = await import('/admin/assets/merkle.js');
    const tree = ({ size, root }) => ({ size, root: fromHex(root) });
    return Promise.all(all.map(({ first, second, path }) => checkGrowth(tree(first), tree(second), path.map(fromHex)).then(() => true, () => false)));
  }, cases);
  assert.equal(grown.length, 300);
  assert.ok((await verdicts(grown)).every((good) => good));
  assert.ok(!(await verdicts(changed)).some((good) => good));
});

test('signatures with short and long numbers are read', async () => {
  const body = 'any text';
  const signatures = Array.from({ length: 600 }, () => sign('sha256', Buffer.from(body), log.privateKey).toString('base64'));
  assert.ok(new Set(signatures.map((one) => Buffer.from(one, 'base64').length)).size >= 3, 'all signatures have one length');
  const wrong = await page.evaluate(async ([all, key, text]) => {
    const { rawSignature } = await import('/admin/assets/checkpoint.js');
    const { fromBase64 } = await import('/admin/assets/merkle.js');
    const imported = await crypto.subtle.importKey('spki', fromBase64(key), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
    const good = await Promise.all(all.map((one) => crypto.subtle.verify(
      { name: 'ECDSA', hash: 'SHA-256' }, imported, rawSignature(fromBase64(one)), new TextEncoder().encode(text))));
    return good.filter((one) => !one).length;
  }, [signatures, spki.toString('base64'), body]);
  assert.equal(wrong, 0);
});

test('events of a stream come whole, however its bytes are cut', async () => {
  const stream = ': a comment\r\ndata: one\r\n\r\nevent: x\ndata:two\ndata:  three \u20ac\n\nid: 7\n\ndata\n\ndata: unfinished';
  const expected = ['one', 'two\n three \u20ac', ''];
  const results = await page.evaluate(async (text) => {
    const { events } = await import('/admin/assets/eventstream.js');
    const bytes = new TextEncoder().encode(text);
    const all = [];
    for (let size = 1; size <= bytes.length; size++) {
      const body = new ReadableStream({
        start(controller) {
          for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
          controller.close();
        },
      });
      const found = [];
      for await (const data of events(body)) found.push(data);
      all.push(found);
    }
    return all;
  }, stream);
  results.forEach((found) => assert.deepEqual(found, expected));
});

for (const [name, part] of [['line', 'x'.repeat(65_536)], ['event', `data: ${'x'.repeat(1_000)}\n`.repeat(64)]]) {
  test(`an endless ${name} is given up`, async () => {
    const fault = await page.evaluate(async (text) => {
      const { events } = await import('/admin/assets/eventstream.js');
      const bytes = new TextEncoder().encode(text);
      let cancel;
      const cancelled = new Promise((resolve) => {
        cancel = resolve;
      });
      const body = new ReadableStream({ pull: (controller) => controller.enqueue(bytes), cancel });
      try {
        for await (const data of events(body)) return `an event of ${data.length}`;
        return 'an end';
      } catch (error) {
        await cancelled;
        return error.message;
      }
    }, part);
    assert.equal(fault, 'an event of the answer is longer than 1 Mi characters');
  });
}

test('windows end with the bucket of now and hold whole buckets', async () => {
  const windows = await page.evaluate(async () => {
    const { windowNow, filled } = await import('/admin/assets/live.js');
    const now = Date.parse('2026-01-31T12:34:56Z');
    const hour = windowNow('1h', now);
    return { hour, month: windowNow('30d', now), points: filled({ points: [[Date.parse('2026-01-31T12:00:00Z') / 1000, 7]] }, hour).points };
  });
  assert.deepEqual(windows.hour, { bucket: 'minute', start_time: '2026-01-31T11:35:00.000Z', end_time: '2026-01-31T12:35:00.000Z' });
  assert.deepEqual(windows.month, { bucket: 'day', start_time: '2026-01-02T00:00:00.000Z', end_time: '2026-02-01T00:00:00.000Z' });
  assert.equal(windows.points.length, 60);
  assert.deepEqual(windows.points.filter(([, value]) => value !== 0), [[Date.parse('2026-01-31T12:00:00Z') / 1000, 7]]);
});
