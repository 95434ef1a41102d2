package io.latticegate.common.journal;

import java.time.Duration;

/**
 * Sizes and bounds of a {@link Journal}.
 *
 * @param segmentBytes size of one pre-allocated file, 128 KiB to 1 GiB
 * @param maxBytes bound of all segment files together, at least two segments
 * @param reserveBytes room that only {@link Journal#tryClose} may use, so that what was begun can also be ended when the
 *     journal is full; at most one segment
 * @param maxOpen how many entries may be open (begun, not ended) at a time, 1 to 1,048,576
 * @param forceInterval the longest time between an append and the start of its force to disk, 1 ms to 1 h
 * @param durability when {@link Journal#durable(long)} completes
 */
public record JournalOptions(
        int segmentBytes, long maxBytes, int reserveBytes, int maxOpen, Duration forceInterval, Durability durability) {

    private static final int MIN_SEGMENT_BYTES = 128 << 10;
    private static final int MAX_SEGMENT_BYTES = 1 << 30;
    private static final int MAX_OPEN = 1 << 20;

    /** Checks every bound. */
    public JournalOptions {
        require(
                segmentBytes >= MIN_SEGMENT_BYTES && segmentBytes <= MAX_SEGMENT_BYTES,
                "segmentBytes",
                segmentBytes,
                "131072 to 1073741824");
        require(maxBytes >= 2L * segmentBytes, "maxBytes", maxBytes, "at least two segments");
        require(reserveBytes >= 0 && reserveBytes <= segmentBytes, "reserveBytes", reserveBytes, "0 to one segment");
        require(maxOpen >= 1 && maxOpen <= MAX_OPEN, "maxOpen", maxOpen, "1 to 1048576");
        require(
                forceInterval.compareTo(Duration.ofMillis(1)) >= 0 && forceInterval.compareTo(Duration.ofHours(1)) <= 0,
                "forceInterval",
                forceInterval,
                "1 ms to 1 h");
    }

    /** 16 MiB segments, 1 GiB in all, 4 MiB for endings, 65,536 open entries, forced every 5 ms, {@link Durability#PROCESS}. */
    public static JournalOptions defaults() {
        return new JournalOptions(16 << 20, 1L << 30, 4 << 20, 1 << 16, Duration.ofMillis(5), Durability.PROCESS);
    }

    /** These options with other sizes; the reserve becomes a quarter of a segment. */
    public JournalOptions withSizes(int newSegmentBytes, long newMaxBytes) {
        return new JournalOptions(
                newSegmentBytes, newMaxBytes, newSegmentBytes / 4, maxOpen, forceInterval, durability);
    }

    /** These options with another bound of open entries. */
    public JournalOptions withMaxOpen(int newMaxOpen) {
        return new JournalOptions(segmentBytes, maxBytes, reserveBytes, newMaxOpen, forceInterval, durability);
    }

    /** These options with another force interval. */
    public JournalOptions withForceInterval(Duration newForceInterval) {
        return new JournalOptions(segmentBytes, maxBytes, reserveBytes, maxOpen, newForceInterval, durability);
    }

    /** These options with another durability. */
    public JournalOptions withDurability(Durability newDurability) {
        return new JournalOptions(segmentBytes, maxBytes, reserveBytes, maxOpen, forceInterval, newDurability);
    }

    private static void require(boolean allowed, String name, Object value, String range) {
        if (!allowed) {
            throw new IllegalArgumentException("journal " + name + " is " + value + "; allowed: " + range);
        }
    }
}
