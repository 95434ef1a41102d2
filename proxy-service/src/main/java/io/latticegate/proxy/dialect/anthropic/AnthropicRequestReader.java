package io.latticegate.proxy.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatMessage.Role;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.ReasoningRequest;
import io.latticegate.proxy.chat.ResponseFormat;
import io.latticegate.proxy.chat.Sampling;
import io.latticegate.proxy.chat.ToolChoice;
import io.latticegate.proxy.chat.ToolDefinition;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.FilePart;
import io.latticegate.proxy.dialect.JsonFields;
import io.latticegate.proxy.dialect.RefusedField;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads one {@code POST /v1/messages} body; what is dropped and refused stands at {@link AnthropicMessages}. */
final class AnthropicRequestReader {
    private static final List<String> REFUSED_WHEN_PRESENT = List.of("container", "mcp_servers", "fallbacks", "thread");

    private final JsonFields root;
    private final DroppedFields dropped;

    AnthropicRequestReader(JsonNode body, DroppedFields dropped) {
        this.root = new JsonFields(body, "");
        this.dropped = dropped;
    }

    ChatRequest read() {
        for (String name : REFUSED_WHEN_PRESENT) {
            if (root.value(name) != null) {
                throw RefusedField.unsupported(name, name + " cannot be carried to this model's provider");
            }
        }
        String model = root.requiredText("model");
        Long limit = root.count("max_tokens");
        if (limit == null) {
            throw RefusedField.invalid("max_tokens", "max_tokens is required");
        }
        List<String> system = texts(content(root, "system"));
        List<ChatMessage> messages = messages();
        JsonFields choice = root.object("tool_choice");
        JsonFields output = root.object("output_config");
        JsonFields metadata = root.object("metadata");
        var request = new ChatRequest(
                model,
                system,
                messages,
                tools(),
                choice == null ? null : toolChoice(choice),
                choice == null ? null : parallel(choice),
                new Sampling(root.number("temperature"), root.number("top_p"), root.count("top_k"), null, null, null),
                root.texts("stop_sequences"),
                limit,
                Boolean.TRUE.equals(root.flag("stream")),
                true,
                output == null ? null : format(output),
                reasoning(output),
                metadata == null ? null : metadata.text("user_id"),
                Map.of());
        if (output != null) {
            output.reportUnread(dropped);
        }
        if (metadata != null) {
            metadata.reportUnread(dropped);
        }
        root.reportUnread(dropped);
        return request;
    }

    private List<ChatMessage> messages() {
        List<ChatMessage> messages = new ArrayList<>();
        for (JsonFields message : root.objects("messages")) {
            Role role = switch (message.requiredText("role")) {
                case "user" -> Role.USER;
                case "assistant" -> Role.ASSISTANT;
                case "system" -> Role.SYSTEM;
                default ->
                    throw RefusedField.invalid(
                            message.path("role"), message.path("role") + " must be user, assistant or system");
            };
            if (message.value("content") == null) {
                throw RefusedField.invalid(message.path("content"), message.path("content") + " is required");
            }
            messages.add(new ChatMessage(role, content(message, "content")));
            message.reportUnread(dropped);
        }
        if (messages.isEmpty()) {
            throw RefusedField.invalid("messages", "messages must have at least one message");
        }
        return messages;
    }

    /** A string or an array of blocks; empty when absent. */
    private List<ContentPart> content(JsonFields owner, String name) {
        JsonNode content = owner.value(name);
        if (content == null) {
            return List.of();
        }
        if (content.isTextual()) {
            return List.of(new ContentPart.Text(content.textValue()));
        }
        List<ContentPart> parts = new ArrayList<>();
        for (JsonFields block : owner.objects(name)) {
            parts.add(block(block));
            block.reportUnread(dropped);
        }
        return parts;
    }

    private ContentPart block(JsonFields block) {
        return switch (block.requiredText("type")) {
            case "text" -> new ContentPart.Text(block.requiredText("text"));
            case "image" -> new ContentPart.Image(source(block), null);
            case "document" -> document(block);
            case "tool_use" -> toolUse(block);
            case "tool_result" ->
                new ContentPart.ToolResult(
                        block.requiredText("tool_use_id"),
                        content(block, "content"),
                        Boolean.TRUE.equals(block.flag("is_error")));
            case "thinking" -> new ContentPart.Reasoning(block.requiredText("thinking"), block.text("signature"), null);
            case "redacted_thinking" -> new ContentPart.Reasoning("", null, block.requiredText("data"));
            default ->
                throw RefusedField.unsupported(
                        block.path("type"),
                        block.path("type")
                                + " cannot be carried; text, image, document, tool_use, tool_result, thinking and"
                                + " redacted_thinking can");
        };
    }

