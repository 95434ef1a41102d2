package io.latticegate.admin.manage;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Listings as plain arrays. Without {@code limit} an array is complete, over as many pages of auth-service as it takes,
 * and refused above {@link #ROWS_MAX}; with {@code limit} it holds at most that many rows after {@code after}, and a {@code
 * Link} header names the next page.
 */
final class Paging {
    /** Most rows in one answer. */
    static final int ROWS_MAX = 10_000;

    /** One page of auth-service. */
    record Page<T>(List<T> rows, boolean more) {}

    /** @param next the id after which the next page begins, or null */
    record Rows<T>(List<T> rows, @Nullable String next) {
        /** The {@code Link} header (RFC 8288) for the next page. */
        Map<String, String> headers(ManageRequest request, int limit) {
            return next == null
                    ? Map.of()
                    : Map.of(
                            "Link",
                            "<" + request.path() + "?limit=" + limit + "&after=" + next + kept(request)
                                    + ">; rel=\"next\"");
        }

        private static String kept(ManageRequest request) {
            StringBuilder kept = new StringBuilder();
            request.query().forEach((name, value) -> {
                if (!name.equals("limit") && !name.equals("after")) {
                    kept.append('&').append(name).append('=').append(value);
                }
            });
            return kept.toString();
        }
    }

    /**
     * Collects what {@code request} asks for.
     *
     * @param what the rows' name in the plural, for the refusal
     * @param page asks auth-service for the rows after an id, null for the first
     */
    static <T> Rows<T> collect(
            ManageRequest request, String what, Function<@Nullable String, Page<T>> page, Function<T, String> id) {
        return collect(request, what, page, id, row -> true);
    }

    /** As {@link #collect(ManageRequest, String, Function, Function)}, without the rows that are not {@code shown}. */
    static <T> Rows<T> collect(
            ManageRequest request,
            String what,
            Function<@Nullable String, Page<T>> page,
            Function<T, String> id,
            Predicate<T> shown) {
        boolean limited = request.query().containsKey("limit");
        int limit = request.number("limit", ROWS_MAX, ROWS_MAX);
        List<T> rows = new ArrayList<>();
        @Nullable String after = request.after();
        while (true) {
            Page<T> next = page.apply(after);
            next.rows().stream().filter(shown).forEach(rows::add);
            boolean more = next.more() || rows.size() > limit;
            if (rows.size() >= limit && more) {
                break;
            }
            if (!next.more() || next.rows().isEmpty()) {
                return new Rows<>(rows, null);
            }
            after = id.apply(next.rows().getLast());
        }
        if (!limited) {
            throw Refused.denied(
                    400,
                    "there are more than " + ROWS_MAX + " " + what + "; ask for them in pages with limit and after");
        }
        List<T> first = List.copyOf(rows.subList(0, limit));
        return new Rows<>(first, id.apply(first.getLast()));
    }

    private Paging() {}
}
