package io.latticegate.proxy.dialect.bedrock;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * One message of {@code application/vnd.amazon.eventstream} (Smithy, "Amazon Event Stream Specification"):
 *
 * <pre>
 * total length (4) | length of headers (4) | CRC-32 of both (4) | headers | payload | CRC-32 of all before (4)
 * </pre>
 *
 * Numbers are big-endian. Of the headers only those with text are kept, which are all that Bedrock sends. The payload is
 * not copied and never compared.
 */
@SuppressWarnings("ArrayRecordComponent")
record EventStreamMessage(Map<String, String> headers, byte[] payload) {
    /** Lengths and their checksum. */
    static final int PRELUDE_BYTES = 12;

    /** A message without headers and payload. */
    static final int BYTES_MIN = PRELUDE_BYTES + 4;

    /** Most bytes of headers, as the specification has it. */
    static final int HEADERS_BYTES_MAX = 128 * 1024;

    /** What kind of message it is: {@code event}, {@code exception} or {@code error}. */
    static final String MESSAGE_TYPE = ":message-type";

    static final String EVENT_TYPE = ":event-type";
    static final String EXCEPTION_TYPE = ":exception-type";
    static final String ERROR_CODE = ":error-code";
    static final String ERROR_MESSAGE = ":error-message";
    static final String CONTENT_TYPE = ":content-type";

    private static final int BOOLEAN_TRUE = 0;
    private static final int BOOLEAN_FALSE = 1;
    private static final int BYTE = 2;
    private static final int SHORT = 3;
    private static final int INTEGER = 4;
    private static final int LONG = 5;
    private static final int BYTES = 6;
    private static final int STRING = 7;
    private static final int TIMESTAMP = 8;
    private static final int UUID = 9;
    private static final int STRING_BYTES_MAX = 0x7fff;

    EventStreamMessage {
        headers = Map.copyOf(headers);
    }

    /** A header's text; empty when there is none. */
    String header(String name) {
        return headers.getOrDefault(name, "");
    }

    /** Reads the headers of a message whose checksums are right; null when they are malformed. */
    static @Nullable Map<String, String> readHeaders(ByteBuffer bytes) {
        Map<String, String> headers = new LinkedHashMap<>();
        while (bytes.hasRemaining()) {
            int nameLength = bytes.get() & 0xff;
            if (nameLength == 0 || bytes.remaining() < nameLength + 1) {
                return null;
            }
            String name = text(bytes, nameLength);
            int type = bytes.get();
            int length = lengthOf(type, bytes);
            if (length < 0 || length > bytes.remaining()) {
                return null;
            }
            if (type != STRING) {
                bytes.position(bytes.position() + length);
            } else if (headers.put(name, text(bytes, length)) != null) {
                return null;
            }
        }
        return headers;
    }

    /** Bytes of the value that follows; -1 when there is no such type. */
    private static int lengthOf(int type, ByteBuffer bytes) {
        return switch (type) {
            case BOOLEAN_TRUE, BOOLEAN_FALSE -> 0;
            case BYTE -> 1;
            case SHORT -> 2;
            case INTEGER -> 4;
            case LONG, TIMESTAMP -> 8;
            case UUID -> 16;
            case BYTES, STRING -> bytes.remaining() < 2 ? -1 : bytes.getShort();
            default -> -1;
        };
    }

    private static String text(ByteBuffer bytes, int length) {
        String text = new String(bytes.array(), bytes.arrayOffset() + bytes.position(), length, StandardCharsets.UTF_8);
        bytes.position(bytes.position() + length);
        return text;
    }

    /** An event with a JSON payload. */
    static byte[] event(String type, byte[] payload) {
        return encoded("event", EVENT_TYPE, type, payload);
    }

    /** A failure, after which nothing follows, with a JSON payload. */
    static byte[] exception(String type, byte[] payload) {
        return encoded("exception", EXCEPTION_TYPE, type, payload);
    }

    private static byte[] encoded(String messageType, String typeHeader, String type, byte[] payload) {
        String[] headers = {typeHeader, type, CONTENT_TYPE, "application/json", MESSAGE_TYPE, messageType};
        int headersLength = 0;
        for (int i = 0; i < headers.length; i += 2) {
            headersLength += 4 + headers[i].length() + headers[i + 1].length();
        }
        var message = ByteBuffer.allocate(BYTES_MIN + headersLength + payload.length);
        message.putInt(message.capacity()).putInt(headersLength).putInt(crc(message.array(), 0, 8));
        for (int i = 0; i < headers.length; i += 2) {
            byte[] name = headers[i].getBytes(StandardCharsets.US_ASCII);
            byte[] value = headers[i + 1].getBytes(StandardCharsets.US_ASCII);
            if (value.length > STRING_BYTES_MAX) {
                throw new IllegalArgumentException("a header of more than " + STRING_BYTES_MAX + " bytes");
            }
            message.put((byte) name.length).put(name).put((byte) STRING);
            message.putShort((short) value.length).put(value);
        }
        message.put(payload);
        return message.putInt(crc(message.array(), 0, message.position())).array();
    }

    /** CRC-32 (ISO 3309) of a part of {@code bytes}. */
    static int crc(byte[] bytes, int offset, int length) {
        var crc = new CRC32();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
