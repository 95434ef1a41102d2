package io.latticegate.testing;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Messages of {@code application/vnd.amazon.eventstream}, as Bedrock sends them. */
final class EventStream {
    static final String CONTENT_TYPE = "application/vnd.amazon.eventstream";

    private static final int FRAMING_BYTES = 16;
    private static final byte STRING = 7;

    static Frame event(String type, JsonObject json, boolean content) {
        return new Frame(message("event", ":event-type", type, json), content);
    }

    static Frame exception(String type, JsonObject json) {
        return new Frame(message("exception", ":exception-type", type, json), false);
    }

    private static Buffer message(String messageType, String typeHeader, String type, JsonObject json) {
        Buffer headers = Buffer.buffer();
        header(headers, typeHeader, type);
        header(headers, ":content-type", "application/json");
        header(headers, ":message-type", messageType);
        Buffer payload = json.toBuffer();
        Buffer message = Buffer.buffer()
                .appendInt(FRAMING_BYTES + headers.length() + payload.length())
                .appendInt(headers.length());
        message.appendInt(crc(message)).appendBuffer(headers).appendBuffer(payload);
        return message.appendInt(crc(message));
    }

    private static void header(Buffer headers, String name, String value) {
        headers.appendByte((byte) name.length())
                .appendString(name)
                .appendByte(STRING)
                .appendShort((short) value.getBytes(StandardCharsets.UTF_8).length)
                .appendString(value);
    }

    private static int crc(Buffer bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes.getBytes());
        return (int) crc.getValue();
    }

    private EventStream() {}
}
