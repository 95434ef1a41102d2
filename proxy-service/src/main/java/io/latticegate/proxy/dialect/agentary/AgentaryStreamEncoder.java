package io.latticegate.proxy.dialect.agentary;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes token events and nothing else, since the client takes every JSON event for a token. A tool call travels in events
 * whose token is empty, as {@code tool_calls} in the pieces that OpenAI's chat streams have: id and name first, then the
 * arguments as they come. The last event is always an empty one: with text in it, a client that collects the answer would
 * lose that text. It says {@code finish_reason} where tools were called.
 */
final class AgentaryStreamEncoder implements StreamEncoder {
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOTHING = {};

    private final LongSupplier elapsedMillis;
    private @Nullable List<Call> calls;
    private @Nullable FinishReason reason;
    private long nextTokenId;
    private boolean failed;

    /** A tool call of which the client knows; its place in the list is the client's index of it. */
    private static final class Call {
        private final int part;
        private boolean hasArguments;

        private Call(int part) {
            this.part = part;
        }
    }

    /** Adds members to an event. */
    @FunctionalInterface
    private interface Members {
        void write(JsonGenerator json) throws IOException;
    }

    AgentaryStreamEncoder(LongSupplier elapsedMillis) {
        this.elapsedMillis = elapsedMillis;
    }

    @Override
    public byte[] encode(ChatEvent event) {
        if (failed) {
            return NOTHING;
        }
        return switch (event) {
            case ChatEvent.TextDelta(int _, String text) -> text.isEmpty() ? NOTHING : event(text, json -> {});
            case ChatEvent.ToolCallStarted(int part, String id, String name) -> startCall(part, id, name);
            case ChatEvent.ToolCallArguments(int part, String fragment) -> continueCall(part, fragment);
            case ChatEvent.Finished ended -> {
                reason = ended.reason();
                yield NOTHING;
            }
            case ChatEvent.Failed failure -> {
                failed = true;
                yield AgentaryErrors.line(failure.error());
            }
            default -> NOTHING;
        };
    }

    @Override
    public byte[] finish() {
        if (failed) {
            return NOTHING;
        }
        var out = new ByteArrayOutputStream(96);
        List<Call> called = calls;
        if (called != null) {
            for (int index = 0; index < called.size(); index++) {
                if (!called.get(index).hasArguments) {
                    out.writeBytes(arguments(index, "{}"));
                }
            }
        }
        out.writeBytes(event("", json -> {
            json.writeBooleanField("isLast", true);
            if (called != null) {
                json.writeStringField("finish_reason", AgentaryTokens.finishReason(reason, true));
            }
        }));
        out.writeBytes(DONE);
        return out.toByteArray();
    }

    private byte[] startCall(int part, String id, String name) {
        if (calls == null) {
            calls = new ArrayList<>();
        }
        int index = calls.size();
        calls.add(new Call(part));
        return event("", json -> {
            json.writeArrayFieldStart("tool_calls");
            json.writeStartObject();
            json.writeNumberField("index", index);
            json.writeStringField("id", id);
            json.writeStringField("type", "function");
            json.writeObjectFieldStart("function");
            json.writeStringField("name", name);
            json.writeStringField("arguments", "");
            json.writeEndObject();
            json.writeEndObject();
            json.writeEndArray();
        });
    }

    private byte[] continueCall(int part, String fragment) {
        List<Call> called = calls;
        if (called == null || fragment.isEmpty()) {
            return NOTHING;
        }
        for (int index = called.size() - 1; index >= 0; index--) {
            Call call = called.get(index);
            if (call.part == part) {
                call.hasArguments = true;
                return arguments(index, fragment);
            }
        }
        return NOTHING;
    }

    private byte[] arguments(int index, String fragment) {
        return event("", json -> {
            json.writeArrayFieldStart("tool_calls");
            json.writeStartObject();
            json.writeNumberField("index", index);
            json.writeObjectFieldStart("function");
            json.writeStringField("arguments", fragment);
            json.writeEndObject();
            json.writeEndObject();
            json.writeEndArray();
        });
    }

    private byte[] event(String token, Members more) {
        long tokenId = nextTokenId++;
        return JsonBytes.frame(json -> {
            json.writeStartObject();
            json.writeStringField("token", token);
            json.writeNumberField("tokenId", tokenId);
            if (tokenId == 0) {
                json.writeBooleanField("isFirst", true);
                json.writeNumberField("ttfbMs", elapsedMillis.getAsLong());
            }
            more.write(json);
            json.writeEndObject();
        });
    }
}
