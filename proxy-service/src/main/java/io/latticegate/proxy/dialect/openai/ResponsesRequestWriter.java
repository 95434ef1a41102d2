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
import io.latticegate.proxy.dialect.RefusedField;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a request as {@code POST /v1/responses}; what is dropped or refused stands at {@link OpenAiResponses}. */
final class ResponsesRequestWriter {
    private final ChatRequest request;
    private final DroppedFields dropped;

    ResponsesRequestWriter(ChatRequest request, DroppedFields dropped) {
        this.request = request;
        this.dropped = dropped;
    }

    /** @throws RefusedField where the request asks for what the protocol cannot say */
    byte[] write() {
        if (!request.stop().isEmpty()) {
            throw RefusedField.unsupported(
                    "stop",
                    "The provider of this model is asked through the Responses API, which knows no stop sequences");
        }
        return JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeStringField("model", request.model());
            if (!request.system().isEmpty()) {
                json.writeStringField("instructions", String.join("\n\n", request.system()));
            }
            json.writeArrayFieldStart("input");
            for (ChatMessage message : request.messages()) {
                writeMessage(json, message);
            }
            json.writeEndArray();
            json.writeBooleanField("store", false);
            writeTools(json);
            writeSampling(json, request.sampling());
            if (request.maxOutputTokens() != null) {
                json.writeNumberField("max_output_tokens", request.maxOutputTokens());
            }
            if (request.stream()) {
                json.writeBooleanField("stream", true);
            }
            writeFormat(json, request.responseFormat());
            writeReasoning(json, request.reasoning());
            if (request.user() != null) {
                json.writeStringField("safety_identifier", request.user());
            }
            if (!request.metadata().isEmpty()) {
                json.writeObjectFieldStart("metadata");
                for (Map.Entry<String, String> label : request.metadata().entrySet()) {
                    json.writeStringField(label.getKey(), label.getValue());
                }
                json.writeEndObject();
            }
            json.writeEndObject();
        });
    }

    private void writeSampling(JsonGenerator json, Sampling sampling) throws IOException {
        if (sampling.temperature() != null) {
            json.writeNumberField("temperature", sampling.temperature());
        }
        if (sampling.topP() != null) {
            json.writeNumberField("top_p", sampling.topP());
        }
        drop("top_k", sampling.topK());
        drop("frequency_penalty", sampling.frequencyPenalty());
        drop("presence_penalty", sampling.presencePenalty());
        drop("seed", sampling.seed());
    }

    private void drop(String name, @Nullable Object value) {
        if (value != null) {
            dropped.add(name);
        }
    }

    private static void writeFormat(JsonGenerator json, @Nullable ResponseFormat format) throws IOException {
        if (format == null) {
            return;
        }
        json.writeObjectFieldStart("text");
        json.writeObjectFieldStart("format");
        switch (format) {
            case ResponseFormat.Text() -> json.writeStringField("type", "text");
            case ResponseFormat.JsonObject() -> json.writeStringField("type", "json_object");
            case ResponseFormat.JsonSchema schema -> {
                json.writeStringField("type", "json_schema");
                json.writeStringField("name", schema.name());
                if (schema.description() != null) {
                    json.writeStringField("description", schema.description());
                }
                json.writeFieldName("schema");
                json.writeTree(schema.schema());
                if (schema.strict() != null) {
                    json.writeBooleanField("strict", schema.strict());
                }
            }
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    /**
     * A dialect that speaks of thinking as a mode shows it, so its clients get a summary. The encrypted form is only asked for
     * where the model is to reason or has: models that do not reason refuse the wish.
     */
    private void writeReasoning(JsonGenerator json, @Nullable ReasoningRequest reasoning) throws IOException {
        ReasoningRequest.Effort effort = reasoning == null ? null : reasoning.effortOrDerived();
        boolean thinks = reasoning != null
                && (reasoning.mode() == ReasoningRequest.Mode.ENABLED
                        || reasoning.mode() == ReasoningRequest.Mode.ADAPTIVE);
        if (effort != null || thinks) {
            json.writeObjectFieldStart("reasoning");
            if (effort != null) {
                json.writeStringField("effort", effort.name().toLowerCase(Locale.ROOT));
            }
            if (thinks) {
                json.writeStringField("summary", "auto");
            }
            json.writeEndObject();
        }
        boolean reasons = thinks || effort != null && effort != ReasoningRequest.Effort.NONE;
        if (reasons || request.messages().stream().anyMatch(ResponsesRequestWriter::holdsOwnReasoning)) {
            json.writeArrayFieldStart("include");
            json.writeString("reasoning.encrypted_content");
            json.writeEndArray();
        }
    }

    private static boolean holdsOwnReasoning(ChatMessage message) {
        return message.content().stream()
                .anyMatch(part -> part instanceof ContentPart.Reasoning reasoning
                        && ResponsesSignature.ofMarked(reasoning.signature()) != null);
    }

    private void writeTools(JsonGenerator json) throws IOException {
        if (request.tools().isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("tools");
        for (ToolDefinition tool : request.tools()) {
            json.writeStartObject();
            json.writeStringField("type", "function");
            json.writeStringField("name", tool.name());
            if (tool.description() != null) {
                json.writeStringField("description", tool.description());
            }
            json.writeFieldName("parameters");
            json.writeTree(tool.parameters());
            // This API enforces schemas unless told not to, and then refuses those that do not suit it.
            json.writeBooleanField("strict", Boolean.TRUE.equals(tool.strict()));
            json.writeEndObject();
        }
        json.writeEndArray();
        switch (request.toolChoice()) {
            case null -> {}
            case ToolChoice.Auto() -> json.writeStringField("tool_choice", "auto");
            case ToolChoice.None() -> json.writeStringField("tool_choice", "none");
            case ToolChoice.Required() -> json.writeStringField("tool_choice", "required");
            case ToolChoice.Named(String name) -> {
                json.writeObjectFieldStart("tool_choice");
                json.writeStringField("type", "function");
                json.writeStringField("name", name);
                json.writeEndObject();
            }
        }
        if (request.parallelToolCalls() != null) {
            json.writeBooleanField("parallel_tool_calls", request.parallelToolCalls());
        }
    }

    /** One item for each thing that was said: calls, their outputs and reasoning are items of their own. */
    private void writeMessage(JsonGenerator json, ChatMessage message) throws IOException {
        List<ContentPart> said = new ArrayList<>();
        for (ContentPart part : message.content()) {
            switch (part) {
                case ContentPart.Text _, ContentPart.Image _, ContentPart.Document _ -> said.add(part);
                case ContentPart.Audio _ -> throw FilePart.noAudio("messages", "");
                case ContentPart.ToolUse call -> {
                    writeSaid(json, message.role(), said);
                    writeCall(json, call);
                }
                case ContentPart.ToolResult result -> {
                    writeSaid(json, message.role(), said);
                    writeOutput(json, result);
                }
                case ContentPart.Reasoning reasoning -> {
                    writeSaid(json, message.role(), said);
                    writeReasoningItem(json, reasoning);
                }
            }
        }
        writeSaid(json, message.role(), said);
    }

    private static void writeSaid(JsonGenerator json, ChatMessage.Role role, List<ContentPart> said)
            throws IOException {
        if (said.isEmpty()) {
            return;
        }
        json.writeStartObject();
        json.writeStringField("type", "message");
        json.writeStringField(
                "role",
                switch (role) {
                    case SYSTEM -> "developer";
                    case USER -> "user";
                    case ASSISTANT -> "assistant";
                });
        json.writeArrayFieldStart("content");
        for (ContentPart part : said) {
            writePart(json, part, role == ChatMessage.Role.ASSISTANT ? "output_text" : "input_text");
        }
        json.writeEndArray();
        json.writeEndObject();
        said.clear();
    }

    private static void writePart(JsonGenerator json, ContentPart part, String textType) throws IOException {
        json.writeStartObject();
        if (part instanceof ContentPart.Text(String text)) {
            json.writeStringField("type", textType);
            json.writeStringField("text", text);
        } else if (part instanceof ContentPart.Image(ContentPart.Source source, String detail)) {
            json.writeStringField("type", "input_image");
            json.writeStringField(
                    "image_url",
                    switch (source) {
                        case ContentPart.Source.Url(String url) -> url;
                        case ContentPart.Source.Base64(String mediaType, String data) ->
                            "data:" + mediaType + ";base64," + data;
                    });
            json.writeStringField("detail", detail == null ? "auto" : detail);
        } else if (part instanceof ContentPart.Document(ContentPart.Source source, String name)) {
            json.writeStringField("type", "input_file");
            switch (source) {
                case ContentPart.Source.Url(String url) -> json.writeStringField("file_url", url);
                case ContentPart.Source.Base64(String type, String data) -> {
                    json.writeStringField("filename", name == null ? OpenAiRequestWriter.UNNAMED : name);
                    json.writeStringField("file_data", "data:" + type + ";base64," + data);
                }
            }
        }
        json.writeEndObject();
    }

    private static void writeCall(JsonGenerator json, ContentPart.ToolUse call) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "function_call");
        json.writeStringField("call_id", call.id());
        json.writeStringField("name", call.name());
        json.writeStringField("arguments", call.argumentsJson().isEmpty() ? "{}" : call.argumentsJson());
        json.writeEndObject();
    }

    private void writeOutput(JsonGenerator json, ContentPart.ToolResult result) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "function_call_output");
        json.writeStringField("call_id", result.toolUseId());
        if (result.content().size() == 1 && result.content().getFirst() instanceof ContentPart.Text(String text)) {
            json.writeStringField("output", text);
        } else {
            json.writeArrayFieldStart("output");
            for (ContentPart part : result.content()) {
                writePart(json, part, "input_text");
            }
            json.writeEndArray();
        }
        json.writeEndObject();
        if (result.error()) {
            dropped.add("messages[].content[].is_error");
        }
    }

    /** Only what this provider encrypted means anything to it. */
    private void writeReasoningItem(JsonGenerator json, ContentPart.Reasoning reasoning) throws IOException {
        ResponsesSignature own = ResponsesSignature.ofMarked(reasoning.signature());
        if (own == null) {
            dropped.add("messages[].reasoning");
            return;
        }
        json.writeStartObject();
        json.writeStringField("type", "reasoning");
        json.writeStringField("id", own.itemId());
        json.writeArrayFieldStart("summary");
        if (!reasoning.text().isEmpty()) {
            ResponsesItem.writeSummaryText(json, reasoning.text());
        }
        json.writeEndArray();
        json.writeStringField("encrypted_content", own.encrypted());
        json.writeEndObject();
    }
}
