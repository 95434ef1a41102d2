package io.latticegate.common.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Tag;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BoundedLabelTest {
    @Test
    void keepsTheFirstValuesAndCountsTheRestAsOther() {
        BoundedLabel label = new BoundedLabel("model", 2);
        assertThat(label.of("a")).isEqualTo(Tag.of("model", "a"));
        assertThat(label.of("b")).isEqualTo(Tag.of("model", "b"));
        assertThat(label.of("c")).isEqualTo(Tag.of("model", "other"));
        assertThat(label.of("a")).isEqualTo(Tag.of("model", "a"));
    }

    @Test
    void countsUnusableValuesAsOtherWithoutUsingUpPlaces() {
        BoundedLabel label = new BoundedLabel("model", 1);
        for (String unusable : List.of("", "x".repeat(65), "a b", "é", "a\nb")) {
            assertThat(label.of(unusable).getValue()).isEqualTo("other");
        }
        assertThat(label.of("a").getValue()).isEqualTo("a");
    }

    @Test
    void holdsItsBoundUnderConcurrency() {
        BoundedLabel label = new BoundedLabel("model", 10);
        Set<String> values = ConcurrentHashMap.newKeySet();
        IntStream.range(0, 10_000)
                .parallel()
                .forEach(number -> values.add(label.of("m" + number % 500).getValue()));
        assertThat(values).hasSize(11).contains("other");
    }

    @Test
    void refusesAnUnboundedLabel() {
        assertThatThrownBy(() -> new BoundedLabel("model", 0)).hasMessageContaining("1 to 10000");
    }
}
