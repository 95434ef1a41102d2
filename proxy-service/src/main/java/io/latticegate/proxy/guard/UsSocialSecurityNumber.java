package io.latticegate.proxy.guard;

/**
 * Social security numbers of the United States, {@code 123-45-6789} with dashes or spaces. Numbers that the Social Security
 * Administration has never assigned are none: area 000, 666 and 900 to 999, group 00, serial 0000; nor are two that were
 * printed in advertisements.
 */
final class UsSocialSecurityNumber implements Recogniser {
    private static final int LENGTH = 11;

    @Override
    public String name() {
        return "us_ssn";
    }

    @Override
    public String label() {
        return "[US_SSN]";
    }

    @Override
    public boolean mayBegin(char c) {
        return Chars.isDigit(c);
    }

    @Override
    public int end(CharSequence text, int start) {
        char before = Chars.before(text, start);
        if (Chars.isAlphanumeric(before) || before == '-' || before == '.' || text.length() - start < LENGTH) {
            return -1;
        }
        char separator = text.charAt(start + 3);
        int area = number(text, start, 3);
        int group = number(text, start + 4, 2);
        int serial = number(text, start + 7, 4);
        if (separator != '-' && separator != ' '
                || text.charAt(start + 6) != separator
                || area <= 0
                || area == 666
                || area >= 900
                || group <= 0
                || serial <= 0) {
            return -1;
        }
        boolean advertised = area == 78 && group == 5 && serial == 1120 || area == 219 && group == 9 && serial == 9999;
        int end = start + LENGTH;
        char after = Chars.at(text, end);
        boolean goesOn = Chars.isAlphanumeric(after) || after == '-' && Chars.isDigit(Chars.at(text, end + 1));
        return advertised || goesOn ? -1 : end;
    }

    /** The number that the digits stand for, or -1 when one of them is none. */
    private static int number(CharSequence text, int from, int digits) {
        int number = 0;
        for (int i = from; i < from + digits; i++) {
            char c = text.charAt(i);
            if (!Chars.isDigit(c)) {
                return -1;
            }
            number = number * 10 + c - '0';
        }
        return number;
    }
}
