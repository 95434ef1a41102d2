package io.latticegate.proxy.dialect.bedrock;

import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.SignatureMark;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Whose a proof of reasoning is, on its way through this protocol. What came from Bedrock carries {@link
 * SignatureMark#BEDROCK} everywhere else and goes back to no one but Bedrock. What came from another provider carries
 * {@value #CARRIED} on its way through a client of this protocol and goes back to its own provider without it.
 */
final class ConverseReasoning {
    private static final String CARRIED = "carried:";

    private ConverseReasoning() {}

    /** A signature, or encrypted reasoning in base64, that a model at Bedrock gave. */
    static String fromProvider(String proof) {
        return SignatureMark.BEDROCK + proof;
    }

    /** What Bedrock gave; null when {@code proof} is another provider's. */
    static @Nullable String toProvider(String proof) {
        return proof.startsWith(SignatureMark.BEDROCK) ? proof.substring(SignatureMark.BEDROCK.length()) : null;
    }

    /** A signature for a client. */
    static String signatureToClient(String signature) {
        String own = toProvider(signature);
        return own == null ? CARRIED + signature : own;
    }

    /** Encrypted reasoning for a client, which takes base64. */
    static String redactedToClient(String data) {
        String own = toProvider(data);
        return own == null
                ? Base64.getEncoder().encodeToString((CARRIED + data).getBytes(StandardCharsets.UTF_8))
                : own;
    }

    /** The reasoning that a client sends back. */
    static ContentPart.Reasoning fromClient(String text, @Nullable String signature) {
        if (signature == null) {
            return new ContentPart.Reasoning(text, null, null);
        }
        boolean carried = signature.startsWith(CARRIED);
        return new ContentPart.Reasoning(
                text, carried ? signature.substring(CARRIED.length()) : fromProvider(signature), null);
    }

    /** The encrypted reasoning that a client sends back; null when it is no base64. */
    static ContentPart.@Nullable Reasoning redactedFromClient(String base64) {
        String inside;
        try {
            inside = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
        return new ContentPart.Reasoning(
                "", null, inside.startsWith(CARRIED) ? inside.substring(CARRIED.length()) : fromProvider(base64));
    }
}
