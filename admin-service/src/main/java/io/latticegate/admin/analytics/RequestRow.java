package io.latticegate.admin.analytics;

import io.latticegate.admin.listing.LogPlace;
import java.util.Map;

/**
 * An ended request, or one of its attempts, as the audit's columns have it. Text that is absent is empty.
 *
 * @param actor the actor's id, or the kind of an actor without one
 * @param metadata the audit's further facts
 */
public record RequestRow(
        LogPlace place,
        String requestId,
        String projectId,
        String tokenId,
        String actor,
        String surface,
        String method,
        String path,
        String model,
        String provider,
        int status,
        String outcome,
        String reason,
        long tokensIn,
        long tokensOut,
        long tokensCached,
        boolean estimated,
        long costMicroUsd,
        int attempts,
        long elapsedMicros,
        Map<String, String> metadata) {
    public RequestRow {
        metadata = Map.copyOf(metadata);
    }

    /** The cache's part in the answer: {@code hit}, {@code semantic}, {@code stored}, {@code miss}, or empty for none. */
    public String cache() {
        return metadata.getOrDefault(Measures.CACHE, "");
    }

    /** The pseudonym of the end user, or empty. */
    public String user() {
        return metadata.getOrDefault(Facets.USER, "");
    }
}
