package io.latticegate.proxy.dialect.bedrock;

import com.fasterxml.jackson.core.JsonGenerator;
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
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.RefusedField;
import io.latticegate.proxy.dialect.ToolArguments;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Writes a request as a Converse body; what is dropped and refused stands at {@link BedrockConverse}. */
final class ConverseRequestWriter {
    private static final double TEMPERATURE_MAX = 1.0;
    private static final int METADATA_MAX = 16;
    private static final Pattern METADATA = Pattern.compile("[a-zA-Z0-9\\s:_@$#=/+,.-]{0,256}");

    private final ChatRequest request;
    private final ConverseDocumentNames documentNames = new ConverseDocumentNames();
    private final DroppedFields dropped;
    private final boolean claude;
    private final List<String> system = new ArrayList<>();
    private final List<ChatMessage> turns = new ArrayList<>();
    private boolean toolsInHistory;

    ConverseRequestWriter(ChatRequest request, DroppedFields dropped) {
        this.request = request;
        this.dropped = dropped;
        this.claude = request.model().contains("anthropic.") || request.model().contains("claude");
    }

    byte[] write() {
        if (!ConverseModelId.fitsPath(request.model())) {
            throw RefusedField.invalid(
                    "model",
                    "model must be a model id, inference profile or ARN of at most 256 letters, digits and . _ @ + = : / -"
                            + " for this provider");
        }
        if (request.responseFormat() instanceof ResponseFormat.JsonObject) {
            throw RefusedField.unsupported(
                    "response_format", "This model's provider needs a schema: use response_format json_schema");
        }
        gatherTurns();
        if (turns.isEmpty()) {
            throw RefusedField.invalid("messages", "messages must have at least one user message for this model");
        }
        noteDropped();
        return JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("messages");
            for (int i = 0; i < turns.size(); i++) {
                writeTurn(json, turns.get(i), "messages[" + i + "]");
            }
            json.writeEndArray();
            if (!system.isEmpty()) {
                json.writeArrayFieldStart("system");
                for (String text : system) {
                    writeText(json, text);
                }
                json.writeEndArray();
            }
            writeInference(json);
            writeTools(json);
            writeModelFields(json);
            writeOutput(json);
            writeMetadata(json);
            json.writeEndObject();
        });
    }

    private void noteDropped() {
        if (request.user() != null) {
            dropped.add("user");
        }
        Sampling sampling = request.sampling();
        if (sampling.frequencyPenalty() != null) {
            dropped.add("frequency_penalty");
        }
        if (sampling.presencePenalty() != null) {
            dropped.add("presence_penalty");
        }
        if (sampling.seed() != null) {
            dropped.add("seed");
        }
        if (Boolean.FALSE.equals(request.parallelToolCalls())
                && !request.tools().isEmpty()) {
            dropped.add("parallel_tool_calls");
        }
    }

    /** Joins neighbouring turns of one speaker, since they must take turns here; instructions move to the front. */
    private void gatherTurns() {
        system.addAll(withoutBlanks(request.system()));
        for (ChatMessage message : request.messages()) {
            List<ContentPart> parts = withoutBlankText(message.content());
            if (message.role() == Role.SYSTEM) {
                dropped.add("messages[].position");
                parts.stream()
                        .filter(ContentPart.Text.class::isInstance)
                        .forEach(part -> system.add(((ContentPart.Text) part).text()));
                continue;
            }
            if (parts.isEmpty()) {
                continue;
            }
            toolsInHistory |= parts.stream()
                    .anyMatch(part -> part instanceof ContentPart.ToolUse || part instanceof ContentPart.ToolResult);
            if (!turns.isEmpty() && turns.getLast().role() == message.role()) {
                List<ContentPart> joined = new ArrayList<>(turns.removeLast().content());
                joined.addAll(parts);
                parts = joined;
            }
            turns.add(new ChatMessage(message.role(), parts));
        }
    }

    /** This API refuses blank texts; others send them beside tool calls. */
    private static List<ContentPart> withoutBlankText(List<ContentPart> parts) {
        return parts.stream()
                .filter(part -> !(part instanceof ContentPart.Text(String text)) || !text.isBlank())
                .toList();
    }

    private static List<String> withoutBlanks(List<String> texts) {
        return texts.stream().filter(text -> !text.isBlank()).toList();
    }

    private void writeTurn(JsonGenerator json, ChatMessage turn, String path) throws IOException {
        json.writeStartObject();
        json.writeStringField("role", turn.role() == Role.ASSISTANT ? "assistant" : "user");
        json.writeArrayFieldStart("content");
        for (ContentPart part : turn.content()) {
            if (part instanceof ContentPart.ToolResult result) {
                writeResult(json, result);
            }
        }
        for (ContentPart part : turn.content()) {
            writeBlock(json, part, path);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /** Results of calls come first in their turn and are written before. */
    private void writeBlock(JsonGenerator json, ContentPart part, String path) throws IOException {
        switch (part) {
            case ContentPart.Text(String text) -> writeText(json, text);
            case ContentPart.Image image -> writeImage(json, image, path);
            case ContentPart.Document document -> writeDocument(json, document, path);
            case ContentPart.Audio _ -> throw FilePart.noAudio(path, "");
            case ContentPart.ToolUse call -> {
                json.writeStartObject();
                json.writeObjectFieldStart("toolUse");
                json.writeStringField("toolUseId", call.id());
                json.writeStringField("name", call.name());
                json.writeFieldName("input");
                ToolArguments.write(json, call.argumentsJson(), path);
                json.writeEndObject();
                json.writeEndObject();
            }
            case ContentPart.Reasoning reasoning -> writeReasoning(json, reasoning);
            case ContentPart.ToolResult _ -> {}
        }
    }

    private static void writeText(JsonGenerator json, String text) throws IOException {
        json.writeStartObject();
        json.writeStringField("text", text);
        json.writeEndObject();
    }

    private void writeImage(JsonGenerator json, ContentPart.Image image, String path) throws IOException {
        if (image.detail() != null && !image.detail().equals("auto")) {
            dropped.add("messages[].content[].image_url.detail");
        }
        if (!(image.source() instanceof ContentPart.Source.Base64(String mediaType, String data))) {
            throw RefusedField.unsupported(
                    path, "A picture in " + path + " must be inline for this model's provider, which fetches none");
        }
        ConverseImage kind = ConverseImage.ofMediaType(mediaType);
        if (kind == null) {
            throw RefusedField.unsupported(
                    path, "A picture in " + path + " must be PNG, JPEG, GIF or WebP for this model's provider");
        }
        json.writeStartObject();
        json.writeObjectFieldStart("image");
        json.writeStringField("format", kind.format());
        json.writeObjectFieldStart("source");
        json.writeStringField("bytes", data);
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndObject();
    }

    private void writeDocument(JsonGenerator json, ContentPart.Document document, String path) throws IOException {
        if (!(document.source() instanceof ContentPart.Source.Base64(String _, String data))) {
            throw FilePart.noDocument(path, " by its address; send it inline");
        }
        json.writeStartObject();
        json.writeObjectFieldStart("document");
        json.writeStringField("format", "pdf");
        json.writeStringField("name", documentNames.next(document.name()));
        json.writeObjectFieldStart("source");
        json.writeStringField("bytes", data);
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndObject();
    }

    private void writeResult(JsonGenerator json, ContentPart.ToolResult result) throws IOException {
        json.writeStartObject();
        json.writeObjectFieldStart("toolResult");
        json.writeStringField("toolUseId", result.toolUseId());
        json.writeArrayFieldStart("content");
        for (ContentPart part : withoutBlankText(result.content())) {
            writeBlock(json, part, "messages[]");
        }
        json.writeEndArray();
        if (result.error()) {
            json.writeStringField("status", "error");
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    /** Signatures are checked, so reasoning that no model at Bedrock signed cannot be sent back. */
    private void writeReasoning(JsonGenerator json, ContentPart.Reasoning reasoning) throws IOException {
        String redacted =
                reasoning.redactedData() == null ? null : ConverseReasoning.toProvider(reasoning.redactedData());
        String signature = reasoning.signature() == null ? null : ConverseReasoning.toProvider(reasoning.signature());
        if (redacted == null && signature == null) {
            dropped.add("messages[].reasoning_content");
            return;
        }
        json.writeStartObject();
        json.writeObjectFieldStart("reasoningContent");
        if (redacted != null) {
            json.writeStringField("redactedContent", redacted);
        } else {
            json.writeObjectFieldStart("reasoningText");
            json.writeStringField("text", reasoning.text());
            json.writeStringField("signature", signature);
            json.writeEndObject();
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private void writeInference(JsonGenerator json) throws IOException {
        Sampling sampling = request.sampling();
        boolean samples = !thinks();
        Double temperature = sampling.temperature();
        Double topP = sampling.topP();
        if (temperature != null && (!samples || temperature > TEMPERATURE_MAX)) {
            dropped.add("temperature");
        }
        if (topP != null && !samples) {
            dropped.add("top_p");
        }
        json.writeObjectFieldStart("inferenceConfig");
        if (request.maxOutputTokens() != null) {
            json.writeNumberField("maxTokens", request.maxOutputTokens());
        }
        if (temperature != null && samples) {
            json.writeNumberField("temperature", Math.min(temperature, TEMPERATURE_MAX));
        }
        if (topP != null && samples) {
            json.writeNumberField("topP", topP);
        }
        if (!request.stop().isEmpty()) {
            json.writeFieldName("stopSequences");
            json.writeArray(
                    request.stop().toArray(String[]::new), 0, request.stop().size());
        }
        json.writeEndObject();
    }

    private void writeTools(JsonGenerator json) throws IOException {
        boolean forbidden = request.toolChoice() instanceof ToolChoice.None;
        if (forbidden && toolsInHistory) {
            throw RefusedField.unsupported(
                    "tool_choice", "This model's provider cannot forbid tools in a conversation that has used them");
        }
        if (request.tools().isEmpty() || forbidden) {
            return;
        }
        json.writeObjectFieldStart("toolConfig");
        json.writeArrayFieldStart("tools");
        for (ToolDefinition tool : request.tools()) {
            json.writeStartObject();
            json.writeObjectFieldStart("toolSpec");
            json.writeStringField("name", tool.name());
            if (tool.description() != null && !tool.description().isEmpty()) {
                json.writeStringField("description", tool.description());
            }
            json.writeObjectFieldStart("inputSchema");
            json.writeFieldName("json");
            json.writeTree(tool.parameters());
            json.writeEndObject();
            if (Boolean.TRUE.equals(tool.strict())) {
                json.writeBooleanField("strict", true);
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
        writeToolChoice(json, request.toolChoice());
        json.writeEndObject();
    }

    private static void writeToolChoice(JsonGenerator json, @Nullable ToolChoice choice) throws IOException {
        String kind = switch (choice) {
            case null -> null;
            case ToolChoice.None() -> null;
            case ToolChoice.Auto() -> "auto";
            case ToolChoice.Required() -> "any";
            case ToolChoice.Named _ -> "tool";
        };
        if (kind == null) {
            return;
        }
        json.writeObjectFieldStart("toolChoice");
        json.writeObjectFieldStart(kind);
        if (choice instanceof ToolChoice.Named(String name)) {
            json.writeStringField("name", name);
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    /** What only the models of one maker take. */
    private void writeModelFields(JsonGenerator json) throws IOException {
        ReasoningRequest reasoning = request.reasoning();
        String thinking = claude && reasoning != null ? thinking(reasoning) : null;
        Long topK = request.sampling().topK();
        boolean topKFits = claude && !thinks();
        if (topK != null && !topKFits) {
            dropped.add("top_k");
        }
        if (thinking == null && (topK == null || !topKFits)) {
            return;
        }
        json.writeObjectFieldStart("additionalModelRequestFields");
        if (topK != null && topKFits) {
            json.writeNumberField("top_k", topK);
        }
        if (thinking != null) {
            json.writeObjectFieldStart("thinking");
            json.writeStringField("type", thinking);
            Long budget = reasoning == null ? null : reasoning.budgetTokens();
            if (thinking.equals("enabled") && budget != null) {
                json.writeNumberField("budget_tokens", budget);
            }
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static @Nullable String thinking(ReasoningRequest reasoning) {
        if (isOff(reasoning)) {
            return "disabled";
        }
        if (reasoning.mode() == null) {
            return null;
        }
        return reasoning.mode() == ReasoningRequest.Mode.ENABLED && reasoning.budgetTokens() != null
                ? "enabled"
                : "adaptive";
    }

    /** Claude answers sampling parameters beside thinking with 400. */
    private boolean thinks() {
        ReasoningRequest reasoning = request.reasoning();
        return claude && reasoning != null && reasoning.mode() != null && !isOff(reasoning);
    }

    private static boolean isOff(ReasoningRequest reasoning) {
        return reasoning.mode() == ReasoningRequest.Mode.DISABLED || reasoning.effort() == ReasoningRequest.Effort.NONE;
    }

    private void writeOutput(JsonGenerator json) throws IOException {
        String effort = effort();
        ResponseFormat.JsonSchema format =
                request.responseFormat() instanceof ResponseFormat.JsonSchema given ? given : null;
        if (effort == null && format == null) {
            return;
        }
        json.writeObjectFieldStart("outputConfig");
        if (effort != null) {
            json.writeStringField("effort", effort);
        }
        if (format != null) {
            json.writeObjectFieldStart("textFormat");
            json.writeStringField("type", "json_schema");
            json.writeObjectFieldStart("structure");
            json.writeObjectFieldStart("jsonSchema");
            json.writeStringField("schema", format.schema().toString());
            json.writeStringField("name", format.name());
            if (format.description() != null) {
                json.writeStringField("description", format.description());
            }
            json.writeEndObject();
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    /** Only Claude takes a budget; the others get the effort that it stands for, and cannot be told not to reason. */
    private @Nullable String effort() {
        ReasoningRequest reasoning = request.reasoning();
        if (reasoning == null) {
            return null;
        }
        ReasoningRequest.Effort effort = claude ? reasoning.effort() : reasoning.effortOrDerived();
        return switch (effort) {
            case null -> null;
            case NONE -> {
                if (!claude) {
                    dropped.add("reasoning_effort");
                }
                yield null;
            }
            case MINIMAL, LOW -> "low";
            case MEDIUM -> "medium";
            case HIGH -> "high";
            case XHIGH -> "xhigh";
            case MAX -> "max";
        };
    }

    private void writeMetadata(JsonGenerator json) throws IOException {
        Map<String, String> metadata = request.metadata();
        if (metadata.isEmpty()) {
            return;
        }
        boolean fits = metadata.size() <= METADATA_MAX
                && metadata.entrySet().stream()
                        .allMatch(label -> !label.getKey().isEmpty()
                                && METADATA.matcher(label.getKey()).matches()
                                && METADATA.matcher(label.getValue()).matches());
        if (!fits) {
            dropped.add("metadata");
            return;
        }
        json.writeObjectFieldStart("requestMetadata");
        for (Map.Entry<String, String> label : metadata.entrySet()) {
            json.writeStringField(label.getKey(), label.getValue());
        }
        json.writeEndObject();
    }
}
