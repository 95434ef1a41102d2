package io.latticegate.fhe.app.http;

import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** An answer that is an error: what was found, where, and what is allowed. Carries no stack, and nothing secret. */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int OVERLOAD_SECONDS = 1;

    private final int status;
    private final String code;
    private final int retryAfterSeconds;

    private Refusal(int status, String code, String message, int retryAfterSeconds) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /** Any refusal; the names of the common ones have methods of their own. */
    public static Refusal of(int status, String code, String message) {
        return new Refusal(status, code, message, 0);
    }

    public static Refusal invalid(String message) {
        return of(400, "invalid_request", message);
    }

    /** The same for what does not exist and for what belongs to somebody else. */
    public static Refusal notFound(String what) {
        return of(404, "not_found", "There is no such " + what);
    }

    public static Refusal tooLarge(String what, long bytes) {
        return of(413, "body_too_large", String.format(Locale.ROOT, "%s; allowed are %d bytes", what, bytes));
    }

    public static Refusal unsupported(String allowed) {
        return of(415, "unsupported_media_type", "This path takes " + allowed);
    }

    public static Refusal quota(String message) {
        return of(429, "quota_exceeded", message);
    }

    /** The request limit of a token is used up. */
    public static Refusal limit(String message) {
        return new Refusal(429, "rate_limit_exceeded", message, OVERLOAD_SECONDS);
    }

    public static Refusal overloaded(String message) {
        return new Refusal(503, "overloaded", message, OVERLOAD_SECONDS);
    }

    public static Refusal storeUnavailable() {
        return new Refusal(503, "store_unavailable", "The store of sessions and keys does not answer", 5);
    }

    public static Refusal deadline(String message) {
        return of(504, "deadline_exceeded", message);
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    /** What the client is told. */
    public String detail() {
        return String.valueOf(getMessage());
    }

    /** 0 where waiting does not help. */
    public int retryAfterSeconds() {
        return retryAfterSeconds;
    }

    /** The body of the answer. */
    public JsonObject body() {
        return new JsonObject().put("error", error());
    }

    /** {@code {"code":…,"message":…}}. */
    public JsonObject error() {
        return new JsonObject().put("code", code).put("message", detail());
    }
}
