package io.latticegate.client.error;

/** The project has spent its privacy budget for an index; only the index's owner can give more. */
public final class PrivacyBudgetExhaustedException extends ServiceRefusalException {
    private static final long serialVersionUID = 1L;

    PrivacyBudgetExhaustedException(int status, String code, String detail) {
        super(status, code, detail);
    }
}
