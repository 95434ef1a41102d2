package io.latticegate.proxy.dialect.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.ErrorReply;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.Refusal;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Errors as {@code {"error":{"message","type","param","code"}}}. */
final class OpenAiErrors {

    private OpenAiErrors() {}

    static ErrorReply reply(ProviderError error) {
        return new ErrorReply(error.surfaceStatus(), JsonBytes.document(json -> write(json, error)));
    }

    static ErrorReply reply(Refusal refusal) {
        return new ErrorReply(
                refusal.status(),
                JsonBytes.document(json ->
                        write(json, refusal.message(), type(refusal.status()), refusal.param(), refusal.code())));
    }

    /** An error inside a stream; the official SDKs raise it as an exception. */
    static byte[] frame(ProviderError error) {
        return JsonBytes.frame(json -> write(json, error));
    }

    private static void write(JsonGenerator json, ProviderError error) throws IOException {
        write(json, error.message(), type(error.surfaceStatus()), null, error.code());
    }

    private static void write(JsonGenerator json, String message, String type, @Nullable String param, String code)
            throws IOException {
        json.writeStartObject();
        json.writeObjectFieldStart("error");
        json.writeStringField("message", message);
        json.writeStringField("type", type);
        json.writeStringField("param", param);
        json.writeStringField("code", code);
        json.writeEndObject();
        json.writeEndObject();
    }

    static String type(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 402 -> "insufficient_quota";
            case 429 -> "rate_limit_error";
            default -> status >= 500 ? "server_error" : "invalid_request_error";
        };
    }
}
