package io.latticegate.proxy.edge;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.agentary.AgentaryErrors;
import io.latticegate.proxy.dialect.bedrock.ConverseErrors;
import io.latticegate.proxy.dialect.cohere.CohereErrors;
import io.latticegate.proxy.dialect.gemini.GeminiErrors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Writes a refusal as each surface's clients expect it. The {@code code} is the same everywhere.
 *
 * <ul>
 *   <li>OpenAI: {@code {"error":{"message","type","param","code"}}}
 *   <li>Anthropic: {@code {"type":"error","error":{"type","message"},"request_id"}}
 *   <li>Gemini: {@code {"error":{"code","message","status","details"}}}
 *   <li>Bedrock: {@code {"__type","message","reason","requestId"}}
 *   <li>Cohere: {@code {"id","message","code"}}
 *   <li>Relay: {@code {"detail","code", ...}}
 *   <li>Agentary: {@code {"error"}} or {@code {"error","type"}} ({@link AgentaryErrors})
 *   <li>elsewhere: {@code {"error","code"}}
 * </ul>
 */
public final class ErrorDialect {
    private static final JsonFactory JSON = new JsonFactory();

    /**
     * What a relay client needs to try again.
     *
     * @param expectedNonce smallest nonce that would be accepted
     */
    public record RelayHint(@Nullable Long expectedNonce, long serverTimeSeconds) {}

    /** The body of the answer, as JSON. */
    public static byte[] encode(Surface surface, Refusal refusal, String requestId, @Nullable RelayHint hint) {
        if (surface == Surface.AGENTARY) {
            return AgentaryErrors.document(refusal);
        }
        var out = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            switch (surface) {
                case OPENAI -> {
                    json.writeObjectFieldStart("error");
                    json.writeStringField("message", refusal.message());
                    json.writeStringField("type", openAiType(refusal.status()));
                    json.writeStringField("param", refusal.param());
                    json.writeStringField("code", refusal.code());
                    json.writeEndObject();
                }
                case ANTHROPIC -> {
                    json.writeStringField("type", "error");
                    json.writeObjectFieldStart("error");
                    json.writeStringField("type", anthropicType(refusal.status()));
                    json.writeStringField("message", refusal.message());
                    json.writeStringField("code", refusal.code());
                    json.writeEndObject();
                    json.writeStringField("request_id", requestId);
                }
                case GEMINI -> GeminiErrors.writeError(json, refusal, requestId);
                case BEDROCK -> ConverseErrors.writeMembers(json, refusal, requestId);
                case COHERE -> CohereErrors.writeMembers(json, refusal, requestId);
                case RELAY -> {
                    json.writeStringField("detail", refusal.message());
                    json.writeStringField("code", refusal.code());
                    json.writeStringField("request_id", requestId);
                    if (hint != null) {
                        if (hint.expectedNonce() != null) {
                            json.writeNumberField("expectedNonce", hint.expectedNonce());
                        }
                        json.writeNumberField("serverTime", hint.serverTimeSeconds());
                    }
                }
                case AGENTARY -> throw new AssertionError("written above");
                case PASSTHROUGH, NONE -> {
                    json.writeStringField("error", refusal.message());
                    json.writeStringField("code", refusal.code());
                    json.writeStringField("request_id", requestId);
                    json.writeStringField("timestamp", Instant.now().toString());
                }
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static String openAiType(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 429 -> "rate_limit_error";
            default -> status >= 500 ? "server_error" : "invalid_request_error";
        };
    }

    private static String anthropicType(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 503, 529 -> "overloaded_error";
            case 504 -> "timeout_error";
            default -> status >= 500 ? "api_error" : "invalid_request_error";
        };
    }

    private ErrorDialect() {}
}