    private static ContentPart toolUse(JsonFields block) {
        JsonNode input = block.value("input");
        if (input != null && !input.isObject()) {
            throw RefusedField.invalid(block.path("input"), block.path("input") + " must be an object");
        }
        block.value("caller");
        return new ContentPart.ToolUse(
                block.requiredText("id"), block.requiredText("name"), input == null ? "" : input.toString());
    }

    private static ContentPart.Source source(JsonFields block) {
        JsonFields source = block.object("source");
        if (source == null) {
            throw RefusedField.invalid(block.path("source"), block.path("source") + " is required");
        }
        return switch (source.requiredText("type")) {
            case "base64" ->
                new ContentPart.Source.Base64(source.requiredText("media_type"), source.requiredText("data"));
            case "url" -> new ContentPart.Source.Url(source.requiredText("url"));
            default ->
                throw RefusedField.unsupported(
                        source.path("type"), source.path("type") + " cannot be carried; base64 and url can");
        };
    }

    private static ContentPart.Document document(JsonFields block) {
        String title = block.text("title");
        return switch (source(block)) {
            case ContentPart.Source.Url link -> new ContentPart.Document(link, title);
            case ContentPart.Source.Base64(String type, String data) ->
                FilePart.inline(block, "source.media_type", type, data, title);
        };
    }

    private static List<String> texts(List<ContentPart> parts) {
        List<String> texts = new ArrayList<>();
        for (ContentPart part : parts) {
            if (!(part instanceof ContentPart.Text(String text))) {
                throw RefusedField.invalid("system", "system must be a string or text blocks");
            }
            texts.add(text);
        }
        return texts;
    }

    private List<ToolDefinition> tools() {
        List<ToolDefinition> tools = new ArrayList<>();
        for (JsonFields tool : root.objects("tools")) {
            String type = tool.text("type");
            if (type != null && !type.equals("custom")) {
                throw RefusedField.unsupported(tool.path("type"), "Tools that the provider runs cannot be carried");
            }
            JsonNode schema = tool.value("input_schema");
            if (schema == null || !schema.isObject()) {
                throw RefusedField.invalid(tool.path("input_schema"), tool.path("input_schema") + " must be an object");
            }
            tools.add(new ToolDefinition(
                    tool.requiredText("name"), tool.text("description"), schema, tool.flag("strict")));
            tool.reportUnread(dropped);
        }
        return tools;
    }

    private static ToolChoice toolChoice(JsonFields choice) {
        return switch (choice.requiredText("type")) {
            case "auto" -> new ToolChoice.Auto();
            case "any" -> new ToolChoice.Required();
            case "none" -> new ToolChoice.None();
            case "tool" -> new ToolChoice.Named(choice.requiredText("name"));
            default ->
                throw RefusedField.invalid("tool_choice.type", "tool_choice.type must be auto, any, tool or none");
        };
    }

    private static @Nullable Boolean parallel(JsonFields choice) {
        Boolean disabled = choice.flag("disable_parallel_tool_use");
        return disabled == null ? null : !disabled;
    }

    private static @Nullable ResponseFormat format(JsonFields output) {
        JsonFields format = output.object("format");
        if (format == null) {
            return null;
        }
        JsonNode schema = format.value("schema");
        if (!format.requiredText("type").equals("json_schema") || schema == null || !schema.isObject()) {
            throw RefusedField.invalid(
                    "output_config.format", "output_config.format must be a json_schema with a schema");
        }
        return new ResponseFormat.JsonSchema("response", null, schema, true);
    }

    private @Nullable ReasoningRequest reasoning(@Nullable JsonFields output) {
        ReasoningRequest.Effort effort = output == null ? null : effort(output);
        JsonFields thinking = root.object("thinking");
        if (thinking == null) {
            return effort == null ? null : new ReasoningRequest(effort, null, null);
        }
        ReasoningRequest.Mode mode = switch (thinking.requiredText("type")) {
            case "disabled" -> ReasoningRequest.Mode.DISABLED;
            case "enabled" -> ReasoningRequest.Mode.ENABLED;
            case "adaptive", "between_tools" -> ReasoningRequest.Mode.ADAPTIVE;
            default ->
                throw RefusedField.invalid(
                        "thinking.type", "thinking.type must be enabled, disabled, adaptive or between_tools");
        };
        var request = new ReasoningRequest(effort, thinking.count("budget_tokens"), mode);
        thinking.reportUnread(dropped);
        return request;
    }

    private static ReasoningRequest.@Nullable Effort effort(JsonFields output) {
        String effort = output.text("effort");
        if (effort == null) {
            return null;
        }
        return switch (effort) {
            case "low", "medium", "high", "xhigh", "max" ->
                ReasoningRequest.Effort.valueOf(effort.toUpperCase(Locale.ROOT));
            default ->
                throw RefusedField.invalid(
                        "output_config.effort", "output_config.effort must be low, medium, high, xhigh or max");
        };
    }
}
