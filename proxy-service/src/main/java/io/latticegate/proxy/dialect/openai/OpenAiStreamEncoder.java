package io.latticegate.proxy.dialect.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@code chat.completion.chunk} frames: the role first, then deltas, then the finish reason, then usage in a chunk
 * without choices if the client asked for it, then {@code [DONE]}.
 */
final class OpenAiStreamEncoder implements StreamEncoder {
    static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final int THINKING_CHARS_MAX = 1024 * 1024;
    private static final byte[] NOTHING = {};

    private final AnswerTerms terms;
    private final Map<Integer, Integer> callByPart = new HashMap<>();
    private final StringBuilder thinking = new StringBuilder();
    private boolean thinkingWhole = true;
    private String id;
    private boolean started;
    private boolean finished;
    private boolean failed;
    private @Nullable TokenUsage usage;

    /** Writes the content of a delta object, or nothing. */
    @FunctionalInterface
    private interface Delta {
        void write(JsonGenerator json) throws IOException;
    }

    OpenAiStreamEncoder(AnswerTerms terms) {
        this.terms = terms;
        this.id = terms.id();
    }

    @Override
    public byte[] encode(ChatEvent event) {
        if (failed) {
            return NOTHING;
        }
        return switch (event) {
            case ChatEvent.Started begun -> start(begun.id());
            case ChatEvent.TextDelta more -> delta(json -> json.writeStringField("content", more.text()));
            case ChatEvent.ReasoningDelta more -> reasoning(more.text());
            case ChatEvent.ReasoningSignature proof -> signed(proof.signature());
            case ChatEvent.ReasoningRedacted hidden ->
                thinkingBlock(new ContentPart.Reasoning("", null, hidden.data()));
            case ChatEvent.ToolCallStarted(int index, String callId, String name) -> startCall(index, callId, name);
            case ChatEvent.ToolCallArguments(int index, String fragment) -> continueCall(index, fragment);
            case ChatEvent.Finished ended -> end(ended.reason());
            case ChatEvent.UsageReported(TokenUsage reported) -> {
                usage = reported;
                yield NOTHING;
            }
            case ChatEvent.Failed failure -> {
                failed = true;
                yield OpenAiErrors.frame(failure.error());
            }
        };
    }

    @Override
    public byte[] finish() {
        if (failed) {
            return NOTHING;
        }
        var out = new ByteArrayOutputStream();
        if (!finished) {
            out.writeBytes(end(null));
        }
        TokenUsage total = usage;
        if (terms.includeUsage() && total != null) {
            out.writeBytes(JsonBytes.frame(json -> {
                json.writeStartObject();
                OpenAiReplyEncoder.writeHead(json, id, "chat.completion.chunk", terms);
                json.writeArrayFieldStart("choices");
                json.writeEndArray();
                OpenAiReplyEncoder.writeUsage(json, total);
                json.writeEndObject();
            }));
        }
        out.writeBytes(DONE);
        return out.toByteArray();
    }

    private byte[] start(String startedId) {
        if (started) {
            return NOTHING;
        }
        if (!startedId.isEmpty()) {
            id = startedId;
        }
        return startNow();
    }

    private byte[] startNow() {
        started = true;
        return chunk(
                json -> {
                    json.writeStringField("role", "assistant");
                    json.writeStringField("content", "");
                },
                null);
    }

    private byte[] startCall(int part, String callId, String name) {
        int call = callByPart.size();
        callByPart.put(part, call);
        return delta(json -> {
            json.writeArrayFieldStart("tool_calls");
            json.writeStartObject();
            json.writeNumberField("index", call);
            json.writeStringField("id", callId);
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
        Integer call = callByPart.get(part);
        if (call == null) {
            return NOTHING;
        }
        return delta(json -> {
            json.writeArrayFieldStart("tool_calls");
            json.writeStartObject();
            json.writeNumberField("index", call);
            json.writeObjectFieldStart("function");
            json.writeStringField("arguments", fragment);
            json.writeEndObject();
            json.writeEndObject();
            json.writeEndArray();
        });
    }

    private byte[] reasoning(String text) {
        if (thinking.length() + text.length() <= THINKING_CHARS_MAX) {
            thinking.append(text);
        } else {
            thinkingWhole = false;
        }
        return delta(json -> json.writeStringField("reasoning_content", text));
    }

    /** Gives the block as a whole, since only its exact text with its signature can be sent back. */
    private byte[] signed(String signature) {
        boolean whole = thinkingWhole;
        String text = thinking.toString();
        thinking.setLength(0);
        thinkingWhole = true;
        return whole ? thinkingBlock(new ContentPart.Reasoning(text, signature, null)) : NOTHING;
    }

    private byte[] thinkingBlock(ContentPart.Reasoning part) {
        return delta(json -> {
            json.writeArrayFieldStart("thinking_blocks");
            OpenAiReplyEncoder.writeThinkingBlock(json, part);
            json.writeEndArray();
        });
    }

    private byte[] end(@Nullable FinishReason reason) {
        if (finished) {
            return NOTHING;
        }
        finished = true;
        return withRole(chunk(json -> {}, OpenAiReplyEncoder.finishReason(reason, !callByPart.isEmpty())));
    }

    private byte[] delta(Delta delta) {
        return withRole(chunk(delta, null));
    }

    /** A stream always begins with the role, also when the provider's start was never seen. */
    private byte[] withRole(byte[] chunk) {
        if (started) {
            return chunk;
        }
        var both = new ByteArrayOutputStream();
        both.writeBytes(startNow());
        both.writeBytes(chunk);
        return both.toByteArray();
    }

    private byte[] chunk(Delta delta, @Nullable String finishReason) {
        return JsonBytes.frame(json -> {
            json.writeStartObject();
            OpenAiReplyEncoder.writeHead(json, id, "chat.completion.chunk", terms);
            json.writeArrayFieldStart("choices");
            json.writeStartObject();
            json.writeNumberField("index", 0);
            json.writeObjectFieldStart("delta");
            delta.write(json);
            json.writeEndObject();
            json.writeNullField("logprobs");
            json.writeStringField("finish_reason", finishReason);
            json.writeEndObject();
            json.writeEndArray();
            if (terms.includeUsage()) {
                json.writeNullField("usage");
            }
            json.writeEndObject();
        });
    }
}
