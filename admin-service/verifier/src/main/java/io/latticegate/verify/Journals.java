package io.latticegate.verify;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Which numbers of which journals the log holds. A journal counts from 1 without a gap, so what is missing was never
 * delivered or was taken out, and what is there twice was put in.
 */
final class Journals {
    private static final long CLOCK_TOLERANCE_MICROS = TimeUnit.SECONDS.toMicros(60);
    private static final int GAPS_NAMED_MAX = 100;

    /** The numbers of one journal, as ranges from first to last, and the newest time seen. */
    private static final class Numbers {
        private final TreeMap<Long, Long> ranges = new TreeMap<>();
        private long lastSequence;
        private long lastMicros;
    }

    private final Map<String, Numbers> journals = new TreeMap<>();
    private final Report report;

    Journals(Report report) {
        this.report = report;
    }

    void add(long index, Entry entry) {
        Numbers numbers = journals.computeIfAbsent(entry.node(), node -> new Numbers());
        long sequence = entry.sequence();
        Map.Entry<Long, Long> below = numbers.ranges.floorEntry(sequence);
        if (below != null && below.getValue() >= sequence) {
            report.find(
                    Report.Kind.DUPLICATE,
                    "entry " + index + " is number " + sequence + " of journal " + shown(entry.node())
                            + ", which another entry has already");
            return;
        }
        long from = below != null && below.getValue() == sequence - 1 ? below.getKey() : sequence;
        Long above = numbers.ranges.remove(sequence + 1);
        numbers.ranges.put(from, above == null ? sequence : above);
        watchClock(numbers, entry);
    }

    private void watchClock(Numbers numbers, Entry entry) {
        if (entry.occurredAtMicros().isEmpty()) {
            return;
        }
        long micros = entry.occurredAtMicros().getAsLong();
        boolean next = entry.sequence() == numbers.lastSequence + 1;
        if (next && micros < numbers.lastMicros - CLOCK_TOLERANCE_MICROS) {
            report.warn("the clock of journal " + shown(entry.node()) + " went back by "
                    + TimeUnit.MICROSECONDS.toSeconds(numbers.lastMicros - micros) + " s before its number "
                    + entry.sequence());
        }
        numbers.lastSequence = entry.sequence();
        numbers.lastMicros = micros;
    }

    /**
     * Names what is missing.
     *
     * @param removed entries without a body, whose numbers nobody can read; as many numbers may be missing
     */
    void finish(long removed) {
        long missing = 0;
        for (Numbers numbers : journals.values()) {
            missing += numbers.ranges.lastEntry().getValue()
                    - numbers.ranges.entrySet().stream()
                            .mapToLong(range -> range.getValue() - range.getKey() + 1)
                            .sum();
        }
        report.state("journals: " + journals.size());
        if (missing == 0) {
            return;
        }
        if (missing <= removed) {
            report.warn(missing + " numbers of journals cannot be read, where " + removed + " entries have no body");
            return;
        }
        int named = 0;
        for (Map.Entry<String, Numbers> journal : journals.entrySet()) {
            long next = 1;
            for (Map.Entry<Long, Long> range : journal.getValue().ranges.entrySet()) {
                if (range.getKey() > next && named++ < GAPS_NAMED_MAX) {
                    report.find(
                            Report.Kind.GAP,
                            "journal " + shown(journal.getKey()) + " lacks numbers " + next + " to "
                                    + (range.getKey() - 1));
                }
                next = range.getValue() + 1;
            }
        }
    }

    private static String shown(String node) {
        return node.replaceAll("[^0-9a-zA-Z._-]", "?");
    }
}
