package io.latticegate.proxy.dialect.bedrock;

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
import io.latticegate.proxy.dialect.StrictJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads one Converse body; what is dropped and refused stands at {@link BedrockConverse}. */
final class ConverseRequestReader {
    private static final List<String> REFUSED_WHEN_PRESENT = List.of("guardrailConfig", "promptVariables");
    private static final String CACHE_POINT = "cachePoint";

    private final JsonFields root;
    private final DroppedFields dropped;

    ConverseRequestReader(JsonNode body, DroppedFields dropped) {
        this.root = new JsonFields(body, "");
        this.dropped = dropped;
    }

    ChatRequest read(String model, boolean stream) {
        for (String name : REFUSED_WHEN_PRESENT) {
            if (root.value(name) != null) {
                throw RefusedField.unsupported(name, name + " cannot be carried to this model's provider");
            }
        }
        root.value("modelId");
        List<String> system = system();
        List<ChatMessage> messages = messages();
        JsonFields inference = root.object("inferenceConfig");
        JsonFields tools = root.object("toolConfig");
        JsonFields more = root.object("additionalModelRequestFields");
        JsonFields output = root.object("outputConfig");
        var request = new ChatRequest(
                model,
                system,
                messages,
                tools == null ? List.of() : tools(tools),
                tools == null ? null : toolChoice(tools),
                null,
                sampling(inference, more),
                inference == null ? List.of() : inference.texts("stopSequences"),
                inference == null ? null : inference.count("maxTokens"),
                stream,
                true,
                output == null ? null : format(output),
                reasoning(output, more),
                null,
                metadata());
        for (JsonFields each : new JsonFields[] {inference, tools, more, output}) {
            if (each != null) {
                each.reportUnread(dropped);
            }
        }
        root.reportUnread(dropped);
        return request;
    }

    private List<String> system() {
        List<String> system = new ArrayList<>();
        for (JsonFields block : root.objects("system")) {
            if (isCachePoint(block)) {
                continue;
            }
            String text = block.text("text");
            if (text == null) {
                throw RefusedField.unsupported(
                        block.path("text"), block.path("text") + " is the only kind of system content that is carried");
            }
            system.add(text);
            block.reportUnread(dropped);
        }
        return system;
    }

