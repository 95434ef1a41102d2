package io.latticegate.proxy.dialect.anthropic;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.BlockSequence;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Writes the events of a message, one block after another ({@link BlockSequence}).
 *
 * <p>Input tokens are often known only at the end; {@code message_start} then says 0 and {@code message_delta}, whose
 * counts are cumulative, says the rest.
 */
final class AnthropicStreamEncoder implements StreamEncoder, BlockSequence.Blocks {
    private static final byte[] NOTHING = {};

    private final AnswerTerms terms;
    private final BlockSequence sequence = new BlockSequence(this);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private boolean started;
    private boolean failed;
    private boolean calledTools;
    private int block = -1;
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
        sequence.finish();
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
        out.writeBytes(AnthropicErrors.frame(error));
    }

    private void part(ChatEvent event) {
        start("");
        if (!sequence.add(event)) {
            fail(ProviderError.of(
                    ProviderError.Kind.OUTAGE,
                    "provider_protocol_error",
                    "The provider interleaved more than " + BlockSequence.WAITING_CHARS_MAX
                            + " characters of tool arguments"));
        }
    }

    @Override
    public void open(ChatEvent first) {
        block++;
        frame("content_block_start", json -> {
            json.writeNumberField("index", block);
            json.writeObjectFieldStart("content_block");
            writeStart(json, first);
            json.writeEndObject();
        });
    }

    private void writeStart(JsonGenerator json, ChatEvent first) throws IOException {
        switch (first) {
            case ChatEvent.TextDelta _ -> {
                json.writeStringField("type", "text");
                json.writeStringField("text", "");
                json.writeNullField("citations");
            }
            case ChatEvent.ReasoningDelta _, ChatEvent.ReasoningSignature _ -> {
                json.writeStringField("type", "thinking");
                json.writeStringField("thinking", "");
                json.writeStringField("signature", "");
            }
            case ChatEvent.ReasoningRedacted(int _, String data) -> {
                json.writeStringField("type", "redacted_thinking");
                json.writeStringField("data", data);
            }
            case ChatEvent.ToolCallStarted(int _, String id, String name) -> {
                json.writeStringField("type", "tool_use");
                json.writeStringField("id", id);
                json.writeStringField("name", name);
                json.writeObjectFieldStart("input");
                json.writeEndObject();
                calledTools = true;
            }
            case ChatEvent.ToolCallArguments _,
                    ChatEvent.Started _,
                    ChatEvent.Finished _,
                    ChatEvent.UsageReported _,
                    ChatEvent.Failed _ -> throw new IllegalArgumentException("an event that begins no block");
        }
    }

    @Override
    public void content(ChatEvent more) {
        switch (more) {
            case ChatEvent.TextDelta(int _, String text) -> delta("text_delta", "text", text);
            case ChatEvent.ReasoningDelta(int _, String text) -> delta("thinking_delta", "thinking", text);
            case ChatEvent.ReasoningSignature(int _, String signature) ->
                delta("signature_delta", "signature", signature);
            case ChatEvent.ToolCallArguments(int _, String fragment) ->
                delta("input_json_delta", "partial_json", fragment);
            case ChatEvent.ReasoningRedacted _,
                    ChatEvent.ToolCallStarted _,
                    ChatEvent.Started _,
                    ChatEvent.Finished _,
                    ChatEvent.UsageReported _,
                    ChatEvent.Failed _ -> {}
        }
    }

    @Override
    public void close() {
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
}
