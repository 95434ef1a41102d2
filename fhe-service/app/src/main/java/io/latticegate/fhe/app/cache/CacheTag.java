package io.latticegate.fhe.app.cache;

import io.latticegate.fhe.app.http.Call;
import io.latticegate.fhe.app.http.Refusal;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a client calls a request of its own: the value of a pseudo-random function under a key that only the client has. Two
 * equal tags tell the service that two requests of one session are equal, and nothing else.
 *
 * @param hex 32 bytes in hexadecimal
 */
public record CacheTag(String hex) {
    public static final String HEADER = "X-Latticegate-Cache-Tag";
    private static final int BYTES = 32;
    private static final int LENGTH_MAX = 44;

    /** The tag of a call, or null where it has none. @throws Refusal 400 where it is malformed */
    public static @Nullable CacheTag of(Call call) {
        String text = call.header(HEADER);
        if (text == null) {
            return null;
        }
        byte[] bytes = text.length() > LENGTH_MAX ? new byte[0] : decoded(text);
        if (bytes.length != BYTES) {
            throw Refusal.invalid(HEADER + " is malformed; allowed is base64url of exactly " + BYTES + " bytes");
        }
        return new CacheTag(HexFormat.of().formatHex(bytes));
    }

    private static byte[] decoded(String text) {
        try {
            return Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException malformed) {
            return new byte[0];
        }
    }
}
