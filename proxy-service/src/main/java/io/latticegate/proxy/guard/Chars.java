package io.latticegate.proxy.guard;

/** Classes of ASCII characters, and neighbours of a match. */
final class Chars {
    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    static boolean isAlphanumeric(char c) {
        return isDigit(c) || isLetter(c);
    }

    static boolean isHex(char c) {
        return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
    }

    /** The alphabet of base64url, which tokens of all kinds are written in. */
    static boolean isTokenChar(char c) {
        return isAlphanumeric(c) || c == '_' || c == '-';
    }

    /** The character before {@code at}, or a blank at the beginning. */
    static char before(CharSequence text, int at) {
        return at > 0 ? text.charAt(at - 1) : ' ';
    }

    /** The character at {@code at}, or a blank beyond the end. */
    static char at(CharSequence text, int at) {
        return at < text.length() ? text.charAt(at) : ' ';
    }

    static boolean hasAt(CharSequence text, int at, String wanted) {
        if (text.length() - at < wanted.length()) {
            return false;
        }
        for (int i = 0; i < wanted.length(); i++) {
            if (text.charAt(at + i) != wanted.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private Chars() {}
}
