package io.latticegate.proxy.dialect.anthropic;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.JsonBalance;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the events of a message. This protocol has one open block at a time, other protocols interleave the arguments of
 * parallel calls. A call's block is therefore closed once its arguments are a whole JSON object; events of other parts that
 * come before that wait, in order, up to {@value #WAITING_CHARS_MAX} characters. Text and reasoning never wait for more of
 * themselves: when another part begins, their block is closed.
 *
 * <p>Input tokens are often known only at the end; {@code message_start} then says 0 and {@code message_delta}, whose
 * counts are cumulative, says the rest.
 */
final class AnthropicStreamEncoder implements StreamEncoder {
    static final int WAITING_CHARS_MAX = 1024 * 1024;

    private static final byte[] NOTHING = {};
    private static final int NO_PART = -1;

    private final AnswerTerms terms;
    private final Deque<ChatEvent> waiting = new ArrayDeque<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int waitingChars;
    private boolean started;
    private boolean failed;
    private boolean calledTools;
    private int block = NO_PART;
    private int openPart = NO_PART;
    private boolean openIsCall;
    private JsonBalance arguments = new JsonBalance();
    private @Nullable FinishReason reason;
    private @Nullable String stopSequence;
    private TokenUsage usage = TokenUsage.NONE;

    AnthropicStreamEncoder(AnswerTerms terms) {
        this.terms = terms;
    }

    @Override
    public byte[] encode(ChatEvent event) {
        if (failed) {
            return NOTHING;
        }
        switch (event) {
            case ChatEvent.Started begun -> start(begun.id());
            case ChatEvent.Finished(FinishReason given, String sequence) -> {
                reason = given;
                stopSequence = sequence;
            }
            case ChatEvent.UsageReported(TokenUsage reported) -> usage = reported;
            case ChatEvent.Failed(ProviderError error) -> fail(error);
            case ChatEvent.TextDelta _,
                    ChatEvent.ReasoningDelta _,
                    ChatEvent.ReasoningSignature _,
                    ChatEvent.ReasoningRedacted _,
                    ChatEvent.ToolCallStarted _,
                    ChatEvent.ToolCallArguments _ -> part(event);
        }
        return taken();
    }

    @Override
    public byte[] finish() {
        if (failed) {
            return NOTHING;
        }
        start("");
        while (!waiting.isEmpty()) {
            close();
            release();
        }
        close();
        frame("message_delta", json -> {
            json.writeObjectFieldStart("delta");
            json.writeStringField("stop_reason", AnthropicReplyEncoder.stopReason(reason, calledTools));
            json.writeStringField("stop_sequence", stopSequence);
            json.writeEndObject();
            AnthropicReplyEncoder.writeUsage(json, usage);
        });
        frame("message_stop", json -> {});
        return taken();
    }

    private void start(String id) {
        if (started) {
            return;
        }
        started = true;
        frame("message_start", json -> {
            json.writeObjectFieldStart("message");
            AnthropicReplyEncoder.writeHead(json, id.isEmpty() ? terms.id() : id, terms.model());
            json.writeArrayFieldStart("content");
            json.writeEndArray();
            json.writeNullField("stop_reason");
            json.writeNullField("stop_sequence");
            AnthropicReplyEncoder.writeUsage(json, usage);
            json.writeEndObject();
        });
    }

    private void fail(ProviderError error) {
        failed = true;
        waiting.clear();
        out.writeBytes(AnthropicErrors.frame(error));
    }

    private void part(ChatEvent event) {
        start("");
        if ((!waiting.isEmpty() && indexOf(event) != openPart) || !mayWrite(event)) {
            hold(event);
            return;
        }
        write(event);
        if (openIsCall && arguments.closed() && !waiting.isEmpty()) {
            close();
            release();
        }
    }

    /** Whether the event belongs to the open block, or the open block can be closed for it. */
    private boolean mayWrite(ChatEvent event) {
        return openPart == NO_PART || indexOf(event) == openPart || !openIsCall || arguments.closed();
    }

    private void hold(ChatEvent event) {
        waitingChars += lengthOf(event);
        if (waitingChars > WAITING_CHARS_MAX) {
            fail(ProviderError.of(
                    ProviderError.Kind.OUTAGE,
                    "provider_protocol_error",
                    "The provider interleaved more than " + WAITING_CHARS_MAX + " characters of tool arguments"));
            return;
        }
        waiting.add(event);
    }

    /** Writes the waiting events of the part that waits longest, then of the next as long as blocks can be closed. */
    private void release() {
        while (!waiting.isEmpty() && (openPart == NO_PART || !openIsCall || arguments.closed())) {
            int next = indexOf(waiting.getFirst());
            List<ChatEvent> ofOthers = new ArrayList<>();
            while (!waiting.isEmpty()) {
                ChatEvent event = waiting.removeFirst();
                if (indexOf(event) == next) {
                    waitingChars -= lengthOf(event);
                    write(event);
                } else {
                    ofOthers.add(event);
                }
            }
            waiting.addAll(ofOthers);
        }
    }

    private void write(ChatEvent event) {
        switch (event) {
            case ChatEvent.TextDelta(int index, String text) -> {
                open(index, json -> {
                    json.writeStringField("type", "text");
                    json.writeStringField("text", "");
                    json.writeNullField("citations");
                });
                delta("text_delta", "text", text);
            }
            case ChatEvent.ReasoningDelta(int index, String text) -> {
                openThinking(index);
                delta("thinking_delta", "thinking", text);
            }
            case ChatEvent.ReasoningSignature(int index, String signature) -> {
                openThinking(index);
                delta("signature_delta", "signature", signature);
            }
            case ChatEvent.ReasoningRedacted(int index, String data) -> {
                open(index, json -> {
                    json.writeStringField("type", "redacted_thinking");
                    json.writeStringField("data", data);
                });
            }
            case ChatEvent.ToolCallStarted(int index, String id, String name) -> {
                open(index, json -> {
                    json.writeStringField("type", "tool_use");
                    json.writeStringField("id", id);
                    json.writeStringField("name", name);
                    json.writeObjectFieldStart("input");
                    json.writeEndObject();
                });
                calledTools = true;
                openIsCall = true;
                arguments = new JsonBalance();
            }
            case ChatEvent.ToolCallArguments(int index, String fragment) -> {
                if (index == openPart && openIsCall) {
                    arguments.add(fragment);
                    delta("input_json_delta", "partial_json", fragment);
                }
            }
            case ChatEvent.Started _, ChatEvent.Finished _, ChatEvent.UsageReported _, ChatEvent.Failed _ -> {}
        }
    }

    private void openThinking(int index) {
        open(index, json -> {
            json.writeStringField("type", "thinking");
            json.writeStringField("thinking", "");
            json.writeStringField("signature", "");
        });
    }

    private void open(int part, JsonBytes.Content content) {
        if (part == openPart) {
            return;
        }
        close();
        openPart = part;
        openIsCall = false;
        block++;
        frame("content_block_start", json -> {
            json.writeNumberField("index", block);
            json.writeObjectFieldStart("content_block");
            content.write(json);
            json.writeEndObject();
        });
    }

    private void close() {
        if (openPart == NO_PART) {
            return;
        }
        openPart = NO_PART;
        openIsCall = false;
        frame("content_block_stop", json -> json.writeNumberField("index", block));
    }

    private void delta(String type, String field, String value) {
        frame("content_block_delta", json -> {
            json.writeNumberField("index", block);
            json.writeObjectFieldStart("delta");
            json.writeStringField("type", type);
            json.writeStringField(field, value);
            json.writeEndObject();
        });
    }

    private void frame(String type, JsonBytes.Content members) {
        out.writeBytes(JsonBytes.frame(type, json -> writeEvent(json, type, members)));
    }

    private static void writeEvent(JsonGenerator json, String type, JsonBytes.Content members) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", type);
        members.write(json);
        json.writeEndObject();
    }

    private byte[] taken() {
        byte[] bytes = out.toByteArray();
        out.reset();
        return bytes;
    }

    private static int indexOf(ChatEvent event) {
        return switch (event) {
            case ChatEvent.TextDelta delta -> delta.index();
            case ChatEvent.ReasoningDelta delta -> delta.index();
            case ChatEvent.ReasoningSignature signature -> signature.index();
            case ChatEvent.ReasoningRedacted redacted -> redacted.index();
            case ChatEvent.ToolCallStarted call -> call.index();
            case ChatEvent.ToolCallArguments arguments -> arguments.index();
            case ChatEvent.Started _, ChatEvent.Finished _, ChatEvent.UsageReported _, ChatEvent.Failed _ -> NO_PART;
        };
    }

    /** Characters that a waiting event holds; at least one, so that their number is bounded as well. */
    private static int lengthOf(ChatEvent event) {
        return 1
                + switch (event) {
                    case ChatEvent.TextDelta delta -> delta.text().length();
                    case ChatEvent.ReasoningDelta delta -> delta.text().length();
                    case ChatEvent.ReasoningSignature signature ->
                        signature.signature().length();
                    case ChatEvent.ReasoningRedacted redacted -> redacted.data().length();
                    case ChatEvent.ToolCallStarted call ->
                        call.name().length() + call.id().length();
                    case ChatEvent.ToolCallArguments arguments ->
                        arguments.jsonFragment().length();
                    case ChatEvent.Started _, ChatEvent.Finished _, ChatEvent.UsageReported _, ChatEvent.Failed _ -> 0;
                };
    }
}