    /** A hint that costs at most money; it is named as dropped. */
    private boolean isCachePoint(JsonFields block) {
        if (block.value(CACHE_POINT) == null) {
            return false;
        }
        dropped.add(block.path(CACHE_POINT));
        return true;
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
            List<ContentPart> parts = new ArrayList<>();
            for (JsonFields block : message.objects("content")) {
                if (!isCachePoint(block)) {
                    parts.add(block(block));
                    block.reportUnread(dropped);
                }
            }
            messages.add(new ChatMessage(role, parts));
            message.reportUnread(dropped);
        }
        if (messages.isEmpty()) {
            throw RefusedField.invalid("messages", "messages must have at least one message");
        }
        return messages;
    }

    private ContentPart block(JsonFields block) {
        String text = block.text("text");
        JsonFields image = block.object("image");
        JsonFields document = block.object("document");
        JsonFields call = block.object("toolUse");
        JsonFields result = block.object("toolResult");
        JsonFields reasoning = block.object("reasoningContent");
        if (text != null) {
            return new ContentPart.Text(text);
        } else if (image != null) {
            return image(image);
        } else if (document != null) {
            return document(document);
        } else if (call != null) {
            return call(call);
        } else if (result != null) {
            return result(result);
        } else if (reasoning != null) {
            return reasoning(reasoning);
        }
        throw notCarried(block, "text, image, document, toolUse, toolResult, reasoningContent and cachePoint");
    }

    private static RefusedField notCarried(JsonFields block, String carried) {
        String path = block.path("");
        String own = path.substring(0, path.length() - 1);
        return RefusedField.unsupported(own, own + " is of a kind that cannot be carried; these can: " + carried);
    }

    private ContentPart.Image image(JsonFields image) {
        ConverseImage kind = ConverseImage.ofFormat(image.requiredText("format"));
        if (kind == null) {
            throw RefusedField.invalid(image.path("format"), image.path("format") + " must be png, jpeg, gif or webp");
        }
        JsonFields source = image.object("source");
        String bytes = source == null ? null : source.text("bytes");
        if (bytes == null) {
            throw RefusedField.unsupported(
                    image.path("source"), image.path("source") + " must have bytes; objects in S3 cannot be carried");
        }
        image.reportUnread(dropped);
        return new ContentPart.Image(new ContentPart.Source.Base64(kind.mediaType(), bytes), null);
    }

    private ContentPart.Document document(JsonFields document) {
        if (!document.requiredText("format").equals("pdf")) {
            throw RefusedField.unsupported(
                    document.path("format"), document.path("format") + " cannot be carried; pdf can");
        }
        JsonFields source = document.object("source");
        String bytes = source == null ? null : source.text("bytes");
        if (bytes == null) {
            throw RefusedField.unsupported(
                    document.path("source"),
                    document.path("source") + " must have bytes; objects in S3, text and content cannot be carried");
        }
        String name = document.requiredText("name");
        document.reportUnread(dropped);
        return FilePart.inline(document, "format", ContentPart.Document.PDF, bytes, name);
    }

    private ContentPart.ToolUse call(JsonFields call) {
        if (call.value("type") != null) {
            throw RefusedField.unsupported(call.path("type"), "Calls of tools that Bedrock runs cannot be carried");
        }
        JsonNode input = call.value("input");
        if (input != null && !input.isObject()) {
            throw RefusedField.invalid(call.path("input"), call.path("input") + " must be an object");
        }
        var use = new ContentPart.ToolUse(
                call.requiredText("toolUseId"), call.requiredText("name"), input == null ? "" : input.toString());
        call.reportUnread(dropped);
        return use;
    }

    private ContentPart.ToolResult result(JsonFields result) {
        List<ContentPart> content = new ArrayList<>();
        for (JsonFields part : result.objects("content")) {
            String text = part.text("text");
            JsonNode json = part.value("json");
            JsonFields image = part.object("image");
            JsonFields document = part.object("document");
            if (text != null) {
                content.add(new ContentPart.Text(text));
            } else if (json != null) {
                content.add(new ContentPart.Text(json.toString()));
            } else if (image != null) {
                content.add(image(image));
            } else if (document != null) {
                content.add(document(document));
            } else {
                throw notCarried(part, "text, json, image and document");
            }
            part.reportUnread(dropped);
        }
        String status = result.text("status");
        if (status != null && !status.equals("success") && !status.equals("error")) {
            throw RefusedField.invalid(result.path("status"), result.path("status") + " must be success or error");
        }
        var read = new ContentPart.ToolResult(result.requiredText("toolUseId"), content, "error".equals(status));
        result.reportUnread(dropped);
        return read;
    }

    private static ContentPart.Reasoning reasoning(JsonFields reasoning) {
        JsonFields text = reasoning.object("reasoningText");
        if (text != null) {
            return ConverseReasoning.fromClient(text.requiredText("text"), text.text("signature"));
        }
        ContentPart.Reasoning redacted =
                ConverseReasoning.redactedFromClient(reasoning.requiredText("redactedContent"));
        if (redacted == null) {
            throw RefusedField.invalid(
                    reasoning.path("redactedContent"), reasoning.path("redactedContent") + " must be base64");
        }
        return redacted;
    }

    private List<ToolDefinition> tools(JsonFields config) {
        List<ToolDefinition> tools = new ArrayList<>();
        for (JsonFields tool : config.objects("tools")) {
            if (isCachePoint(tool)) {
                continue;
            }
            JsonFields spec = tool.object("toolSpec");
            if (spec == null) {
                throw RefusedField.unsupported(tool.path("toolSpec"), "Tools that Bedrock runs cannot be carried");
            }
            JsonFields schema = spec.object("inputSchema");
            JsonNode json = schema == null ? null : schema.value("json");
            if (json == null || !json.isObject()) {
                throw RefusedField.invalid(
                        spec.path("inputSchema.json"), spec.path("inputSchema.json") + " must be an object");
            }
            tools.add(
                    new ToolDefinition(spec.requiredText("name"), spec.text("description"), json, spec.flag("strict")));
            spec.reportUnread(dropped);
        }
        return tools;
    }

    private static @Nullable ToolChoice toolChoice(JsonFields config) {
        JsonFields choice = config.object("toolChoice");
        if (choice == null) {
            return null;
        }
        JsonFields tool = choice.object("tool");
        if (tool != null) {
            return new ToolChoice.Named(tool.requiredText("name"));
        } else if (choice.value("any") != null) {
            return new ToolChoice.Required();
        } else if (choice.value("auto") != null) {
            return new ToolChoice.Auto();
        }
        throw RefusedField.invalid("toolConfig.toolChoice", "toolConfig.toolChoice must have auto, any or tool");
    }

    private static Sampling sampling(@Nullable JsonFields inference, @Nullable JsonFields more) {
        return new Sampling(
                inference == null ? null : inference.number("temperature"),
                inference == null ? null : inference.number("topP"),
                more == null ? null : more.count("top_k"),
                null,
                null,
                null);
    }

    private static @Nullable ResponseFormat format(JsonFields output) {
        JsonFields format = output.object("textFormat");
        if (format == null) {
            return null;
        }
        JsonFields structure = format.object("structure");
        JsonFields definition = structure == null ? null : structure.object("jsonSchema");
        if (definition == null || !format.requiredText("type").equals("json_schema")) {
            throw RefusedField.invalid(
                    "outputConfig.textFormat",
                    "outputConfig.textFormat must be of type json_schema and have structure.jsonSchema");
        }
        byte[] schema = definition.requiredText("schema").getBytes(StandardCharsets.UTF_8);
        if (!(StrictJson.parse(schema) instanceof StrictJson.Parsed.Tree(JsonNode tree)) || !tree.isObject()) {
            throw RefusedField.invalid(
                    definition.path("schema"), definition.path("schema") + " must be a JSON object as text");
        }
        String name = definition.text("name");
        return new ResponseFormat.JsonSchema(
                name == null ? "response" : name, definition.text("description"), tree, true);
    }

    /** Effort stands in a field of its own, a budget in the field of the model's maker. */
    private @Nullable ReasoningRequest reasoning(@Nullable JsonFields output, @Nullable JsonFields more) {
        ReasoningRequest.Effort effort = output == null ? null : effort(output);
        JsonFields thinking = more == null ? null : more.object("thinking");
        if (thinking == null) {
            return effort == null ? null : new ReasoningRequest(effort, null, null);
        }
        ReasoningRequest.Mode mode = switch (thinking.requiredText("type")) {
            case "disabled" -> ReasoningRequest.Mode.DISABLED;
            case "enabled" -> ReasoningRequest.Mode.ENABLED;
            case "adaptive" -> ReasoningRequest.Mode.ADAPTIVE;
            default ->
                throw RefusedField.invalid(
                        thinking.path("type"), thinking.path("type") + " must be enabled, disabled or adaptive");
        };
        var request = new ReasoningRequest(effort, thinking.count("budget_tokens"), mode);
        thinking.reportUnread(dropped);
        return request;
    }

    private static ReasoningRequest.@Nullable Effort effort(JsonFields output) {
        String effort = output.text("effort");
        return switch (effort) {
            case null -> null;
            case "low", "medium", "high", "xhigh", "max" ->
                ReasoningRequest.Effort.valueOf(effort.toUpperCase(Locale.ROOT));
            default ->
                throw RefusedField.invalid(
                        "outputConfig.effort", "outputConfig.effort must be low, medium, high, xhigh or max");
        };
    }

    private Map<String, String> metadata() {
        JsonNode given = root.value("requestMetadata");
        Map<String, String> metadata = new HashMap<>();
        if (given != null) {
            boolean texts = given.isObject();
            for (var each : given.properties()) {
                texts &= each.getValue().isTextual();
                metadata.put(each.getKey(), each.getValue().asText());
            }
            if (!texts) {
                throw RefusedField.invalid("requestMetadata", "requestMetadata must be an object of strings");
            }
        }
        return metadata;
    }
}
