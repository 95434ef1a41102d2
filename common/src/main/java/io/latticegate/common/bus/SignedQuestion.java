package io.latticegate.common.bus;

/**
 * A question whose asker proves who it is (architecture decision 5).
 *
 * @param question CBOR of the question
 * @param certificate the asker's certificate, DER
 * @param sealingKey X25519 public key to which secrets in the reply are sealed
 * @param issuedAt UTC milliseconds
 * @param nonce 16 random bytes
 * @param signature SHA256withECDSA over the question content of {@link SignedExchange}
 */
record SignedQuestion(
        byte[] question, byte[] certificate, byte[] sealingKey, long issuedAt, byte[] nonce, byte[] signature) {}
