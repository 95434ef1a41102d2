package io.latticegate.proxy.dialect.cohere;

import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.JsonBalance;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the events of a chat. One item of content is open at a time; tool calls have numbers of their own and may interleave,
 * and each ends when its arguments are a whole JSON object, at the latest with the message.
 */
final class CohereStreamEncoder implements StreamEncoder {
    private static final byte[] NOTHING = {};
    private static final int NO_PART = -1;

    private final AnswerTerms terms;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Map<Integer, Call> calls = new LinkedHashMap<>();
    private boolean started;
    private boolean failed;
    private int items;
    private int openPart = NO_PART;
    private @Nullable FinishReason reason;
    private @Nullable TokenUsage usage;

    /** A tool call that has begun. */
    private static final class Call {
        private final int index;
        private final JsonBalance arguments = new JsonBalance();
        private boolean ended;

        private Call(int index) {
            this.index = index;
        }
    }

    CohereStreamEncoder(AnswerTerms terms) {
        this.terms = terms;
    }

    @Override
    public byte[] encode(ChatEvent event) {
        if (failed) {
            return NOTHING;
        }
        switch (event) {
            case ChatEvent.Started begun -> start(begun.id());
            case ChatEvent.TextDelta(int part, String text) -> {
                open(part, "text");
                content("text", text);
            }
            case ChatEvent.ReasoningDelta(int part, String text) -> {
                open(part, "thinking");
                content("thinking", text);
            }
            case ChatEvent.ReasoningSignature(int part, String signature) -> {
                open(part, "thinking");
                content("signature", signature);
            }
            case ChatEvent.ReasoningRedacted(int part, String data) -> {
                open(part, "thinking");
                content("redacted", data);
            }
            case ChatEvent.ToolCallStarted(int part, String id, String name) -> startCall(part, id, name);
            case ChatEvent.ToolCallArguments(int part, String fragment) -> arguments(part, fragment);
            case ChatEvent.Finished finished -> reason = finished.reason();
            case ChatEvent.UsageReported(TokenUsage reported) -> usage = reported;
            case ChatEvent.Failed(ProviderError error) -> {
                failed = true;
                out.writeBytes(CohereErrors.frame(error));
            }
        }
        return taken();
    }

    @Override
    public byte[] finish() {
        if (failed) {
            return NOTHING;
        }
        start("");
        close();
        calls.values().forEach(this::end);
        TokenUsage total = usage;
        event("message-end", NO_PART, json -> {
            json.writeStringField("finish_reason", CohereReplyEncoder.finishReason(reason, !calls.isEmpty()));
            if (total != null) {
                CohereReplyEncoder.writeUsage(json, total);
            }
        });
        return taken();
    }

    private void start(String id) {
        if (started) {
            return;
        }
        started = true;
        out.writeBytes(JsonBytes.frame("message-start", json -> {
            json.writeStartObject();
            json.writeStringField("type", "message-start");
            json.writeStringField("id", id.isEmpty() ? terms.id() : id);
            json.writeObjectFieldStart("delta");
            json.writeObjectFieldStart("message");
            json.writeStringField("role", "assistant");
            for (String list : new String[] {"content", "tool_calls", "citations"}) {
                json.writeArrayFieldStart(list);
                json.writeEndArray();
            }
            json.writeStringField("tool_plan", "");
            json.writeEndObject();
            json.writeEndObject();
            json.writeEndObject();
        }));
    }

    private void open(int part, String type) {
        start("");
        if (part == openPart) {
            return;
        }
        close();
        openPart = part;
        message("content-start", items, json -> {
            json.writeObjectFieldStart("content");
            json.writeStringField("type", type);
            json.writeStringField(type, "");
            json.writeEndObject();
        });
    }

    private void content(String field, String value) {
        message("content-delta", items, json -> {
            json.writeObjectFieldStart("content");
            json.writeStringField(field, value);
            json.writeEndObject();
        });
    }

    private void close() {
        if (openPart != NO_PART) {
            openPart = NO_PART;
            bare("content-end", items);
            items++;
        }
    }

    private void startCall(int part, String id, String name) {
        start("");
        close();
        var call = new Call(calls.size());
        calls.put(part, call);
        message("tool-call-start", call.index, json -> {
            json.writeObjectFieldStart("tool_calls");
            json.writeStringField("id", id);
            json.writeStringField("type", "function");
            json.writeObjectFieldStart("function");
            json.writeStringField("name", name);
            json.writeStringField("arguments", "");
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    private void arguments(int part, String fragment) {
        Call call = calls.get(part);
        if (call == null || call.ended) {
            return;
        }
        message("tool-call-delta", call.index, json -> {
            json.writeObjectFieldStart("tool_calls");
            json.writeObjectFieldStart("function");
            json.writeStringField("arguments", fragment);
            json.writeEndObject();
            json.writeEndObject();
        });
        call.arguments.add(fragment);
        if (call.arguments.closed()) {
            end(call);
        }
    }

    private void end(Call call) {
        if (!call.ended) {
            call.ended = true;
            bare("tool-call-end", call.index);
        }
    }

    private void bare(String type, int index) {
        out.writeBytes(JsonBytes.frame(type, json -> {
            json.writeStartObject();
            json.writeStringField("type", type);
            json.writeNumberField("index", index);
            json.writeEndObject();
        }));
    }

    private void message(String type, int index, JsonBytes.Content members) {
        event(type, index, json -> {
            json.writeObjectFieldStart("message");
            members.write(json);
            json.writeEndObject();
        });
    }

    private void event(String type, int index, JsonBytes.Content delta) {
        out.writeBytes(JsonBytes.frame(type, json -> {
            json.writeStartObject();
            json.writeStringField("type", type);
            if (index != NO_PART) {
                json.writeNumberField("index", index);
            }
            json.writeObjectFieldStart("delta");
            delta.write(json);
            json.writeEndObject();
            json.writeEndObject();
        }));
    }

    private byte[] taken() {
        byte[] bytes = out.toByteArray();
        out.reset();
        return bytes;
    }
}
