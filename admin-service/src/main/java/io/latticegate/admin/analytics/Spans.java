package io.latticegate.admin.analytics;

import java.util.ArrayList;
import java.util.List;

/** A stretch of time as the fewest rows that sum it up: whole days, at its ends whole hours, at their ends minutes. */
record Spans(List<Span> parts) {
    /** Rows of one resolution that begin from {@code start}, before {@code end}; seconds since 1970. */
    record Span(Resolution resolution, long start, long end) {}

    /**
     * From {@code start} to {@code end}, which have to be multiples of {@code finest}.
     *
     * @param finest the shortest rows that may be read
     */
    static Spans covering(long start, long end, Resolution finest) {
        List<Span> parts = new ArrayList<>();
        add(parts, start, end, Resolution.DAY, finest);
        return new Spans(List.copyOf(parts));
    }

    private static void add(List<Span> parts, long start, long end, Resolution with, Resolution finest) {
        if (start >= end) {
            return;
        }
        if (with == finest) {
            parts.add(new Span(with, start, end));
            return;
        }
        Resolution finer = with == Resolution.DAY ? Resolution.HOUR : Resolution.MINUTE;
        long from = with.ceil(start);
        long to = with.floor(end);
        if (from >= to) {
            add(parts, start, end, finer, finest);
            return;
        }
        add(parts, start, from, finer, finest);
        parts.add(new Span(with, from, to));
        add(parts, to, end, finer, finest);
    }
}
