package io.latticegate.proxy.dialect.agentary;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatMessage.Role;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.JsonFields;
import io.latticegate.proxy.dialect.RefusedField;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the turns of a conversation from either form. In {@code messages}, parts are {@code text}, {@code tool_use} with
 * {@code arguments}, and {@code tool_result} with {@code result}. In {@code input}, calls and their outputs are items of
 * their own, which are joined to one turn as providers expect, and the role {@code developer} is what the client makes of
 * its assistant's earlier words: before the first turn it instructs, after it the assistant speaks.
 */
final class AgentaryConversation {
    private final DroppedFields dropped;
    private final List<String> system = new ArrayList<>();
    private final List<ChatMessage> messages = new ArrayList<>();
    private final List<ContentPart> turn = new ArrayList<>();
    private @Nullable Role turnOf;

    AgentaryConversation(DroppedFields dropped) {
        this.dropped = dropped;
    }

    List<String> system() {
        return system;
    }

    List<ChatMessage> messages() {
        endTurn();
        return messages;
    }

    boolean isEmpty() {
        return system.isEmpty() && messages.isEmpty() && turn.isEmpty();
    }

    void instruct(String text) {
        system.add(text);
    }

    void say(Role role, String text) {
        add(role, List.of(new ContentPart.Text(text)));
    }

    void readMessages(List<JsonFields> given) {
        for (JsonFields message : given) {
            List<ContentPart> content = content(message);
            switch (message.requiredText("role")) {
                case "system" -> instruct(content, message);
                case "user", "tool" -> messages.add(new ChatMessage(Role.USER, content));
                case "assistant" -> messages.add(new ChatMessage(Role.ASSISTANT, content));
                default ->
                    throw RefusedField.invalid(
                            message.path("role"), message.path("role") + " must be system, user, assistant or tool");
            }
            message.reportUnread(dropped);
        }
    }

    void readItems(List<JsonFields> items) {
        for (JsonFields item : items) {
            String type = item.text("type");
            switch (type == null ? "message" : type) {
                case "message" -> readItem(item);
                case "function_call" -> {
                    String arguments = item.text("arguments");
                    add(
                            Role.ASSISTANT,
                            List.of(new ContentPart.ToolUse(
                                    item.requiredText("call_id"),
                                    item.requiredText("name"),
                                    arguments == null ? "" : arguments)));
                }
                case "function_call_output" ->
                    add(Role.USER, List.of(result(item.requiredText("call_id"), item, "output")));
                default ->
                    throw RefusedField.unsupported(
                            item.path("type"),
                            item.path("type") + " must be message, function_call or function_call_output");
            }
            item.reportUnread(dropped);
        }
    }

    private void readItem(JsonFields item) {
        List<ContentPart> content = content(item);
        boolean begun = turnOf != null || !messages.isEmpty();
        switch (item.requiredText("role")) {
            case "system" -> {
                endTurn();
                instruct(content, item);
            }
            case "developer" -> {
                if (begun) {
                    add(Role.ASSISTANT, content);
                } else {
                    instruct(content, item);
                }
            }
            case "user" -> add(Role.USER, content);
            case "assistant" -> add(Role.ASSISTANT, content);
            default ->
                throw RefusedField.invalid(
                        item.path("role"), item.path("role") + " must be system, developer, user or assistant");
        }
    }

    private void instruct(List<ContentPart> content, JsonFields where) {
        if (!messages.isEmpty()) {
            messages.add(new ChatMessage(Role.SYSTEM, content));
            return;
        }
        for (ContentPart part : content) {
            if (!(part instanceof ContentPart.Text(String text))) {
                throw RefusedField.unsupported(where.path("content"), "System messages carry text only");
            }
            system.add(text);
        }
    }

    private void add(Role role, List<ContentPart> parts) {
        if (turnOf != role) {
            endTurn();
            turnOf = role;
        }
        turn.addAll(parts);
    }

    private void endTurn() {
        if (turnOf != null) {
            messages.add(new ChatMessage(turnOf, turn));
            turn.clear();
            turnOf = null;
        }
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
            case "text", "input_text", "output_text" -> new ContentPart.Text(part.requiredText("text"));
            case "tool_use" ->
                new ContentPart.ToolUse(part.requiredText("id"), part.requiredText("name"), arguments(part));
            case "tool_result" -> result(part.requiredText("tool_use_id"), part, "result");
            default ->
                throw RefusedField.unsupported(
                        part.path("type"), part.path("type") + " must be text, tool_use or tool_result");
        };
    }

    private static String arguments(JsonFields part) {
        JsonNode arguments = part.value("arguments");
        if (arguments == null) {
            return "";
        }
        if (!arguments.isObject()) {
            throw RefusedField.invalid(part.path("arguments"), part.path("arguments") + " must be an object");
        }
        return arguments.toString();
    }

    /** What a tool gave: text as it is, any other JSON value as its text. */
    private static ContentPart result(String callId, JsonFields fields, String name) {
        JsonNode result = fields.value(name);
        if (result == null) {
            throw RefusedField.invalid(fields.path(name), fields.path(name) + " is required");
        }
        String text = result.isTextual() ? result.textValue() : result.toString();
        return new ContentPart.ToolResult(callId, List.of(new ContentPart.Text(text)), false);
    }
}
