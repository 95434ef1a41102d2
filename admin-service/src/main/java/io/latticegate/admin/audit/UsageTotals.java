package io.latticegate.admin.audit;

/**
 * Sums over ended requests.
 *
 * @param id of the project or wallet
 * @param requests all that ended, also denied and failed ones
 * @param succeeded those with outcome success
 * @param tokensIn input tokens
 * @param tokensOut output tokens
 * @param tokensCached input tokens that providers read from their caches, part of {@code tokensIn}
 * @param costMicroUsd price in millionths of a US dollar
 * @param lastAtMicros the newest, microseconds since 1970 UTC; 0 when there is none
 */
public record UsageTotals(
        String id,
        long requests,
        long succeeded,
        long tokensIn,
        long tokensOut,
        long tokensCached,
        long costMicroUsd,
        long lastAtMicros) {

    static UsageTotals none(String id) {
        return new UsageTotals(id, 0, 0, 0, 0, 0, 0, 0);
    }

    UsageTotals plus(UsageTotals other) {
        return new UsageTotals(
                id,
                requests + other.requests,
                succeeded + other.succeeded,
                tokensIn + other.tokensIn,
                tokensOut + other.tokensOut,
                tokensCached + other.tokensCached,
                costMicroUsd + other.costMicroUsd,
                Math.max(lastAtMicros, other.lastAtMicros));
    }
}
