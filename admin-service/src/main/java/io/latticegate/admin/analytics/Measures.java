package io.latticegate.admin.analytics;

import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;

/**
 * Sums over ended requests.
 *
 * @param requests all that ended, also refused and failed ones
 * @param succeeded those with outcome success
 * @param attempts how often a provider was asked
 * @param tokensIn input tokens
 * @param tokensOut output tokens
 * @param tokensCached input tokens that providers read from their caches, part of {@code tokensIn}
 * @param costMicroUsd price in millionths of a US dollar
 * @param cacheHits requests that were answered with a kept answer
 * @param savedMicroUsd what those answers had cost when they were new
 */
public record Measures(
        long requests,
        long succeeded,
        long attempts,
        long tokensIn,
        long tokensOut,
        long tokensCached,
        long costMicroUsd,
        long cacheHits,
        long savedMicroUsd) {
    /** The key of the audit's metadata under which the cache's part in the answer stands. */
    static final String CACHE = "cache";

    /** The key of the audit's metadata under which the saving stands, in millionths of a US dollar. */
    static final String SAVED = "saved_micro_usd";

    /** No single request counts for more, so that a wrong record cannot make a sum overflow and stop a node. */
    private static final long MAX_PER_REQUEST = 1_000_000_000_000L;

    static final Measures NONE = new Measures(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** One ended request. */
    static Measures of(AuditRecord record) {
        String cache = record.metadata().getOrDefault(CACHE, "");
        boolean hit = cache.equals("hit") || cache.equals("semantic");
        return new Measures(
                1,
                record.outcome() == AuditOutcome.SUCCESS ? 1 : 0,
                bounded(record.attempts()),
                bounded(record.tokensIn()),
                bounded(record.tokensOut()),
                bounded(record.tokensCached()),
                bounded(record.costMicroUsd()),
                hit ? 1 : 0,
                hit ? saved(record.metadata().getOrDefault(SAVED, "0")) : 0);
    }

    private static long saved(String text) {
        return text.matches("[0-9]{1,18}") ? bounded(Long.parseLong(text)) : 0;
    }

    private static long bounded(long amount) {
        return Math.min(amount, MAX_PER_REQUEST);
    }

    Measures plus(Measures other) {
        return new Measures(
                requests + other.requests,
                succeeded + other.succeeded,
                attempts + other.attempts,
                tokensIn + other.tokensIn,
                tokensOut + other.tokensOut,
                tokensCached + other.tokensCached,
                costMicroUsd + other.costMicroUsd,
                cacheHits + other.cacheHits,
                savedMicroUsd + other.savedMicroUsd);
    }

    /** Requests that did not succeed, whoever was at fault. */
    public long failed() {
        return requests - succeeded;
    }
}
