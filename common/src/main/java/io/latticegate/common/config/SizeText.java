package io.latticegate.common.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes in bytes as {@code 512}, {@code 64KiB}, {@code 10MiB}, {@code 1GiB}; KB, MB, GB are powers of 1000. */
final class SizeText {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,12})(B|KiB|MiB|GiB|KB|MB|GB)?");
    private static final Map<String, Long> UNITS = Map.of(
            "B",
            1L,
            "KiB",
            1L << 10,
            "MiB",
            1L << 20,
            "GiB",
            1L << 30,
            "KB",
            1_000L,
            "MB",
            1_000_000L,
            "GB",
            1_000_000_000L);

    private SizeText() {}

    static Long parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("is " + SettingType.quote(text)
                    + ", not a size; write bytes, or a number with one of the units KiB, MiB, GiB, KB, MB, GB");
        }
        String unit = form.group(2);
        long factor = UNITS.getOrDefault(unit == null ? "B" : unit, 1L);
        try {
            return Math.multiplyExact(Long.parseLong(form.group(1)), factor);
        } catch (ArithmeticException tooLarge) {
            throw new IllegalArgumentException("is " + SettingType.quote(text) + ", which is too large", tooLarge);
        }
    }

    static String print(long bytes) {
        if (bytes >= 1 << 30 && bytes % (1 << 30) == 0) {
            return (bytes >> 30) + "GiB";
        }
        if (bytes >= 1 << 20 && bytes % (1 << 20) == 0) {
            return (bytes >> 20) + "MiB";
        }
        return bytes >= 1 << 10 && bytes % (1 << 10) == 0 ? (bytes >> 10) + "KiB" : bytes + "B";
    }
}
