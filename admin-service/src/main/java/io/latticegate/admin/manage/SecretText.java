package io.latticegate.admin.manage;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes a secret out of a JSON string without a {@code String} in between: the JSON parser keeps pooled buffers that
 * nobody wipes, so it only tells where the string begins.
 */
final class SecretText {
    /** The longest secret, in bytes. */
    static final int BYTES_MAX = 4_096;

    /**
     * The visible ASCII (0x21 to 0x7E) that the JSON string at {@code openingQuote} stands for.
     *
     * @return a new array for the caller to wipe, or null when the string is empty, too long, or stands for anything else
     */
    static byte @Nullable [] read(byte[] json, int openingQuote) {
        byte[] plain = new byte[BYTES_MAX];
        try {
            int length = decode(json, openingQuote + 1, plain);
            return length > 0 ? Arrays.copyOf(plain, length) : null;
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /** Whether the bytes hold {@code ...} or {@code ****}, as an obfuscated key that was read here does. */
    static boolean looksObfuscated(byte[] key) {
        return hasRun(key, '.', 3) || hasRun(key, '*', 4);
    }

    private static boolean hasRun(byte[] key, char character, int length) {
        int run = 0;
        for (byte one : key) {
            run = one == character ? run + 1 : 0;
            if (run == length) {
                return true;
            }
        }
        return false;
    }

    private static int decode(byte[] json, int start, byte[] plain) {
        int length = 0;
        int at = start;
        while (at < json.length && json[at] != '"') {
            int value = json[at++];
            if (value == '\\') {
                if (at == json.length) {
                    return -1;
                }
                byte escape = json[at++];
                if (escape == 'u') {
                    value = hex(json, at);
                    at += 4;
                } else {
                    value = escape == '"' || escape == '\\' || escape == '/' ? escape : -1;
                }
            }
            if (value < '!' || value > '~' || length == plain.length) {
                return -1;
            }
            plain[length++] = (byte) value;
        }
        return at < json.length ? length : -1;
    }

    private static int hex(byte[] json, int at) {
        if (at + 4 > json.length) {
            return -1;
        }
        int value = 0;
        for (int i = at; i < at + 4; i++) {
            int digit = Character.digit(json[i], 16);
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private SecretText() {}
}
