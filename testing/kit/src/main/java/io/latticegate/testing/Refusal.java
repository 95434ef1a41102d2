package io.latticegate.testing;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A request that a provider answers with an error of its own dialect. Carries no stack trace: it is an answer. */
final class Refusal extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String explanation;
    private final @Nullable String parameter;

    Refusal(int status, String explanation, @Nullable String parameter) {
        super(explanation, null, false, false);
        this.status = status;
        this.explanation = explanation;
        this.parameter = parameter;
    }

    Refusal(int status, String explanation) {
        this(status, explanation, null);
    }

    int status() {
        return status;
    }

    String explanation() {
        return explanation;
    }

    /** The request's field at fault, in the dialect's own spelling. */
    @Nullable
    String parameter() {
        return parameter;
    }
}
