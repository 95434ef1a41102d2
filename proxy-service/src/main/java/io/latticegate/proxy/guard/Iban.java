package io.latticegate.proxy.guard;

import java.util.HashMap;
import java.util.Map;

/**
 * International bank account numbers (ISO 13616-1): a country of the registry with its length, at most one space between
 * two characters, and check digits that make the number 1 modulo 97 (ISO/IEC 7064, MOD 97-10).
 */
final class Iban implements Recogniser {
    private static final Map<String, Integer> LENGTHS = new HashMap<>();

    static {
        String registry =
                "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18"
                        + " DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26"
                        + " IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28"
                        + " NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25"
                        + " SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";
        for (String country : registry.split(" ", -1)) {
            LENGTHS.put(country.substring(0, 2), Integer.valueOf(country.substring(2)));
        }
    }

    @Override
    public String name() {
        return "iban";
    }

    @Override
    public String label() {
        return "[IBAN]";
    }

    @Override
    public boolean mayBegin(char c) {
        return Chars.isLetter(c);
    }

    @Override
    public int end(CharSequence text, int start) {
        if (Chars.isAlphanumeric(Chars.before(text, start))
                || !Chars.isLetter(Chars.at(text, start + 1))
                || !Chars.isDigit(Chars.at(text, start + 2))
                || !Chars.isDigit(Chars.at(text, start + 3))) {
            return -1;
        }
        char first = Character.toUpperCase(text.charAt(start));
        char second = Character.toUpperCase(text.charAt(start + 1));
        Integer length = LENGTHS.get("" + first + second);
        if (length == null) {
            return -1;
        }
        int remainder = 0;
        int count = 0;
        int at = start;
        while (count < length) {
            char c = Chars.at(text, at);
            if (c == ' ' && at < text.length() && count >= 4 && Chars.before(text, at) != ' ') {
                at++;
                continue;
            }
            if (!Chars.isAlphanumeric(c)) {
                return -1;
            }
            remainder = count < 4 ? remainder : append(remainder, c);
            count++;
            at++;
        }
        for (int i = start; i < start + 4; i++) {
            remainder = append(remainder, text.charAt(i));
        }
        return remainder == 1 && !Chars.isAlphanumeric(Chars.at(text, at)) ? at : -1;
    }

    private static int append(int remainder, char c) {
        int value = Character.digit(c, 36);
        return value < 10 ? (remainder * 10 + value) % 97 : (remainder * 100 + value) % 97;
    }
}
