package io.latticegate.proxy.dialect;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Writes JSON documents and event-stream frames as bytes. The JSON has no line breaks, so a frame has one data line.
 * Surrogates are written as JSON escapes: providers split a pair over two chunks, and half a pair has no UTF-8 form.
 */
public final class JsonBytes {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int LAST_BEFORE_SURROGATES = 0xD7FF;
    private static final byte[] EVENT = "event: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);

    /** Writes the content of one document. */
    @FunctionalInterface
    public interface Content {
        /** Writes exactly one value. */
        void write(JsonGenerator json) throws IOException;
    }

    private JsonBytes() {}

    /** One document. */
    public static byte[] document(Content content) {
        var out = new ByteArrayOutputStream(512);
        value(out, content);
        return out.toByteArray();
    }

    /** One frame {@code data: …}. */
    public static byte[] frame(Content content) {
        var out = new ByteArrayOutputStream(256);
        out.writeBytes(DATA);
        value(out, content);
        out.write('\n');
        out.write('\n');
        return out.toByteArray();
    }

    /** One frame {@code event: name}, {@code data: …}; {@code name} is a constant of the protocol. */
    public static byte[] frame(String name, Content content) {
        var out = new ByteArrayOutputStream(256);
        out.writeBytes(EVENT);
        out.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
        out.write('\n');
        out.writeBytes(frame(content));
        return out.toByteArray();
    }

    private static void value(ByteArrayOutputStream out, Content content) {
        try (JsonGenerator json = MAPPER.createGenerator(out)) {
            json.setHighestNonEscapedChar(LAST_BEFORE_SURROGATES);
            content.write(json);
        } catch (IOException impossible) {
            throw new UncheckedIOException("Writing JSON into memory failed", impossible);
        }
    }
}
