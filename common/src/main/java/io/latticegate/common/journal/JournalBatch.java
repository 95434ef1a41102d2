package io.latticegate.common.journal;

import java.util.List;

/**
 * Records read together; their sequence numbers are {@code firstSequence}, {@code firstSequence + 1}, and so on.
 *
 * @param firstSequence sequence number of the first payload; of the next record to come when there is none
 * @param payloads the payloads in order; the arrays belong to the caller
 */
public record JournalBatch(long firstSequence, List<byte[]> payloads) {
    /** Takes the list as it is; the caller does not change it afterwards. */
    public JournalBatch {
        if (firstSequence < 1) {
            throw new IllegalArgumentException("firstSequence is " + firstSequence + "; allowed: 1 and more");
        }
        payloads = List.copyOf(payloads);
    }

    /** Whether there was nothing to read. */
    public boolean isEmpty() {
        return payloads.isEmpty();
    }

    /** The sequence number of the last payload, or the one before {@code firstSequence} when there is none. */
    public long lastSequence() {
        return firstSequence + payloads.size() - 1;
    }
}
