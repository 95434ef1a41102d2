package io.latticegate.auth.wallet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeToleranceTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000, 999_999_999);

    @ParameterizedTest
    @CsvSource({
        "-301, false",
        "-300, true",
        "-295, true",
        "0, true",
        "295, true",
        "300, true",
        "301, false",
        "86400, false"
    })
    void allowsThreeHundredSecondsEitherWay(long offset, boolean allowed) {
        assertThat(TimeTolerance.DEFAULT.allows(1_700_000_000L + offset, NOW)).isEqualTo(allowed);
    }

    @Test
    void canBeNarrowerForTheFuture() {
        TimeTolerance narrow = new TimeTolerance(Duration.ofMinutes(5), Duration.ofMinutes(1));
        assertThat(narrow.allows(1_700_000_060L, NOW)).isTrue();
        assertThat(narrow.allows(1_700_000_061L, NOW)).isFalse();
        assertThat(narrow.replayHorizon()).isEqualTo(Duration.ofSeconds(361));
    }

    @Test
    void refusesTheEndsOfTime() {
        assertThat(TimeTolerance.DEFAULT.allows(0, NOW)).isFalse();
        assertThat(TimeTolerance.DEFAULT.allows(Long.MAX_VALUE, NOW)).isFalse();
        assertThat(TimeTolerance.DEFAULT.allows(Long.MIN_VALUE, NOW)).isFalse();
    }

    @Test
    void isBounded() {
        Duration hour = Duration.ofHours(1);
        assertThatIllegalArgumentException().isThrownBy(() -> new TimeTolerance(Duration.ZERO, hour));
        assertThatIllegalArgumentException().isThrownBy(() -> new TimeTolerance(hour.plusSeconds(1), hour));
        assertThatIllegalArgumentException().isThrownBy(() -> new TimeTolerance(hour, Duration.ofSeconds(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> new TimeTolerance(hour, hour.plusSeconds(1)));
    }
}
