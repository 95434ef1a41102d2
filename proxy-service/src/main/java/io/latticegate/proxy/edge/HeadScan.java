package io.latticegate.proxy.edge;

import org.jspecify.annotations.Nullable;

/**
 * Reads the bytes of a request head before any parser that forgives. A head that two servers could read differently is
 * refused (RFC 9112 sections 2.2, 5.1, 5.2): a line that ends in LF alone, a CR elsewhere, a control character, a folded
 * line, a header name that is empty or no token or has a space before its colon. One instance per connection.
 */
final class HeadScan {
    private static final String TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~";

    private boolean afterCr;
    private boolean requestLine;
    private boolean inName;
    private int lineLength;

    HeadScan() {
        begin();
    }

    /** A new head follows. */
    void begin() {
        afterCr = false;
        requestLine = true;
        inName = false;
        lineLength = 0;
    }

    /** Whether the empty line that ends a head has been read. */
    boolean ended() {
        return !requestLine && lineLength < 0;
    }

    /** Takes the next byte; returns what is wrong with it, or null. */
    @Nullable
    String take(byte octet) {
        int c = octet & 0xff;
        if (afterCr) {
            afterCr = false;
            if (c != '\n') {
                return "CR without LF";
            }
            return endLine();
        }
        if (c == '\r') {
            afterCr = true;
            return null;
        }
        if (c == '\n') {
            return "LF without CR";
        }
        if (c < ' ' && c != '\t' || c == 0x7f) {
            return "control character";
        }
        lineLength++;
        if (requestLine) {
            return c >= 0x80 || c == '\t' ? "request line is not ASCII" : null;
        }
        return inName ? name(c) : null;
    }

    private @Nullable String name(int c) {
        if (c == ':') {
            inName = false;
            return lineLength == 1 ? "empty header name" : null;
        }
        if (lineLength == 1 && (c == ' ' || c == '\t')) {
            return "folded header";
        }
        boolean token = c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || TOKEN_PUNCTUATION.indexOf(c) >= 0;
        return token ? null : "header name is no token";
    }

    private @Nullable String endLine() {
        if (requestLine) {
            if (lineLength > 0) {
                requestLine = false;
                inName = true;
            }
            lineLength = 0;
            return null;
        }
        if (lineLength == 0) {
            lineLength = -1;
            return null;
        }
        if (inName) {
            return "header without colon";
        }
        inName = true;
        lineLength = 0;
        return null;
    }
}
