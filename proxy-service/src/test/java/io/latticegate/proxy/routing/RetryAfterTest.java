package io.latticegate.proxy.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "7, 7s",
        "0, 0s",
        "1.5, 1.5s",
        "'Sat, 21 Nov 2026 12:00:30 GMT', 30s",
        "'Sat, 21 Nov 2026 11:00:00 GMT', 0s",
        "86400, 1h",
        "999999999, 1h",
        "-3, 0s",
        "soon, 0s",
        "9999999999999999999999, 0s",
        "'', 0s"
    })
    void readsSecondsAndDatesUpToAnHour(String written, String expected) {
        assertThat(RetryAfter.asked(Map.of("Retry-After", written)::get, NOW))
                .isEqualTo(Duration.parse("PT" + expected));
    }

    @Test
    void millisecondsAreMoreExact() {
        assertThat(RetryAfter.asked(Map.of("Retry-After", "1", "retry-after-ms", "250")::get, NOW))
                .isEqualTo(Duration.ofMillis(250));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 6m0s, 6m",
        "0, 1h2m3.5s, 1h",
        "0, 20ms, 0.02s",
        "0, 1s, 1s",
        "0, 12, 12s",
        "3, 6m0s, 0s",
        "0, later, 0s",
        "0, 5x, 0s",
        "'', 6m0s, 0s"
    })
    void readsWhenAnAllowanceIsFilledUpAgain(String remaining, String reset, String expected) {
        assertThat(RetryAfter.spent(
                        Map.of("x-ratelimit-remaining-requests", remaining, "x-ratelimit-reset-requests", reset)::get,
                        NOW))
                .isEqualTo(Duration.parse("PT" + expected));
    }

    @Test
    void theLaterOfTwoAllowancesCounts() {
        assertThat(RetryAfter.spent(
                        Map.of(
                                "anthropic-ratelimit-requests-remaining",
                                "0",
                                "anthropic-ratelimit-requests-reset",
                                "2026-11-21T12:00:10Z",
                                "anthropic-ratelimit-tokens-remaining",
                                "0",
                                "anthropic-ratelimit-tokens-reset",
                                "2026-11-21T12:00:40Z")::get,
                        NOW))
                .isEqualTo(Duration.ofSeconds(40));
    }
}
