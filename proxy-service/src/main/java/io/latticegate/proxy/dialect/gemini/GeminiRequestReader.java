package io.latticegate.proxy.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.latticegate.proxy.chat.ChatMessage;
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
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one {@code generateContent} body; what is dropped and refused stands at {@link GeminiContent}. */
final class GeminiRequestReader {
    private static final List<String> CONFIG_REFUSED_WHEN_PRESENT = List.of("logprobs", "speechConfig", "imageConfig");

    private final JsonFields root;
    private final DroppedFields dropped;
    private final GeminiSchema schemas;

    GeminiRequestReader(JsonNode body, DroppedFields dropped) {
        this.root = JsonFields.protoJson(body, "");
        this.dropped = dropped;
        this.schemas = new GeminiSchema(dropped);
    }

    ChatRequest read(String model, boolean stream) {
        if (root.value("cachedContent") != null) {
            throw RefusedField.unsupported(
                    "cachedContent", "cachedContent cannot be carried: this model's provider does not hold it");
        }
        root.value("model");
        var contents = new GeminiContentReader(dropped);
        JsonFields instruction = root.object("systemInstruction");
        List<String> system = instruction == null ? List.of() : contents.instruction(instruction);
        List<ChatMessage> messages = contents.read(root.objects("contents"));
        if (messages.isEmpty()) {
            throw RefusedField.invalid("contents", "contents must have at least one content with parts");
        }
        List<ToolDefinition> tools = tools();
        JsonFields calling = functionCalling();
        Set<String> allowed = calling == null ? Set.of() : Set.copyOf(calling.texts("allowedFunctionNames"));
        ToolChoice choice = calling == null ? null : toolChoice(calling, allowed);
        if (!allowed.isEmpty()) {
            tools = tools.stream().filter(tool -> allowed.contains(tool.name())).toList();
        }
        JsonFields given = root.object("generationConfig");
        JsonFields config =
                given == null ? JsonFields.protoJson(JsonNodeFactory.instance.objectNode(), "generationConfig") : given;
        refuseUntranslatable(config);
        var request = new ChatRequest(
                model,
                system,
                messages,
                tools,
                choice,
                null,
                sampling(config),
                config.texts("stopSequences"),
                limit(config),
                stream,
                true,
                responseFormat(config),
                reasoning(config),
                null,
                Map.of());
        if (calling != null) {
            calling.reportUnread(dropped);
        }
        config.reportUnread(dropped);
        root.reportUnread(dropped);
        return request;
    }

    private static void refuseUntranslatable(JsonFields config) {
        Long candidates = config.whole("candidateCount");
        if (candidates != null && candidates > 1) {
            throw RefusedField.unsupported(
                    config.path("candidateCount"),
                    "generationConfig.candidateCount must be 1: this model's provider gives one answer per request");
        }
        if (Boolean.TRUE.equals(config.flag("responseLogprobs"))) {
            throw RefusedField.unsupported(
                    config.path("responseLogprobs"),
                    "generationConfig.responseLogprobs cannot be had from this model's provider");
        }
        for (String name : CONFIG_REFUSED_WHEN_PRESENT) {
            if (config.value(name) != null) {
                throw RefusedField.unsupported(
                        config.path(name), config.path(name) + " cannot be carried to this model's provider");
            }
        }
        for (String modality : config.texts("responseModalities")) {
            if (!modality.equalsIgnoreCase("TEXT") && !modality.equals("MODALITY_UNSPECIFIED")) {
                throw RefusedField.unsupported(
                        config.path("responseModalities"),
                        "generationConfig.responseModalities other than TEXT cannot be carried");
            }
        }
    }

    private static Sampling sampling(JsonFields config) {
        Long topK = config.whole("topK");
        return new Sampling(
                config.number("temperature"),
                config.number("topP"),
                topK == null || topK <= 0 ? null : topK,
                config.number("frequencyPenalty"),
                config.number("presencePenalty"),
                config.whole("seed"));
    }

    /** Google reads 0 as no limit of the client's own. */
    private static @Nullable Long limit(JsonFields config) {
        Long limit = config.count("maxOutputTokens");
        return limit == null || limit == 0 ? null : limit;
    }

    private @Nullable ResponseFormat responseFormat(JsonFields config) {
        String type = config.text("responseMimeType");
        JsonNode openApi = config.value("responseSchema");
        JsonNode jsonSchema = config.value("responseJsonSchema");
        if (openApi != null && jsonSchema != null) {
            throw RefusedField.invalid(
                    config.path("responseSchema"),
                    "generationConfig has both responseSchema and responseJsonSchema; send one");
        }
        if (type == null || type.equals("text/plain")) {
            if (openApi != null || jsonSchema != null) {
                throw RefusedField.invalid(
                        config.path("responseMimeType"),
                        "generationConfig.responseMimeType must be application/json with a schema");
            }
            return null;
        }
        if (!type.equals("application/json")) {
            throw RefusedField.unsupported(
                    config.path("responseMimeType"),
                    "generationConfig.responseMimeType cannot be carried; text/plain and application/json can");
        }
        if (jsonSchema != null && !jsonSchema.isObject()) {
            throw RefusedField.invalid(
                    config.path("responseJsonSchema"), "generationConfig.responseJsonSchema must be an object");
        }
        JsonNode schema = openApi == null ? jsonSchema : schemas.toJsonSchema(openApi, config.path("responseSchema"));
        return schema == null
                ? new ResponseFormat.JsonObject()
                : new ResponseFormat.JsonSchema("response", null, schema, null);
    }

