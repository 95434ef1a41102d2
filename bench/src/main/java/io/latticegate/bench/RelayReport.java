package io.latticegate.bench;

import io.latticegate.bench.load.Shape;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.DoubleBinaryOperator;
import java.util.function.ToDoubleFunction;

/**
 * The measurements of one run as medians over its rounds. What an arm adds is the median of the differences to the direct
 * arm's window of the same round.
 *
 * @param what the arms that ran, by name, in their order
 * @param absent the arms that did not, with the reason
 */
record RelayReport(
        RelayOptions options, Map<String, String> what, Map<String, String> absent, List<Measurement> measurements) {
    private static final String DIRECT = "direct";
    private static final String BARE = "bare";
    private static final String GOVERNED = "governed";
    private static final String MESH = "mesh";
    /** Share of the processors that others may take before the report warns. */
    private static final double FOREIGN_TOLERATED = 0.05;

    private static final String NONE = "–";

    RelayReport {
        measurements = List.copyOf(measurements);
    }

    long failures() {
        return measurements.stream().mapToLong(one -> one.result().failures()).sum();
    }

    private long failures(String arm) {
        return measurements.stream()
                .filter(one -> one.arm().equals(arm))
                .mapToLong(one -> one.result().failures())
                .sum();
    }

    /** Empty when the arm has no such window. */
    OptionalDouble median(String arm, Shape shape, ToDoubleFunction<Measurement> figure) {
        return middle(measurements.stream()
                .filter(one -> one.arm().equals(arm) && one.shape() == shape)
                .mapToDouble(figure)
                .sorted()
                .toArray());
    }

    /** The median over rounds of {@code figure} less the same figure of the direct arm. */
    OptionalDouble added(String arm, Shape shape, ToDoubleFunction<Measurement> figure) {
        if (arm.equals(DIRECT)) {
            return OptionalDouble.empty();
        }
        return overDirect(arm, shape, figure, (own, direct) -> own - direct);
    }

    private OptionalDouble overDirect(
            String arm, Shape shape, ToDoubleFunction<Measurement> figure, DoubleBinaryOperator compare) {
        return paired(arm, DIRECT, shape, figure, compare);
    }

    private OptionalDouble paired(
            String arm, String other, Shape shape, ToDoubleFunction<Measurement> figure, DoubleBinaryOperator compare) {
        return middle(measurements.stream()
                .filter(one -> one.arm().equals(arm) && one.shape() == shape)
                .flatMapToDouble(own -> measurements.stream()
                        .filter(one -> one.arm().equals(other) && one.shape() == shape && one.round() == own.round())
                        .mapToDouble(
                                base -> compare.applyAsDouble(figure.applyAsDouble(own), figure.applyAsDouble(base))))
                .sorted()
                .toArray());
    }

    private static OptionalDouble middle(double[] sorted) {
        if (sorted.length == 0) {
            return OptionalDouble.empty();
        }
        int half = sorted.length / 2;
        return OptionalDouble.of(sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2);
    }

    /** One line per window, printed while the benchmark runs. */
    static String progress(Measurement one) {
        return String.format(
                Locale.ROOT,
                "round %d  %-11s  %-9s  %8.0f/s  p50 %6.0f us  p90 %6.0f us  cpu %s us  failures %d%s",
                one.round(),
                one.shape(),
                one.arm(),
                one.result().requestsPerSecond(),
                p50(one),
                p90(one),
                one.rssBytes() == 0 ? "–" : String.format(Locale.ROOT, "%.1f", one.relayMicrosPerRequest()),
                one.result().failures(),
                one.result().failures() == 0 ? "" : " (" + one.result().firstFailure() + ")");
    }

    String markdown(LocalDate date, Machine machine, String command) {
        return "# Relay, " + date + "\n\n" + preamble(machine, command) + "\n" + medians() + "\n" + ratios() + "\n"
                + gates() + "\n" + rounds();
    }

    private String preamble(Machine machine, String command) {
        StringBuilder text = new StringBuilder();
        text.append(machine.markdown(command));
        text.append(String.format(
                Locale.ROOT,
                "- rounds: %d, windows of %.1f s after %.1f s of load that does not count; "
                        + "generator, provider and arms share the processors%n",
                options.rounds(),
                options.window().toMillis() / 1e3,
                options.settle().toMillis() / 1e3));
        double[] foreign = measurements.stream()
                .mapToDouble(Measurement::foreignProcessors)
                .sorted()
                .toArray();
        if (foreign.length > 0) {
            text.append(String.format(
                    Locale.ROOT,
                    "- processors busy with other things during the windows: median %.2f, most %.2f of %d%s%n",
                    middle(foreign).orElse(0),
                    foreign[foreign.length - 1],
                    machine.processors(),
                    middle(foreign).orElse(0) > FOREIGN_TOLERATED * machine.processors()
                            ? "; **too busy for absolute figures**"
                            : ""));
        }
        text.append("\nArms, which take turns window by window:\n\n");
        what.forEach((arm, is) ->
                text.append("- ").append(arm).append(": ").append(is).append('\n'));
        absent.forEach((arm, why) -> text.append("- ")
                .append(arm)
                .append(": not measured, ")
                .append(why)
                .append('\n'));
        text.append("- plain: not measured. Token authentication, leases, journal, audit and metrics have no switch;"
                + " `unlimited` is the nearest.\n");
        return text.toString();
    }

    private String medians() {
        StringBuilder text = new StringBuilder("""
                ## Medians over rounds

                Latencies in µs. 1 = one connection, 32 = 32 connections. CPU is user and system time of all threads of the arm's process: in the window, and with what it put off until after it.

                | arm | p50 (1) | added p50 | p90 (1) | added p90 | requests/s (32) | p50 (32) | p90 (32) | CPU µs/request (32) | with later work | RSS MiB | first token p50 | added | events/s | failures |
                |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
                """);
        for (String arm : what.keySet()) {
            row(
                    text,
                    arm,
                    number(median(arm, Shape.SINGLE, RelayReport::p50)),
                    number(added(arm, Shape.SINGLE, RelayReport::p50)),
                    number(median(arm, Shape.SINGLE, RelayReport::p90)),
                    number(added(arm, Shape.SINGLE, RelayReport::p90)),
                    number(median(arm, Shape.LOAD, RelayReport::rate)),
                    number(median(arm, Shape.LOAD, RelayReport::p50)),
                    number(median(arm, Shape.LOAD, RelayReport::p90)),
                    arm.equals(DIRECT) ? NONE : tenths(median(arm, Shape.LOAD, Measurement::relayMicrosPerRequest)),
                    arm.equals(DIRECT) ? NONE : tenths(median(arm, Shape.LOAD, Measurement::totalMicrosPerRequest)),
                    arm.equals(DIRECT) ? NONE : number(median(arm, Shape.LOAD, RelayReport::rssMiB)),
                    number(median(arm, Shape.FIRST_TOKEN, RelayReport::firstP50)),
                    number(added(arm, Shape.FIRST_TOKEN, RelayReport::firstP50)),
                    number(median(arm, Shape.BURST, one -> one.result().eventsPerSecond())),
                    failures(arm) == 0 ? "0" : "**" + failures(arm) + ": not a measurement**");
        }
        return text.toString();
    }

    private String ratios() {
        StringBuilder text = new StringBuilder("""
                ## Ratios, 32 connections, medians of the rounds' ratios

                | arm | requests/s to direct | requests/s to bare | CPU per request to bare | generator CPU µs/request | provider CPU µs/request |
                |---|---|---|---|---|---|
                """);
        for (String arm : what.keySet()) {
            row(
                    text,
                    arm,
                    hundredths(overDirect(arm, Shape.LOAD, RelayReport::rate, (own, direct) -> own / direct)),
                    hundredths(paired(arm, BARE, Shape.LOAD, RelayReport::rate, (own, bare) -> own / bare)),
                    arm.equals(DIRECT)
                            ? NONE
                            : hundredths(paired(
                                    arm,
                                    BARE,
                                    Shape.LOAD,
                                    Measurement::relayMicrosPerRequest,
                                    (own, bare) -> own / bare)),
                    tenths(median(arm, Shape.LOAD, Measurement::generatorMicrosPerRequest)),
                    tenths(median(arm, Shape.LOAD, Measurement::providerMicrosPerRequest)));
        }
        return text.toString();
    }

    private String gates() {
        StringBuilder text = new StringBuilder("""
                ## Gates of the governed arm

                | figure | gate | measured | |
                |---|---|---|---|
                """);
        atLeast(text, "requests/s at 32 connections", 12_000, median(GOVERNED, Shape.LOAD, RelayReport::rate));
        atLeast(
                text,
                "requests/s at 32 connections to the bare relay",
                0.4,
                paired(GOVERNED, BARE, Shape.LOAD, RelayReport::rate, (own, bare) -> own / bare));
        atMost(text, "added p50, one connection, µs", 150, added(GOVERNED, Shape.SINGLE, RelayReport::p50));
        atMost(
                text,
                "CPU per request at 32 connections, later work included, µs",
                80,
                median(GOVERNED, Shape.LOAD, Measurement::totalMicrosPerRequest));
        atMost(
                text,
                "added time to first token, p50, µs",
                300,
                added(GOVERNED, Shape.FIRST_TOKEN, RelayReport::firstP50));
        boolean alone = median(MESH, Shape.LOAD, RelayReport::rssMiB).isPresent();
        atMost(
                text,
                alone ? "RSS of the proxy's process under load, MiB (arm mesh)" : "RSS of all services under load, MiB",
                200,
                median(alone ? MESH : GOVERNED, Shape.LOAD, RelayReport::rssMiB));
        return text.toString();
    }

    private void atLeast(StringBuilder text, String figure, double gate, OptionalDouble measured) {
        gate(text, figure, "≥ " + shortest(gate), measured, measured.orElse(0) >= gate);
    }

    private void atMost(StringBuilder text, String figure, double gate, OptionalDouble measured) {
        gate(text, figure, "≤ " + shortest(gate), measured, measured.orElse(Double.MAX_VALUE) <= gate);
    }

    private void gate(StringBuilder text, String figure, String gate, OptionalDouble measured, boolean reached) {
        String verdict = measured.isEmpty()
                ? "not measured"
                : failures(GOVERNED) > 0 ? "not a measurement: requests failed" : reached ? "reached" : "**missed**";
        String value = measured.isEmpty() ? NONE : shortest(measured.getAsDouble());
        row(text, figure, gate, value, verdict);
    }

    private String rounds() {
        StringBuilder text = new StringBuilder("""
                ## Rounds

                | round | window | arm | requests | requests/s | p50 µs | p90 µs | p99 µs | first p50 µs | first p90 µs | events/s | CPU µs/request | with later work | RSS MiB | busy with others | failures |
                |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
                """);
        for (Measurement one : measurements) {
            row(
                    text,
                    Integer.toString(one.round()),
                    one.shape().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    one.arm(),
                    Long.toString(one.result().requests()),
                    fixed(0, rate(one)),
                    fixed(1, p50(one)),
                    fixed(1, p90(one)),
                    fixed(1, one.result().p99Nanos() / 1e3),
                    one.shape().stream() ? fixed(1, firstP50(one)) : NONE,
                    one.shape().stream() ? fixed(1, one.result().firstP90Nanos() / 1e3) : NONE,
                    one.shape().stream() ? fixed(0, one.result().eventsPerSecond()) : NONE,
                    one.rssBytes() == 0 ? NONE : fixed(1, one.relayMicrosPerRequest()),
                    one.rssBytes() == 0 ? NONE : fixed(1, one.totalMicrosPerRequest()),
                    one.rssBytes() == 0 ? NONE : fixed(0, rssMiB(one)),
                    fixed(2, one.foreignProcessors()),
                    one.result().failures() == 0
                            ? "0"
                            : one.result().failures() + " (" + one.result().firstFailure() + ")");
        }
        return text.toString();
    }

    private static void row(StringBuilder text, String... cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static double rate(Measurement one) {
        return one.result().requestsPerSecond();
    }

    private static double p50(Measurement one) {
        return one.result().p50Nanos() / 1e3;
    }

    private static double p90(Measurement one) {
        return one.result().p90Nanos() / 1e3;
    }

    private static double firstP50(Measurement one) {
        return one.result().firstP50Nanos() / 1e3;
    }

    private static double rssMiB(Measurement one) {
        return one.rssBytes() / (double) (1 << 20);
    }

    private static String number(OptionalDouble value) {
        return value.isEmpty() ? NONE : fixed(0, value.getAsDouble());
    }

    private static String tenths(OptionalDouble value) {
        return value.isEmpty() ? NONE : fixed(1, value.getAsDouble());
    }

    private static String hundredths(OptionalDouble value) {
        return value.isEmpty() ? NONE : fixed(2, value.getAsDouble());
    }

    private static String shortest(double value) {
        return fixed(value < 10 ? 2 : value < 1_000 ? 1 : 0, value).replaceAll("\\.0+$", "");
    }

    private static String fixed(int decimals, double value) {
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
