package io.latticegate.fhe.app.job;

import java.util.Locale;

/** Where a job is; the last three are for good. */
public enum JobState {
    QUEUED,
    RUNNING,
    DONE,
    FAILED,
    CANCELLED;

    public boolean ended() {
        return compareTo(DONE) >= 0;
    }

    /** The lower-case word of the wire format. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
