package io.latticegate.proxy.dialect.cohere;

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
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads one {@code POST /v2/chat} body; what is dropped and refused stands at {@link CohereChat}. */
final class CohereRequestReader {
    private final JsonFields root;
    private final DroppedFields dropped;

    CohereRequestReader(JsonNode body, DroppedFields dropped) {
        this.root = new JsonFields(body, "");
        this.dropped = dropped;
    }

    ChatRequest read() {
        refuseUntranslatable();
        String model = root.requiredText("model");
        var messages = new CohereMessageReader(dropped);
        messages.read(root.objects("messages"));
        if (messages.isEmpty()) {
            throw RefusedField.invalid("messages", "messages must have at least one message");
        }
        var request = new ChatRequest(
                model,
                messages.system(),
                messages.messages(),
                tools(root.flag("strict_tools")),
                toolChoice(),
                null,
                new Sampling(
                        root.number("temperature"),
                        root.number("p"),
                        topK(),
                        root.number("frequency_penalty"),
                        root.number("presence_penalty"),
                        root.whole("seed")),
                root.texts("stop_sequences"),
                root.count("max_tokens"),
                Boolean.TRUE.equals(root.flag("stream")),
                true,
                responseFormat(),
                reasoning(),
                null,
                Map.of());
        root.reportUnread(dropped);
        return request;
    }

    private void refuseUntranslatable() {
        JsonNode documents = root.value("documents");
        if (documents != null && !(documents.isArray() && documents.isEmpty())) {
            throw RefusedField.unsupported("documents", "documents cannot be carried to this model's provider");
        }
        if (Boolean.TRUE.equals(root.flag("logprobs"))) {
            throw RefusedField.unsupported("logprobs", "logprobs cannot be had from this model's provider");
        }
    }

    /** Cohere writes 0 for no limit. */
    private @Nullable Long topK() {
        Long given = root.count("k");
        return given == null || given == 0 ? null : given;
    }

    private List<ToolDefinition> tools(@Nullable Boolean strict) {
        List<ToolDefinition> tools = new ArrayList<>();
        for (JsonFields tool : root.objects("tools")) {
            JsonFields function = tool.object("function");
            if (!tool.requiredText("type").equals("function") || function == null) {
                throw RefusedField.unsupported(tool.path("type"), "Only tools of type function can be carried");
            }
            JsonNode parameters = function.value("parameters");
            if (parameters != null && !parameters.isObject()) {
                throw RefusedField.invalid(
                        function.path("parameters"), function.path("parameters") + " must be an object");
            }
            tools.add(new ToolDefinition(
                    function.requiredText("name"),
                    function.text("description"),
                    parameters == null ? noParameters() : parameters,
                    strict));
            function.reportUnread(dropped);
            tool.reportUnread(dropped);
        }
        return tools;
    }

    private static JsonNode noParameters() {
        var schema = JsonNodeFactory.instance.objectNode();
        schema.put("type", "object");
        schema.putObject("properties");
        return schema;
    }

    private @Nullable ToolChoice toolChoice() {
        String choice = root.text("tool_choice");
        return switch (choice) {
            case null -> null;
            case "REQUIRED" -> new ToolChoice.Required();
            case "NONE" -> new ToolChoice.None();
            default -> throw RefusedField.invalid("tool_choice", "tool_choice must be REQUIRED or NONE");
        };
    }

    private @Nullable ResponseFormat responseFormat() {
        JsonFields format = root.object("response_format");
        if (format == null) {
            return null;
        }
        JsonNode schema = format.value("json_schema");
        JsonNode legacy = format.value("schema");
        if (schema == null) {
            schema = legacy;
        }
        if (schema != null && !schema.isObject()) {
            throw RefusedField.invalid(format.path("json_schema"), "response_format.json_schema must be an object");
        }
        ResponseFormat read = switch (format.requiredText("type")) {
            case "text" -> new ResponseFormat.Text();
            case "json_object" ->
                schema == null
                        ? new ResponseFormat.JsonObject()
                        : new ResponseFormat.JsonSchema("response", null, schema, null);
            default ->
                throw RefusedField.invalid("response_format.type", "response_format.type must be text or json_object");
        };
        format.reportUnread(dropped);
        return read;
    }

    private @Nullable ReasoningRequest reasoning() {
        JsonFields thinking = root.object("thinking");
        if (thinking == null) {
            return null;
        }
        ReasoningRequest.Mode mode = switch (thinking.requiredText("type")) {
            case "enabled" -> ReasoningRequest.Mode.ENABLED;
            case "disabled" -> ReasoningRequest.Mode.DISABLED;
            default -> throw RefusedField.invalid("thinking.type", "thinking.type must be enabled or disabled");
        };
        var request = new ReasoningRequest(null, thinking.count("token_budget"), mode);
        thinking.reportUnread(dropped);
        return request;
    }
}
