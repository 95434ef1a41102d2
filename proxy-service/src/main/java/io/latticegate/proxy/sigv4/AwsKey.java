package io.latticegate.proxy.sigv4;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * An AWS credential in the form in which it is stored as one key: {@code ACCESS_KEY_ID:SECRET_ACCESS_KEY}, or with {@code
 * :SESSION_TOKEN} at its end for temporary ones. The parts are views of the memory that was read; nothing is copied.
 *
 * @param accessKeyId 1 to 128 letters and digits; names the key and is no secret
 * @param secretAccessKey 1 to 60 visible ASCII characters; AWS issues 40
 * @param sessionToken visible ASCII; null for long-term credentials
 */
public record AwsKey(
        MemorySegment accessKeyId,
        MemorySegment secretAccessKey,
        @Nullable MemorySegment sessionToken) {
    private static final int ACCESS_KEY_ID_BYTES_MAX = 128;
    private static final int SECRET_BYTES_MAX = HmacSha256.KEY_BYTES_MAX - SigV4Request.SECRET_PREFIX.length();

    /** Whether the stored key is meant as one of these: has a colon, which no Bedrock API key has. */
    public static boolean isMeant(MemorySegment stored) {
        return colon(stored, 0) >= 0;
    }

    /** Takes the stored form apart; null when it is malformed. */
    public static @Nullable AwsKey read(MemorySegment stored) {
        long first = colon(stored, 0);
        if (first < 0) {
            return null;
        }
        long second = colon(stored, first + 1);
        MemorySegment id = stored.asSlice(0, first);
        MemorySegment secret = stored.asSlice(first + 1, (second < 0 ? stored.byteSize() : second) - first - 1);
        MemorySegment token = second < 0 ? null : stored.asSlice(second + 1);
        boolean good = holdsOnly(id, ACCESS_KEY_ID_BYTES_MAX, true)
                && holdsOnly(secret, SECRET_BYTES_MAX, false)
                && (token == null || holdsOnly(token, Long.MAX_VALUE, false));
        return good ? new AwsKey(id, secret, token) : null;
    }

    private static long colon(MemorySegment text, long from) {
        for (long at = from; at < text.byteSize(); at++) {
            if (text.get(ValueLayout.JAVA_BYTE, at) == ':') {
                return at;
            }
        }
        return -1;
    }

    private static boolean holdsOnly(MemorySegment text, long bytesMax, boolean lettersAndDigits) {
        for (long at = 0; at < text.byteSize(); at++) {
            byte c = text.get(ValueLayout.JAVA_BYTE, at);
            boolean alphanumeric = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (lettersAndDigits ? !alphanumeric : c <= ' ' || c >= 0x7f) {
                return false;
            }
        }
        return text.byteSize() > 0 && text.byteSize() <= bytesMax;
    }

    /** Says nothing of the key. */
    @Override
    public String toString() {
        return "AwsKey(****)";
    }
}
