package io.latticegate.admin.manage;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** Times in the query of a call (RFC 3339). */
final class QueryTimes {
    private static final Instant FIRST = Instant.EPOCH;
    private static final Instant LAST = Instant.EPOCH.plus(Duration.ofDays(100_000));

    /**
     * The parameter of that name, or null when it is absent or empty.
     *
     * @throws Refused 400 when it is no time between 1970 and 2243
     */
    static @Nullable Instant of(ManageRequest request, String name) {
        String text = request.query().get(name);
        if (text == null || text.isEmpty()) {
            return null;
        }
        try {
            Instant time = OffsetDateTime.parse(text).toInstant();
            if (!time.isBefore(FIRST) && time.isBefore(LAST)) {
                return time;
            }
        } catch (DateTimeParseException malformed) {
            // Answered like a time out of range.
        }
        throw Refused.badRequest(name + " must be a time such as 2026-01-31T12:00:00Z");
    }

    private QueryTimes() {}
}
