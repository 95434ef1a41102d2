package io.latticegate.admin.audit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of events, newest first.
 *
 * @param events at most {@code pageSize}; fewer also where looking for them ended before the oldest entry
 * @param page from 1
 * @param pageSize from 1
 * @param totalCount how many events the filter matches, or that there are at least so many
 * @param totalIsExact whether there are no more
 * @param next where the next page begins, or null when nothing older can match
 * @param examinedToMicros back to which time entries were looked at, where that ended the page, in microseconds since 1970; else
 *     null
 */
public record AuditPage(
        List<AuditEvent> events,
        int page,
        int pageSize,
        long totalCount,
        boolean totalIsExact,
        @Nullable AuditCursor next,
        @Nullable Long examinedToMicros) {
    /** Takes a copy of the list. */
    public AuditPage {
        events = List.copyOf(events);
    }

    /** 0 when nothing matches; of a total that is not exact, at least so many. */
    public long totalPages() {
        return (totalCount + pageSize - 1) / pageSize;
    }

    /** Whether a later page, with older events, may have any. */
    public boolean hasNext() {
        return next != null;
    }

    /** Whether an earlier page has any. */
    public boolean hasPrev() {
        return page > 1 && totalCount > 0;
    }
}
