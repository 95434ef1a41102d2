// Answers requests on standard input with Microsoft SEAL, by way of the library that the first argument names. A frame is a
// text and binary parts: the length of the text as a 32-bit integer, the text, the number of parts as a 32-bit integer, and
// for each part its length and bytes; integers have their least significant byte first. The text of a request is a command
// and its arguments, separated by spaces; the text of an answer is "ok" and results, or "refused" and SEAL's reason. Objects
// are kept under names that the requests choose; keys are kept as "secret", "public", "relin" and "galois".
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const seal = await import(pathToFileURL(resolve(process.argv[2])));

const objects = new Map();
let parameters, context, generator, encoder, evaluations;

function get(name) {
  const object = objects.get(name);
  if (object === undefined) throw new Error(`no object ${name}`);
  return object;
}

function put(name, object) {
  if (objects.get(name) !== object) objects.get(name)?.delete();
  objects.set(name, object);
}

function doubles(bytes) {
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

const bytesOf = (values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
const numbers = (list) => list.split(",").map(Number);

// Gives an object to an action and frees it.
function using(object, action) {
  try {
    return action(object);
  } finally {
    object.delete();
  }
}

const withEncryptor = (action) => using(seal.encryptor(context, get("public"), get("secret")), action);

const keys = { relinearize: "relin", conjugate: "galois" };

const dispose = (object) => object.delete();

// What can be timed: the ciphertext and the plaintext that it works on are given, and what it makes is freed.
const timed = {
  add: (a) => dispose(evaluations.add(a, a)),
  multiplyPlain: (a, plain) => dispose(evaluations.multiplyPlain(a, plain)),
  multiplyRelinearizeRescale: (a) =>
    using(evaluations.multiply(a, a), (product) =>
      using(evaluations.relinearize(product, get("relin")), (relinearized) => dispose(evaluations.rescale(relinearized))),
    ),
  rotate: (a) => dispose(evaluations.rotate(a, 1, get("galois"))),
  encode: (a, plain, values, scale) => dispose(seal.encode(encoder, values, scale)),
  encrypt: (a, plain, values, scale, encryptor) => dispose(seal.seeded.ciphertext(encryptor, plain)),
  decrypt: (a, plain, values, scale, encryptor, decryptor) => dispose(seal.decrypt(decryptor, a)),
  decode: (a, plain) => seal.decode(encoder, plain),
};

// Each takes the arguments and the binary parts, and returns the words and the binary part of the answer.
const commands = {
  create: ([degree, bits]) => [seal.create(Number(degree), numbers(bits)).map(String)],
  context([], bytes) {
    if (context !== undefined) throw new Error("one context in a process");
    parameters = seal.parameters(bytes);
    context = seal.context(parameters);
    if (!seal.usable(context)) throw new Error("the parameters are not valid");
    encoder = seal.encoder(context);
    evaluations = seal.evaluations(context);
    generator = seal.generator(context);
    put("secret", generator.secretKey());
    put("public", generator.createPublicKey());
    return [[]];
  },
  parameters: ([mode]) => [[], seal.save(parameters, mode)],
  useSecret([], bytes) {
    put("secret", seal.load("secret", context, bytes));
    generator.delete();
    generator = seal.generator(context, get("secret"));
    put("public", generator.createPublicKey());
    return [[]];
  },
  relin() {
    put("relin", generator.createRelinKeys());
    return [[]];
  },
  galois([steps]) {
    put("galois", seal.galois(generator, numbers(steps)));
    return [[]];
  },
  seeded([kind, mode, argument]) {
    const make = {
      ciphertext: () => withEncryptor((encryptor) => seal.seeded.ciphertext(encryptor, get(argument))),
      public: () => seal.seeded.public(generator),
      relin: () => seal.seeded.relin(generator),
      galois: () => seal.seeded.galois(generator, numbers(argument)),
    }[kind];
    return [[], using(make(), (made) => seal.save(made, mode))];
  },
  encode([name, scale], values) {
    put(name, seal.encode(encoder, doubles(values), Number(scale)));
    return [[]];
  },
  encrypt([name, plain]) {
    put(name, withEncryptor((encryptor) => seal.encrypt(encryptor, get(plain))));
    return [[]];
  },
  save: ([name, mode]) => [[], seal.save(get(name), mode)],
  load([kind, name], bytes) {
    put(name, seal.load(kind, context, bytes));
    return [[]];
  },
  evaluate([operation, result, a, b]) {
    const evaluation = evaluations[operation];
    put(
      result,
      operation === "rotate"
        ? evaluation(get(a), Number(b), get("galois"))
        : evaluation(get(a), ...(operation in keys ? [get(keys[operation])] : b === undefined ? [] : [get(b)])),
    );
    return [[]];
  },
  // Microseconds of this process' time per run, over at least so many milliseconds of it and at least one run.
  time([operation, milliseconds, a, plain, scale], bytes) {
    const values = doubles(bytes);
    return withEncryptor((encryptor) =>
      using(seal.decryptor(context, get("secret")), (decryptor) => {
        const start = process.cpuUsage();
        for (let runs = 1; ; runs++) {
          timed[operation](get(a), get(plain), values, Number(scale), encryptor, decryptor);
          const { user, system } = process.cpuUsage(start);
          if (user + system >= Number(milliseconds) * 1000) return [[String((user + system) / runs)]];
        }
      }),
    );
  },
  decrypt: ([name]) =>
    using(seal.decryptor(context, get("secret")), (decryptor) =>
      using(seal.decrypt(decryptor, get(name)), (plain) => [[], bytesOf(seal.decode(encoder, plain))]),
    ),
};

function integer(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function answer(text, parts) {
  const head = Buffer.from(text);
  const chunks = [integer(head.length), head, integer(parts.length)];
  for (const part of parts) chunks.push(integer(part.length), part);
  process.stdout.write(Buffer.concat(chunks));
}

// Reads exactly as many bytes as asked for.
const input = process.stdin[Symbol.asyncIterator]();
let pending = Buffer.alloc(0);
async function take(count) {
  const chunks = [pending];
  let length = pending.length;
  while (length < count) {
    const next = await input.next();
    if (next.done) return undefined;
    chunks.push(next.value);
    length += next.value.length;
  }
  const all = Buffer.concat(chunks, length);
  pending = all.subarray(count);
  return all.subarray(0, count);
}

for (;;) {
  const length = await take(4);
  if (length === undefined) break;
  const [command, ...words] = (await take(length.readUInt32LE())).toString().split(" ");
  const parts = [];
  for (let left = (await take(4)).readUInt32LE(); left > 0; left--) {
    parts.push(Buffer.from(await take((await take(4)).readUInt32LE())));
  }
  try {
    const [results, ...binary] = commands[command](words, ...parts);
    answer(["ok", ...results].join(" "), binary);
  } catch (fault) {
    answer(`refused ${fault.message ?? fault}`, []);
  }
}
