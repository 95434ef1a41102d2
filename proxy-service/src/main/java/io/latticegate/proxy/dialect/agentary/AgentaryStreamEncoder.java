package io.latticegate.proxy.dialect.agentary;

import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/**
 * Writes token events and nothing else, since the client takes every JSON event for a token. The last event is always an
 * empty one: with text in it, a client that collects the answer would lose that text.
 */
final class AgentaryStreamEncoder implements StreamEncoder {
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOTHING = {};

    private final LongSupplier elapsedMillis;
    private long nextTokenId;
    private boolean failed;

    AgentaryStreamEncoder(LongSupplier elapsedMillis) {
        this.elapsedMillis = elapsedMillis;
    }

    @Override
    public byte[] encode(ChatEvent event) {
        if (failed) {
            return NOTHING;
        }
        return switch (event) {
            case ChatEvent.TextDelta(int _, String text) -> text.isEmpty() ? NOTHING : token(text, false);
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
        out.writeBytes(token("", true));
        out.writeBytes(DONE);
        return out.toByteArray();
    }

    private byte[] token(String text, boolean last) {
        long tokenId = nextTokenId++;
        return JsonBytes.frame(json -> {
            json.writeStartObject();
            json.writeStringField("token", text);
            json.writeNumberField("tokenId", tokenId);
            if (tokenId == 0) {
                json.writeBooleanField("isFirst", true);
                json.writeNumberField("ttfbMs", elapsedMillis.getAsLong());
            }
            if (last) {
                json.writeBooleanField("isLast", true);
            }
            json.writeEndObject();
        });
    }
}
