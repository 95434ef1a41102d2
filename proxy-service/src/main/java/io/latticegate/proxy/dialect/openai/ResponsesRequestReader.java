package io.latticegate.proxy.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
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

/** Reads one {@code POST /v1/responses} body; what is dropped and refused stands at {@link OpenAiResponses}. */
final class ResponsesRequestReader {
    private static final List<String> KEPT_AT_OPENAI = List.of("previous_response_id", "conversation", "prompt");
    private static final List<String> RUN_BY_OPENAI = List.of("context_management", "moderation");
    private static final int METADATA_MAX = 16;
    private static final int METADATA_KEY_MAX = 64;
    private static final int METADATA_VALUE_MAX = 512;
    private static final Set<String> SUMMARIES = Set.of("auto", "concise", "detailed");

    private final JsonFields root;
    private final DroppedFields dropped;

    ResponsesRequestReader(JsonNode body, DroppedFields dropped) {
        this.root = new JsonFields(body, "");
        this.dropped = dropped;
    }

    ChatRequest read() {
        refuseUntranslatable();
        String model = root.requiredText("model");
        var input = new ResponsesInputReader(dropped);
        input.read(root);
        List<ToolDefinition> tools = tools();
        JsonNode choice = root.value("tool_choice");
        Set<String> allowed = choice == null ? null : allowedTools(choice);
        if (allowed != null) {
            tools = tools.stream().filter(tool -> allowed.contains(tool.name())).toList();
        }
        ToolChoice toolChoice = choice == null ? null : toolChoice(choice);
        var request = new ChatRequest(
                model,
                input.system(),
                input.messages(),
                tools,
                toolChoice,
                root.flag("parallel_tool_calls"),
                new Sampling(root.number("temperature"), root.number("top_p"), null, null, null, null),
                List.of(),
                root.count("max_output_tokens"),
                Boolean.TRUE.equals(root.flag("stream")),
                true,
                responseFormat(),
                reasoning(toolChoice),
                user(),
                metadata());
        root.reportUnread(dropped);
        return request;
    }

    private void refuseUntranslatable() {
        for (String name : KEPT_AT_OPENAI) {
            if (root.value(name) != null) {
                throw RefusedField.unsupported(
                        name, name + " names what OpenAI keeps; this model's provider cannot read it");
            }
        }
        for (String name : RUN_BY_OPENAI) {
            if (root.value(name) != null) {
                throw RefusedField.unsupported(name, name + " cannot be carried to this model's provider");
            }
        }
        if (Boolean.TRUE.equals(root.flag("store"))) {
            throw RefusedField.unsupported("store", "store must be false: this model's provider keeps no responses");
        }
        if (Boolean.TRUE.equals(root.flag("background"))) {
            throw RefusedField.unsupported(
                    "background", "background must be false: this model's provider answers only while connected");
        }
        Long logprobs = root.count("top_logprobs");
        if (logprobs != null && logprobs > 0) {
            throw RefusedField.unsupported("top_logprobs", "top_logprobs cannot be had from this model's provider");
        }
        for (String included : root.texts("include")) {
            if (!included.equals("reasoning.encrypted_content")) {
                throw RefusedField.unsupported(
                        "include", "include can only name reasoning.encrypted_content for this model's provider");
            }
        }
        dropTruncation();
        dropObfuscation();
    }

    private void dropTruncation() {
        String truncation = root.text("truncation");
        if (truncation == null || truncation.equals("disabled")) {
            return;
        }
        if (!truncation.equals("auto")) {
            throw RefusedField.invalid("truncation", "truncation must be auto or disabled");
        }
        dropped.add("truncation");
    }

    private void dropObfuscation() {
        JsonFields options = root.object("stream_options");
        if (options == null) {
            return;
        }
        if (Boolean.TRUE.equals(options.flag("include_obfuscation"))) {
            dropped.add(options.path("include_obfuscation"));
        }
        options.reportUnread(dropped);
    }

    private @Nullable String user() {
        String safety = root.text("safety_identifier");
        String user = root.text("user");
        return safety != null ? safety : user;
    }

    private Map<String, String> metadata() {
        Map<String, String> labels = new HashMap<>();
        JsonNode metadata = root.value("metadata");
        if (metadata == null) {
            return labels;
        }
        if (!metadata.isObject() || metadata.size() > METADATA_MAX) {
            throw RefusedField.invalid(
                    "metadata", "metadata must be an object of at most " + METADATA_MAX + " entries");
        }
        metadata.properties().forEach(label -> {
            boolean fits = label.getValue().isTextual()
                    && label.getValue().textValue().length() <= METADATA_VALUE_MAX
                    && label.getKey().length() <= METADATA_KEY_MAX;
            if (!fits) {
                throw RefusedField.invalid(
                        "metadata",
                        "metadata must have strings of at most " + METADATA_VALUE_MAX
                                + " characters under keys of at most " + METADATA_KEY_MAX);
            }
            labels.put(label.getKey(), label.getValue().textValue());
        });
        return labels;
    }

