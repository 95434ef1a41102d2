package io.latticegate.common.journal;

import java.util.Locale;

/** How it ended. */
public enum AuditOutcome {
    /** Not ended: only in records of phase BEGIN. */
    NONE(0),
    /** Done. */
    SUCCESS(1),
    /** Tried; the other side refused or failed. */
    FAILURE(2),
    /** Refused by us before anything was tried. */
    DENIED(3),
    /** Our own fault, or interrupted. */
    ERROR(4);

    private final int code;

    AuditOutcome(int code) {
        this.code = code;
    }

    /** The number that stands for it in an encoded record; never given to another. */
    public int code() {
        return code;
    }

    /** The lower-case word of the wire format. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
