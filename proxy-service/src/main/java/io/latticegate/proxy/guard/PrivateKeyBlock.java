package io.latticegate.proxy.guard;

/**
 * Private keys between textual boundaries (RFC 7468 section 2; OpenPGP, RFC 9580 section 6.2), from the beginning of the
 * first line to the end of the last one, also where their line ends are written as {@code \n}. The first line is enough.
 */
final class PrivateKeyBlock implements Recogniser {
    private static final String BEGIN = "-----BEGIN ";
    private static final String KIND = "PRIVATE KEY";
    private static final String BLOCK = " BLOCK";
    private static final String DASHES = "-----";
    private static final int ALGORITHM_MAX = 40;

    @Override
    public String name() {
        return "private_key";
    }

    @Override
    public String label() {
        return "[PRIVATE_KEY]";
    }

    @Override
    public boolean mayBegin(char c) {
        return c == '-';
    }

    @Override
    public int end(CharSequence text, int start) {
        if (!Chars.hasAt(text, start, BEGIN)) {
            return -1;
        }
        int at = start + BEGIN.length();
        int kindMax = at + ALGORITHM_MAX;
        while (at < kindMax && !Chars.hasAt(text, at, KIND)) {
            if (!isWord(Chars.at(text, at))) {
                return -1;
            }
            at++;
        }
        if (!Chars.hasAt(text, at, KIND)) {
            return -1;
        }
        at += KIND.length();
        at += Chars.hasAt(text, at, BLOCK) ? BLOCK.length() : 0;
        return Chars.hasAt(text, at, DASHES) ? at + DASHES.length() : -1;
    }

    private static boolean isWord(char c) {
        return c >= 'A' && c <= 'Z' || Chars.isDigit(c) || c == ' ';
    }

    /** Takes the body, then the last line with both of its rows of dashes, and nothing behind it. */
    @Override
    public Tail tail() {
        return new Tail() {
            private int dashes;

            @Override
            public boolean takes(char next) {
                if (dashes == 2 * DASHES.length()) {
                    return false;
                }
                if (next == '-') {
                    dashes++;
                    return true;
                }
                boolean inLastLine = dashes > 0;
                return inLastLine ? dashes == DASHES.length() && isWord(next) : isBody(next);
            }
        };
    }

    private static boolean isBody(char c) {
        return Chars.isAlphanumeric(c) || "+/=\\ \r\n\t:,".indexOf(c) >= 0;
    }
}
