package io.latticegate.proxy.cache;

import io.latticegate.common.crypto.Sha256;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A complete answer with status 200, as the client's surface sent it.
 *
 * @param body owned by the answer; not to be changed
 * @param stream whether the body is a whole event stream
 * @param droppedFields value of {@code X-Latticegate-Dropped}, where there was one
 * @param path of the request, for purging
 * @param keyFingerprint of the provider's key that paid for the answer; whoever no longer has that key is not given it
 * @param costMicroUsd what the provider charged for it, in millionths of a US dollar; 0 where that is not known
 * @param storedAt time in milliseconds since the epoch
 * @param expiresAt time in milliseconds since the epoch
 */
public record StoredAnswer(
        byte[] body,
        String contentType,
        boolean stream,
        @Nullable String droppedFields,
        String projectId,
        String method,
        String path,
        String provider,
        String keyFingerprint,
        String entityTag,
        long costMicroUsd,
        long storedAt,
        long expiresAt) {
    private static final int OVERHEAD_BYTES = 512;
    private static final int TAG_BYTES = 16;

    /** Memory that the answer takes, roughly. */
    public int weight() {
        return body.length + OVERHEAD_BYTES;
    }

    public long ageSeconds(long now) {
        return Math.max(0, (now - storedAt) / 1_000);
    }

    public long remainingSeconds(long now) {
        return Math.max(0, (expiresAt - now + 999) / 1_000);
    }

    /** A strong validator (RFC 9110 section 8.8.3) of {@code body}. */
    public static String entityTagOf(byte[] body) {
        return '"' + HexFormat.of().formatHex(Sha256.of(body), 0, TAG_BYTES) + '"';
    }
}
