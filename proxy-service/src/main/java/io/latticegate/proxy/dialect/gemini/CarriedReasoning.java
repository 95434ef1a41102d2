package io.latticegate.proxy.dialect.gemini;

import io.latticegate.proxy.chat.ContentPart;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What another provider needs back with its reasoning, in the one place that this protocol has for it: {@code
 * thoughtSignature}, whose type is {@code bytes} and therefore base64. The text inside says whose it is, so that a
 * signature of Gemini's own is never taken for one.
 */
final class CarriedReasoning {
    private static final String SIGNATURE = "carried-signature:";
    private static final String REDACTED = "carried-redacted:";

    private CarriedReasoning() {}

    /** For a provider's signature. */
    static String signature(String signature) {
        return base64(SIGNATURE + signature);
    }

    /** For reasoning that a provider hands out only encrypted. */
    static String redacted(String data) {
        return base64(REDACTED + data);
    }

    /** The reasoning of {@code text} that such a signature proves; null when it is none of these. */
    static ContentPart.@Nullable Reasoning read(String text, String thoughtSignature) {
        String inside;
        try {
            inside = new String(Base64.getDecoder().decode(thoughtSignature), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
        if (inside.startsWith(REDACTED)) {
            return new ContentPart.Reasoning("", null, inside.substring(REDACTED.length()));
        }
        return inside.startsWith(SIGNATURE)
                ? new ContentPart.Reasoning(text, inside.substring(SIGNATURE.length()), null)
                : null;
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
