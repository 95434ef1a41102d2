package io.latticegate.proxy.dialect.anthropic;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatMessage.Role;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.ReasoningRequest;
import io.latticegate.proxy.chat.ResponseFormat;
import io.latticegate.proxy.chat.Sampling;
import io.latticegate.proxy.chat.SignatureMark;
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
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes a request as {@code POST /v1/messages}; what is dropped and refused stands at {@link AnthropicMessages}. */
final class AnthropicRequestWriter {
    private static final double TEMPERATURE_MAX = 1.0;

    private final ChatRequest request;
    private final AnthropicMessages.Version version;
    private final long maxTokensDefault;
    private final DroppedFields dropped;
    private final List<String> system = new ArrayList<>();
    private final List<ChatMessage> turns = new ArrayList<>();

    AnthropicRequestWriter(
            ChatRequest request, AnthropicMessages.Version version, long maxTokensDefault, DroppedFields dropped) {
        this.request = request;
        this.version = version;
        this.maxTokensDefault = maxTokensDefault;
        this.dropped = dropped;
    }

    byte[] write() {
        if (request.responseFormat() instanceof ResponseFormat.JsonObject) {
            throw RefusedField.unsupported(
                    "response_format", "This model's provider needs a schema: use response_format json_schema");
        }
        gatherTurns();
        if (turns.isEmpty()) {
            throw RefusedField.invalid("messages", "messages must have at least one user message for this model");
        }
        if (!request.metadata().isEmpty()) {
            dropped.add("metadata");
        }
        return JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeStringField("model", request.model());
            Long limit = request.maxOutputTokens();
            json.writeNumberField("max_tokens", limit == null ? maxTokensDefault : limit);
            if (!system.isEmpty()) {
                json.writeStringField("system", String.join("\n\n", system));
            }
            json.writeArrayFieldStart("messages");
            for (int i = 0; i < turns.size(); i++) {
                writeTurn(json, turns.get(i), "messages[" + i + "]");
            }
            json.writeEndArray();
            writeTools(json);
            writeSampling(json, request.sampling());
            if (!request.stop().isEmpty()) {
                json.writeFieldName("stop_sequences");
                json.writeArray(
                        request.stop().toArray(String[]::new), 0, request.stop().size());
            }
            if (request.stream()) {
                json.writeBooleanField("stream", true);
            }
            if (request.user() != null) {
                json.writeObjectFieldStart("metadata");
                json.writeStringField("user_id", request.user());
                json.writeEndObject();
            }
            writeThinking(json, request.reasoning());
            writeOutputConfig(json);
            json.writeEndObject();
        });
    }

    /**
     * Joins neighbouring turns of one speaker, which this protocol would do as well, so that all results of parallel calls
     * stand in one message. Instructions inside the conversation keep their place where the version knows them, and else
     * move to the front.
     */
    private void gatherTurns() {
        system.addAll(request.system());
        for (ChatMessage message : request.messages()) {
            List<ContentPart> parts = withoutEmptyText(message.content());
            if (parts.isEmpty()) {
                continue;
            }
            if (message.role() == Role.SYSTEM && version == AnthropicMessages.Version.V2023_06_01) {
                dropped.add("messages[].position");
                parts.stream()
                        .filter(ContentPart.Text.class::isInstance)
                        .forEach(part -> system.add(((ContentPart.Text) part).text()));
            } else if (!turns.isEmpty() && turns.getLast().role() == message.role()) {
                List<ContentPart> joined = new ArrayList<>(turns.removeLast().content());
                joined.addAll(parts);
                turns.add(new ChatMessage(message.role(), joined));
            } else {
                turns.add(new ChatMessage(message.role(), parts));
            }
        }
    }

    /** This protocol refuses empty text blocks; others send them beside tool calls. */
    private static List<ContentPart> withoutEmptyText(List<ContentPart> parts) {
        return parts.stream()
                .filter(part -> !(part instanceof ContentPart.Text(String text)) || !text.isEmpty())
                .toList();
    }

    private void writeTurn(JsonGenerator json, ChatMessage turn, String path) throws IOException {
        json.writeStartObject();
        json.writeStringField("role", turn.role().name().toLowerCase(Locale.ROOT));
        List<ContentPart> parts = turn.content();
        if (parts.size() == 1 && parts.getFirst() instanceof ContentPart.Text(String text)) {
            json.writeStringField("content", text);
        } else {
            json.writeArrayFieldStart("content");
            for (ContentPart part : resultsFirst(parts)) {
                writeBlock(json, part, path);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    /** Results must come before anything else in the message that answers the calls. */
    private static List<ContentPart> resultsFirst(List<ContentPart> parts) {
        List<ContentPart> sorted = new ArrayList<>(parts.size());
        parts.stream().filter(ContentPart.ToolResult.class::isInstance).forEach(sorted::add);
        parts.stream().filter(part -> !(part instanceof ContentPart.ToolResult)).forEach(sorted::add);
        return sorted;
    }

    private void writeBlock(JsonGenerator json, ContentPart part, String path) throws IOException {
        switch (part) {
            case ContentPart.Text(String text) -> {
                json.writeStartObject();
                json.writeStringField("type", "text");
                json.writeStringField("text", text);
                json.writeEndObject();
            }
            case ContentPart.Image image -> writeImage(json, image);
            case ContentPart.Document document -> writeDocument(json, document);
            case ContentPart.Audio _ -> throw FilePart.noAudio(path, "");
            case ContentPart.ToolUse call -> {
                json.writeStartObject();
                json.writeStringField("type", "tool_use");
                json.writeStringField("id", call.id());
                json.writeStringField("name", call.name());
                json.writeFieldName("input");
                ToolArguments.write(json, call.argumentsJson(), path);
                json.writeEndObject();
            }
            case ContentPart.ToolResult result -> writeResult(json, result, path);
            case ContentPart.Reasoning reasoning -> writeReasoning(json, reasoning);
        }
    }

    private void writeImage(JsonGenerator json, ContentPart.Image image) throws IOException {
        if (image.detail() != null && !image.detail().equals("auto")) {
            dropped.add("messages[].content[].image_url.detail");
        }
        json.writeStartObject();
        json.writeStringField("type", "image");
        writeSource(json, image.source());
        json.writeEndObject();
    }

    private static void writeDocument(JsonGenerator json, ContentPart.Document document) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "document");
        writeSource(json, document.source());
        if (document.name() != null) {
            json.writeStringField("title", document.name());
        }
        json.writeEndObject();
    }

    private static void writeSource(JsonGenerator json, ContentPart.Source source) throws IOException {
        json.writeObjectFieldStart("source");
        switch (source) {
            case ContentPart.Source.Base64(String mediaType, String data) -> {
                json.writeStringField("type", "base64");
                json.writeStringField("media_type", mediaType);
                json.writeStringField("data", data);
            }
            case ContentPart.Source.Url(String url) -> {
                json.writeStringField("type", "url");
                json.writeStringField("url", url);
            }
        }
        json.writeEndObject();
    }

    private void writeResult(JsonGenerator json, ContentPart.ToolResult result, String path) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "tool_result");
        json.writeStringField("tool_use_id", result.toolUseId());
        List<ContentPart> content = withoutEmptyText(result.content());
        if (content.size() == 1 && content.getFirst() instanceof ContentPart.Text(String text)) {
            json.writeStringField("content", text);
        } else if (!content.isEmpty()) {
            json.writeArrayFieldStart("content");
            for (ContentPart part : content) {
                writeBlock(json, part, path);
            }
            json.writeEndArray();
        }
        if (result.error()) {
            json.writeBooleanField("is_error", true);
        }
        json.writeEndObject();
    }

    /** The provider checks signatures, so reasoning that it did not sign cannot be sent back. */
    private void writeReasoning(JsonGenerator json, ContentPart.Reasoning reasoning) throws IOException {
        if (reasoning.redactedData() != null && !SignatureMark.isMarked(reasoning.redactedData())) {
            json.writeStartObject();
            json.writeStringField("type", "redacted_thinking");
            json.writeStringField("data", reasoning.redactedData());
            json.writeEndObject();
        } else if (reasoning.signature() != null && !SignatureMark.isMarked(reasoning.signature())) {
            json.writeStartObject();
            json.writeStringField("type", "thinking");
            json.writeStringField("thinking", reasoning.text());
            json.writeStringField("signature", reasoning.signature());
            json.writeEndObject();
        } else {
            dropped.add("messages[].reasoning_content");
        }
    }

    private void writeTools(JsonGenerator json) throws IOException {
        if (request.tools().isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("tools");
        for (ToolDefinition tool : request.tools()) {
            json.writeStartObject();
            json.writeStringField("name", tool.name());
            if (tool.description() != null) {
                json.writeStringField("description", tool.description());
            }
            json.writeFieldName("input_schema");
            json.writeTree(tool.parameters());
            if (Boolean.TRUE.equals(tool.strict())) {
                json.writeBooleanField("strict", true);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        writeToolChoice(json, request.toolChoice());
    }

    private void writeToolChoice(JsonGenerator json, @Nullable ToolChoice given) throws IOException {
        boolean oneAtATime = Boolean.FALSE.equals(request.parallelToolCalls());
        ToolChoice choice = given == null && oneAtATime ? new ToolChoice.Auto() : given;
        if (choice == null) {
            return;
        }
        json.writeObjectFieldStart("tool_choice");
        switch (choice) {
            case ToolChoice.Auto() -> json.writeStringField("type", "auto");
            case ToolChoice.None() -> json.writeStringField("type", "none");
            case ToolChoice.Required() -> json.writeStringField("type", "any");
            case ToolChoice.Named(String name) -> {
                json.writeStringField("type", "tool");
                json.writeStringField("name", name);
            }
        }
        if (oneAtATime && !(choice instanceof ToolChoice.None)) {
            json.writeBooleanField("disable_parallel_tool_use", true);
        }
        json.writeEndObject();
    }

    private void writeSampling(JsonGenerator json, Sampling sampling) throws IOException {
        boolean carries = version == AnthropicMessages.Version.V2023_06_01 && !thinks();
        if (sampling.temperature() != null) {
            boolean beyond = sampling.temperature() > TEMPERATURE_MAX;
            if (carries) {
                json.writeNumberField("temperature", Math.min(sampling.temperature(), TEMPERATURE_MAX));
            }
            if (beyond || !carries) {
                dropped.add("temperature");
            }
        }
        if (sampling.topP() != null) {
            if (carries) {
                json.writeNumberField("top_p", sampling.topP());
            } else {
                dropped.add("top_p");
            }
        }
        if (sampling.topK() != null) {
            if (carries) {
                json.writeNumberField("top_k", sampling.topK());
            } else {
                dropped.add("top_k");
            }
        }
        if (sampling.frequencyPenalty() != null) {
            dropped.add("frequency_penalty");
        }
        if (sampling.presencePenalty() != null) {
            dropped.add("presence_penalty");
        }
        if (sampling.seed() != null) {
            dropped.add("seed");
        }
    }

    /** Thinking excludes sampling parameters; the provider answers both together with 400. */
    private boolean thinks() {
        ReasoningRequest reasoning = request.reasoning();
        return reasoning != null
                && reasoning.mode() != null
                && reasoning.mode() != ReasoningRequest.Mode.DISABLED
                && reasoning.effort() != ReasoningRequest.Effort.NONE;
    }

    private static void writeThinking(JsonGenerator json, @Nullable ReasoningRequest reasoning) throws IOException {
        if (reasoning == null) {
            return;
        }
        Long budget = reasoning.budgetTokens();
        if (reasoning.mode() == ReasoningRequest.Mode.DISABLED || reasoning.effort() == ReasoningRequest.Effort.NONE) {
            writeThinking(json, "disabled", null);
        } else if (reasoning.mode() == ReasoningRequest.Mode.ENABLED && budget != null) {
            writeThinking(json, "enabled", budget);
        } else if (reasoning.mode() != null) {
            writeThinking(json, "adaptive", null);
        }
    }

    private static void writeThinking(JsonGenerator json, String type, @Nullable Long budget) throws IOException {
        json.writeObjectFieldStart("thinking");
        json.writeStringField("type", type);
        if (budget != null) {
            json.writeNumberField("budget_tokens", budget);
        }
        json.writeEndObject();
    }

    private void writeOutputConfig(JsonGenerator json) throws IOException {
        ReasoningRequest reasoning = request.reasoning();
        String effort = reasoning == null ? null : effort(reasoning.effort());
        ResponseFormat.JsonSchema schema =
                request.responseFormat() instanceof ResponseFormat.JsonSchema given ? given : null;
        if (effort == null && schema == null) {
            return;
        }
        json.writeObjectFieldStart("output_config");
        if (effort != null) {
            json.writeStringField("effort", effort);
        }
        if (schema != null) {
            json.writeObjectFieldStart("format");
            json.writeStringField("type", "json_schema");
            json.writeFieldName("schema");
            json.writeTree(schema.schema());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static @Nullable String effort(ReasoningRequest.@Nullable Effort effort) {
        return switch (effort) {
            case null -> null;
            case NONE -> null;
            case MINIMAL, LOW -> "low";
            case MEDIUM -> "medium";
            case HIGH -> "high";
            case XHIGH -> "xhigh";
            case MAX -> "max";
        };
    }
}
