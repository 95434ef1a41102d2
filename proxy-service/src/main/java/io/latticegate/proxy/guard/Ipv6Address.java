package io.latticegate.proxy.guard;

/**
 * IPv6 addresses (RFC 4291 section 2.2, without embedded IPv4): eight groups, or fewer around one {@code ::}. A shortened
 * one must have two groups at least and a decimal digit, so that {@code std::vector}, {@code a::b} and {@code ::1} are none.
 */
final class Ipv6Address implements Recogniser {
    private static final int GROUPS = 8;

    @Override
    public String name() {
        return "ipv6";
    }

    @Override
    public String label() {
        return "[IPV6]";
    }

    @Override
    public boolean mayBegin(char c) {
        return Chars.isHex(c) || c == ':';
    }

    @Override
    public int end(CharSequence text, int start) {
        char before = Chars.before(text, start);
        if (Chars.isAlphanumeric(before) || before == ':' || before == '.') {
            return -1;
        }
        int groups = 0;
        boolean shortened = false;
        boolean digit = false;
        int at = start;
        if (Chars.at(text, at) == ':') {
            if (Chars.at(text, at + 1) != ':') {
                return -1;
            }
            shortened = true;
            at += 2;
        }
        while (groups < GROUPS) {
            int from = at;
            while (at - from < 4 && Chars.isHex(Chars.at(text, at))) {
                digit |= Chars.isDigit(text.charAt(at++));
            }
            if (at == from) {
                break;
            }
            groups++;
            boolean colon = Chars.at(text, at) == ':';
            if (colon && Chars.at(text, at + 1) == ':' && !shortened) {
                shortened = true;
                at += 2;
            } else if (colon && Chars.isHex(Chars.at(text, at + 1)) && groups < GROUPS) {
                at++;
            } else {
                break;
            }
        }
        char after = Chars.at(text, at);
        char next = Chars.at(text, at + 1);
        boolean goesOn = Chars.isAlphanumeric(after) || after == ':' && (next == ':' || Chars.isHex(next));
        boolean whole = shortened ? groups >= 2 && groups < GROUPS && digit : groups == GROUPS;
        return whole && !goesOn ? at : -1;
    }
}