    private @Nullable ReasoningRequest reasoning(JsonFields config) {
        JsonFields thinking = config.object("thinkingConfig");
        if (thinking == null) {
            return null;
        }
        Long budget = thinking.whole("thinkingBudget");
        ReasoningRequest.Effort effort = effort(thinking);
        thinking.flag("includeThoughts");
        thinking.reportUnread(dropped);
        if (budget == null) {
            return effort == null ? null : new ReasoningRequest(effort, null, null);
        }
        if (budget < -1 || budget > Integer.MAX_VALUE) {
            throw RefusedField.invalid(
                    thinking.path("thinkingBudget"),
                    thinking.path("thinkingBudget")
                            + " must be -1 (the model decides), 0 (off), or a number of tokens");
        }
        return switch (budget.intValue()) {
            case -1 -> new ReasoningRequest(effort, null, ReasoningRequest.Mode.ADAPTIVE);
            case 0 -> new ReasoningRequest(null, null, ReasoningRequest.Mode.DISABLED);
            default -> new ReasoningRequest(effort, budget, ReasoningRequest.Mode.ENABLED);
        };
    }

    private static ReasoningRequest.@Nullable Effort effort(JsonFields thinking) {
        String level = thinking.text("thinkingLevel");
        if (level == null) {
            return null;
        }
        return switch (level.toUpperCase(Locale.ROOT)) {
            case "THINKING_LEVEL_UNSPECIFIED" -> null;
            case "MINIMAL" -> ReasoningRequest.Effort.MINIMAL;
            case "LOW" -> ReasoningRequest.Effort.LOW;
            case "MEDIUM" -> ReasoningRequest.Effort.MEDIUM;
            case "HIGH" -> ReasoningRequest.Effort.HIGH;
            default ->
                throw RefusedField.invalid(
                        thinking.path("thinkingLevel"),
                        thinking.path("thinkingLevel") + " must be MINIMAL, LOW, MEDIUM or HIGH");
        };
    }

    private List<ToolDefinition> tools() {
        List<ToolDefinition> tools = new ArrayList<>();
        for (JsonFields group : root.objects("tools")) {
            for (JsonFields function : group.objects("functionDeclarations")) {
                tools.add(tool(function));
                function.reportUnread(dropped);
            }
            var others = new DroppedFields();
            group.reportUnread(others);
            if (!others.names().isEmpty()) {
                String path = group.path("");
                throw RefusedField.unsupported(
                        path.substring(0, path.length() - 1),
                        "Tools other than functionDeclarations cannot be carried: the provider of this model does not run them");
            }
        }
        return tools;
    }

    private ToolDefinition tool(JsonFields function) {
        JsonNode openApi = function.value("parameters");
        JsonNode jsonSchema = function.value("parametersJsonSchema");
        if (openApi != null && jsonSchema != null) {
            throw RefusedField.invalid(
                    function.path("parameters"), "A function has both parameters and parametersJsonSchema; send one");
        }
        if (jsonSchema != null && !jsonSchema.isObject()) {
            throw RefusedField.invalid(
                    function.path("parametersJsonSchema"),
                    function.path("parametersJsonSchema") + " must be an object");
        }
        JsonNode parameters = openApi == null ? jsonSchema : schemas.toJsonSchema(openApi, function.path("parameters"));
        return new ToolDefinition(
                function.requiredText("name"),
                function.text("description"),
                parameters == null ? withoutParameters() : parameters,
                null);
    }

    private static JsonNode withoutParameters() {
        var schema = JsonNodeFactory.instance.objectNode();
        schema.put("type", "object");
        schema.putObject("properties");
        return schema;
    }

    private @Nullable JsonFields functionCalling() {
        JsonFields config = root.object("toolConfig");
        if (config == null) {
            return null;
        }
        JsonFields calling = config.object("functionCallingConfig");
        config.reportUnread(dropped);
        return calling;
    }

    private @Nullable ToolChoice toolChoice(JsonFields calling, Set<String> allowed) {
        String mode = calling.text("mode");
        return switch (mode) {
            case null -> null;
            case "MODE_UNSPECIFIED" -> null;
            case "AUTO" -> new ToolChoice.Auto();
            case "NONE" -> new ToolChoice.None();
            case "VALIDATED" -> {
                dropped.add(calling.path("mode"));
                yield new ToolChoice.Auto();
            }
            case "ANY" ->
                allowed.size() == 1 ? new ToolChoice.Named(allowed.iterator().next()) : new ToolChoice.Required();
            default ->
                throw RefusedField.invalid(
                        calling.path("mode"), calling.path("mode") + " must be AUTO, ANY, NONE or VALIDATED");
        };
    }
}
