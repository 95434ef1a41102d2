package io.latticegate.proxy.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ReasoningRequest;
import io.latticegate.proxy.chat.ResponseFormat;
import io.latticegate.proxy.chat.Sampling;
import io.latticegate.proxy.chat.ToolChoice;
import io.latticegate.proxy.chat.ToolDefinition;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.JsonFields;
import io.latticegate.proxy.dialect.RefusedField;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one {@code POST /v1/chat/completions} body; what is dropped and refused stands at {@link OpenAiChat}. */
final class OpenAiRequestReader {
    private static final List<String> REFUSED_WHEN_PRESENT =
            List.of("functions", "function_call", "audio", "web_search_options", "moderation", "top_logprobs");

    private final JsonFields root;
    private final DroppedFields dropped;

    OpenAiRequestReader(JsonNode body, DroppedFields dropped) {
        this.root = new JsonFields(body, "");
        this.dropped = dropped;
    }

    ChatRequest read() {
        refuseUntranslatable();
        String model = root.requiredText("model");
        var messages = new OpenAiMessageReader(dropped);
        messages.read(root.objects("messages"));
        if (messages.isEmpty()) {
            throw RefusedField.invalid("messages", "messages must have at least one message");
        }
        List<ToolDefinition> tools = tools();
        JsonNode choice = root.value("tool_choice");
        ToolChoice toolChoice = choice == null ? null : toolChoice(choice);
        Set<String> allowed = choice == null ? null : allowedTools(choice);
        if (allowed != null) {
            tools = tools.stream().filter(tool -> allowed.contains(tool.name())).toList();
        }
        var request = new ChatRequest(
                model,
                messages.system(),
                messages.messages(),
                tools,
                toolChoice,
                root.flag("parallel_tool_calls"),
                sampling(root),
                root.texts("stop"),
                limit(),
                Boolean.TRUE.equals(root.flag("stream")),
                includeUsage(root, dropped),
                responseFormat(),
                reasoning(),
                user(),
                metadata());
        root.reportUnread(dropped);
        return request;
    }

    private void refuseUntranslatable() {
        refuseSeveralAnswers(root);
        if (Boolean.TRUE.equals(root.flag("logprobs"))) {
            throw RefusedField.unsupported("logprobs", "logprobs cannot be had from this model's provider");
        }
        for (String name : REFUSED_WHEN_PRESENT) {
            if (root.value(name) != null) {
                throw RefusedField.unsupported(name, name + " cannot be carried to this model's provider");
            }
        }
        for (String modality : root.texts("modalities")) {
            if (!modality.equals("text")) {
                throw RefusedField.unsupported("modalities", "modalities other than text cannot be carried");
            }
        }
    }

    static void refuseSeveralAnswers(JsonFields fields) {
        Long answers = fields.whole("n");
        if (answers != null && answers != 1) {
            throw RefusedField.unsupported("n", "n must be 1: this model's provider gives one answer per request");
        }
    }

    static Sampling sampling(JsonFields fields) {
        return new Sampling(
                fields.number("temperature"),
                fields.number("top_p"),
                fields.count("top_k"),
                fields.number("frequency_penalty"),
                fields.number("presence_penalty"),
                fields.whole("seed"));
    }

    static boolean includeUsage(JsonFields fields, DroppedFields dropped) {
        JsonFields options = fields.object("stream_options");
        if (options == null) {
            return false;
        }
        boolean includes = Boolean.TRUE.equals(options.flag("include_usage"));
        options.reportUnread(dropped);
        return includes;
    }

    private @Nullable Long limit() {
        Long current = root.count("max_completion_tokens");
        Long legacy = root.count("max_tokens");
        return current != null ? current : legacy;
    }

    private @Nullable String user() {
        String safety = root.text("safety_identifier");
        String user = root.text("user");
        return safety != null ? safety : user;
    }

    private Map<String, String> metadata() {
        Map<String, String> labels = new HashMap<>();
        JsonNode metadata = root.value("metadata");
        if (metadata != null && metadata.isObject()) {
            metadata.properties().forEach(label -> {
                if (label.getValue().isTextual()) {
                    labels.put(label.getKey(), label.getValue().textValue());
                }
            });
        }
        return labels;
    }

