package io.latticegate.proxy.guard;

/**
 * Telephone numbers in the international form (ITU-T E.164): a plus sign and 8 to 15 digits, the first not 0, with single
 * spaces, dots, dashes or parentheses between them. National forms look like any other number and are not recognised.
 */
final class PhoneNumber implements Recogniser {
    private static final int DIGITS_MIN = 8;
    private static final int DIGITS_MAX = 15;
    private static final String SEPARATORS = " .-()";
    private static final int SEPARATORS_MAX = 2;

    @Override
    public String name() {
        return "phone";
    }

    @Override
    public String label() {
        return "[PHONE]";
    }

    @Override
    public boolean mayBegin(char c) {
        return c == '+';
    }

    @Override
    public int end(CharSequence text, int start) {
        char before = Chars.before(text, start);
        char first = Chars.at(text, start + 1);
        if (Chars.isAlphanumeric(before) || before == '+' || first < '1' || first > '9') {
            return -1;
        }
        int digits = 0;
        int end = start + 1;
        int at = end;
        int separators = 0;
        while (true) {
            char c = Chars.at(text, at);
            if (Chars.isDigit(c)) {
                digits++;
                separators = 0;
                end = ++at;
            } else if (SEPARATORS.indexOf(c) >= 0 && at < text.length() && separators < SEPARATORS_MAX) {
                separators++;
                at++;
            } else {
                break;
            }
            if (digits > DIGITS_MAX) {
                return -1;
            }
        }
        boolean ends = !Chars.isAlphanumeric(Chars.at(text, end));
        return digits >= DIGITS_MIN && ends ? end : -1;
    }
}
