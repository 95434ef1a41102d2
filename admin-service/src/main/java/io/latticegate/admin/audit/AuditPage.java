package io.latticegate.admin.audit;

import java.util.List;

/**
 * A page of events, newest first.
 *
 * @param events at most {@code pageSize}
 * @param page from 1
 * @param pageSize from 1
 * @param totalCount how many events the filter matches
 */
public record AuditPage(List<AuditEvent> events, int page, int pageSize, long totalCount) {
    /** Takes a copy of the list. */
    public AuditPage {
        events = List.copyOf(events);
    }

    /** 0 when nothing matches. */
    public long totalPages() {
        return (totalCount + pageSize - 1) / pageSize;
    }

    /** Whether a later page, with older events, has any. */
    public boolean hasNext() {
        return page < totalPages();
    }

    /** Whether an earlier page has any. */
    public boolean hasPrev() {
        return page > 1 && totalCount > 0;
    }
}
