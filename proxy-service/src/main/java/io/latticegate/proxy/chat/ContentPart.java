package io.latticegate.proxy.chat;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One part of a message. */
public sealed interface ContentPart {

    /** Plain text. */
    record Text(String text) implements ContentPart {}

    /** A picture, inline or by address. {@code detail} is OpenAI's {@code low}, {@code high} or {@code auto}. */
    record Image(Source source, @Nullable String detail) implements ContentPart {}

    /**
     * A document in PDF, of a user's message or of what a tool gave.
     *
     * @param source of type {@value #PDF} where it is inline
     * @param name what the client calls it
     */
    record Document(Source source, @Nullable String name) implements ContentPart {
        /** The only type of documents that is carried. */
        public static final String PDF = "application/pdf";
    }

    /** Sound of a user's message, as base64 text. */
    record Audio(Format format, String data) implements ContentPart {
        /** How sound is encoded. */
        public enum Format {
            WAV,
            MP3,
            AIFF,
            AAC,
            OGG,
            FLAC;

            /** As Gemini's reference names it. */
            public String mediaType() {
                return "audio/" + name().toLowerCase(Locale.ROOT);
            }

            /** Of a media type without parameters, or null. */
            public static @Nullable Format ofMediaType(String mediaType) {
                String type = mediaType.toLowerCase(Locale.ROOT);
                for (Format format : values()) {
                    if (format.mediaType().equals(type)) {
                        return format;
                    }
                }
                return switch (type) {
                    case "audio/mpeg" -> MP3;
                    case "audio/x-wav", "audio/vnd.wave" -> WAV;
                    default -> null;
                };
            }
        }
    }

    /** Where the bytes of a picture or document are. */
    sealed interface Source {

        /** Inline, as base64 text of {@code mediaType}; kept encoded because every protocol carries it that way. */
        record Base64(String mediaType, String data) implements Source {}

        /** An address that the provider fetches; this gateway never does. */
        record Url(String url) implements Source {}
    }

    /** A call that the assistant made. {@code argumentsJson} is a JSON object as text, or empty for no arguments. */
    record ToolUse(String id, String name, String argumentsJson) implements ContentPart {}

    /** What a call gave; {@code content} holds only {@link Text}, {@link Image} and {@link Document}. */
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
