package io.latticegate.proxy.dialect.agentary;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.latticegate.proxy.chat.ChatMessage.Role;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ReasoningRequest;
import io.latticegate.proxy.chat.Sampling;
import io.latticegate.proxy.chat.ToolDefinition;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.JsonFields;
import io.latticegate.proxy.dialect.RefusedField;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one body in either form. The output limit is {@code max_new_tokens}, else {@code max_tokens}, else {@code
 * max_output_tokens}. {@code enable_thinking} asks for medium effort; false asks for nothing, because it is what a client
 * without an opinion sends. {@code repetition_penalty}, {@code deterministic} and unknown fields are dropped and reported.
 */
final class AgentaryRequestReader {
    private final JsonFields root;
    private final DroppedFields dropped;

    AgentaryRequestReader(JsonNode body, DroppedFields dropped) {
        this.root = new JsonFields(body, "");
        this.dropped = dropped;
    }

    ChatRequest read() {
        String model = root.text("model");
        boolean messagesForm = root.value("messages") != null;
        boolean inputForm = root.value("input") != null;
        if (model == null || !(messagesForm || inputForm)) {
            throw new RefusedField(AgentaryErrors.MISSING_FIELDS);
        }
        if (messagesForm && inputForm) {
            throw RefusedField.invalid("input", "messages and input say the same; send one of them");
        }
        var conversation = new AgentaryConversation(dropped);
        String instructions = root.text("instructions");
        if (instructions != null) {
            conversation.instruct(instructions);
        }
        if (messagesForm) {
            conversation.readMessages(root.objects("messages"));
        } else {
            readInput(conversation);
        }
        if (conversation.isEmpty()) {
            throw RefusedField.invalid("messages", "messages must have at least one message");
        }
        boolean stream = !Boolean.FALSE.equals(root.flag("stream"));
        var request = new ChatRequest(
                model,
                conversation.system(),
                conversation.messages(),
                tools(),
                null,
                null,
                new Sampling(
                        root.number("temperature"),
                        root.number("top_p"),
                        root.count("top_k"),
                        null,
                        null,
                        root.whole("seed")),
                root.texts("stop"),
                limit(),
                stream,
                false,
                null,
                Boolean.TRUE.equals(root.flag("enable_thinking"))
                        ? new ReasoningRequest(ReasoningRequest.Effort.MEDIUM, null, null)
                        : null,
                null,
                Map.of());
        root.reportUnread(dropped);
        return request;
    }

    private void readInput(AgentaryConversation conversation) {
        JsonNode input = root.value("input");
        if (input != null && input.isTextual()) {
            conversation.say(Role.USER, input.textValue());
        } else {
            conversation.readItems(root.objects("input"));
        }
    }

    private @Nullable Long limit() {
        Long newTokens = root.count("max_new_tokens");
        Long tokens = root.count("max_tokens");
        Long outputTokens = root.count("max_output_tokens");
        return newTokens != null ? newTokens : tokens != null ? tokens : outputTokens;
    }

    /** {@code {name,description,parameters}}, also with {@code "type":"function"}, also inside {@code function}. */
    private List<ToolDefinition> tools() {
        List<ToolDefinition> tools = new ArrayList<>();
        for (JsonFields tool : root.objects("tools")) {
            String type = tool.text("type");
            if (type != null && !type.equals("function")) {
                throw RefusedField.unsupported(tool.path("type"), "Only tools of type function can be carried");
            }
            JsonFields wrapped = tool.object("function");
            JsonFields function = wrapped == null ? tool : wrapped;
            JsonNode parameters = function.value("parameters");
            if (parameters != null && !parameters.isObject()) {
                throw RefusedField.invalid(function.path("parameters"), "A tool's parameters must be an object");
            }
            tools.add(new ToolDefinition(
                    function.requiredText("name"),
                    function.text("description"),
                    parameters == null ? emptySchema() : parameters,
                    null));
            function.reportUnread(dropped);
        }
        return tools;
    }

    private static JsonNode emptySchema() {
        var schema = JsonNodeFactory.instance.objectNode();
        schema.put("type", "object");
        schema.putObject("properties");
        return schema;
    }
}
