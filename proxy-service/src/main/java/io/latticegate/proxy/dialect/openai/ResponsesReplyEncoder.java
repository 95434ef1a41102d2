package io.latticegate.proxy.dialect.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.ReasoningRequest;
import io.latticegate.proxy.chat.ResponseFormat;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.chat.ToolChoice;
import io.latticegate.proxy.chat.ToolDefinition;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.JsonBytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes {@code response} objects: complete answers, and the states that a stream reports. */
final class ResponsesReplyEncoder {
    private static final String REQUEST_ID_PREFIX = "req_";

    /**
     * The state of a response.
     *
     * @param status {@code in_progress}, {@code completed}, {@code incomplete} or {@code failed}
     * @param incompleteReason why it is {@code incomplete}, else null
     * @param error why it {@code failed}, else null
     */
    record State(
            String status,
            @Nullable String incompleteReason,
            @Nullable ProviderError error) {
        static final State IN_PROGRESS = new State("in_progress", null, null);

        static State ended(@Nullable FinishReason reason) {
            String incomplete = ResponsesReplyEncoder.incompleteReason(reason);
            return new State(incomplete == null ? "completed" : "incomplete", incomplete, null);
        }

        static State failed(ProviderError error) {
            return new State("failed", null, error);
        }
    }

    private ResponsesReplyEncoder() {}

    static byte[] encode(Answer answer, AnswerTerms terms) {
        State state = State.ended(answer.finish());
        List<ResponsesItem> items = items(answer.content(), suffix(terms));
        for (ResponsesItem item : items) {
            boolean last = item == items.getLast();
            item.close(
                    last && state.incompleteReason() != null
                            ? ResponsesItem.Status.INCOMPLETE
                            : ResponsesItem.Status.COMPLETED);
        }
        return JsonBytes.document(json -> write(json, terms, state, items, answer.usage()));
    }

    /** Neighbouring texts are the content of one message. */
    private static List<ResponsesItem> items(List<ContentPart> parts, String suffix) {
        List<ResponsesItem> items = new ArrayList<>();
        for (ContentPart part : parts) {
            boolean goesOn = !items.isEmpty() && items.getLast().kind() == ResponsesItem.Kind.MESSAGE;
            if (goesOn && part instanceof ContentPart.Text(String text)) {
                items.getLast().startText();
                items.getLast().append(text);
            } else {
                items.add(ResponsesItem.of(part, suffix, items.size()));
            }
        }
        return items;
    }

    /** What makes the ids of an answer and of its items unique: the part of the request's id that is. */
    static String suffix(AnswerTerms terms) {
        return terms.id().startsWith(REQUEST_ID_PREFIX) ? terms.id().substring(REQUEST_ID_PREFIX.length()) : terms.id();
    }

    private static @Nullable String incompleteReason(@Nullable FinishReason reason) {
        return switch (reason) {
            case LENGTH -> "max_output_tokens";
            case CONTENT_FILTER, REFUSAL -> "content_filter";
            case STOP, STOP_SEQUENCE, TOOL_CALLS, PAUSE -> null;
            case null -> null;
        };
    }

