package io.latticegate.proxy.edge;

import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * Request ids: {@code req_}, 12 random characters of this verticle, and a counter, base 32. Unique without asking anyone;
 * not secret and not guess-proof. Confined to one event loop.
 */
public final class RequestIds {
    private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final int COUNTER_CHARACTERS = 8;
    private static final int FOREIGN_MAX = 128;

    private final String prefix;
    private long counter;

    public RequestIds(SecureRandom random) {
        StringBuilder start = new StringBuilder("req_");
        for (int i = 0; i < 12; i++) {
            start.append(ALPHABET.charAt(random.nextInt(32)));
        }
        prefix = start.toString();
    }

    /** A fresh id. */
    public String next() {
        long number = counter++;
        char[] id = new char[prefix.length() + COUNTER_CHARACTERS];
        prefix.getChars(0, prefix.length(), id, 0);
        for (int i = 0; i < COUNTER_CHARACTERS; i++) {
            id[id.length - 1 - i] = ALPHABET.charAt((int) (number & 31));
            number >>>= 5;
        }
        return new String(id);
    }

    /** A client's own id if it is short and harmless, else null. */
    static @Nullable String acceptable(@Nullable String foreign) {
        if (foreign == null || foreign.isEmpty() || foreign.length() > FOREIGN_MAX) {
            return null;
        }
        for (int i = 0; i < foreign.length(); i++) {
            char c = foreign.charAt(i);
            boolean harmless = c >= '0' && c <= '9'
                    || c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c == '-'
                    || c == '_'
                    || c == '.'
                    || c == ':';
            if (!harmless) {
                return null;
            }
        }
        return foreign;
    }
}