    /** A client that asks for a summary wants to see reasoning, so the model is let to reason. */
    private @Nullable ReasoningRequest reasoning(@Nullable ToolChoice choice) {
        JsonFields reasoning = root.object("reasoning");
        if (reasoning == null) {
            return null;
        }
        boolean shown = false;
        for (String name : List.of("summary", "generate_summary")) {
            String summary = reasoning.text(name);
            if (summary != null && !SUMMARIES.contains(summary)) {
                throw RefusedField.invalid(
                        reasoning.path(name), reasoning.path(name) + " must be auto, concise or detailed");
            }
            shown |= summary != null;
        }
        String named = reasoning.text("effort");
        reasoning.reportUnread(dropped);
        ReasoningRequest.Effort effort = named == null ? null : effort(named, reasoning.path("effort"));
        boolean callForced = choice instanceof ToolChoice.Required || choice instanceof ToolChoice.Named;
        if (shown && callForced) {
            dropped.add(reasoning.path("summary"));
        }
        boolean adaptive = shown && !callForced && effort != ReasoningRequest.Effort.NONE;
        return effort == null && !adaptive
                ? null
                : new ReasoningRequest(effort, null, adaptive ? ReasoningRequest.Mode.ADAPTIVE : null);
    }

    private static ReasoningRequest.Effort effort(String effort, String path) {
        for (ReasoningRequest.Effort known : ReasoningRequest.Effort.values()) {
            if (known.name().toLowerCase(Locale.ROOT).equals(effort)) {
                return known;
            }
        }
        throw RefusedField.invalid(path, path + " must be none, minimal, low, medium, high, xhigh or max");
    }

    private @Nullable ResponseFormat responseFormat() {
        JsonFields text = root.object("text");
        if (text == null) {
            return null;
        }
        JsonFields format = text.object("format");
        text.reportUnread(dropped);
        if (format == null) {
            return null;
        }
        return switch (format.requiredText("type")) {
            case "text" -> new ResponseFormat.Text();
            case "json_object" -> new ResponseFormat.JsonObject();
            case "json_schema" -> jsonSchema(format);
            default ->
                throw RefusedField.invalid(
                        format.path("type"), format.path("type") + " must be text, json_object or json_schema");
        };
    }

    private ResponseFormat jsonSchema(JsonFields format) {
        JsonNode schema = format.value("schema");
        if (schema == null || !schema.isObject()) {
            throw RefusedField.invalid(format.path("schema"), format.path("schema") + " must be an object");
        }
        var named = new ResponseFormat.JsonSchema(
                format.requiredText("name"), format.text("description"), schema, format.flag("strict"));
        format.reportUnread(dropped);
        return named;
    }

    private List<ToolDefinition> tools() {
        List<ToolDefinition> tools = new ArrayList<>();
        for (JsonFields tool : root.objects("tools")) {
            if (!tool.requiredText("type").equals("function")) {
                throw RefusedField.unsupported(
                        tool.path("type"),
                        tool.path("type") + " must be function: the other tools are run by OpenAI, not by this model's"
                                + " provider");
            }
            JsonNode parameters = tool.value("parameters");
            if (parameters != null && !parameters.isObject()) {
                throw RefusedField.invalid(tool.path("parameters"), tool.path("parameters") + " must be an object");
            }
            tools.add(new ToolDefinition(
                    tool.requiredText("name"),
                    tool.text("description"),
                    parameters == null ? OpenAiRequestReader.emptySchema() : parameters,
                    tool.flag("strict")));
            tool.reportUnread(dropped);
        }
        return tools;
    }

    private static ToolChoice toolChoice(JsonNode choice) {
        if (choice.isTextual()) {
            return OpenAiRequestReader.mode(choice.textValue(), "tool_choice");
        }
        var fields = new JsonFields(choice, "tool_choice");
        return switch (fields.requiredText("type")) {
            case "function" -> new ToolChoice.Named(fields.requiredText("name"));
            case "allowed_tools" -> OpenAiRequestReader.mode(fields.requiredText("mode"), fields.path("mode"));
            default ->
                throw RefusedField.unsupported(
                        "tool_choice", "tool_choice must name a function, allowed_tools or a mode");
        };
    }

    /** The names that {@code allowed_tools} leaves, or null when the choice has no such list. */
    private static @Nullable Set<String> allowedTools(JsonNode choice) {
        if (!choice.path("type").asText("").equals("allowed_tools")) {
            return null;
        }
        Set<String> names = new HashSet<>();
        for (JsonFields tool : new JsonFields(choice, "tool_choice").objects("tools")) {
            if (!tool.requiredText("type").equals("function")) {
                throw RefusedField.unsupported(tool.path("type"), tool.path("type") + " must be function");
            }
            names.add(tool.requiredText("name"));
        }
        return names;
    }
}
