package io.latticegate.proxy.dialect.bedrock;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Splits an {@link EventStreamMessage event stream} into its messages as bytes arrive, cut anywhere. The lengths are
 * believed only once their checksum is right, and a message is held only up to {@value #MESSAGE_BYTES_MAX} bytes. What is
 * malformed ends the reading for good. Not thread-safe; one instance per stream.
 */
final class EventStreamParser {
    /** The largest message that is read; Bedrock's have a few hundred bytes. */
    static final int MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

    private static final int BYTES_EXPECTED = 1_024;

    private byte[] held = new byte[BYTES_EXPECTED];
    private int heldLength;
    private int messageLength;
    private @Nullable String fault;

    /** Takes the next bytes and hands out every message that they complete. */
    void feed(byte[] bytes, int offset, int length, Consumer<EventStreamMessage> sink) {
        int at = offset;
        int end = offset + length;
        while (at < end && fault == null) {
            int wanted = (messageLength == 0 ? EventStreamMessage.PRELUDE_BYTES : messageLength) - heldLength;
            int taken = Math.min(wanted, end - at);
            hold(bytes, at, taken);
            at += taken;
            if (taken < wanted) {
                return;
            }
            if (messageLength == 0) {
                readPrelude();
            } else {
                readMessage(sink);
            }
        }
    }

    /** What is wrong with the stream, or null. */
    @Nullable
    String fault() {
        return fault;
    }

    /** Whether the bytes so far are whole messages. */
    boolean betweenMessages() {
        return fault == null && heldLength == 0;
    }

    private void hold(byte[] bytes, int offset, int length) {
        if (heldLength + length > held.length) {
            held = Arrays.copyOf(held, Math.max(heldLength + length, Math.min(held.length * 2, MESSAGE_BYTES_MAX)));
        }
        System.arraycopy(bytes, offset, held, heldLength, length);
        heldLength += length;
    }

    private void readPrelude() {
        var prelude = ByteBuffer.wrap(held, 0, EventStreamMessage.PRELUDE_BYTES);
        int total = prelude.getInt();
        int headers = prelude.getInt();
        if (prelude.getInt() != EventStreamMessage.crc(held, 0, 8)) {
            fault = "a message whose lengths do not have their checksum";
        } else if (total < EventStreamMessage.BYTES_MIN || total > MESSAGE_BYTES_MAX) {
            fault = "a message that has not " + EventStreamMessage.BYTES_MIN + " to " + MESSAGE_BYTES_MAX + " bytes";
        } else if (headers < 0
                || headers > EventStreamMessage.HEADERS_BYTES_MAX
                || headers > total - EventStreamMessage.BYTES_MIN) {
            fault = "a message whose headers are larger than it";
        } else {
            messageLength = total;
        }
    }

    private void readMessage(Consumer<EventStreamMessage> sink) {
        var message = ByteBuffer.wrap(held, 0, messageLength);
        int beforeCrc = messageLength - 4;
        if (message.getInt(beforeCrc) != EventStreamMessage.crc(held, 0, beforeCrc)) {
            fault = "a message that does not have its checksum";
            return;
        }
        int headersEnd = EventStreamMessage.PRELUDE_BYTES + message.getInt(4);
        message.position(EventStreamMessage.PRELUDE_BYTES).limit(headersEnd);
        Map<String, String> headers = EventStreamMessage.readHeaders(message);
        if (headers == null) {
            fault = "a message with malformed headers";
            return;
        }
        byte[] payload = Arrays.copyOfRange(held, headersEnd, beforeCrc);
        heldLength = 0;
        messageLength = 0;
        sink.accept(new EventStreamMessage(headers, payload));
    }
}
