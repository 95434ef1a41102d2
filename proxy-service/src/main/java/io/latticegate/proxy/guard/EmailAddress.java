package io.latticegate.proxy.guard;

/**
 * Addresses of e-mail, {@code local@domain} (RFC 5321 section 4.1.2) without the quoted forms that no one writes: at most 64
 * characters before the sign, labels of a domain behind it, the last of them of letters.
 */
final class EmailAddress implements Recogniser {
    private static final int LOCAL_MAX = 64;
    private static final int DOMAIN_MAX = 180;
    private static final int LABEL_MAX = 63;

    @Override
    public String name() {
        return "email";
    }

    @Override
    public String label() {
        return "[EMAIL]";
    }

    @Override
    public boolean mayBegin(char c) {
        return isLocal(c);
    }

    @Override
    public int end(CharSequence text, int start) {
        if (isLocal(Chars.before(text, start))) {
            return -1;
        }
        int sign = start;
        while (sign - start <= LOCAL_MAX && isLocal(Chars.at(text, sign))) {
            sign++;
        }
        boolean local = sign - start <= LOCAL_MAX && Chars.before(text, sign) != '.' && Chars.at(text, sign) == '@';
        return local ? afterDomain(text, sign + 1) : -1;
    }

    /** The end of the longest domain that begins at {@code start}, or -1. */
    private static int afterDomain(CharSequence text, int start) {
        int end = -1;
        int at = start;
        while (at - start < DOMAIN_MAX) {
            int label = at;
            boolean letters = true;
            while (at - label < LABEL_MAX && isLabel(Chars.at(text, at))) {
                letters &= Chars.isLetter(text.charAt(at));
                at++;
            }
            boolean whole = at > label && text.charAt(label) != '-' && Chars.before(text, at) != '-';
            if (!whole || isLabel(Chars.at(text, at))) {
                return end;
            }
            if (label > start && letters && at - label >= 2) {
                end = at;
            }
            if (Chars.at(text, at) != '.') {
                return end;
            }
            at++;
        }
        return end;
    }

    private static boolean isLocal(char c) {
        return Chars.isAlphanumeric(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-';
    }

    private static boolean isLabel(char c) {
        return Chars.isAlphanumeric(c) || c == '-';
    }
}
