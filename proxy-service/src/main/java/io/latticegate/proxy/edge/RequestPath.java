package io.latticegate.proxy.edge;

import io.latticegate.proxy.relay.ConversePath;
import org.jspecify.annotations.Nullable;

/**
 * The path of a request, checked before anything is decided on it. A path that could be read differently by a router, a
 * proxy behind us and a provider is refused instead of normalised: percent-encoded slashes, backslashes, dots, nulls and
 * control characters, dot segments, empty segments, {@code ;} parameters, and anything outside RFC 3986's {@code pchar}.
 * Only below {@code /model/}, where the id of a Bedrock model is one segment and may be an ARN, a slash may be encoded;
 * {@link io.latticegate.proxy.relay.ConversePath} judges what it separates.
 */
final class RequestPath {
    /** Longest path accepted, in bytes. */
    static final int MAX_LENGTH = 2_048;

    /** Why {@code path} is refused, or null when it is unambiguous. */
    static @Nullable String fault(@Nullable String path) {
        if (path == null || path.isEmpty() || path.charAt(0) != '/') {
            return "The path must begin with /";
        }
        if (path.length() > MAX_LENGTH) {
            return "The path is longer than " + MAX_LENGTH + " characters";
        }
        boolean slashesEncoded = path.startsWith(ConversePath.PREFIX);
        int segmentStart = 1;
        for (int at = 1; at <= path.length(); at++) {
            char c = at == path.length() ? '/' : path.charAt(at);
            if (c == '/') {
                if (isDots(path, segmentStart, at)) {
                    return "The path contains a dot segment";
                }
                if (at == segmentStart && at < path.length()) {
                    return "The path contains an empty segment";
                }
                segmentStart = at + 1;
            } else if (c == '%') {
                if (!harmlessEscape(path, at, slashesEncoded)) {
                    return "The path contains a malformed or forbidden percent-escape";
                }
            } else if (c == ';' || c == '\\' || c <= ' ' || c >= 0x7f || "\"<>^`{|}#?[]".indexOf(c) >= 0) {
                return "The path contains a character that is not allowed";
            }
        }
        return null;
    }

    private static boolean isDots(String path, int from, int to) {
        return to - from == 1 && path.charAt(from) == '.'
                || to - from == 2 && path.charAt(from) == '.' && path.charAt(from + 1) == '.';
    }

    private static boolean harmlessEscape(String path, int at, boolean slashesEncoded) {
        if (at + 2 >= path.length()) {
            return false;
        }
        int high = Character.digit(path.charAt(at + 1), 16);
        int low = Character.digit(path.charAt(at + 2), 16);
        if (high < 0 || low < 0) {
            return false;
        }
        int octet = high << 4 | low;
        return octet > 0x20
                && octet < 0x7f
                && (slashesEncoded || octet != '/')
                && octet != '\\'
                && octet != '.'
                && octet != '%'
                && octet != ';';
    }

    private RequestPath() {}
}
