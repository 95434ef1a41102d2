package io.latticegate.client;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tags under which the service keeps encrypted replies: HMAC-SHA256 of a request, under a key that is made here and kept
 * nowhere. A tag says nothing about a request but that it equals another one with the same tag; that much it does say, which
 * is why tags are for those who ask for them. Safe for use by several threads.
 */
public final class CacheTags {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int KEY_BYTES = 32;

    private final SecretKeySpec key;

    /** A fresh key. */
    public CacheTags(SecureRandom random) {
        byte[] bytes = new byte[KEY_BYTES];
        random.nextBytes(bytes);
        this.key = new SecretKeySpec(bytes, ALGORITHM);
        Arrays.fill(bytes, (byte) 0);
    }

    /** The tag of a query in a version of an index. */
    public String of(IndexInfo index, float[] query) {
        byte[] name = index.name().getBytes(StandardCharsets.UTF_8);
        ByteBuffer request = ByteBuffer.allocate(Integer.BYTES + name.length + Long.BYTES + query.length * Float.BYTES)
                .putInt(name.length)
                .put(name)
                .putLong(index.version());
        for (float component : query) {
            request.putFloat(component);
        }
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(mac.doFinal(request.array()));
        } catch (NoSuchAlgorithmException | InvalidKeyException absent) {
            throw new IllegalStateException("this Java has no " + ALGORITHM, absent);
        }
    }
}
