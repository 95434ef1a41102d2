package io.latticegate.proxy.dialect.openai;

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
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a request as {@code POST /v1/chat/completions}; what is dropped stands at {@link OpenAiChat}. */
final class OpenAiRequestWriter {
    /** Of a document that the client has not named; the protocol wants a name. */
    static final String UNNAMED = "document.pdf";

    private final ChatRequest request;
    private final String limitField;
    private final DroppedFields dropped;

    OpenAiRequestWriter(ChatRequest request, String limitField, DroppedFields dropped) {
        this.request = request;
        this.limitField = limitField;
        this.dropped = dropped;
    }

    byte[] write() {
        return JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeStringField("model", request.model());
            json.writeArrayFieldStart("messages");
            if (!request.system().isEmpty()) {
                writeText(json, "system", String.join("\n\n", request.system()));
            }
            for (ChatMessage message : request.messages()) {
                writeMessage(json, message);
            }
            json.writeEndArray();
            writeTools(json);
            writeSampling(json, request.sampling());
            writeOutput(json);
            json.writeEndObject();
        });
    }

    private void writeOutput(JsonGenerator json) throws IOException {
        if (request.stop().size() == 1) {
            json.writeStringField("stop", request.stop().getFirst());
        } else if (!request.stop().isEmpty()) {
            json.writeFieldName("stop");
            json.writeArray(
                    request.stop().toArray(String[]::new), 0, request.stop().size());
        }
        if (request.maxOutputTokens() != null) {
            json.writeNumberField(limitField, request.maxOutputTokens());
        }
        if (request.stream()) {
            json.writeBooleanField("stream", true);
            json.writeObjectFieldStart("stream_options");
            json.writeBooleanField("include_usage", true);
            json.writeEndObject();
        }
        writeFormat(json, request.responseFormat());
        ReasoningRequest reasoning = request.reasoning();
        ReasoningRequest.Effort effort = reasoning == null ? null : reasoning.effortOrDerived();
        if (effort != null) {
            json.writeStringField("reasoning_effort", effort.name().toLowerCase(Locale.ROOT));
        }
        if (request.user() != null) {
            json.writeStringField("user", request.user());
        }
        if (!request.metadata().isEmpty()) {
            json.writeObjectFieldStart("metadata");
            for (Map.Entry<String, String> label : request.metadata().entrySet()) {
                json.writeStringField(label.getKey(), label.getValue());
            }
            json.writeEndObject();
        }
    }

    private void writeSampling(JsonGenerator json, Sampling sampling) throws IOException {
        writeNumber(json, "temperature", sampling.temperature());
        writeNumber(json, "top_p", sampling.topP());
        writeNumber(json, "frequency_penalty", sampling.frequencyPenalty());
        writeNumber(json, "presence_penalty", sampling.presencePenalty());
        if (sampling.seed() != null) {
            json.writeNumberField("seed", sampling.seed());
        }
        if (sampling.topK() != null) {
            dropped.add("top_k");
        }
    }

    private static void writeNumber(JsonGenerator json, String name, @Nullable Double value) throws IOException {
        if (value != null) {
            json.writeNumberField(name, value);
        }
    }

    private static void writeFormat(JsonGenerator json, @Nullable ResponseFormat format) throws IOException {
        if (format == null) {
            return;
        }
        json.writeObjectFieldStart("response_format");
        switch (format) {
            case ResponseFormat.Text() -> json.writeStringField("type", "text");
            case ResponseFormat.JsonObject() -> json.writeStringField("type", "json_object");
            case ResponseFormat.JsonSchema schema -> {
                json.writeStringField("type", "json_schema");
                json.writeObjectFieldStart("json_schema");
                json.writeStringField("name", schema.name());
                if (schema.description() != null) {
                    json.writeStringField("description", schema.description());
                }
                json.writeFieldName("schema");
                json.writeTree(schema.schema());
                if (schema.strict() != null) {
                    json.writeBooleanField("strict", schema.strict());
                }
                json.writeEndObject();
            }
        }
        json.writeEndObject();
    }

    private void writeTools(JsonGenerator json) throws IOException {
        if (request.tools().isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("tools");
        for (ToolDefinition tool : request.tools()) {
            json.writeStartObject();
            json.writeStringField("type", "function");
            json.writeObjectFieldStart("function");
            json.writeStringField("name", tool.name());
            if (tool.description() != null) {
                json.writeStringField("description", tool.description());
            }
            json.writeFieldName("parameters");
            json.writeTree(tool.parameters());
            if (tool.strict() != null) {
                json.writeBooleanField("strict", tool.strict());
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
        writeToolChoice(json, request.toolChoice());
        if (request.parallelToolCalls() != null) {
            json.writeBooleanField("parallel_tool_calls", request.parallelToolCalls());
        }
    }

    private static void writeToolChoice(JsonGenerator json, @Nullable ToolChoice choice) throws IOException {
        switch (choice) {
            case null -> {}
            case ToolChoice.Auto() -> json.writeStringField("tool_choice", "auto");
            case ToolChoice.None() -> json.writeStringField("tool_choice", "none");
            case ToolChoice.Required() -> json.writeStringField("tool_choice", "required");
            case ToolChoice.Named(String name) -> {
                json.writeObjectFieldStart("tool_choice");
                json.writeStringField("type", "function");
                json.writeObjectFieldStart("function");
                json.writeStringField("name", name);
                json.writeEndObject();
                json.writeEndObject();
            }
        }
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

    /**
     * Tool results become {@code tool} messages, which must follow the calls at once; all else becomes one user message
     * after them. A tool message holds only text, so pictures and documents of a result move to that user message.
     */
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
        json.writeStartObject();
        json.writeStringField("role", "user");
        if (rest.stream().allMatch(ContentPart.Text.class::isInstance) && rest.size() <= 1) {
            json.writeStringField("content", joinedText(rest));
        } else {
            json.writeArrayFieldStart("content");
            for (ContentPart part : rest) {
                writePart(json, part);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void writePart(JsonGenerator json, ContentPart part) throws IOException {
        if (part instanceof ContentPart.Text(String text)) {
            json.writeStartObject();
            json.writeStringField("type", "text");
            json.writeStringField("text", text);
            json.writeEndObject();
        } else if (part instanceof ContentPart.Image image) {
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
        } else if (part instanceof ContentPart.Document document) {
            writeDocument(json, document);
        } else if (part instanceof ContentPart.Audio audio) {
            writeAudio(json, audio);
        }
    }

    private static void writeDocument(JsonGenerator json, ContentPart.Document document) throws IOException {
        if (!(document.source() instanceof ContentPart.Source.Base64(String type, String data))) {
            throw FilePart.noDocument("messages", " by its address; send it inline");
        }
        json.writeStartObject();
        json.writeStringField("type", "file");
        json.writeObjectFieldStart("file");
        json.writeStringField("filename", document.name() == null ? UNNAMED : document.name());
        json.writeStringField("file_data", "data:" + type + ";base64," + data);
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void writeAudio(JsonGenerator json, ContentPart.Audio audio) throws IOException {
        String format = switch (audio.format()) {
            case WAV -> "wav";
            case MP3 -> "mp3";
            case AIFF, AAC, OGG, FLAC -> throw FilePart.noAudio("messages", "; wav and mp3 can");
        };
        json.writeStartObject();
        json.writeStringField("type", "input_audio");
        json.writeObjectFieldStart("input_audio");
        json.writeStringField("data", audio.data());
        json.writeStringField("format", format);
        json.writeEndObject();
        json.writeEndObject();
    }

    private void writeAssistant(JsonGenerator json, List<ContentPart> parts) throws IOException {
        json.writeStartObject();
        json.writeStringField("role", "assistant");
        String text = joinedText(parts);
        List<ContentPart.ToolUse> calls = new ArrayList<>();
        for (ContentPart part : parts) {
            if (part instanceof ContentPart.ToolUse call) {
                calls.add(call);
            } else if (part instanceof ContentPart.Reasoning) {
                dropped.add("messages[].reasoning");
            }
        }
        if (text.isEmpty() && !calls.isEmpty()) {
            json.writeNullField("content");
        } else {
            json.writeStringField("content", text);
        }
        if (!calls.isEmpty()) {
            json.writeArrayFieldStart("tool_calls");
            for (ContentPart.ToolUse call : calls) {
                OpenAiReplyEncoder.writeCall(json, call);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
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
}