    private @Nullable ReasoningRequest reasoning() {
        String effort = root.text("reasoning_effort");
        if (effort == null) {
            return null;
        }
        for (ReasoningRequest.Effort known : ReasoningRequest.Effort.values()) {
            if (known.name().toLowerCase(Locale.ROOT).equals(effort)) {
                return new ReasoningRequest(known, null, null);
            }
        }
        throw RefusedField.invalid(
                "reasoning_effort", "reasoning_effort must be none, minimal, low, medium, high, xhigh or max");
    }

    private @Nullable ResponseFormat responseFormat() {
        JsonFields format = root.object("response_format");
        if (format == null) {
            return null;
        }
        return switch (format.requiredText("type")) {
            case "text" -> new ResponseFormat.Text();
            case "json_object" -> new ResponseFormat.JsonObject();
            case "json_schema" -> jsonSchema(format);
            default ->
                throw RefusedField.invalid(
                        "response_format.type", "response_format.type must be text, json_object or json_schema");
        };
    }

    private static ResponseFormat jsonSchema(JsonFields format) {
        JsonFields named = format.object("json_schema");
        if (named == null) {
            throw RefusedField.invalid("response_format.json_schema", "response_format.json_schema is required");
        }
        JsonNode schema = named.value("schema");
        if (schema == null || !schema.isObject()) {
            throw RefusedField.invalid(named.path("schema"), named.path("schema") + " must be an object");
        }
        return new ResponseFormat.JsonSchema(
                named.requiredText("name"), named.text("description"), schema, named.flag("strict"));
    }

    private List<ToolDefinition> tools() {
        List<ToolDefinition> tools = new ArrayList<>();
        for (JsonFields tool : root.objects("tools")) {
            String type = tool.requiredText("type");
            JsonFields function = tool.object("function");
            if (!type.equals("function") || function == null) {
                throw RefusedField.unsupported(tool.path("type"), "Only tools of type function can be carried");
            }
            JsonNode parameters = function.value("parameters");
            if (parameters != null && !parameters.isObject()) {
                throw RefusedField.invalid(function.path("parameters"), "A tool's parameters must be an object");
            }
            tools.add(new ToolDefinition(
                    function.requiredText("name"),
                    function.text("description"),
                    parameters == null ? emptySchema() : parameters,
                    function.flag("strict")));
            function.reportUnread(dropped);
            tool.reportUnread(dropped);
        }
        return tools;
    }

    /** OpenAI: "omitting parameters defines a function with an empty parameter list". */
    static JsonNode emptySchema() {
        var schema = JsonNodeFactory.instance.objectNode();
        schema.put("type", "object");
        schema.putObject("properties");
        return schema;
    }

    private static ToolChoice toolChoice(JsonNode choice) {
        if (choice.isTextual()) {
            return mode(choice.textValue(), "tool_choice");
        }
        var fields = new JsonFields(choice, "tool_choice");
        String type = fields.requiredText("type");
        JsonFields function = fields.object("function");
        JsonFields allowed = fields.object("allowed_tools");
        if (type.equals("function") && function != null) {
            return new ToolChoice.Named(function.requiredText("name"));
        }
        if (type.equals("allowed_tools") && allowed != null) {
            return mode(allowed.requiredText("mode"), "tool_choice.allowed_tools.mode");
        }
        throw RefusedField.unsupported("tool_choice", "tool_choice must name a function, allowed_tools or a mode");
    }

    static ToolChoice mode(String mode, String path) {
        return switch (mode) {
            case "auto" -> new ToolChoice.Auto();
            case "none" -> new ToolChoice.None();
            case "required" -> new ToolChoice.Required();
            default -> throw RefusedField.invalid(path, path + " must be none, auto or required");
        };
    }

    /** The names that {@code allowed_tools} leaves, or null when the choice has no such list. */
    private static @Nullable Set<String> allowedTools(JsonNode choice) {
        JsonNode tools = choice.path("allowed_tools").path("tools");
        if (!tools.isArray()) {
            return null;
        }
        Set<String> names = new HashSet<>();
        tools.forEach(tool -> names.add(tool.path("function").path("name").asText()));
        return names;
    }
}
