package io.latticegate.proxy.dialect.bedrock;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.StrictJson;
import io.latticegate.proxy.dialect.UsageReport;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches a {@code ConverseStream} that passes through in its own protocol: usage, failure, and the proper end. Not
 * thread-safe; one instance per stream.
 */
public final class ConverseStreamScan {
    private final EventStreamParser parser = new EventStreamParser();
    private final UsageReport usage = new UsageReport();
    private final Consumer<EventStreamMessage> messages = this::message;
    private @Nullable ProviderError failure;
    private boolean complete;
    private long outputTextBytes;

    /** Takes the next bytes, cut anywhere. */
    public void feed(byte[] bytes) {
        parser.feed(bytes, 0, bytes.length, messages);
        String fault = parser.fault();
        if (fault != null && failure == null) {
            failure = ProviderError.of(
                    ProviderError.Kind.OUTAGE, "provider_protocol_error", "The provider sent " + fault);
        }
    }

    /** Whether {@code messageStop} came and no message is cut. A stream whose bytes end without it was cut. */
    public boolean complete() {
        return complete && parser.betweenMessages();
    }

    /** Whether the bytes are no event stream; nothing is watched from then on. */
    public boolean malformed() {
        return parser.fault() != null;
    }

    /** Whether another message could follow the bytes so far. */
    public boolean betweenMessages() {
        return parser.betweenMessages();
    }

    /** The exception inside the stream, or what is malformed about it, or null. */
    public @Nullable ProviderError failure() {
        return failure;
    }

    /** What {@code metadata} reported, or null. */
    public @Nullable TokenUsage usage() {
        return usage.usage();
    }

    /** Bytes of the deltas so far as written: the base for an estimate when a stream ends without usage. */
    public long outputTextBytes() {
        return outputTextBytes;
    }

    private void message(EventStreamMessage message) {
        if (!message.header(EventStreamMessage.MESSAGE_TYPE).equals("event")) {
            failure = failure == null ? ConverseErrors.read(message) : failure;
            return;
        }
        byte[] payload = message.payload();
        switch (message.header(EventStreamMessage.EVENT_TYPE)) {
            case "contentBlockDelta" -> countDelta(payload);
            case "messageStop" -> complete = true;
            case "metadata" -> usage.readAnswer(payload, 0, payload.length);
            default -> {}
        }
    }

    private void countDelta(byte[] payload) {
        JsonNode event = StrictJson.parseReply(payload, 0, payload.length);
        if (event == null) {
            return;
        }
        JsonNode delta = event.path("delta");
        for (JsonNode said : new JsonNode[] {
            delta.path("text"),
            delta.path("toolUse").path("input"),
            delta.path("reasoningContent").path("text")
        }) {
            if (said.isTextual()) {
                outputTextBytes += said.textValue().getBytes(StandardCharsets.UTF_8).length;
            }
        }
    }
}
