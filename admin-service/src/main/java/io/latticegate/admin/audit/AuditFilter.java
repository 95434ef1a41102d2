package io.latticegate.admin.audit;

import io.latticegate.admin.listing.NewestFirst;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which events to list. Every condition that is set must hold.
 *
 * @param equal exact values
 * @param search text that one of the main fields contains, ASCII letters in either case; empty for any
 * @param start earliest time, included; null for any
 * @param end latest time, included; null for any
 * @param page from 1, so that it begins within the newest {@link NewestFirst#EXAMINED_MAX} events; 1 with {@code after}
 * @param pageSize 1 to {@value #MAX_PAGE_SIZE}
 * @param after what an earlier page gave as the next; null for a page by its number
 */
public record AuditFilter(
        Map<Field, String> equal,
        String search,
        @Nullable Instant start,
        @Nullable Instant end,
        int page,
        int pageSize,
        @Nullable AuditCursor after) {
    /** No page of any size has a larger number. */
    public static final int MAX_PAGE = NewestFirst.EXAMINED_MAX;

    /** The most events on a page. */
    public static final int MAX_PAGE_SIZE = 100;

    /** How many events a page has when nothing is said. */
    public static final int DEFAULT_PAGE_SIZE = 20;

    /** No event matches longer texts, in characters. */
    public static final int MAX_TEXT = 1_024;

    /** No condition: the newest page. */
    public static final AuditFilter ALL = new AuditFilter(Map.of(), "", null, null, 1, DEFAULT_PAGE_SIZE, null);

    /** Fields that are compared for equality. */
    public enum Field {
        /** What was done. */
        ACTION("action"),
        /** The actor's id, or the name of a kind of actors, which finds those of that kind without id. */
        ACTOR("actor_id"),
        /** Address of the client. */
        CLIENT_IP("client_ip"),
        /** Project concerned. */
        PROJECT_ID("project_id"),
        /** {@code success}, {@code failure}, {@code denied} or {@code error}. */
        OUTCOME("outcome"),
        /** Our id of the request. */
        REQUEST_ID("request_id"),
        /** The caller's id of the request. */
        CORRELATION_ID("correlation_id"),
        /** HTTP method. */
        METHOD("method"),
        /** HTTP path. */
        PATH("path");

        private final String column;

        Field(String column) {
            this.column = column;
        }

        String column() {
            return column;
        }
    }

    /** Checks bounds and characters. */
    public AuditFilter {
        if (page < 1 || page > MAX_PAGE) {
            throw new IllegalArgumentException("page is " + page + "; allowed: 1 to " + MAX_PAGE);
        }
        if (pageSize < 1 || pageSize > MAX_PAGE_SIZE) {
            throw new IllegalArgumentException("page_size is " + pageSize + "; allowed: 1 to " + MAX_PAGE_SIZE);
        }
        if ((page - 1L) * pageSize >= NewestFirst.EXAMINED_MAX) {
            throw new IllegalArgumentException("page is " + page + "; allowed with page_size " + pageSize + ": 1 to "
                    + lastPage(pageSize) + ", older ones have no number");
        }
        if (after != null && page != 1) {
            throw new IllegalArgumentException("page is " + page + "; allowed with a cursor: 1");
        }
        checkText("search", search);
        Map<Field, String> ordered = new EnumMap<>(Field.class);
        ordered.putAll(equal);
        ordered.forEach((field, value) -> checkText(field.name(), value));
        equal = Map.copyOf(ordered);
    }

    /** The largest page number that pages of that size have. */
    public static int lastPage(int pageSize) {
        return (NewestFirst.EXAMINED_MAX + pageSize - 1) / pageSize;
    }

    private static void checkText(String what, String value) {
        if (value.length() > MAX_TEXT || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("audit filter " + what + " has " + value.length()
                    + " characters; allowed: " + MAX_TEXT + ", none of them a control character");
        }
    }

    /** This filter with another exact value; an empty one removes the condition. */
    public AuditFilter with(Field field, String value) {
        Map<Field, String> more = new EnumMap<>(Field.class);
        more.putAll(equal);
        if (value.isEmpty()) {
            more.remove(field);
        } else {
            more.put(field, value);
        }
        return new AuditFilter(more, search, start, end, page, pageSize, after);
    }

    /** This filter with another text to search for. */
    public AuditFilter searching(String text) {
        return new AuditFilter(equal, text, start, end, page, pageSize, after);
    }

    /** This filter within other times, both included; null for no bound. */
    public AuditFilter between(@Nullable Instant from, @Nullable Instant to) {
        return new AuditFilter(equal, search, from, to, page, pageSize, after);
    }

    /** This filter on another page. */
    public AuditFilter page(int number, int size) {
        return new AuditFilter(equal, search, start, end, number, size, after);
    }

    /** This filter from where an earlier page of it ended. */
    public AuditFilter after(AuditCursor cursor) {
        return new AuditFilter(equal, search, start, end, 1, pageSize, cursor);
    }
}
