package io.latticegate.proxy.dialect.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.StreamEncoder;
import io.latticegate.proxy.dialect.openai.ResponsesItem.Kind;
import io.latticegate.proxy.dialect.openai.ResponsesItem.Status;
import io.latticegate.proxy.dialect.openai.ResponsesReplyEncoder.State;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the events of a response, numbered from 0:
 *
 * <pre>
 * response.created, response.in_progress
 * per item: response.output_item.added
 *   message:       content_part.added, output_text.delta …, output_text.done, content_part.done   (once per text)
 *   reasoning:     reasoning_summary_part.added, reasoning_summary_text.delta …, …_text.done, …_part.done
 *   function_call: function_call_arguments.delta …, function_call_arguments.done
 *   response.output_item.done
 * response.completed | response.incomplete | response.failed and error
 * </pre>
 *
 * Text and reasoning are closed when another item begins. Calls may interleave, as the protocol allows, since each of their
 * events names its item; a call is closed when its arguments are a whole JSON object and another item begins, else at the
 * end. The end repeats the whole answer, so it is kept, up to {@value #OUTPUT_CHARS_MAX} characters.
 */
final class ResponsesStreamEncoder implements StreamEncoder {
    static final int OUTPUT_CHARS_MAX = 16 * 1024 * 1024;

    private static final int ITEMS_MAX = 4_096;
    private static final byte[] NOTHING = {};
    private static final int NO_PART = -1;

    private final AnswerTerms terms;
    private final String suffix;
    private final List<ResponsesItem> items = new ArrayList<>();
    private final Map<Integer, ResponsesItem> openCalls = new HashMap<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private long sequence;
    private long outputChars;
    private boolean started;
    private boolean failed;

    /** The open message or reasoning, and the part of the answer that is being written into it. */
    private @Nullable ResponsesItem running;

    private int runningPart = NO_PART;
    private @Nullable FinishReason reason;
    private @Nullable TokenUsage usage;

    ResponsesStreamEncoder(AnswerTerms terms) {
        this.terms = terms;
        this.suffix = ResponsesReplyEncoder.suffix(terms);
    }

    @Override
    public byte[] encode(ChatEvent event) {
        if (failed) {
            return NOTHING;
        }
        start();
        switch (event) {
            case ChatEvent.Started _ -> {}
            case ChatEvent.TextDelta(int part, String text) -> text(part, text);
            case ChatEvent.ReasoningDelta(int part, String text) -> reasoning(part, text);
            case ChatEvent.ReasoningSignature(int part, String signature) -> {
                count(signature);
                openReasoning(part).sign(signature);
            }
            case ChatEvent.ReasoningRedacted(int part, String data) -> {
                count(data);
                openReasoning(part).redact(data);
                closeRunning(Status.COMPLETED);
            }
            case ChatEvent.ToolCallStarted(int part, String callId, String name) -> startCall(part, callId, name);
            case ChatEvent.ToolCallArguments(int part, String fragment) -> continueCall(part, fragment);
            case ChatEvent.Finished(FinishReason given, String _) -> {
                reason = given;
                closeAll();
            }
            case ChatEvent.UsageReported(TokenUsage reported) -> usage = reported;
            case ChatEvent.Failed(ProviderError error) -> fail(error);
        }
        if (!failed && (outputChars > OUTPUT_CHARS_MAX || items.size() > ITEMS_MAX)) {
            fail(ProviderError.of(
                    ProviderError.Kind.OUTAGE, "provider_reply_too_large", "The provider's answer is too large"));
        }
        return taken();
    }

    @Override
    public byte[] finish() {
        if (failed) {
            return NOTHING;
        }
        start();
        closeAll();
        State state = State.ended(reason);
        response("response." + state.status(), state);
        return taken();
    }

    private void start() {
        if (!started) {
            started = true;
            response("response.created", State.IN_PROGRESS);
            response("response.in_progress", State.IN_PROGRESS);
        }
    }

    /** The state tells responses that look at it, the error raises an exception in the official SDKs. */
    private void fail(ProviderError error) {
        failed = true;
        for (ResponsesItem item : items) {
            if (item.open()) {
                item.close(Status.INCOMPLETE);
            }
        }
        response("response.failed", State.failed(error));
        out.writeBytes(OpenAiResponses.errorEvent(error, sequence));
    }

    private void text(int part, String text) {
        count(text);
        ResponsesItem message = openMessage();
        if (part != runningPart) {
            closeText(message);
            message.startText();
            runningPart = part;
            inPart("response.content_part.added", message, json -> {
                json.writeFieldName("part");
                ResponsesItem.writeOutputText(json, "");
            });
        }
        message.append(text);
        inPart("response.output_text.delta", message, json -> {
            json.writeStringField("delta", text);
            writeNoLogprobs(json);
        });
    }

    private void reasoning(int part, String text) {
        count(text);
        ResponsesItem item = openReasoning(part);
        if (!item.hasText()) {
            item.startText();
            inSummary("response.reasoning_summary_part.added", item, json -> {
                json.writeFieldName("part");
                ResponsesItem.writeSummaryText(json, "");
            });
        }
        item.append(text);
        inSummary("response.reasoning_summary_text.delta", item, json -> json.writeStringField("delta", text));
    }

    private void startCall(int part, String callId, String name) {
        count(callId);
        count(name);
        ResponsesItem earlier = openCalls.remove(part);
        if (earlier != null) {
            close(earlier, Status.COMPLETED);
        }
        ResponsesItem call = item(Kind.FUNCTION_CALL);
        call.call(callId, name);
        openCalls.put(part, call);
        added(call);
    }

    private void continueCall(int part, String fragment) {
        ResponsesItem call = openCalls.get(part);
        if (call != null) {
            count(fragment);
            arguments(call, fragment);
        }
    }

    private void arguments(ResponsesItem call, String fragment) {
        call.append(fragment);
        inItem("response.function_call_arguments.delta", call, json -> json.writeStringField("delta", fragment));
    }

    private ResponsesItem openMessage() {
        ResponsesItem open = running;
        if (open != null && open.kind() == Kind.MESSAGE) {
            return open;
        }
        return run(Kind.MESSAGE);
    }

    private ResponsesItem openReasoning(int part) {
        ResponsesItem open = running;
        if (open != null && open.kind() == Kind.REASONING && runningPart == part) {
            return open;
        }
        ResponsesItem item = run(Kind.REASONING);
        runningPart = part;
        return item;
    }

    private ResponsesItem run(Kind kind) {
        ResponsesItem item = item(kind);
        running = item;
        added(item);
        return item;
    }

    /** A new item; what is whole ends before it. */
    private ResponsesItem item(Kind kind) {
        closeRunning(Status.COMPLETED);
        openCalls.values().removeIf(call -> {
            boolean whole = call.argumentsWhole();
            if (whole) {
                close(call, Status.COMPLETED);
            }
            return whole;
        });
        var item = new ResponsesItem(kind, suffix, items.size());
        items.add(item);
        return item;
    }

    private void added(ResponsesItem item) {
        itemEvent("response.output_item.added", item);
    }

    private void closeRunning(Status status) {
        ResponsesItem open = running;
        if (open != null) {
            running = null;
            close(open, status);
            runningPart = NO_PART;
        }
    }

    /** Of an answer that ended early, the item that was open last is the one that is incomplete. */
    private void closeAll() {
        boolean early = State.ended(reason).incompleteReason() != null;
        for (ResponsesItem item : items) {
            if (item.open()) {
                close(item, early && item == items.getLast() ? Status.INCOMPLETE : Status.COMPLETED);
            }
        }
        running = null;
        runningPart = NO_PART;
        openCalls.clear();
    }

    private void close(ResponsesItem item, Status status) {
        switch (item.kind()) {
            case MESSAGE -> closeText(item);
            case REASONING -> closeSummary(item);
            case FUNCTION_CALL -> closeArguments(item, status);
        }
        item.close(status);
        itemEvent("response.output_item.done", item);
    }

    private void closeText(ResponsesItem message) {
        if (!message.hasText()) {
            return;
        }
        String text = message.text();
        inPart("response.output_text.done", message, json -> {
            json.writeStringField("text", text);
            writeNoLogprobs(json);
        });
        inPart("response.content_part.done", message, json -> {
            json.writeFieldName("part");
            ResponsesItem.writeOutputText(json, text);
        });
    }

    private void closeSummary(ResponsesItem reasoning) {
        if (!reasoning.hasText()) {
            return;
        }
        String text = reasoning.text();
        inSummary("response.reasoning_summary_text.done", reasoning, json -> json.writeStringField("text", text));
        inSummary("response.reasoning_summary_part.done", reasoning, json -> {
            json.writeFieldName("part");
            ResponsesItem.writeSummaryText(json, text);
        });
    }

    /** A whole call without arguments has an empty object of them. */
    private void closeArguments(ResponsesItem call, Status status) {
        if (status == Status.COMPLETED && call.text().isEmpty()) {
            arguments(call, "{}");
        }
        inItem("response.function_call_arguments.done", call, json -> {
            json.writeStringField("name", call.name());
            json.writeStringField("arguments", call.text());
        });
    }

    private void count(String text) {
        outputChars += text.length();
    }

    private static void writeNoLogprobs(JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("logprobs");
        json.writeEndArray();
    }

    private void response(String type, State state) {
        event(type, json -> {
            json.writeFieldName("response");
            List<ResponsesItem> shown = state.status().equals(State.IN_PROGRESS.status()) ? List.of() : items;
            ResponsesReplyEncoder.write(json, terms, state, shown, usage);
        });
    }

    private void itemEvent(String type, ResponsesItem item) {
        event(type, json -> {
            json.writeNumberField("output_index", item.outputIndex());
            json.writeFieldName("item");
            item.write(json);
        });
    }

    private void inItem(String type, ResponsesItem item, JsonBytes.Content fields) {
        event(type, json -> {
            json.writeStringField("item_id", item.id());
            json.writeNumberField("output_index", item.outputIndex());
            fields.write(json);
        });
    }

    private void inPart(String type, ResponsesItem message, JsonBytes.Content fields) {
        inItem(type, message, json -> {
            json.writeNumberField("content_index", message.textIndex());
            fields.write(json);
        });
    }

    private void inSummary(String type, ResponsesItem reasoning, JsonBytes.Content fields) {
        inItem(type, reasoning, json -> {
            json.writeNumberField("summary_index", reasoning.textIndex());
            fields.write(json);
        });
    }

    private void event(String type, JsonBytes.Content fields) {
        long number = sequence++;
        out.writeBytes(JsonBytes.frame(type, json -> {
            json.writeStartObject();
            json.writeStringField("type", type);
            json.writeNumberField("sequence_number", number);
            fields.write(json);
            json.writeEndObject();
        }));
    }

    private byte[] taken() {
        byte[] bytes = out.toByteArray();
        out.reset();
        return bytes;
    }
}
