package io.latticegate.admin.analytics;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * One value of a dimension with what it used.
 *
 * @param key the value, never empty
 * @param p50Micros the median time that requests took, in microseconds; -1 when all were denied
 * @param p95Micros 95 of 100 took no longer
 */
public record TopRow(String key, Measures sums, long p50Micros, long p95Micros) {
    /** By what rows are ordered. */
    public enum Order {
        REQUESTS,
        COST,
        TOKENS,
        ERRORS;

        long of(Measures sums) {
            return switch (this) {
                case REQUESTS -> sums.requests();
                case COST -> sums.costMicroUsd();
                case TOKENS -> sums.tokensIn() + sums.tokensOut();
                case ERRORS -> sums.failed();
            };
        }

        /** The order of that lower-case name. */
        public static Optional<Order> named(String wireName) {
            return Arrays.stream(values())
                    .filter(order -> order.name().toLowerCase(Locale.ROOT).equals(wireName))
                    .findFirst();
        }
    }
}
