package io.latticegate.proxy.chat;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One part of a message. */
public sealed interface ContentPart {

    /** Plain text. */
    record Text(String text) implements ContentPart {}

    /** A picture, inline or by address. {@code detail} is OpenAI's {@code low}, {@code high} or {@code auto}. */
    record Image(Source source, @Nullable String detail) implements ContentPart {}

    /** Where the bytes of a picture are. */
    sealed interface Source {

        /** Inline, as base64 text of {@code mediaType}; kept encoded because every protocol carries it that way. */
        record Base64(String mediaType, String data) implements Source {}

        /** An address that the provider fetches; this gateway never does. */
        record Url(String url) implements Source {}
    }

    /** A call that the assistant made. {@code argumentsJson} is a JSON object as text, or empty for no arguments. */
    record ToolUse(String id, String name, String argumentsJson) implements ContentPart {}

    /** What a call gave; {@code content} holds only {@link Text} and {@link Image}. */
    record ToolResult(String toolUseId, List<ContentPart> content, boolean error) implements ContentPart {
        public ToolResult {
            content = List.copyOf(content);
        }
    }

    /**
     * Reasoning of the assistant from an earlier turn. Either {@code text} with its {@code signature} (null when the
     * provider signs nothing), or {@code redactedData} with an empty text.
     */
    record Reasoning(
            String text,
            @Nullable String signature,
            @Nullable String redactedData) implements ContentPart {}
}
