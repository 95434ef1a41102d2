package io.latticegate.proxy.dialect;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Names of models where they stand in a path, as in Gemini's {@code /v1beta/models/{model}:generateContent}. */
public final class GeminiModelName {
    private static final String COLLECTION = "models/";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@+=:-]{0,255}");

    private GeminiModelName() {}

    /** The name without the {@code models/} that resource names begin with. */
    public static String bare(String name) {
        return name.startsWith(COLLECTION) ? name.substring(COLLECTION.length()) : name;
    }

    /** The resource name. */
    public static String resource(String name) {
        return COLLECTION + bare(name);
    }

    /**
     * Whether a name can stand in a path without being read as more than a name: 1 to 256 letters, digits and {@code
     * . _ @ + = : -}, the first a letter or digit.
     */
    public static boolean fitsPath(String name) {
        return NAME.matcher(bare(name)).matches();
    }

    /** A name as one segment of a path: what is not unreserved is percent-encoded (RFC 3986). */
    public static String encoded(String name) {
        var path = new StringBuilder();
        for (byte octet : bare(name).getBytes(StandardCharsets.UTF_8)) {
            char c = (char) octet;
            if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "._-".indexOf(c) >= 0) {
                path.append(c);
            } else {
                path.append('%').append(String.format("%02X", octet & 0xff));
            }
        }
        return path.toString();
    }

    /** A name as it stood in a path whose escapes are well-formed, decoded; null when it does not {@link #fitsPath}. */
    public static @Nullable String decoded(String segment) {
        var name = new StringBuilder(segment.length());
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c == '%' && i + 2 < segment.length()) {
                int high = Character.digit(segment.charAt(i + 1), 16);
                int low = Character.digit(segment.charAt(i + 2), 16);
                if (high < 0 || low < 0) {
                    return null;
                }
                c = (char) (high << 4 | low);
                i += 2;
            }
            name.append(c);
        }
        String decoded = name.toString();
        return decoded.indexOf('/') < 0 && fitsPath(decoded) ? decoded : null;
    }
}
