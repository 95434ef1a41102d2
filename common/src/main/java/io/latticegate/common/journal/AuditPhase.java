package io.latticegate.common.journal;

/** Which part of a deed an {@link AuditRecord} tells of. */
public enum AuditPhase {
    /** Something is about to be tried; an END with the same request id follows. */
    BEGIN(0),
    /** How it ended; repeats what BEGIN said. */
    END(1),
    /** Something that happened at once. */
    EVENT(2);

    private final int code;

    AuditPhase(int code) {
        this.code = code;
    }

    /** The number that stands for it in an encoded record; never given to another. */
    public int code() {
        return code;
    }
}
