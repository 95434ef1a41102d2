package io.latticegate.proxy.relay;

import org.jspecify.annotations.Nullable;

/**
 * The class of an error, for metrics and traces. A reason may be what a provider has written into its answer, which could be
 * anything: only what has the form of a code is shown.
 */
public final class ErrorType {
    private static final int LENGTH_MAX = 48;
    private static final String OTHER = "other";

    /** The reason itself where it is 1 to 48 of a-z, 0-9 and underscores; {@code other} where it is not. */
    public static String of(@Nullable String reason) {
        if (reason == null || reason.isEmpty() || reason.length() > LENGTH_MAX) {
            return OTHER;
        }
        for (int i = 0; i < reason.length(); i++) {
            char c = reason.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_')) {
                return OTHER;
            }
        }
        return reason;
    }

    private ErrorType() {}
}
