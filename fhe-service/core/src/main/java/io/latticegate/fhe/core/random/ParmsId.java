package io.latticegate.fhe.core.random;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * The name of a parameter set in SEAL's containers: the unkeyed BLAKE2b-256 digest of the words scheme, N, the primes in
 * order and the plaintext modulus, each a 64-bit integer with the least significant byte first; CKKS has plaintext modulus 0
 * (native/src/seal/encryptionparams.cpp). A ciphertext names the set of its level: the key level has all primes, each level
 * below lacks the last of those that were left.
 *
 * @param word0 bytes 0 to 7 of the digest, least significant first
 * @param word1 bytes 8 to 15
 * @param word2 bytes 16 to 23
 * @param word3 bytes 24 to 31
 */
public record ParmsId(long word0, long word1, long word2, long word3) {
    /** The length in a container. */
    public static final int BYTES = 32;

    /** The name of objects that belong to no parameter set, such as a plaintext outside NTT form. */
    public static final ParmsId ZERO = new ParmsId(0, 0, 0, 0);

    private static final long SCHEME_CKKS = 2;

    /** The name of a CKKS parameter set. */
    public static ParmsId ckks(int degree, long... primes) {
        ByteBuffer words = ByteBuffer.allocate((primes.length + 3) * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        words.putLong(SCHEME_CKKS).putLong(degree);
        for (long prime : primes) {
            words.putLong(prime);
        }
        words.putLong(0);
        ByteBuffer digest =
                ByteBuffer.wrap(Blake2b.digest(BYTES, words.array())).order(ByteOrder.LITTLE_ENDIAN);
        return new ParmsId(digest.getLong(), digest.getLong(), digest.getLong(), digest.getLong());
    }

    /** The 32 bytes in the order of a container, in hexadecimal. */
    @Override
    public String toString() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(word0).putLong(word1).putLong(word2).putLong(word3);
        return HexFormat.of().formatHex(bytes.array());
    }
}
