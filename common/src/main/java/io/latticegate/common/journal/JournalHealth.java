package io.latticegate.common.journal;

/**
 * What the journal can do now and how far it is.
 *
 * @param state whether it accepts new entries
 * @param reason why it refuses, or what is about to make it refuse; empty when there is nothing to say
 * @param lastSequence the newest appended record, 0 when there never was one
 * @param forcedSequence the newest record known to be on the device
 * @param acknowledged the newest record that the consumer has taken over
 * @param backlogBytes bytes of records that nobody has acknowledged
 * @param segmentBytesInUse size of all segment files together
 * @param openEntries entries begun and not ended
 * @param refusals appends refused since the journal was opened
 */
public record JournalHealth(
        State state,
        String reason,
        long lastSequence,
        long forcedSequence,
        long acknowledged,
        long backlogBytes,
        long segmentBytesInUse,
        int openEntries,
        long refusals) {

    /** Whether new entries are accepted. */
    public enum State {
        /** New entries are accepted. */
        OPEN,
        /** The bound is reached, or the next segment cannot be allocated; endings are accepted while the reserve lasts. */
        FULL,
        /** The device failed; nothing is accepted until a retry succeeds. */
        FAILED,
        /** {@link Journal#close()} was called. */
        CLOSED
    }

    /** Whether {@link Journal#tryOpen} and {@link Journal#tryAppend} are accepted now. */
    public boolean accepting() {
        return state == State.OPEN;
    }
}
