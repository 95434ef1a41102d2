package io.latticegate.proxy.dialect.cohere;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatMessage.Role;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.dialect.DataUrl;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.JsonFields;
import io.latticegate.proxy.dialect.RefusedField;
import java.util.ArrayList;
import java.util.List;

/** Sorts the messages of a chat request into leading instructions and turns. */
final class CohereMessageReader {
    private final DroppedFields dropped;
    private final List<String> system = new ArrayList<>();
    private final List<ChatMessage> messages = new ArrayList<>();

    CohereMessageReader(DroppedFields dropped) {
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
                case "system" -> instruct(message);
                case "user" -> messages.add(new ChatMessage(Role.USER, requiredContent(message)));
                case "assistant" -> messages.add(new ChatMessage(Role.ASSISTANT, assistant(message)));
                case "tool" ->
                    messages.add(new ChatMessage(
                            Role.USER,
                            List.of(new ContentPart.ToolResult(
                                    message.requiredText("tool_call_id"), requiredContent(message), false))));
                default ->
                    throw RefusedField.invalid(
                            message.path("role"), message.path("role") + " must be system, user, assistant or tool");
            }
            message.reportUnread(dropped);
        }
    }

    private void instruct(JsonFields message) {
        List<ContentPart> parts = requiredContent(message);
        if (!messages.isEmpty()) {
            messages.add(new ChatMessage(Role.SYSTEM, parts));
            return;
        }
        for (ContentPart part : parts) {
            if (!(part instanceof ContentPart.Text(String text))) {
                throw RefusedField.invalid(message.path("content"), message.path("content") + " must be text");
            }
            system.add(text);
        }
    }

    private List<ContentPart> assistant(JsonFields message) {
        List<ContentPart> parts = new ArrayList<>(content(message));
        String plan = message.text("tool_plan");
        if (plan != null && !plan.isEmpty()) {
            parts.add(new ContentPart.Text(plan));
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

    private List<ContentPart> requiredContent(JsonFields message) {
        if (message.value("content") == null) {
            throw RefusedField.invalid(message.path("content"), message.path("content") + " is required");
        }
        return content(message);
    }

    private List<ContentPart> content(JsonFields message) {
        JsonNode content = message.value("content");
        if (content != null && content.isTextual()) {
            return List.of(new ContentPart.Text(content.textValue()));
        }
        List<ContentPart> parts = new ArrayList<>();
        for (JsonFields part : message.objects("content")) {
            parts.add(part(part));
            part.reportUnread(dropped);
        }
        return parts;
    }

    private ContentPart part(JsonFields part) {
        return switch (part.requiredText("type")) {
            case "text" -> new ContentPart.Text(part.requiredText("text"));
            case "image_url" -> image(part);
            case "thinking" ->
                new ContentPart.Reasoning(part.requiredText("thinking"), part.text("signature"), part.text("redacted"));
            case "document" -> document(part);
            default ->
                throw RefusedField.unsupported(
                        part.path("type"),
                        part.path("type") + " cannot be carried; text, image_url, thinking and document can");
        };
    }

    private static ContentPart image(JsonFields part) {
        JsonFields image = part.object("image_url");
        if (image == null) {
            throw RefusedField.invalid(part.path("image_url"), part.path("image_url") + " is required");
        }
        String url = image.requiredText("url");
        ContentPart.Source inline = DataUrl.parse(url);
        if (inline == null && !url.startsWith("https://") && !url.startsWith("http://")) {
            throw RefusedField.invalid(
                    image.path("url"), image.path("url") + " must be an http(s) address or data:<type>;base64,<data>");
        }
        return new ContentPart.Image(inline == null ? new ContentPart.Source.Url(url) : inline, image.text("detail"));
    }

    /** What a tool found, as the JSON text that other protocols have in its place. */
    private ContentPart document(JsonFields part) {
        JsonFields document = part.object("document");
        JsonNode data = document == null ? null : document.value("data");
        if (document == null || data == null) {
            throw RefusedField.invalid(part.path("document.data"), part.path("document.data") + " is required");
        }
        document.reportUnread(dropped);
        return new ContentPart.Text(data.isTextual() ? data.textValue() : data.toString());
    }
}
