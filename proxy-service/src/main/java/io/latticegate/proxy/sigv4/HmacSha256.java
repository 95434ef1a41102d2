package io.latticegate.proxy.sigv4;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * HMAC with SHA-256 (RFC 2104, FIPS 180-4) under keys of at most {@value #KEY_BYTES_MAX} bytes. The JDK's {@code Mac} wants
 * its key as an array and keeps a copy; here the key is read where it lies, and only its combination with the pads, which
 * is wiped, is ever on the heap.
 */
final class HmacSha256 {
    /** The block of SHA-256; a longer key would have to be hashed first. */
    static final int KEY_BYTES_MAX = 64;

    private static final byte INNER = 0x36;
    private static final byte OUTER = 0x5c;

    private final byte[] innerPad = new byte[KEY_BYTES_MAX];
    private final byte[] outerPad = new byte[KEY_BYTES_MAX];

    private HmacSha256() {}

    /** Under the key that {@code parts} are when joined. */
    static HmacSha256 under(MemorySegment... parts) {
        var hmac = new HmacSha256();
        int length = 0;
        for (MemorySegment part : parts) {
            if (part.byteSize() > KEY_BYTES_MAX - length) {
                throw new IllegalArgumentException("a key of more than " + KEY_BYTES_MAX + " bytes");
            }
            for (long at = 0; at < part.byteSize(); at++) {
                byte octet = part.get(ValueLayout.JAVA_BYTE, at);
                hmac.innerPad[length] = (byte) (octet ^ INNER);
                hmac.outerPad[length++] = (byte) (octet ^ OUTER);
            }
        }
        Arrays.fill(hmac.innerPad, length, KEY_BYTES_MAX, INNER);
        Arrays.fill(hmac.outerPad, length, KEY_BYTES_MAX, OUTER);
        return hmac;
    }

    /** The 32 bytes of the code of an ASCII text. Wipes the key: once per instance. */
    byte[] of(String text) {
        MessageDigest sha256 = sha256();
        sha256.update(innerPad);
        byte[] inner = sha256.digest(text.getBytes(StandardCharsets.US_ASCII));
        sha256.update(outerPad);
        byte[] code = sha256.digest(inner);
        Arrays.fill(innerPad, (byte) 0);
        Arrays.fill(outerPad, (byte) 0);
        return code;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException fault) {
            throw new IllegalStateException("every Java platform has SHA-256", fault);
        }
    }
}
