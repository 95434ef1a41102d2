package io.latticegate.proxy.routing;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a provider's headers say about when to come back. {@code Retry-After} in seconds or as a date (RFC 9110 section
 * 10.2.3) and {@code retry-after-ms}; {@code x-ratelimit-remaining-*} and {@code x-ratelimit-reset-*} (OpenAI: {@code 1s},
 * {@code 6m0s}, {@code 20ms}), {@code anthropic-ratelimit-*-remaining} and {@code -reset} (RFC 3339). A header that cannot be
 * read counts as absent; nothing is longer than {@link #LONGEST}.
 */
public final class RetryAfter {
    /** An hour. */
    public static final Duration LONGEST = Duration.ofHours(1);

    private static final int HEADER_LENGTH_MAX = 64;
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");
    private static final Pattern PARTS = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(ms|us|µs|ns|h|m|s)");

    private RetryAfter() {}

    /** What {@code Retry-After} says, or zero. */
    public static Duration asked(Function<String, @Nullable String> header, Instant now) {
        String millis = text(header, "retry-after-ms");
        if (millis != null && SECONDS.matcher(millis).matches()) {
            return bounded(Double.parseDouble(millis) / 1_000);
        }
        String after = text(header, "Retry-After");
        if (after == null) {
            return Duration.ZERO;
        }
        if (SECONDS.matcher(after).matches()) {
            return bounded(Double.parseDouble(after));
        }
        try {
            return until(
                    ZonedDateTime.parse(after, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant(),
                    now);
        } catch (DateTimeException unreadable) {
            return Duration.ZERO;
        }
    }

    /** Until the provider's allowance is filled up again where its headers say that nothing is left of it, or zero. */
    public static Duration spent(Function<String, @Nullable String> header, Instant now) {
        Duration longest = Duration.ZERO;
        for (String what : new String[] {"requests", "tokens"}) {
            longest = longer(
                    longest,
                    spent(
                            text(header, "x-ratelimit-remaining-" + what),
                            text(header, "x-ratelimit-reset-" + what),
                            now));
            longest = longer(
                    longest,
                    spent(
                            text(header, "anthropic-ratelimit-" + what + "-remaining"),
                            text(header, "anthropic-ratelimit-" + what + "-reset"),
                            now));
        }
        return longest;
    }

    private static Duration spent(@Nullable String remaining, @Nullable String reset, Instant now) {
        return "0".equals(remaining) && reset != null ? reset(reset, now) : Duration.ZERO;
    }

    private static Duration reset(String written, Instant now) {
        if (written.indexOf('T') > 0) {
            try {
                return until(Instant.parse(written), now);
            } catch (DateTimeException unreadable) {
                return Duration.ZERO;
            }
        }
        if (SECONDS.matcher(written).matches()) {
            return bounded(Double.parseDouble(written));
        }
        double seconds = 0;
        int end = 0;
        Matcher part = PARTS.matcher(written.toLowerCase(Locale.ROOT));
        while (part.find() && part.start() == end) {
            end = part.end();
            seconds += Double.parseDouble(part.group(1)) * secondsIn(part.group(2));
        }
        return end == written.length() ? bounded(seconds) : Duration.ZERO;
    }

    private static double secondsIn(String unit) {
        return switch (unit) {
            case "h" -> 3_600;
            case "m" -> 60;
            case "s" -> 1;
            case "ms" -> 1e-3;
            case "ns" -> 1e-9;
            default -> 1e-6;
        };
    }

    private static Duration until(Instant then, Instant now) {
        return then.isAfter(now) ? shorter(Duration.between(now, then)) : Duration.ZERO;
    }

    private static Duration bounded(double seconds) {
        return shorter(Duration.ofMillis((long) Math.ceil(Math.min(seconds, (double) LONGEST.toSeconds()) * 1_000)));
    }

    private static Duration shorter(Duration one) {
        return one.compareTo(LONGEST) > 0 ? LONGEST : one;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static @Nullable String text(Function<String, @Nullable String> header, String name) {
        String value = header.apply(name);
        return value == null || value.length() > HEADER_LENGTH_MAX ? null : value.strip();
    }
}
