package io.latticegate.proxy.dialect.cohere;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.Refusal;
import java.io.IOException;

/**
 * Errors as {@code {"id","message"}}, with {@code code} and, where a field is at fault, {@code param} as additions. Inside a
 * stream an error is the last event, {@code message-end} with {@code finish_reason} {@code ERROR} or {@code TIMEOUT}.
 */
public final class CohereErrors {

    private CohereErrors() {}

    static byte[] document(Refusal refusal, String requestId) {
        return JsonBytes.document(json -> {
            json.writeStartObject();
            writeMembers(json, refusal, requestId);
            json.writeEndObject();
        });
    }

    /** Writes the members of the object that is open. */
    public static void writeMembers(JsonGenerator json, Refusal refusal, String requestId) throws IOException {
        json.writeStringField("id", requestId);
        json.writeStringField("message", refusal.message());
        json.writeStringField("code", refusal.code());
        if (refusal.param() != null) {
            json.writeStringField("param", refusal.param());
        }
    }

    static byte[] frame(ProviderError error) {
        boolean late = error.kind() == ProviderError.Kind.TIMEOUT;
        return JsonBytes.frame("message-end", json -> {
            json.writeStartObject();
            json.writeStringField("type", "message-end");
            json.writeObjectFieldStart("delta");
            json.writeStringField("error", error.message());
            json.writeStringField("code", error.code());
            json.writeStringField("finish_reason", late ? "TIMEOUT" : "ERROR");
            json.writeEndObject();
            json.writeEndObject();
        });
    }
}
