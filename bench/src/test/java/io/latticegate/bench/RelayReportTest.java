package io.latticegate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.bench.load.Shape;
import io.latticegate.bench.load.WindowResult;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RelayReportTest {
    private static final RelayOptions OPTIONS =
            new RelayOptions(List.of("direct", "governed"), 3, Duration.ofSeconds(1), Duration.ZERO, 1, false, false);
    private static final Machine MACHINE = new Machine("a processor", 2, 1L << 34, "Linux 6", "a JVM", "abc", "0.1");

    @Test
    void addedLatencyIsTheMedianOfTheRoundsDifferencesToDirect() {
        RelayReport report = report(List.of(
                single("direct", 1, 100, 0),
                single("governed", 1, 150, 0),
                single("direct", 2, 300, 0),
                single("governed", 2, 310, 0),
                single("direct", 3, 100, 0),
                single("governed", 3, 220, 0)));

        assertThat(report.added("governed", Shape.SINGLE, one -> one.result().p50Nanos()))
                .hasValue(50_000);
        assertThat(report.median("governed", Shape.SINGLE, one -> one.result().p50Nanos()))
                .hasValue(220_000);
        assertThat(report.added("direct", Shape.SINGLE, one -> one.result().p50Nanos()))
                .isEmpty();
    }

    @Test
    void saysWhetherAGateWasReachedMissedOrNotMeasured() {
        String reached = markdown(single("direct", 1, 100, 0), single("governed", 1, 250, 0));
        String missed = markdown(single("direct", 1, 100, 0), single("governed", 1, 251, 0));

        assertThat(reached).contains("| added p50, one connection, µs | ≤ 150 | 150 | reached |");
        assertThat(missed).contains("| added p50, one connection, µs | ≤ 150 | 151 | **missed** |");
        assertThat(reached).contains("| requests/s at 32 connections | ≥ 12000 | – | not measured |");
    }

    @Test
    void warnsWhenOthersKeptTheMachineBusy() {
        assertThat(markdown(single("direct", 1, 100, 0)))
                .contains("median 0.50, most 0.50 of 2; **too busy for absolute figures**");
    }

    @Test
    void aRowWithFailedRequestsIsNoMeasurement() {
        String text = markdown(single("direct", 1, 100, 0), single("governed", 1, 101, 7));

        assertThat(text).contains("**7: not a measurement**");
        assertThat(text).contains("| added p50, one connection, µs | ≤ 150 | 1 | not a measurement: requests failed |");
        assertThat(text).contains("7 (status 503)");
    }

    private static String markdown(Measurement... measurements) {
        return report(List.of(measurements)).markdown(LocalDate.of(2026, 1, 2), MACHINE, "bench relay");
    }

    private static RelayReport report(List<Measurement> measurements) {
        return new RelayReport(
                OPTIONS, new TreeMap<>(Map.of("direct", "nothing", "governed", "all")), Map.of(), measurements);
    }

    private static Measurement single(String arm, int round, long p50Micros, long failures) {
        return new Measurement(
                arm,
                round,
                Shape.SINGLE,
                new WindowResult(
                        1_000,
                        failures,
                        0,
                        1_000_000_000,
                        p50Micros * 1_000,
                        p50Micros * 1_000,
                        p50Micros * 1_000,
                        0,
                        0,
                        failures == 0 ? "" : "status 503"),
                new ProcessCost.Sample(1_000_000, 1_000_000, 1_000_000, 503_000_000),
                0,
                1 << 20);
    }
}
