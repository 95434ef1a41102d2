package io.latticegate.admin.analytics;

import io.latticegate.admin.listing.LogPlace;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which ended requests to list. Every condition that is set must hold.
 *
 * @param equal exact values
 * @param status HTTP status given to the client; null for any
 * @param elapsedMicrosMin shortest time that the request took, in microseconds; 0 for any
 * @param startMicros earliest end, included, microseconds since 1970; null for any
 * @param endMicros latest end, included; null for any
 * @param after lists what follows this place; null from the newest
 * @param limit the most rows, 1 to {@value #LIMIT_MAX}
 */
public record RequestFilter(
        Map<Field, String> equal,
        @Nullable Integer status,
        long elapsedMicrosMin,
        @Nullable Long startMicros,
        @Nullable Long endMicros,
        @Nullable LogPlace after,
        int limit) {
    /** The most rows on a page. */
    public static final int LIMIT_MAX = 200;

    /** No value is longer, in characters. */
    public static final int TEXT_MAX = 256;

    /** Fields that are compared for equality. */
    public enum Field {
        PROJECT_ID,
        TOKEN_ID,
        MODEL,
        PROVIDER,
        OUTCOME,
        SURFACE,
        REQUEST_ID,
        /** The actor's id: a token's or a wallet's. */
        ACTOR
    }

    public RequestFilter {
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new IllegalArgumentException("limit is " + limit + "; allowed: 1 to " + LIMIT_MAX);
        }
        Map<Field, String> ordered = new EnumMap<>(Field.class);
        ordered.putAll(equal);
        ordered.values().forEach(RequestFilter::checkText);
        equal = Map.copyOf(ordered);
    }

    private static void checkText(String value) {
        if (value.isEmpty() || value.length() > TEXT_MAX || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a filter has " + value.length() + " characters; allowed: 1 to "
                    + TEXT_MAX + ", none of them a control character");
        }
    }
}
