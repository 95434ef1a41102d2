package io.latticegate.proxy.dialect;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The text of a chat's last message, and where it stands in the request: OpenAI's, Anthropic's and Gemini's forms.
 *
 * <p>Found only in a conversation of plain text that the user ends with one text. A request with tools, pictures, files
 * or any member that is not known here has none: whatever it asks for, it is more than its words say.
 *
 * @param text decoded
 * @param from where the text stands in the body, its quotes included
 * @param to the first byte after it
 */
public record LastPrompt(String text, int from, int to) {
    private static final Set<String> MEMBERS = Set.of(
            "model",
            "system",
            "systemInstruction",
            "system_instruction",
            "max_tokens",
            "max_completion_tokens",
            "temperature",
            "top_p",
            "top_k",
            "stop",
            "stop_sequences",
            "seed",
            "frequency_penalty",
            "presence_penalty",
            "response_format",
            "reasoning_effort",
            "stream",
            "stream_options",
            "user",
            "metadata",
            "generationConfig",
            "generation_config",
            "safetySettings",
            "safety_settings");

    /**
     * Finds it.
     *
     * @param body a request that {@link RequestScan} has accepted
     */
    public static @Nullable LastPrompt of(byte[] body) {
        try (JsonParser parser = StrictJson.open(body, 0, body.length)) {
            parser.nextToken();
            LastPrompt last = null;
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                if (name.equals("messages") || name.equals("contents")) {
                    last = value == JsonToken.START_ARRAY && last == null ? lastOf(parser) : null;
                    if (last == null) {
                        return null;
                    }
                } else if (MEMBERS.contains(name)) {
                    parser.skipChildren();
                } else {
                    return null;
                }
            }
            return last;
        } catch (IOException unreadable) {
            return null;
        }
    }

    /** {@code body} without the text: what stands before it, then what stands after it. */
    public byte[][] around(byte[] body) {
        return new byte[][] {Arrays.copyOf(body, from), Arrays.copyOfRange(body, to, body.length)};
    }

    private static @Nullable LastPrompt lastOf(JsonParser messages) throws IOException {
        LastPrompt last = null;
        for (JsonToken token = messages.nextToken(); token != JsonToken.END_ARRAY; token = messages.nextToken()) {
            Message message = token == JsonToken.START_OBJECT ? Message.read(messages) : null;
            if (message == null) {
                return null;
            }
            last = message.byUser ? message.only : null;
        }
        return last;
    }

    /**
     * One message of plain text.
     *
     * @param only its text where it has exactly one
     */
    private record Message(boolean byUser, @Nullable LastPrompt only) {
        static @Nullable Message read(JsonParser parser) throws IOException {
            boolean byUser = true;
            Texts texts = new Texts();
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                boolean plain = switch (name) {
                    case "role" -> {
                        byUser = value == JsonToken.VALUE_STRING
                                && parser.getText().equals("user");
                        yield value == JsonToken.VALUE_STRING;
                    }
                    case "name" -> value == JsonToken.VALUE_STRING;
                    case "content", "parts" -> texts.read(parser, value);
                    default -> false;
                };
                if (!plain) {
                    return null;
                }
            }
            return new Message(byUser, texts.count == 1 ? texts.last : null);
        }
    }

    /** The texts of one message. */
    private static final class Texts {
        private int count;
        private @Nullable LastPrompt last;

        /** False where there is anything but text. */
        boolean read(JsonParser parser, JsonToken value) throws IOException {
            if (value == JsonToken.VALUE_STRING) {
                add(parser);
                return true;
            }
            if (value != JsonToken.START_ARRAY) {
                return false;
            }
            for (JsonToken part = parser.nextToken(); part != JsonToken.END_ARRAY; part = parser.nextToken()) {
                if (part != JsonToken.START_OBJECT || !readPart(parser)) {
                    return false;
                }
            }
            return true;
        }

        private boolean readPart(JsonParser parser) throws IOException {
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "type" -> {
                        if (value != JsonToken.VALUE_STRING || !parser.getText().equals("text")) {
                            return false;
                        }
                    }
                    case "text" -> {
                        if (value != JsonToken.VALUE_STRING) {
                            return false;
                        }
                        add(parser);
                    }
                    case "cache_control" -> parser.skipChildren();
                    default -> {
                        return false;
                    }
                }
            }
            return true;
        }

        private void add(JsonParser parser) throws IOException {
            int from = (int) parser.currentTokenLocation().getByteOffset();
            String text = parser.getText();
            last = new LastPrompt(text, from, (int) parser.currentLocation().getByteOffset());
            count++;
        }
    }
}
