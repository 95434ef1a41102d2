package io.latticegate.proxy.dialect;

import org.jspecify.annotations.Nullable;

/**
 * Why this gateway does not accept a request; each dialect writes it in its own form.
 *
 * @param status HTTP status at the surface
 * @param code stable and machine-readable, the same in every dialect
 * @param message what is wrong, where, and what is allowed; never echoes the value of a field
 * @param param the field that is at fault, as a path ({@code messages[2].content[0]}), or null
 */
public record Refusal(
        int status, String code, String message, @Nullable String param) {

    /** A request that is wrong at {@code param}. */
    public static Refusal invalid(@Nullable String param, String message) {
        return new Refusal(400, "invalid_request", message, param);
    }

    /** A request whose {@code param} cannot be carried to the target and whose meaning would change without it. */
    public static Refusal unsupported(String param, String message) {
        return new Refusal(400, "unsupported_parameter", message, param);
    }
}
