package io.latticegate.common.journal;

import java.io.IOException;

/** A journal directory that must not be opened: damaged, in use, or of another node. The message says what to do. */
public final class JournalUnusableException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What to do with a directory that is damaged. */
    static final String ADVICE = "Keep the directory for an investigation, move it away and start with an empty one:"
            + " a new node id is taken, and nothing that was delivered before is lost.";

    JournalUnusableException(String message) {
        super(message);
    }
}
