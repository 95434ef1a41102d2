package io.latticegate.proxy.dialect.gemini;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.ErrorReply;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.Refusal;
import java.io.IOException;
import java.util.Locale;

/**
 * Errors as Google's APIs write them: {@code {"error":{"code","message","status","details"}}}, a {@code google.rpc.Status}.
 * Our machine-readable code and the request's id stand in the details as {@code google.rpc.ErrorInfo}, the field at fault as
 * {@code google.rpc.BadRequest}.
 */
public final class GeminiErrors {
    private static final String TYPE = "type.googleapis.com/google.rpc.";

    private GeminiErrors() {}

    static ErrorReply reply(ProviderError error, String requestId) {
        return reply(refusal(error), requestId);
    }

    static ErrorReply reply(Refusal refusal, String requestId) {
        return new ErrorReply(refusal.status(), document(refusal, requestId));
    }

    /** A failure inside a stream, as the one document that it ends with. */
    static byte[] document(ProviderError error, String requestId) {
        return document(refusal(error), requestId);
    }

    private static byte[] document(Refusal refusal, String requestId) {
        return JsonBytes.document(json -> {
            json.writeStartObject();
            writeError(json, refusal, requestId);
            json.writeEndObject();
        });
    }

    /** Writes the member {@code error} of the object that is open. */
    public static void writeError(JsonGenerator json, Refusal refusal, String requestId) throws IOException {
        json.writeObjectFieldStart("error");
        json.writeNumberField("code", refusal.status());
        json.writeStringField("message", refusal.message());
        json.writeStringField("status", status(refusal.status()));
        json.writeArrayFieldStart("details");
        json.writeStartObject();
        json.writeStringField("@type", TYPE + "ErrorInfo");
        json.writeStringField("reason", refusal.code().toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_"));
        json.writeStringField("domain", "latticegate");
        json.writeObjectFieldStart("metadata");
        json.writeStringField("code", refusal.code());
        json.writeStringField("request_id", requestId);
        json.writeEndObject();
        json.writeEndObject();
        if (refusal.param() != null) {
            json.writeStartObject();
            json.writeStringField("@type", TYPE + "BadRequest");
            json.writeArrayFieldStart("fieldViolations");
            json.writeStartObject();
            json.writeStringField("field", refusal.param());
            json.writeStringField("description", refusal.message());
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static Refusal refusal(ProviderError error) {
        return new Refusal(error.surfaceStatus(), error.code(), error.message(), null);
    }

    /** The name of {@code google.rpc.Code} that Google's API design guide maps to an HTTP status. */
    private static String status(int status) {
        return switch (status) {
            case 401 -> "UNAUTHENTICATED";
            case 403 -> "PERMISSION_DENIED";
            case 404 -> "NOT_FOUND";
            case 409 -> "ABORTED";
            case 429 -> "RESOURCE_EXHAUSTED";
            case 499 -> "CANCELLED";
            case 501 -> "UNIMPLEMENTED";
            case 502, 503 -> "UNAVAILABLE";
            case 408, 504 -> "DEADLINE_EXCEEDED";
            default -> status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT";
        };
    }
}
