package io.latticegate.proxy.guard;

/** IPv4 addresses: four numbers from 0 to 255 without leading zeros, with dots between them. */
final class Ipv4Address implements Recogniser {
    @Override
    public String name() {
        return "ipv4";
    }

    @Override
    public String label() {
        return "[IPV4]";
    }

    @Override
    public boolean mayBegin(char c) {
        return Chars.isDigit(c);
    }

    @Override
    public int end(CharSequence text, int start) {
        char before = Chars.before(text, start);
        if (Chars.isAlphanumeric(before) || before == '.') {
            return -1;
        }
        int at = start;
        for (int part = 0; part < 4; part++) {
            if (part > 0) {
                if (Chars.at(text, at) != '.') {
                    return -1;
                }
                at++;
            }
            int from = at;
            int value = 0;
            while (at - from < 3 && Chars.isDigit(Chars.at(text, at))) {
                value = value * 10 + text.charAt(at++) - '0';
            }
            boolean leadingZero = at - from > 1 && text.charAt(from) == '0';
            if (at == from || value > 255 || leadingZero) {
                return -1;
            }
        }
        char after = Chars.at(text, at);
        boolean goesOn = Chars.isAlphanumeric(after) || after == '.' && Chars.isDigit(Chars.at(text, at + 1));
        return goesOn ? -1 : at;
    }
}