    static void write(
            JsonGenerator json, AnswerTerms terms, State state, List<ResponsesItem> items, @Nullable TokenUsage usage)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("id", "resp_" + suffix(terms));
        json.writeStringField("object", "response");
        json.writeNumberField("created_at", terms.createdEpochSecond());
        json.writeStringField("status", state.status());
        json.writeBooleanField("background", false);
        writeError(json, state.error());
        writeIncompleteDetails(json, state.incompleteReason());
        json.writeStringField("model", terms.model());
        json.writeArrayFieldStart("output");
        for (ResponsesItem item : items) {
            item.write(json);
        }
        json.writeEndArray();
        json.writeNullField("previous_response_id");
        json.writeBooleanField("store", false);
        json.writeStringField("truncation", "disabled");
        writeUsage(json, usage);
        writeSettings(json, terms.request());
        json.writeEndObject();
    }

    private static void writeError(JsonGenerator json, @Nullable ProviderError error) throws IOException {
        if (error == null) {
            json.writeNullField("error");
            return;
        }
        json.writeObjectFieldStart("error");
        json.writeStringField("code", error.code());
        json.writeStringField("message", error.message());
        json.writeEndObject();
    }

    private static void writeIncompleteDetails(JsonGenerator json, @Nullable String reason) throws IOException {
        if (reason == null) {
            json.writeNullField("incomplete_details");
            return;
        }
        json.writeObjectFieldStart("incomplete_details");
        json.writeStringField("reason", reason);
        json.writeEndObject();
    }

    private static void writeUsage(JsonGenerator json, @Nullable TokenUsage usage) throws IOException {
        if (usage == null) {
            json.writeNullField("usage");
            return;
        }
        json.writeObjectFieldStart("usage");
        json.writeNumberField("input_tokens", usage.input());
        json.writeObjectFieldStart("input_tokens_details");
        json.writeNumberField("cached_tokens", usage.cachedInput());
        if (usage.cacheWrite() > 0) {
            json.writeNumberField("cache_write_tokens", usage.cacheWrite());
        }
        json.writeEndObject();
        json.writeNumberField("output_tokens", usage.output());
        json.writeObjectFieldStart("output_tokens_details");
        json.writeNumberField("reasoning_tokens", usage.reasoning());
        json.writeEndObject();
        json.writeNumberField("total_tokens", usage.total());
        json.writeEndObject();
    }

    /** The request's settings, which an answer repeats; without a request, what the API calls the defaults. */
    private static void writeSettings(JsonGenerator json, @Nullable ChatRequest request) throws IOException {
        List<String> system = request == null ? List.of() : request.system();
        json.writeStringField("instructions", system.isEmpty() ? null : String.join("\n\n", system));
        writeNumber(json, "max_output_tokens", request == null ? null : request.maxOutputTokens());
        writeNumber(
                json, "temperature", request == null ? null : request.sampling().temperature());
        writeNumber(json, "top_p", request == null ? null : request.sampling().topP());
        json.writeBooleanField(
                "parallel_tool_calls", request == null || !Boolean.FALSE.equals(request.parallelToolCalls()));
        writeToolChoice(json, request == null ? null : request.toolChoice());
        json.writeArrayFieldStart("tools");
        for (ToolDefinition tool : request == null ? List.<ToolDefinition>of() : request.tools()) {
            writeTool(json, tool);
        }
        json.writeEndArray();
        writeReasoning(json, request == null ? null : request.reasoning());
        writeFormat(json, request == null ? null : request.responseFormat());
        json.writeObjectFieldStart("metadata");
        for (Map.Entry<String, String> label : request == null
                ? List.<Map.Entry<String, String>>of()
                : request.metadata().entrySet()) {
            json.writeStringField(label.getKey(), label.getValue());
        }
        json.writeEndObject();
    }

    private static void writeNumber(JsonGenerator json, String name, @Nullable Number value) throws IOException {
        switch (value) {
            case null -> json.writeNullField(name);
            case Long whole -> json.writeNumberField(name, whole);
            default -> json.writeNumberField(name, value.doubleValue());
        }
    }

    private static void writeToolChoice(JsonGenerator json, @Nullable ToolChoice choice) throws IOException {
        switch (choice) {
            case null -> json.writeStringField("tool_choice", "auto");
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
    }

    private static void writeTool(JsonGenerator json, ToolDefinition tool) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "function");
        json.writeStringField("name", tool.name());
        json.writeStringField("description", tool.description());
        json.writeFieldName("parameters");
        json.writeTree(tool.parameters());
        if (tool.strict() == null) {
            json.writeNullField("strict");
        } else {
            json.writeBooleanField("strict", tool.strict());
        }
        json.writeEndObject();
    }

    private static void writeReasoning(JsonGenerator json, @Nullable ReasoningRequest reasoning) throws IOException {
        ReasoningRequest.Effort effort = reasoning == null ? null : reasoning.effort();
        json.writeObjectFieldStart("reasoning");
        json.writeStringField("effort", effort == null ? null : effort.name().toLowerCase(Locale.ROOT));
        json.writeNullField("summary");
        json.writeEndObject();
    }

    private static void writeFormat(JsonGenerator json, @Nullable ResponseFormat format) throws IOException {
        json.writeObjectFieldStart("text");
        json.writeObjectFieldStart("format");
        switch (format) {
            case null -> json.writeStringField("type", "text");
            case ResponseFormat.Text() -> json.writeStringField("type", "text");
            case ResponseFormat.JsonObject() -> json.writeStringField("type", "json_object");
            case ResponseFormat.JsonSchema schema -> {
                json.writeStringField("type", "json_schema");
                json.writeStringField("name", schema.name());
                json.writeStringField("description", schema.description());
                json.writeFieldName("schema");
                json.writeTree(schema.schema());
                json.writeBooleanField("strict", Boolean.TRUE.equals(schema.strict()));
            }
        }
        json.writeEndObject();
        json.writeEndObject();
    }
}
