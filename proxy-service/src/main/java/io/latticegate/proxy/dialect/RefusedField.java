package io.latticegate.proxy.dialect;

/**
 * Carries a {@link Refusal} out of a nested reader or writer to the method that began it, which turns it into its sealed
 * result. Never leaves a dialect.
 */
public final class RefusedField extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    public RefusedField(Refusal refusal) {
        super(refusal.message(), null, false, false);
        this.refusal = refusal;
    }

    /** The field is wrong. */
    public static RefusedField invalid(String path, String message) {
        return new RefusedField(Refusal.invalid(path, message));
    }

    /** The field cannot be carried. */
    public static RefusedField unsupported(String path, String message) {
        return new RefusedField(Refusal.unsupported(path, message));
    }

    public Refusal refusal() {
        return refusal;
    }
}
