package io.latticegate.proxy.dialect.anthropic;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.ErrorReply;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.Refusal;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Errors as {@code {"type":"error","error":{"type","message","details"},"request_id"}}. The machine-readable code stands
 * in {@code details.error_code}, where the SDKs look for it.
 */
final class AnthropicErrors {

    private AnthropicErrors() {}

    static ErrorReply reply(ProviderError error, String requestId) {
        int status = error.surfaceStatus();
        return new ErrorReply(
                status, JsonBytes.document(json -> write(json, type(error), error.message(), error.code(), requestId)));
    }

    static ErrorReply reply(Refusal refusal, String requestId) {
        return new ErrorReply(
                refusal.status(),
                JsonBytes.document(
                        json -> write(json, type(refusal.status()), refusal.message(), refusal.code(), requestId)));
    }

    static byte[] frame(ProviderError error) {
        return JsonBytes.frame("error", json -> write(json, type(error), error.message(), error.code(), null));
    }

    private static void write(JsonGenerator json, String type, String message, String code, @Nullable String requestId)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "error");
        json.writeObjectFieldStart("error");
        json.writeStringField("type", type);
        json.writeStringField("message", message);
        json.writeObjectFieldStart("details");
        json.writeStringField("error_code", code);
        json.writeEndObject();
        json.writeEndObject();
        json.writeStringField("request_id", requestId);
        json.writeEndObject();
    }

    private static String type(ProviderError error) {
        return error.kind() == ProviderError.Kind.OVERLOAD ? "overloaded_error" : type(error.surfaceStatus());
    }

    private static String type(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 402 -> "billing_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 504 -> "timeout_error";
            case 529 -> "overloaded_error";
            default -> status >= 500 ? "api_error" : "invalid_request_error";
        };
    }
}
