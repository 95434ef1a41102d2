// node-seal 6: wrappers that give their results back.
import { createRequire } from "node:module";

const seal = await createRequire(import.meta.url)("node-seal")({});
const classes = {
  ciphertext: () => seal.CipherText(),
  plaintext: () => seal.PlainText(),
  public: () => seal.PublicKey(),
  secret: () => seal.SecretKey(),
  relin: () => seal.RelinKeys(),
  galois: () => seal.GaloisKeys(),
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

export const create = (degree, bits) => [...seal.CoeffModulus.Create(degree, Int32Array.from(bits)).toArray()];
export const parameters = (bytes) =>
  filling(seal.EncryptionParameters(seal.SchemeType.ckks), (made) => made.loadArray(bytes));
export const context = (parameters) => seal.Context(parameters, true, seal.SecurityLevel.none);
export const usable = (context) => context.parametersSet();
export const generator = (context, secret) => seal.KeyGenerator(context, secret);
export const galois = (generator, steps) => generator.createGaloisKeys(Int32Array.from(steps));
export const seeded = {
  ciphertext: (encryptor, plain) => encryptor.encryptSymmetricSerializable(plain),
  public: (generator) => generator.createPublicKeySerializable(),
  relin: (generator) => generator.createRelinKeysSerializable(),
  galois: (generator, steps) => generator.createGaloisKeysSerializable(Int32Array.from(steps)),
};
export const encoder = (context) => seal.CKKSEncoder(context);
export const encode = (encoder, values, scale) => encoder.encode(values, scale);
export const decode = (encoder, plain) => encoder.decode(plain);
export const encryptor = (context, publicKey, secret) => seal.Encryptor(context, publicKey, secret);
export const encrypt = (encryptor, plain) => encryptor.encrypt(plain);
export const decryptor = (context, secret) => seal.Decryptor(context, secret);
export const decrypt = (decryptor, encrypted) => decryptor.decrypt(encrypted);
export const save = (object, mode) => Buffer.from(object.saveArray(seal.ComprModeType[mode]));
export const load = (kind, context, bytes) => filling(classes[kind](), (to) => to.loadArray(context, bytes));

export function evaluations(context) {
  const evaluator = seal.Evaluator(context);
  return {
    negate: (a) => evaluator.negate(a),
    add: (a, b) => evaluator.add(a, b),
    sub: (a, b) => evaluator.sub(a, b),
    addPlain: (a, b) => evaluator.addPlain(a, b),
    subPlain: (a, b) => evaluator.subPlain(a, b),
    multiplyPlain: (a, b) => evaluator.multiplyPlain(a, b),
    multiply: (a, b) => evaluator.multiply(a, b),
    square: (a) => evaluator.square(a),
    relinearize: (a, keys) => evaluator.relinearize(a, keys),
    rescale: (a) => evaluator.rescaleToNext(a),
    modSwitch: (a) => evaluator.cipherModSwitchToNext(a),
    modSwitchPlain: (a) => evaluator.plainModSwitchToNext(a),
    rotate: (a, step, keys) => evaluator.rotateVector(a, step, keys),
    conjugate: (a, keys) => evaluator.complexConjugate(a, keys),
  };
}
