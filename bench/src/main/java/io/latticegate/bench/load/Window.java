package io.latticegate.bench.load;

import java.time.Duration;

/**
 * One order to the generator.
 *
 * @param port of 127.0.0.1
 * @param settle load before the measurement begins, not counted
 * @param settleRequests the load before the measurement lasts at least so many requests
 * @param measure length of the measurement
 * @param token bearer token, empty for none
 */
public record Window(Shape shape, int port, Duration settle, long settleRequests, Duration measure, String token) {
    private static final int FIELDS = 6;

    String line() {
        return String.join(
                "\t",
                shape.name(),
                Integer.toString(port),
                Long.toString(settle.toMillis()),
                Long.toString(settleRequests),
                Long.toString(measure.toMillis()),
                token);
    }

    static Window parse(String line) {
        String[] fields = line.split("\t", -1);
        if (fields.length != FIELDS) {
            throw new IllegalArgumentException("an order has " + FIELDS + " fields, this one " + fields.length);
        }
        return new Window(
                Shape.valueOf(fields[0]),
                Integer.parseInt(fields[1]),
                Duration.ofMillis(Long.parseLong(fields[2])),
                Long.parseLong(fields[3]),
                Duration.ofMillis(Long.parseLong(fields[4])),
                fields[5]);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return shape + " on port " + port + " for " + measure;
    }
}
