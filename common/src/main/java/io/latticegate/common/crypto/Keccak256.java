package io.latticegate.common.crypto;

import java.nio.charset.StandardCharsets;
import org.bouncycastle.crypto.digests.KeccakDigest;

/**
 * Keccak-256 as Ethereum uses it: the original padding, not that of FIPS 202 SHA3-256. Every call has a digest state
 * of its own, so all methods may be called from any thread; the state is cleared when a value has been taken.
 */
public final class Keccak256 {

    private Keccak256() {}

    /** The hash of all the bytes. */
    public static Hash32 hash(byte[] bytes) {
        return hash(bytes, 0, bytes.length);
    }

    /** The hash of {@code length} bytes from {@code offset} on. */
    public static Hash32 hash(byte[] bytes, int offset, int length) {
        KeccakDigest digest = new KeccakDigest(256);
        digest.update(bytes, offset, length);
        byte[] value = new byte[Hash32.BYTES];
        digest.doFinal(value, 0);
        return Hash32.of(value, 0);
    }

    /** The hash of the text's UTF-8 bytes. The text must hold no lone surrogate, which UTF-8 cannot carry. */
    public static Hash32 hash(String text) {
        return hash(text.getBytes(StandardCharsets.UTF_8));
    }
}
