package io.latticegate.vault.record;

/** The asker's role does not permit the question. Already audited when it is thrown. */
public final class NotPermitted extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotPermitted(String reason) {
        super(reason);
    }
}
