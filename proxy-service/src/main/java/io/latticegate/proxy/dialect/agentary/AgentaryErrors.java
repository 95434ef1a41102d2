package io.latticegate.proxy.dialect.agentary;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.Refusal;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Errors as {@code {"error"}} for the four refusals whose text is fixed (S3-050..052 and a body without its two required
 * fields), and as {@code {"error","type"}} for all others, with the code that every dialect shares as the type. Inside a
 * stream an error is a line of its own, {@code error: {"message","statusCode","code"}}, which no event-stream parser
 * knows and agentary-js raises.
 */
public final class AgentaryErrors {
    /** The model is not one that the configuration serves at the provider in the path. */
    public static final Refusal INVALID_MODEL = new Refusal(400, "invalid_model", "Invalid model", "model");

    /** A body without a model or without messages. */
    public static final Refusal MISSING_FIELDS =
            new Refusal(400, "missing_fields", "Missing required fields: model and messages are required", null);

    private static final byte[] LINE = "error: ".getBytes(StandardCharsets.US_ASCII);

    private AgentaryErrors() {}

    /** The body of an error answer. */
    public static byte[] document(Refusal refusal) {
        String fixed = fixedText(refusal);
        return JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeStringField("error", fixed == null ? refusal.message() : fixed);
            if (fixed == null) {
                json.writeStringField("type", refusal.code());
            }
            json.writeEndObject();
        });
    }

    /** The line that ends a stream which broke off. */
    static byte[] line(ProviderError error) {
        var out = new ByteArrayOutputStream(128);
        out.writeBytes(LINE);
        out.writeBytes(JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeStringField("message", error.message());
            json.writeNumberField("statusCode", error.surfaceStatus());
            json.writeStringField("code", error.code());
            json.writeEndObject();
        }));
        out.write('\n');
        out.write('\n');
        return out.toByteArray();
    }

    private static @Nullable String fixedText(Refusal refusal) {
        if (refusal.status() == 401) {
            return "Unauthorized";
        }
        return switch (refusal.code()) {
            case "rate_limit_exceeded" -> "Rate limit exceeded";
            case "invalid_model", "missing_fields" -> refusal.message();
            default -> null;
        };
    }
}
