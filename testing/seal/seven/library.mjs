// node-seal 7: the classes of Microsoft SEAL as they are, results given as the last argument.
import initialize from "node-seal";

const seal = await initialize();
const classes = {
  ciphertext: seal.Ciphertext,
  plaintext: seal.Plaintext,
  public: seal.PublicKey,
  secret: seal.SecretKey,
  relin: seal.RelinKeys,
  galois: seal.GaloisKeys,
};

function filling(object, action) {
  try {
    action(object);
    return object;
  } catch (fault) {
    object.delete();
    throw fault;
  }
}

const ciphertext = (action) => filling(new seal.Ciphertext(), action);
const plaintext = (action) => filling(new seal.Plaintext(), action);

export const create = (degree, bits) => {
  const primes = seal.CoeffModulus.Create(degree, Int32Array.from(bits));
  return Array.from({ length: primes.size() }, (_, i) => primes.get(i).value());
};
export const parameters = (bytes) =>
  filling(new seal.EncryptionParameters(seal.SchemeType.ckks), (made) => made.loadFromArray(new Uint8Array(bytes)));
export const context = (parameters) => new seal.SEALContext(parameters, true, seal.SecLevelType.none);
export const usable = (context) => context.parametersSet();
export const generator = (context, secret) =>
  secret ? new seal.KeyGenerator(context, secret) : new seal.KeyGenerator(context);
export const galois = (generator, steps) => generator.createGaloisKeysWithSteps(Int32Array.from(steps));
export const seeded = {
  ciphertext: (encryptor, plain) => encryptor.encryptSymmetricSerializable(plain),
  public: (generator) => generator.createPublicKeySerializable(),
  relin: (generator) => generator.createRelinKeysSerializable(),
  galois: (generator, steps) => generator.createGaloisKeysSerializableWithSteps(Int32Array.from(steps)),
};
export const encoder = (context) => new seal.CKKSEncoder(context);
export const encode = (encoder, values, scale) => plaintext((to) => encoder.encode(values, scale, to));
export const decode = (encoder, plain) => Float64Array.from(encoder.decodeFloat64(plain));
export const encryptor = (context, publicKey, secret) => new seal.Encryptor(context, publicKey, secret);
export const encrypt = (encryptor, plain) => ciphertext((to) => encryptor.encrypt(plain, to));
export const decryptor = (context, secret) => new seal.Decryptor(context, secret);
export const decrypt = (decryptor, encrypted) => plaintext((to) => decryptor.decrypt(encrypted, to));
export const save = (object, mode) => Buffer.from(object.saveToArray(seal.ComprModeType[mode]));
export const load = (kind, context, bytes) => filling(new classes[kind](), (to) => to.loadFromArray(context, new Uint8Array(bytes)));

export function evaluations(context) {
  const evaluator = new seal.Evaluator(context);
  return {
    negate: (a) => ciphertext((to) => evaluator.negate(a, to)),
    add: (a, b) => ciphertext((to) => evaluator.add(a, b, to)),
    sub: (a, b) => ciphertext((to) => evaluator.sub(a, b, to)),
    addPlain: (a, b) => ciphertext((to) => evaluator.addPlain(a, b, to)),
    subPlain: (a, b) => ciphertext((to) => evaluator.subPlain(a, b, to)),
    multiplyPlain: (a, b) => ciphertext((to) => evaluator.multiplyPlain(a, b, to)),
    multiply: (a, b) => ciphertext((to) => evaluator.multiply(a, b, to)),
    square: (a) => ciphertext((to) => evaluator.square(a, to)),
    relinearize: (a, keys) => ciphertext((to) => evaluator.relinearize(a, keys, to)),
    rescale: (a) => ciphertext((to) => evaluator.rescaleToNext(a, to)),
    modSwitch: (a) => ciphertext((to) => evaluator.cipherModSwitchToNext(a, to)),
    modSwitchPlain: (a) => plaintext((to) => evaluator.plainModSwitchToNext(a, to)),
    rotate: (a, step, keys) => ciphertext((to) => evaluator.rotateVector(a, step, keys, to)),
    conjugate: (a, keys) => ciphertext((to) => evaluator.complexConjugate(a, keys, to)),
  };
}
