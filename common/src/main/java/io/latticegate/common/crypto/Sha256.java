package io.latticegate.common.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 (FIPS 180-4) of public data. */
public final class Sha256 {
    /** Never used itself: a copy is made in a fraction of the time in which providers are asked for another. */
    private static final MessageDigest UNUSED = unused();

    private static MessageDigest unused() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this JDK has no SHA-256", missing);
        }
    }

    /** A fresh digest, for one thread. */
    public static MessageDigest digest() {
        try {
            return (MessageDigest) UNUSED.clone();
        } catch (CloneNotSupportedException impossible) {
            throw new IllegalStateException("this JDK's SHA-256 cannot be copied", impossible);
        }
    }

    /** The digest of the concatenation of {@code parts}. */
    public static byte[] of(byte[]... parts) {
        MessageDigest digest = digest();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    private Sha256() {}
}
