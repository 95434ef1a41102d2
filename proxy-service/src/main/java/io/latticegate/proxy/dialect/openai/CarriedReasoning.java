package io.latticegate.proxy.dialect.openai;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.StrictJson;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Reasoning on its way through a client and back, as the value of {@code encrypted_content}: {@value #PREFIX} and then, in
 * base64url without padding, a JSON object with {@code thinking} and {@code signature}, or with {@code redacted}. The exact
 * text travels along because signatures cover it. Nothing in it is secret to the client; whether the signature is genuine
 * is for the provider to check. Values without the prefix were made by OpenAI for itself and mean nothing elsewhere.
 */
final class CarriedReasoning {
    private static final String PREFIX = "lgr1.";

    private CarriedReasoning() {}

    /** The value for a part, or null when the provider needs nothing back with it. */
    static @Nullable String seal(String thinking, @Nullable String signature, @Nullable String redacted) {
        if (signature == null && redacted == null) {
            return null;
        }
        byte[] json = JsonBytes.document(out -> {
            out.writeStartObject();
            if (redacted != null) {
                out.writeStringField("redacted", redacted);
            } else {
                out.writeStringField("thinking", thinking);
                out.writeStringField("signature", signature);
            }
            out.writeEndObject();
        });
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(json);
    }

    /** The part that {@link #seal} was given, or null when the value is not of this gateway. */
    static ContentPart.@Nullable Reasoning open(String sealed) {
        if (!sealed.startsWith(PREFIX)) {
            return null;
        }
        byte[] json;
        try {
            json = Base64.getUrlDecoder()
                    .decode(sealed.substring(PREFIX.length()).getBytes(UTF_8));
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
        JsonNode fields = StrictJson.parseReply(json, 0, json.length);
        if (fields == null || !fields.isObject()) {
            return null;
        }
        String redacted = fields.path("redacted").textValue();
        if (redacted != null) {
            return new ContentPart.Reasoning("", null, redacted);
        }
        String thinking = fields.path("thinking").textValue();
        String signature = fields.path("signature").textValue();
        return thinking == null || signature == null ? null : new ContentPart.Reasoning(thinking, signature, null);
    }
}
