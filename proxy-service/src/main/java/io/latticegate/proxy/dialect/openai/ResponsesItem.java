package io.latticegate.proxy.dialect.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.dialect.JsonBalance;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One item of a response's {@code output} while it grows. */
final class ResponsesItem {
    private final Kind kind;
    private final String id;
    private final int outputIndex;
    private final List<StringBuilder> texts = new ArrayList<>();
    private final StringBuilder signature = new StringBuilder();
    private final JsonBalance arguments = new JsonBalance();
    private @Nullable String redacted;
    private String callId = "";
    private String name = "";
    private Status status = Status.IN_PROGRESS;

    /** What an item can be when another protocol's answer is written as a response. */
    enum Kind {
        MESSAGE("msg_"),
        FUNCTION_CALL("fc_"),
        REASONING("rs_");

        private final String idPrefix;

        Kind(String idPrefix) {
            this.idPrefix = idPrefix;
        }
    }

    /** How far an item is. */
    enum Status {
        IN_PROGRESS("in_progress"),
        COMPLETED("completed"),
        /** The answer ended inside this item. */
        INCOMPLETE("incomplete");

        private final String wireName;

        Status(String wireName) {
            this.wireName = wireName;
        }
    }

    /**
     * Begins an item.
     *
     * @param suffix makes the id unique beyond this answer
     * @param outputIndex its place in {@code output}, from 0
     */
    ResponsesItem(Kind kind, String suffix, int outputIndex) {
        this.kind = kind;
        this.id = kind.idPrefix + suffix + "_" + outputIndex;
        this.outputIndex = outputIndex;
    }

    /** The whole item for a part of a complete answer. */
    static ResponsesItem of(ContentPart part, String suffix, int outputIndex) {
        return switch (part) {
            case ContentPart.Text(String text) -> {
                var message = new ResponsesItem(Kind.MESSAGE, suffix, outputIndex);
                message.startText();
                message.append(text);
                yield message;
            }
            case ContentPart.ToolUse(String callId, String name, String arguments) -> {
                var call = new ResponsesItem(Kind.FUNCTION_CALL, suffix, outputIndex);
                call.call(callId, name);
                call.append(arguments.isEmpty() ? "{}" : arguments);
                yield call;
            }
            case ContentPart.Reasoning(String text, String proof, String data) -> {
                var reasoning = new ResponsesItem(Kind.REASONING, suffix, outputIndex);
                if (!text.isEmpty()) {
                    reasoning.startText();
                    reasoning.append(text);
                }
                reasoning.signature.append(proof == null ? "" : proof);
                reasoning.redacted = data;
                yield reasoning;
            }
            case ContentPart.Image _, ContentPart.Document _, ContentPart.Audio _, ContentPart.ToolResult _ ->
                throw new IllegalArgumentException("an answer holds text, reasoning and calls");
        };
    }

    Kind kind() {
        return kind;
    }

    String id() {
        return id;
    }

    int outputIndex() {
        return outputIndex;
    }

    String name() {
        return name;
    }

    boolean open() {
        return status == Status.IN_PROGRESS;
    }

    void close(Status last) {
        status = last;
    }

    void call(String givenId, String givenName) {
        callId = givenId;
        name = givenName;
        startText();
    }

    void sign(String more) {
        signature.append(more);
    }

    void redact(String data) {
        redacted = data;
    }

    /** Begins the next text: a content part of a message, the summary of reasoning, the arguments of a call. */
    void startText() {
        texts.add(new StringBuilder());
    }

    void append(String more) {
        texts.getLast().append(more);
        if (kind == Kind.FUNCTION_CALL) {
            arguments.add(more);
        }
    }

    boolean hasText() {
        return !texts.isEmpty();
    }

    /** The index of the last text, from 0. */
    int textIndex() {
        return texts.size() - 1;
    }

    /** The last text. */
    String text() {
        return texts.getLast().toString();
    }

    /** Whether the arguments of a call are a whole JSON object. */
    boolean argumentsWhole() {
        return arguments.closed();
    }

    /** Writes the item as it is now; while it is in progress, without what it holds so far. */
    void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", id);
        switch (kind) {
            case MESSAGE -> {
                json.writeStringField("type", "message");
                json.writeStringField("status", status.wireName);
                json.writeStringField("role", "assistant");
                json.writeArrayFieldStart("content");
                for (StringBuilder text : shown()) {
                    writeOutputText(json, text.toString());
                }
                json.writeEndArray();
            }
            case FUNCTION_CALL -> {
                json.writeStringField("type", "function_call");
                json.writeStringField("status", status.wireName);
                json.writeStringField("call_id", callId);
                json.writeStringField("name", name);
                json.writeStringField("arguments", open() ? "" : text());
            }
            case REASONING -> {
                json.writeStringField("type", "reasoning");
                json.writeArrayFieldStart("summary");
                for (StringBuilder text : shown()) {
                    writeSummaryText(json, text.toString());
                }
                json.writeEndArray();
                json.writeStringField("encrypted_content", open() ? null : carried());
            }
        }
        json.writeEndObject();
    }

    private List<StringBuilder> shown() {
        return open() ? List.of() : texts;
    }

    private @Nullable String carried() {
        return CarriedReasoning.seal(
                String.join("", texts), signature.isEmpty() ? null : signature.toString(), redacted);
    }

    static void writeOutputText(JsonGenerator json, String text) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "output_text");
        json.writeStringField("text", text);
        json.writeArrayFieldStart("annotations");
        json.writeEndArray();
        json.writeArrayFieldStart("logprobs");
        json.writeEndArray();
        json.writeEndObject();
    }

    static void writeSummaryText(JsonGenerator json, String text) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "summary_text");
        json.writeStringField("text", text);
        json.writeEndObject();
    }
}
