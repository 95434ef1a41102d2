package io.latticegate.admin.analytics;

import java.util.Map;

/**
 * Usage over a stretch of time.
 *
 * @param start first second, since 1970
 * @param end the second after the last
 * @param p50Micros the median time that requests took, in microseconds; -1 when there were none
 * @param p95Micros 95 of 100 took no longer
 * @param p99Micros 99 of 100 took no longer
 * @param errors how many did not succeed, by class
 * @param activeTokens how many different tokens were used
 * @param activeWallets how many wallets signed
 * @param activeUsers how many end users were named
 * @param activeProjects how many projects had requests
 */
public record Summary(
        long start,
        long end,
        Measures sums,
        long p50Micros,
        long p95Micros,
        long p99Micros,
        Map<String, Long> errors,
        long activeTokens,
        long activeWallets,
        long activeUsers,
        long activeProjects) {
    public Summary {
        errors = Map.copyOf(errors);
    }
}
