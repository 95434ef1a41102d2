package io.latticegate.vault.record;

/** The vault's database did not answer; nothing was released, and what was to be stored may or may not be. */
public final class RecordsUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    RecordsUnavailable(String doing, Throwable cause) {
        super("the vault's database failed while " + doing, cause);
    }
}
