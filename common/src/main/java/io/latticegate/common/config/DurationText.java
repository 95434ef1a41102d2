package io.latticegate.common.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as {@code 100ms}, {@code 5s}, {@code 90m}, {@code 24h}, {@code 30d}. */
final class DurationText {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,12})(ms|s|m|h|d)?");

    private DurationText() {}

    /** @param millisAllowed whether a number without a unit means milliseconds */
    static Duration parse(String text, boolean millisAllowed) {
        Matcher form = FORM.matcher(text);
        if (!form.matches() || (form.group(2) == null && !millisAllowed)) {
            throw new IllegalArgumentException("is " + SettingType.quote(text)
                    + ", not a duration; write a number with one of the units ms, s, m, h, d, such as 30s"
                    + (millisAllowed ? ", or milliseconds without a unit" : ""));
        }
        long number = Long.parseLong(form.group(1));
        String unit = form.group(2);
        return switch (unit == null ? "ms" : unit) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            default -> Duration.ofMillis(number);
        };
    }

    static String print(Duration value) {
        if (value.toMillisPart() != 0 || value.isZero()) {
            return value.toMillis() + "ms";
        }
        if (value.toSecondsPart() != 0) {
            return value.toSeconds() + "s";
        }
        if (value.toMinutesPart() != 0) {
            return value.toMinutes() + "m";
        }
        return value.toHoursPart() != 0 || value.toDays() < 2 ? value.toHours() + "h" : value.toDays() + "d";
    }
}
