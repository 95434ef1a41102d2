package io.latticegate.common.bus;

/**
 * An answer whose server proves who it is.
 *
 * @param reply CBOR of the reply
 * @param certificate the server's certificate, DER
 * @param signature SHA256withECDSA over the reply content of {@link SignedExchange}
 */
record SignedReply(byte[] reply, byte[] certificate, byte[] signature) {}
