package io.latticegate.proxy.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CacheDirectivesTest {
    @Test
    void readsEveryFieldAndIgnoresWhatItDoesNotKnow() {
        CacheDirectives read =
                CacheDirectives.of(List.of("Public , MAX-AGE=60", "s-maxage=\"30\", stale-while-revalidate=5"));

        assertThat(read).isEqualTo(new CacheDirectives(false, false, true, false, false, 60, 30));
        assertThat(read.sharedAgeSeconds()).isEqualTo(30);
    }

    @Test
    void saysNothingForNothing() {
        assertThat(CacheDirectives.of(List.of())).isEqualTo(CacheDirectives.NONE);
        assertThat(CacheDirectives.of(List.of("", ",", "=1", "x"))).isEqualTo(CacheDirectives.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "max-age, 0",
        "max-age=, 0",
        "max-age=-1, 0",
        "max-age=1.5, 0",
        "max-age=0x10, 0",
        "max-age=٣, 0",
        "max-age=99999999999999999999, 2147483647",
        "max-age=2147483648, 2147483647",
        "'max-age=60, max-age=10', 10",
        "'max-age=10, max-age=60', 10",
        "'max-age=60, max-age=x', 0"
    })
    void takesTheSmallestAgeAndAMalformedOneForNone(String field, long seconds) {
        assertThat(CacheDirectives.of(List.of(field)).maxAgeSeconds()).isEqualTo(seconds);
    }
}
