package io.latticegate.proxy.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatMessage.Role;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.dialect.DataUrl;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.FilePart;
import io.latticegate.proxy.dialect.JsonFields;
import io.latticegate.proxy.dialect.RefusedField;
import java.util.ArrayList;
import java.util.List;

/** Sorts the messages of a chat request into leading instructions and turns. */
final class OpenAiMessageReader {
    private final DroppedFields dropped;
    private final List<String> system = new ArrayList<>();
    private final List<ChatMessage> messages = new ArrayList<>();

    OpenAiMessageReader(DroppedFields dropped) {
        this.dropped = dropped;
    }

    List<String> system() {
        return system;
    }

    List<ChatMessage> messages() {
        return messages;
    }

    boolean isEmpty() {
        return system.isEmpty() && messages.isEmpty();
    }

    void read(List<JsonFields> given) {
        for (JsonFields message : given) {
            switch (message.requiredText("role")) {
                case "system", "developer" -> readInstructions(message);
                case "user" -> messages.add(new ChatMessage(Role.USER, content(message)));
                case "assistant" -> messages.add(new ChatMessage(Role.ASSISTANT, assistant(message)));
                case "tool" -> messages.add(new ChatMessage(Role.USER, List.of(toolResult(message))));
                default ->
                    throw RefusedField.unsupported(
                            message.path("role"),
                            message.path("role") + " must be system, developer, user, assistant or tool");
            }
            message.reportUnread(dropped);
        }
    }

    private void readInstructions(JsonFields message) {
        List<ContentPart> parts = content(message);
        if (!messages.isEmpty()) {
            messages.add(new ChatMessage(Role.SYSTEM, parts));
            return;
        }
        for (ContentPart part : parts) {
            if (part instanceof ContentPart.Text(String text)) {
                system.add(text);
            }
        }
    }

    private List<ContentPart> assistant(JsonFields message) {
        List<ContentPart> parts = new ArrayList<>(reasoning(message));
        if (message.value("content") != null) {
            parts.addAll(content(message));
        }
        String refusal = message.text("refusal");
        if (refusal != null) {
            parts.add(new ContentPart.Text(refusal));
        }
        if (message.value("function_call") != null || message.value("audio") != null) {
            throw RefusedField.unsupported(
                    message.path("function_call"), "function_call and audio of an assistant message cannot be carried");
        }
        for (JsonFields call : message.objects("tool_calls")) {
            JsonFields function = call.object("function");
            if (function == null) {
                throw RefusedField.unsupported(call.path("type"), "Only tool calls of type function can be carried");
            }
            String arguments = function.text("arguments");
            parts.add(new ContentPart.ToolUse(
                    call.requiredText("id"), function.requiredText("name"), arguments == null ? "" : arguments));
        }
        return parts;
    }

    /**
     * Reasoning that an answer of ours carried ({@code thinking_blocks}, {@code reasoning_content}) and that the client
     * sent back. Blocks win, since only they have signatures.
     */
    private static List<ContentPart> reasoning(JsonFields message) {
        List<ContentPart> parts = new ArrayList<>();
        String unsigned = message.text("reasoning_content");
        for (JsonFields block : message.objects("thinking_blocks")) {
            String data = block.text("data");
            String thinking = block.text("thinking");
            parts.add(new ContentPart.Reasoning(thinking == null ? "" : thinking, block.text("signature"), data));
        }
        if (parts.isEmpty() && unsigned != null) {
            parts.add(new ContentPart.Reasoning(unsigned, null, null));
        }
        return parts;
    }

    private ContentPart toolResult(JsonFields message) {
        return new ContentPart.ToolResult(message.requiredText("tool_call_id"), content(message), false);
    }

    private List<ContentPart> content(JsonFields message) {
        JsonNode content = message.value("content");
        if (content == null) {
            throw RefusedField.invalid(message.path("content"), message.path("content") + " is required");
        }
        if (content.isTextual()) {
            return List.of(new ContentPart.Text(content.textValue()));
        }
        List<ContentPart> parts = new ArrayList<>();
        for (JsonFields part : message.objects("content")) {
            parts.add(part(part));
            part.reportUnread(dropped);
        }
        return parts;
    }

    private static ContentPart part(JsonFields part) {
        return switch (part.requiredText("type")) {
            case "text" -> new ContentPart.Text(part.requiredText("text"));
            case "refusal" -> new ContentPart.Text(part.requiredText("refusal"));
            case "image_url" -> image(part);
            case "file" -> document(part);
            case "input_audio" -> audio(part);
            default ->
                throw RefusedField.unsupported(
                        part.path("type"),
                        part.path("type") + " cannot be carried; text, image_url, file and input_audio can");
        };
    }

    private static ContentPart image(JsonFields part) {
        JsonFields image = part.object("image_url");
        if (image == null) {
            throw RefusedField.invalid(part.path("image_url"), part.path("image_url") + " is required");
        }
        return new ContentPart.Image(source(image), image.text("detail"));
    }

    private static ContentPart.Document document(JsonFields part) {
        JsonFields file = part.object("file");
        if (file == null) {
            throw RefusedField.invalid(part.path("file"), part.path("file") + " is required");
        }
        FilePart.refuseKept(file, "file_id");
        return FilePart.ofDataUrl(file, "file_data", file.text("filename"));
    }

    private static ContentPart.Audio audio(JsonFields part) {
        JsonFields audio = part.object("input_audio");
        if (audio == null) {
            throw RefusedField.invalid(part.path("input_audio"), part.path("input_audio") + " is required");
        }
        ContentPart.Audio.Format format = switch (audio.requiredText("format")) {
            case "wav" -> ContentPart.Audio.Format.WAV;
            case "mp3" -> ContentPart.Audio.Format.MP3;
            default -> throw RefusedField.invalid(audio.path("format"), audio.path("format") + " must be wav or mp3");
        };
        return new ContentPart.Audio(format, audio.requiredText("data"));
    }

    private static ContentPart.Source source(JsonFields image) {
        String url = image.requiredText("url");
        ContentPart.Source inline = DataUrl.parse(url);
        if (inline != null) {
            return inline;
        }
        if (url.startsWith("https://") || url.startsWith("http://")) {
            return new ContentPart.Source.Url(url);
        }
        throw RefusedField.invalid(
                image.path("url"), image.path("url") + " must be an http(s) address or data:<type>;base64,<data>");
    }
}
