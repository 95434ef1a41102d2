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

/**
 * Sorts {@code instructions} and {@code input} into leading instructions and turns. This API has an item for each thing
 * that a model says; the items of one turn (reasoning, text, calls) become one message, and so do the outputs that follow.
 */
final class ResponsesInputReader {
    private final DroppedFields dropped;
    private final List<String> system = new ArrayList<>();
    private final List<ChatMessage> messages = new ArrayList<>();

    /** The items that make up the next message: an assistant's turn, or the outputs that answer it. */
    private final List<ContentPart> turn = new ArrayList<>();

    private Role turnRole = Role.ASSISTANT;

    ResponsesInputReader(DroppedFields dropped) {
        this.dropped = dropped;
    }

    List<String> system() {
        return system;
    }

    List<ChatMessage> messages() {
        return messages;
    }

    void read(JsonFields root) {
        String instructions = root.text("instructions");
        if (instructions != null) {
            system.add(instructions);
        }
        JsonNode input = root.value("input");
        if (input == null || input.isEmpty() && !input.isTextual()) {
            throw RefusedField.invalid("input", "input must be a string or an array of at least one item");
        }
        if (input.isTextual()) {
            messages.add(new ChatMessage(Role.USER, List.of(new ContentPart.Text(input.textValue()))));
            return;
        }
        root.objects("input").forEach(this::item);
        endTurn();
    }

    private void item(JsonFields item) {
        String type = item.text("type");
        if (type == null) {
            type = item.value("role") == null ? "item_reference" : "message";
        }
        switch (type) {
            case "message" -> message(item);
            case "function_call" -> join(Role.ASSISTANT, call(item));
            case "function_call_output" -> join(Role.USER, output(item));
            case "reasoning" -> reasoning(item);
            case "item_reference" ->
                throw RefusedField.unsupported(
                        item.path("type"),
                        item.path("id") + " names an item that OpenAI keeps; send the item itself instead");
            default ->
                throw RefusedField.unsupported(
                        item.path("type"),
                        item.path("type") + " cannot be carried; message, function_call, function_call_output and"
                                + " reasoning can");
        }
        item.value("id");
        item.value("status");
        item.value("phase");
        item.reportUnread(dropped);
    }

    private void message(JsonFields item) {
        switch (item.requiredText("role")) {
            case "user" -> {
                endTurn();
                messages.add(new ChatMessage(Role.USER, content(item, "content")));
            }
            case "assistant" -> content(item, "content").forEach(part -> join(Role.ASSISTANT, part));
            case "system", "developer" -> {
                endTurn();
                instruct(content(item, "content"));
            }
            default ->
                throw RefusedField.invalid(
                        item.path("role"), item.path("role") + " must be user, assistant, system or developer");
        }
    }

    private void instruct(List<ContentPart> parts) {
        if (!messages.isEmpty()) {
            messages.add(new ChatMessage(Role.SYSTEM, parts));
            return;
        }
        for (ContentPart part : parts) {
            if (!(part instanceof ContentPart.Text(String text))) {
                throw RefusedField.unsupported("input", "Instructions in input can only be text");
            }
            system.add(text);
        }
    }

    private static ContentPart call(JsonFields item) {
        String arguments = item.text("arguments");
        return new ContentPart.ToolUse(
                item.requiredText("call_id"), item.requiredText("name"), arguments == null ? "" : arguments);
    }

    private ContentPart output(JsonFields item) {
        return new ContentPart.ToolResult(item.requiredText("call_id"), content(item, "output"), false);
    }

    /** Prefers what {@code encrypted_content} carries, because a signature covers the exact text. */
    private void reasoning(JsonFields item) {
        var said = new StringBuilder();
        for (String list : List.of("summary", "content")) {
            for (JsonFields part : item.objects(list)) {
                part.requiredText("type");
                said.append(part.requiredText("text"));
                part.reportUnread(dropped);
            }
        }
        String carried = item.text("encrypted_content");
        ContentPart.Reasoning opened = carried == null ? null : CarriedReasoning.open(carried);
        if (opened != null) {
            join(Role.ASSISTANT, opened);
            return;
        }
        if (carried != null) {
            dropped.add(item.path("encrypted_content"));
        }
        if (!said.isEmpty()) {
            join(Role.ASSISTANT, new ContentPart.Reasoning(said.toString(), null, null));
        }
    }

    private void join(Role role, ContentPart part) {
        if (role != turnRole) {
            endTurn();
            turnRole = role;
        }
        turn.add(part);
    }

    private void endTurn() {
        if (!turn.isEmpty()) {
            messages.add(new ChatMessage(turnRole, turn));
            turn.clear();
        }
    }

    private List<ContentPart> content(JsonFields item, String name) {
        JsonNode content = item.value(name);
        if (content == null) {
            throw RefusedField.invalid(item.path(name), item.path(name) + " is required");
        }
        if (content.isTextual()) {
            return List.of(new ContentPart.Text(content.textValue()));
        }
        List<ContentPart> parts = new ArrayList<>();
        for (JsonFields part : item.objects(name)) {
            parts.add(part(part));
            part.reportUnread(dropped);
        }
        return parts;
    }

    private ContentPart part(JsonFields part) {
        return switch (part.requiredText("type")) {
            case "input_text", "text" -> new ContentPart.Text(part.requiredText("text"));
            case "output_text" -> outputText(part);
            case "refusal" -> new ContentPart.Text(part.requiredText("refusal"));
            case "input_image" -> image(part);
            case "input_file" -> document(part);
            default ->
                throw RefusedField.unsupported(
                        part.path("type"),
                        part.path("type")
                                + " cannot be carried; input_text, output_text, refusal, input_image and input_file"
                                + " can");
        };
    }

    /** Answers carry empty lists of annotations and logprobs; only what is in them is a loss. */
    private ContentPart outputText(JsonFields part) {
        for (String list : List.of("annotations", "logprobs")) {
            JsonNode given = part.value(list);
            if (given != null && !given.isEmpty()) {
                dropped.add(part.path(list));
            }
        }
        return new ContentPart.Text(part.requiredText("text"));
    }

    private static ContentPart.Document document(JsonFields part) {
        FilePart.refuseKept(part, "file_id");
        String name = part.text("filename");
        return part.value("file_url") == null
                ? FilePart.ofDataUrl(part, "file_data", name)
                : FilePart.linked(part, "file_url", name);
    }

    private static ContentPart image(JsonFields part) {
        if (part.value("file_id") != null) {
            throw RefusedField.unsupported(
                    part.path("file_id"), part.path("file_id") + " names a file that OpenAI keeps; send image_url");
        }
        String url = part.requiredText("image_url");
        String detail = part.text("detail");
        ContentPart.Source inline = DataUrl.parse(url);
        if (inline != null) {
            return new ContentPart.Image(inline, detail);
        }
        if (url.startsWith("https://") || url.startsWith("http://")) {
            return new ContentPart.Image(new ContentPart.Source.Url(url), detail);
        }
        throw RefusedField.invalid(
                part.path("image_url"),
                part.path("image_url") + " must be an http(s) address or data:<type>;base64,<data>");
    }
}
