package io.latticegate.proxy.dialect.cohere;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.ChatMessage;
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
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes a request as {@code POST /v2/chat}; what is dropped stands at {@link CohereChat}. */
final class CohereRequestWriter {
    private static final double TOP_P_MIN = 0.01;
    private static final double TOP_P_MAX = 0.99;
    private static final long TOP_K_MAX = 500;

    private final ChatRequest request;
    private final DroppedFields dropped;

    CohereRequestWriter(ChatRequest request, DroppedFields dropped) {
        this.request = request;
        this.dropped = dropped;
    }

    byte[] write() {
        List<ToolDefinition> tools = offeredTools();
        noteDropped(tools);
        return JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeStringField("model", request.model());
            json.writeBooleanField("stream", request.stream());
            json.writeArrayFieldStart("messages");
            if (!request.system().isEmpty()) {
                writeText(json, "system", String.join("\n\n", request.system()));
            }
            for (ChatMessage message : request.messages()) {
                writeMessage(json, message);
            }
            json.writeEndArray();
            writeTools(json, tools);
            writeSampling(json, request.sampling());
            if (!request.stop().isEmpty()) {
                json.writeFieldName("stop_sequences");
                json.writeArray(
                        request.stop().toArray(String[]::new), 0, request.stop().size());
            }
            if (request.maxOutputTokens() != null) {
                json.writeNumberField("max_tokens", request.maxOutputTokens());
            }
            writeFormat(json, request.responseFormat());
            writeThinking(json, request.reasoning());
            json.writeEndObject();
        });
    }

    /** All tools, or the one that must be called: this protocol can force a call but not say of which tool. */
    private List<ToolDefinition> offeredTools() {
        if (!(request.toolChoice() instanceof ToolChoice.Named(String name))) {
            return request.tools();
        }
        List<ToolDefinition> named = request.tools().stream()
                .filter(tool -> tool.name().equals(name))
                .toList();
        if (named.isEmpty()) {
            throw RefusedField.invalid("tool_choice", "tool_choice must name one of the tools");
        }
        return named;
    }

    private void noteDropped(List<ToolDefinition> tools) {
        if (request.user() != null) {
            dropped.add("user");
        }
        if (!request.metadata().isEmpty()) {
            dropped.add("metadata");
        }
        if (Boolean.FALSE.equals(request.parallelToolCalls()) && !tools.isEmpty()) {
            dropped.add("parallel_tool_calls");
        }
        boolean someStrict = tools.stream().anyMatch(tool -> Boolean.TRUE.equals(tool.strict()));
        if (someStrict && !allStrict(tools)) {
            dropped.add("tools[].strict");
        }
    }

    private static boolean allStrict(List<ToolDefinition> tools) {
        return !tools.isEmpty() && tools.stream().allMatch(tool -> Boolean.TRUE.equals(tool.strict()));
    }

    private void writeMessage(JsonGenerator json, ChatMessage message) throws IOException {
        switch (message.role()) {
            case SYSTEM -> writeText(json, "system", joinedText(message.content()));
            case USER -> writeUser(json, message.content());
            case ASSISTANT -> writeAssistant(json, message.content());
        }
    }

    private static void writeText(JsonGenerator json, String role, String text) throws IOException {
        json.writeStartObject();
        json.writeStringField("role", role);
        json.writeStringField("content", text);
        json.writeEndObject();
    }

    /** Tool results are messages of their own; all else becomes one message of the user after them. */
    private void writeUser(JsonGenerator json, List<ContentPart> parts) throws IOException {
        List<ContentPart> rest = new ArrayList<>();
        for (ContentPart part : parts) {
            if (part instanceof ContentPart.ToolResult result) {
                json.writeStartObject();
                json.writeStringField("role", "tool");
                json.writeStringField("tool_call_id", result.toolUseId());
                json.writeStringField("content", joinedText(result.content()));
                json.writeEndObject();
                if (result.error()) {
                    dropped.add("messages[].content[].is_error");
                }
                result.content().stream()
                        .filter(one -> !(one instanceof ContentPart.Text))
                        .forEach(rest::add);
            } else {
                rest.add(part);
            }
        }
        if (rest.isEmpty() && !parts.isEmpty()) {
            return;
        }
        if (rest.stream().allMatch(ContentPart.Text.class::isInstance) && rest.size() <= 1) {
            writeText(json, "user", joinedText(rest));
            return;
        }
        json.writeStartObject();
        json.writeStringField("role", "user");
        json.writeArrayFieldStart("content");
        for (ContentPart part : rest) {
            if (part instanceof ContentPart.Text(String text)) {
                writeTextItem(json, text);
            } else if (part instanceof ContentPart.Image image) {
                writeImage(json, image);
            } else if (part instanceof ContentPart.Document) {
                throw FilePart.noDocument("messages", "");
            } else if (part instanceof ContentPart.Audio) {
                throw FilePart.noAudio("messages", "");
            }
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeTextItem(JsonGenerator json, String text) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "text");
        json.writeStringField("text", text);
        json.writeEndObject();
    }

    private static void writeImage(JsonGenerator json, ContentPart.Image image) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "image_url");
        json.writeObjectFieldStart("image_url");
        json.writeStringField(
                "url",
                switch (image.source()) {
                    case ContentPart.Source.Url(String url) -> url;
                    case ContentPart.Source.Base64(String mediaType, String data) ->
                        "data:" + mediaType + ";base64," + data;
                });
        if (image.detail() != null) {
            json.writeStringField("detail", image.detail());
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private void writeAssistant(JsonGenerator json, List<ContentPart> parts) throws IOException {
        List<String> thoughts = thoughts(parts);
        List<ContentPart.ToolUse> calls = parts.stream()
                .filter(ContentPart.ToolUse.class::isInstance)
                .map(ContentPart.ToolUse.class::cast)
                .toList();
        String text = joinedText(parts);
        if (thoughts.isEmpty() && calls.isEmpty()) {
            writeText(json, "assistant", text);
            return;
        }
        json.writeStartObject();
        json.writeStringField("role", "assistant");
        boolean plans = !calls.isEmpty() && !text.isEmpty();
        if (!thoughts.isEmpty() || calls.isEmpty()) {
            json.writeArrayFieldStart("content");
            for (String thought : thoughts) {
                json.writeStartObject();
                json.writeStringField("type", "thinking");
                json.writeStringField("thinking", thought);
                json.writeEndObject();
            }
            if (!plans && !text.isEmpty()) {
                writeTextItem(json, text);
            }
            json.writeEndArray();
        }
        if (plans) {
            json.writeStringField("tool_plan", text);
        }
        if (!calls.isEmpty()) {
            json.writeArrayFieldStart("tool_calls");
            for (ContentPart.ToolUse call : calls) {
                CohereReplyEncoder.writeCall(json, call);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private List<String> thoughts(List<ContentPart> parts) {
        List<String> thoughts = new ArrayList<>();
        for (ContentPart part : parts) {
            if (part instanceof ContentPart.Reasoning reasoning) {
                if (reasoning.signature() != null || reasoning.redactedData() != null) {
                    dropped.add("messages[].reasoning_content");
                } else if (!reasoning.text().isEmpty()) {
                    thoughts.add(reasoning.text());
                }
            }
        }
        return thoughts;
    }

    private static String joinedText(List<ContentPart> parts) {
        var text = new StringBuilder();
        for (ContentPart part : parts) {
            if (part instanceof ContentPart.Text(String piece)) {
                text.append(piece);
            }
        }
        return text.toString();
    }

    private void writeTools(JsonGenerator json, List<ToolDefinition> tools) throws IOException {
        if (tools.isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("tools");
        for (ToolDefinition tool : tools) {
            json.writeStartObject();
            json.writeStringField("type", "function");
            json.writeObjectFieldStart("function");
            json.writeStringField("name", tool.name());
            if (tool.description() != null) {
                json.writeStringField("description", tool.description());
            }
            json.writeFieldName("parameters");
            json.writeTree(tool.parameters());
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
        if (allStrict(tools)) {
            json.writeBooleanField("strict_tools", true);
        }
        switch (request.toolChoice()) {
            case ToolChoice.Required(), ToolChoice.Named(String _) -> json.writeStringField("tool_choice", "REQUIRED");
            case ToolChoice.None() -> json.writeStringField("tool_choice", "NONE");
            case ToolChoice.Auto() -> {}
            case null -> {}
        }
    }

    private void writeSampling(JsonGenerator json, Sampling sampling) throws IOException {
        if (sampling.temperature() != null) {
            json.writeNumberField("temperature", sampling.temperature());
        }
        writeWithin(json, "p", "top_p", sampling.topP(), TOP_P_MIN, TOP_P_MAX);
        writeWithin(json, "frequency_penalty", "frequency_penalty", sampling.frequencyPenalty(), 0, 1);
        writeWithin(json, "presence_penalty", "presence_penalty", sampling.presencePenalty(), 0, 1);
        if (sampling.topK() != null) {
            if (sampling.topK() > TOP_K_MAX) {
                dropped.add("top_k");
            }
            json.writeNumberField("k", Math.min(sampling.topK(), TOP_K_MAX));
        }
        if (sampling.seed() != null) {
            json.writeNumberField("seed", sampling.seed());
        }
    }

    /** A value outside of Cohere's narrower range would be answered with 400. */
    private void writeWithin(
            JsonGenerator json, String name, String chatField, @Nullable Double value, double least, double most)
            throws IOException {
        if (value == null) {
            return;
        }
        if (value < least || value > most) {
            dropped.add(chatField);
        }
        json.writeNumberField(name, Math.clamp(value, least, most));
    }

    private static void writeFormat(JsonGenerator json, @Nullable ResponseFormat format) throws IOException {
        if (format == null || format instanceof ResponseFormat.Text) {
            return;
        }
        json.writeObjectFieldStart("response_format");
        json.writeStringField("type", "json_object");
        if (format instanceof ResponseFormat.JsonSchema schema) {
            json.writeFieldName("json_schema");
            json.writeTree(schema.schema());
        }
        json.writeEndObject();
    }

    private static void writeThinking(JsonGenerator json, @Nullable ReasoningRequest reasoning) throws IOException {
        if (reasoning == null) {
            return;
        }
        boolean disabled = reasoning.mode() == ReasoningRequest.Mode.DISABLED
                || reasoning.effort() == ReasoningRequest.Effort.NONE;
        json.writeObjectFieldStart("thinking");
        json.writeStringField("type", disabled ? "disabled" : "enabled");
        if (!disabled && reasoning.budgetTokens() != null && reasoning.budgetTokens() > 0) {
            json.writeNumberField("token_budget", reasoning.budgetTokens());
        }
        json.writeEndObject();
    }
}
