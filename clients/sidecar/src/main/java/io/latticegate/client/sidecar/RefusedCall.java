package io.latticegate.client.sidecar;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** The sidecar does not do what it was asked; said in the form of OpenAI's errors. */
final class RefusedCall extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final String code;
    private final @Nullable String param;

    private RefusedCall(int status, String type, String code, @Nullable String param, String message) {
        super(message, null, false, false);
        this.status = status;
        this.type = type;
        this.code = code;
        this.param = param;
    }

    /** The request is wrong in one of its fields. */
    static RefusedCall invalid(@Nullable String param, String message) {
        return new RefusedCall(400, "invalid_request_error", "invalid_value", param, message);
    }

    /** The request is right for OpenAI, but not something that the sidecar has. */
    static RefusedCall unsupported(@Nullable String param, String message) {
        return new RefusedCall(400, "invalid_request_error", "unsupported", param, message);
    }

    static RefusedCall notFound(String what) {
        return new RefusedCall(404, "invalid_request_error", "not_found", null, what);
    }

    static RefusedCall of(int status, String type, String code, String message) {
        return new RefusedCall(status, type, code, null, message);
    }

    int status() {
        return status;
    }

    ObjectNode body() {
        ObjectNode body = Json.object();
        body.putObject("error")
                .put("message", getMessage())
                .put("type", type)
                .put("param", param)
                .put("code", code);
        return body;
    }
}
