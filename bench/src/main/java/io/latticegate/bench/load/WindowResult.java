package io.latticegate.bench.load;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the generator saw in one window.
 *
 * @param requests completed with a good answer
 * @param failures anything else: a status other than 200, a cut answer, a stream without its events or its end
 * @param events events of streams
 * @param nanos length of the window
 * @param p50Nanos from the first byte sent to the last received
 * @param firstP50Nanos from the first byte sent to the first event received; 0 without streams
 * @param firstFailure why the first failure failed, empty without failures
 */
public record WindowResult(
        long requests,
        long failures,
        long events,
        long nanos,
        long p50Nanos,
        long p90Nanos,
        long p99Nanos,
        long firstP50Nanos,
        long firstP90Nanos,
        String firstFailure) {

    public double requestsPerSecond() {
        return requests * 1e9 / nanos;
    }

    public double eventsPerSecond() {
        return events * 1e9 / nanos;
    }

    /** One line, as {@link #parse} reads it. */
    String line() {
        return "requests=" + requests + "\tfailures=" + failures + "\tevents=" + events + "\tnanos=" + nanos + "\tp50="
                + p50Nanos + "\tp90=" + p90Nanos + "\tp99=" + p99Nanos + "\tfirst50=" + firstP50Nanos + "\tfirst90="
                + firstP90Nanos + "\twhy=" + firstFailure.replaceAll("\\s+", " ");
    }

    static WindowResult parse(String line) {
        Map<String, String> fields = Arrays.stream(line.split("\t", -1))
                .map(field -> field.split("=", 2))
                .collect(Collectors.toMap(field -> field[0], field -> field[1]));
        return new WindowResult(
                number(fields, "requests"),
                number(fields, "failures"),
                number(fields, "events"),
                number(fields, "nanos"),
                number(fields, "p50"),
                number(fields, "p90"),
                number(fields, "p99"),
                number(fields, "first50"),
                number(fields, "first90"),
                fields.getOrDefault("why", ""));
    }

    private static long number(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the generator's result lacks " + name + ": " + fields);
        }
        return Long.parseLong(value);
    }
}
