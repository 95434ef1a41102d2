package io.latticegate.proxy.relay;

import io.latticegate.proxy.dialect.RequestScan;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request refers to what an account at a provider keeps: uploaded files, cached contents, containers, kept
 * responses. Such things are found only with a key of the account that made them, so with several keys always the same one is
 * used: the first by name, as for the calls that make and list them.
 *
 * <p>A request to OpenAI's Responses API counts in any case: unless told otherwise the provider keeps the response, and the
 * encrypted reasoning in it is readable to the same account only (OpenAI, "Responses": {@code store}, {@code
 * encrypted_content}). The member names are looked for as bytes; one that stands in a text costs nothing but the choice of
 * keys.
 */
final class AccountReferences {
    private static final List<byte[]> MEMBERS = List.of(
            bytes("\"file_id\""), // OpenAI chat and responses, Anthropic messages
            bytes("\"container\""), // Anthropic messages, OpenAI code interpreter
            bytes("\"container_id\""),
            bytes("\"cachedContent\""), // Gemini
            bytes("\"cached_content\""),
            bytes("\"fileData\""), // Gemini files
            bytes("\"file_data\""),
            bytes("\"vector_store_ids\""),
            bytes("\"audio\"")); // OpenAI chat: an earlier spoken answer

    static boolean in(Operation operation, RequestScan.@Nullable Accepted scan) {
        if (operation == Operation.RESPONSES) {
            return true;
        }
        if (scan == null) {
            return false;
        }
        byte[] body = scan.body();
        for (int at = 0; at < body.length; at++) {
            if (body[at] == '"' && memberAt(body, at)) {
                return true;
            }
        }
        return false;
    }

    private static boolean memberAt(byte[] body, int at) {
        for (byte[] member : MEMBERS) {
            int end = at + member.length;
            if (end <= body.length && Arrays.equals(body, at, end, member, 0, member.length)) {
                return true;
            }
        }
        return false;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private AccountReferences() {}
}
