package io.latticegate.common.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC-SHA256 (RFC 2104) of the concatenation of its parts; an empty key counts as 32 zero bytes (RFC 5869, 2.2). */
final class HmacSha256 {
    static final int BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";

    /** Never used itself: a copy is made in a fraction of the time in which providers are asked for another. */
    private static final Mac UNUSED = unused();

    private static Mac unused() {
        try {
            return Mac.getInstance(ALGORITHM);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this JDK has no HmacSHA256", missing);
        }
    }

    static byte[] of(byte[] key, byte[]... parts) {
        try {
            Mac mac = (Mac) UNUSED.clone();
            mac.init(new SecretKeySpec(key.length == 0 ? new byte[BYTES] : key, ALGORITHM));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException | CloneNotSupportedException impossible) {
            throw new IllegalStateException("HmacSHA256 failed", impossible);
        }
    }

    private HmacSha256() {}
}
