package io.latticegate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.bench.load.Shape;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RelayBenchTest {
    @Test
    void relaysEveryRequestAndStreamOfEveryWindow(@TempDir Path folder) {
        RelayOptions tiny = new RelayOptions(
                List.of("direct", "bare"), 1, Duration.ofMillis(100), Duration.ofMillis(20), 20, false, false);

        RelayReport report = RelayBench.measure(
                tiny, new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), folder);

        assertThat(report.measurements()).hasSize(2 * Shape.values().length);
        assertThat(report.measurements()).allSatisfy(one -> {
            assertThat(one.result().firstFailure()).isEmpty();
            assertThat(one.result().failures()).isZero();
            assertThat(one.result().requests()).isPositive();
            assertThat(one.result().p50Nanos()).isBetween(1L, one.result().p90Nanos());
            assertThat(one.result().events())
                    .isEqualTo(one.shape().stream() ? 52 * one.result().requests() : 0);
            assertThat(one.rssBytes() > 0).isEqualTo(one.arm().equals("bare"));
        });
    }
}
