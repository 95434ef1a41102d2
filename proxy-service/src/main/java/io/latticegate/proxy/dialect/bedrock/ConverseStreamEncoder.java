package io.latticegate.proxy.dialect.bedrock;

import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.BlockSequence;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.io.ByteArrayOutputStream;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Writes the events of a {@code ConverseStream}, one block after another ({@link BlockSequence}). */
final class ConverseStreamEncoder implements StreamEncoder, BlockSequence.Blocks {
    private static final byte[] NOTHING = {};

    private final LongSupplier elapsedMillis;
    private final BlockSequence sequence = new BlockSequence(this);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private boolean started;
    private boolean failed;
    private boolean calledTools;
    private int block = -1;
    private @Nullable FinishReason reason;
    private TokenUsage usage = TokenUsage.NONE;

    /** @param elapsedMillis time since the request came, for {@code metrics.latencyMs} */
    ConverseStreamEncoder(LongSupplier elapsedMillis) {
        this.elapsedMillis = elapsedMillis;
    }

    @Override
    public String contentType() {
        return BedrockConverse.STREAM_TYPE;
    }

    @Override
    public byte[] encode(ChatEvent event) {
        if (failed) {
            return NOTHING;
        }
        switch (event) {
            case ChatEvent.Started _ -> start();
            case ChatEvent.Finished(FinishReason given, String _) -> reason = given;
            case ChatEvent.UsageReported(TokenUsage reported) -> usage = reported;
            case ChatEvent.Failed(ProviderError error) -> fail(error);
            case ChatEvent.TextDelta _,
                    ChatEvent.ReasoningDelta _,
                    ChatEvent.ReasoningSignature _,
                    ChatEvent.ReasoningRedacted _,
                    ChatEvent.ToolCallStarted _,
                    ChatEvent.ToolCallArguments _ -> {
                start();
                if (!sequence.add(event)) {
                    fail(ProviderError.of(
                            ProviderError.Kind.OUTAGE,
                            "provider_protocol_error",
                            "The provider interleaved more than " + BlockSequence.WAITING_CHARS_MAX
                                    + " characters of tool arguments"));
                }
            }
        }
        return taken();
    }

    @Override
    public byte[] finish() {
        if (failed) {
            return NOTHING;
        }
        start();
        sequence.finish();
        event(
                "messageStop",
                json -> json.writeStringField("stopReason", ConverseStopReason.write(reason, calledTools)));
        event("metadata", json -> ConverseReplyEncoder.writeMetering(json, usage, elapsedMillis.getAsLong()));
        return taken();
    }

    private void start() {
        if (!started) {
            started = true;
            event("messageStart", json -> json.writeStringField("role", "assistant"));
        }
    }

    private void fail(ProviderError error) {
        failed = true;
        out.writeBytes(ConverseErrors.message(error));
    }

    @Override
    public void open(ChatEvent first) {
        block++;
        if (first instanceof ChatEvent.ToolCallStarted(int _, String id, String name)) {
            calledTools = true;
            event("contentBlockStart", json -> {
                json.writeObjectFieldStart("start");
                json.writeObjectFieldStart("toolUse");
                json.writeStringField("toolUseId", id);
                json.writeStringField("name", name);
                json.writeEndObject();
                json.writeEndObject();
                json.writeNumberField("contentBlockIndex", block);
            });
        }
    }

    @Override
    public void content(ChatEvent more) {
        switch (more) {
            case ChatEvent.TextDelta(int _, String text) -> delta(json -> json.writeStringField("text", text));
            case ChatEvent.ReasoningDelta(int _, String text) -> reasoning("text", text);
            case ChatEvent.ReasoningSignature(int _, String signature) ->
                reasoning("signature", ConverseReasoning.signatureToClient(signature));
            case ChatEvent.ReasoningRedacted(int _, String data) ->
                reasoning("redactedContent", ConverseReasoning.redactedToClient(data));
            case ChatEvent.ToolCallArguments(int _, String fragment) ->
                delta(json -> {
                    json.writeObjectFieldStart("toolUse");
                    json.writeStringField("input", fragment);
                    json.writeEndObject();
                });
            case ChatEvent.ToolCallStarted _,
                    ChatEvent.Started _,
                    ChatEvent.Finished _,
                    ChatEvent.UsageReported _,
                    ChatEvent.Failed _ -> {}
        }
    }

    @Override
    public void close() {
        event("contentBlockStop", json -> json.writeNumberField("contentBlockIndex", block));
    }

    private void reasoning(String field, String value) {
        delta(json -> {
            json.writeObjectFieldStart("reasoningContent");
            json.writeStringField(field, value);
            json.writeEndObject();
        });
    }

    private void delta(JsonBytes.Content content) {
        event("contentBlockDelta", json -> {
            json.writeObjectFieldStart("delta");
            content.write(json);
            json.writeEndObject();
            json.writeNumberField("contentBlockIndex", block);
        });
    }

    private void event(String type, JsonBytes.Content members) {
        out.writeBytes(EventStreamMessage.event(type, JsonBytes.document(json -> {
            json.writeStartObject();
            members.write(json);
            json.writeEndObject();
        })));
    }

    private byte[] taken() {
        byte[] bytes = out.toByteArray();
        out.reset();
        return bytes;
    }
}
