/**
 * Microsoft SEAL behind one set of calls: node-seal 6, whose objects are made by functions and give their results back, and node-seal
 * 7, whose classes are SEAL's own. Objects lie in the memory of WebAssembly and are freed with `delete()`; bytes are copies.
 */

/**
 * The calls for an initialised node-seal.
 *
 * @param {object} seal what `await SEAL()` gave
 * @throws {TypeError} for something else
 */
export function sealCalls(seal) {
  if (typeof seal?.SEALContext === "function") {
    return seven(seal);
  }
  if (typeof seal?.Context === "function") {
    return six(seal);
  }
  throw new TypeError("seal is no initialised node-seal 6 or 7; pass what its initialiser resolves to");
}

/** Gives an object to an action and frees it. */
export function using(object, action) {
  try {
    return action(object);
  } finally {
    object.delete();
  }
}

/** Gives a new object to an action that fills it; it is freed where that fails. */
function filled(object, action) {
  try {
    action(object);
    return object;
  } catch (fault) {
    object.delete();
    throw fault;
  }
}

/** The same bytes as a Uint8Array and no subclass, such as Node's Buffer, which node-seal 7 refuses. */
const plainBytes = ({ buffer, byteOffset, length }) => new Uint8Array(buffer, byteOffset, length);

function six(seal) {
  const bytes = (object, mode) => Uint8Array.from(object.saveArray(seal.ComprModeType[mode]));
  const load = (object, context, container) => filled(object, (to) => to.loadArray(context, container));
  return {
    parameters: (container) => filled(seal.EncryptionParameters(seal.SchemeType.ckks), (to) => to.loadArray(container)),
    context: (parameters) => seal.Context(parameters, true, seal.SecurityLevel.tc128),
    generator: (context, secret) => seal.KeyGenerator(context, secret),
    secret: (context, container) => load(seal.SecretKey(), context, container),
    plaintext: (context, container) => load(seal.PlainText(), context, container),
    ciphertext: (context, container) => load(seal.CipherText(), context, container),
    public: (generator, mode) => using(generator.createPublicKeySerializable(), (key) => bytes(key, mode)),
    relin: (generator, mode) => using(generator.createRelinKeysSerializable(), (keys) => bytes(keys, mode)),
    galois: (generator, steps, mode) => using(generator.createGaloisKeysSerializable(steps), (keys) => bytes(keys, mode)),
    encoder: (context) => seal.CKKSEncoder(context),
    encode: (encoder, values, scale) => encoder.encode(values, scale),
    decode: (encoder, plain) => Float64Array.from(encoder.decode(plain)),
    evaluator: (context) => seal.Evaluator(context),
    lowered: (evaluator, plain) => evaluator.plainModSwitchToNext(plain),
    encryptor: (context, publicKey, secret) => seal.Encryptor(context, publicKey, secret),
    encrypt: (encryptor, plain, mode) => using(encryptor.encryptSymmetricSerializable(plain), (made) => bytes(made, mode)),
    decryptor: (context, secret) => seal.Decryptor(context, secret),
    decrypt: (decryptor, ciphertext) => decryptor.decrypt(ciphertext),
    bytes,
  };
}

function seven(seal) {
  const bytes = (object, mode) => Uint8Array.from(object.saveToArray(seal.ComprModeType[mode]));
  const load = (object, context, container) => filled(object, (to) => to.loadFromArray(context, plainBytes(container)));
  const plaintext = (action) => filled(new seal.Plaintext(), action);
  return {
    parameters: (container) => filled(new seal.EncryptionParameters(seal.SchemeType.ckks), (to) => to.loadFromArray(container)),
    context: (parameters) => new seal.SEALContext(parameters, true, seal.SecLevelType.tc128),
    generator: (context, secret) => (secret ? new seal.KeyGenerator(context, secret) : new seal.KeyGenerator(context)),
    secret: (context, container) => load(new seal.SecretKey(), context, container),
    plaintext: (context, container) => load(new seal.Plaintext(), context, container),
    ciphertext: (context, container) => load(new seal.Ciphertext(), context, container),
    public: (generator, mode) => using(generator.createPublicKeySerializable(), (key) => bytes(key, mode)),
    relin: (generator, mode) => using(generator.createRelinKeysSerializable(), (keys) => bytes(keys, mode)),
    galois: (generator, steps, mode) => using(generator.createGaloisKeysSerializableWithSteps(steps), (keys) => bytes(keys, mode)),
    encoder: (context) => new seal.CKKSEncoder(context),
    encode: (encoder, values, scale) => plaintext((to) => encoder.encode(values, scale, to)),
    decode: (encoder, plain) => Float64Array.from(encoder.decodeFloat64(plain)),
    evaluator: (context) => new seal.Evaluator(context),
    lowered: (evaluator, plain) => plaintext((to) => evaluator.plainModSwitchToNext(plain, to)),
    encryptor: (context, publicKey, secret) => new seal.Encryptor(context, publicKey, secret),
    encrypt: (encryptor, plain, mode) => using(encryptor.encryptSymmetricSerializable(plain), (made) => bytes(made, mode)),
    decryptor: (context, secret) => new seal.Decryptor(context, secret),
    decrypt: (decryptor, ciphertext) => plaintext((to) => decryptor.decrypt(ciphertext, to)),
    bytes,
  };
}
