package io.latticegate.proxy.guard;

/**
 * Numbers of payment cards: 12 to 19 digits, at most one space or dash between two of them, that begin with the number of
 * an issuer (ISO/IEC 7812-1), have a length that this issuer uses, and whose last digit is the check digit of Luhn's
 * algorithm (ISO/IEC 7812-1, annex B).
 */
final class PaymentCard implements Recogniser {
    private static final int DIGITS_MIN = 12;
    private static final int DIGITS_MAX = 19;

    @Override
    public String name() {
        return "card";
    }

    @Override
    public String label() {
        return "[CARD]";
    }

    @Override
    public boolean mayBegin(char c) {
        return c >= '2' && c <= '6';
    }

    @Override
    public int end(CharSequence text, int start) {
        char before = Chars.before(text, start);
        boolean decimal = (before == '.' || before == ',') && Chars.isDigit(Chars.before(text, start - 1));
        if (Chars.isAlphanumeric(before) || decimal) {
            return -1;
        }
        int[] digits = new int[DIGITS_MAX];
        int count = 0;
        int longest = -1;
        int at = start;
        while (count < DIGITS_MAX && Chars.isDigit(Chars.at(text, at))) {
            digits[count++] = text.charAt(at++) - '0';
            char next = Chars.at(text, at);
            if (count >= DIGITS_MIN && !Chars.isAlphanumeric(next) && isCard(digits, count)) {
                longest = at;
            }
            boolean separated = (next == ' ' || next == '-') && Chars.isDigit(Chars.at(text, at + 1));
            if (separated) {
                at++;
            }
        }
        return longest;
    }

    private static boolean isCard(int[] digits, int count) {
        return isIssued(leading(digits, 4), count) && hasCheckDigit(digits, count);
    }

    private static int leading(int[] digits, int count) {
        int number = 0;
        for (int i = 0; i < count; i++) {
            number = number * 10 + digits[i];
        }
        return number;
    }

    /** @param four the first four digits */
    private static boolean isIssued(int four, int count) {
        int two = four / 100;
        int three = four / 10;
        boolean sixteenOrMore = count >= 16;
        if (four / 1000 == 4) {
            return count == 13 || count == 16 || count == 19;
        }
        if (two >= 51 && two <= 55 || four >= 2221 && four <= 2720) {
            return count == 16;
        }
        if (two == 34 || two == 37) {
            return count == 15;
        }
        if (three >= 300 && three <= 305 || three == 309 || two == 36 || two == 38 || two == 39) {
            return count >= 14;
        }
        if (four == 6011 || three >= 644 && three <= 649 || two == 65 || two == 62 || four >= 3528 && four <= 3589) {
            return sixteenOrMore;
        }
        return switch (four) {
            case 5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763 -> true;
            default -> false;
        };
    }

    private static boolean hasCheckDigit(int[] digits, int count) {
        int sum = 0;
        for (int i = 0; i < count; i++) {
            int digit = digits[count - 1 - i];
            int weighed = i % 2 == 0 ? digit : digit * 2;
            sum += weighed > 9 ? weighed - 9 : weighed;
        }
        return sum % 10 == 0;
    }
}
