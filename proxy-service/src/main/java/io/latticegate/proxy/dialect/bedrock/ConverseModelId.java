package io.latticegate.proxy.dialect.bedrock;

import io.latticegate.proxy.dialect.RequestScan;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names of models where they stand in a path of this API: {@code anthropic.claude-sonnet-4-v1:0}, an inference profile, or
 * an ARN, whose slashes are percent-encoded.
 */
public final class ConverseModelId {
    private static final String PART = "[A-Za-z0-9][A-Za-z0-9._@+=:-]*";
    private static final Pattern ID = Pattern.compile(PART + "(/" + PART + ")*");

    private ConverseModelId() {}

    /**
     * Whether an id can stand in a path without being read as more than an id: at most {@value RequestScan#MODEL_LENGTH_MAX}
     * characters, parts between slashes of letters, digits and {@code . _ @ + = : -} that begin with a letter or digit.
     */
    public static boolean fitsPath(String id) {
        return id.length() <= RequestScan.MODEL_LENGTH_MAX && ID.matcher(id).matches();
    }

    /** An id as one segment of a path: what is not unreserved is percent-encoded (RFC 3986). */
    public static String encoded(String id) {
        var segment = new StringBuilder(id.length() + 8);
        for (byte octet : id.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xff);
            if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "._-".indexOf(c) >= 0) {
                segment.append(c);
            } else {
                segment.append('%').append(HexFormat.of().withUpperCase().toHexDigits(octet));
            }
        }
        return segment.toString();
    }

    /** An id as it stood in a path, decoded; null when its escapes are malformed or it does not {@link #fitsPath}. */
    public static @Nullable String decoded(String segment) {
        var id = new StringBuilder(segment.length());
        for (int at = 0; at < segment.length(); at++) {
            char c = segment.charAt(at);
            if (c == '%') {
                int high = at + 2 < segment.length() ? Character.digit(segment.charAt(at + 1), 16) : -1;
                int low = high < 0 ? -1 : Character.digit(segment.charAt(at + 2), 16);
                if (low < 0) {
                    return null;
                }
                c = (char) (high << 4 | low);
                at += 2;
            }
            id.append(c);
        }
        String decoded = id.toString();
        return fitsPath(decoded) ? decoded : null;
    }
}
