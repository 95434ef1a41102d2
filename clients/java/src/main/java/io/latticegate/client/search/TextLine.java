package io.latticegate.client.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.latticegate.client.error.LocalStoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** One line of a {@link TextFile}: {@code {"id":…,"text":…,"metadata":{…},"vector":"base64 of float32"}}. */
final class TextLine {
    static final JsonMapper JSON = JsonMapper.builder().build();

    /** The longest line that is written or read. */
    static final int BYTES_MAX = 16 << 20;

    static byte[] of(TextEntry entry, float[] vector) {
        ObjectNode line = JSON.createObjectNode().put("id", entry.label().id()).put("text", entry.text());
        line.set("metadata", JSON.valueToTree(entry.label().metadata()));
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float number : vector) {
            if (!Float.isFinite(number)) {
                throw new IllegalArgumentException(
                        "a vector of " + entry.label().id() + " with " + number);
            }
            bytes.putFloat(number);
        }
        line.put("vector", Base64.getEncoder().encodeToString(bytes.array()));
        byte[] written = terminated(line);
        if (written.length > BYTES_MAX) {
            throw new IllegalArgumentException("a text of " + written.length + " bytes; allowed are " + BYTES_MAX);
        }
        return written;
    }

    /** The bytes of a line with its end. */
    static byte[] terminated(ObjectNode line) {
        byte[] text = line.toString().getBytes(StandardCharsets.UTF_8);
        byte[] terminated = Arrays.copyOf(text, text.length + 1);
        terminated[text.length] = '\n';
        return terminated;
    }

    static TextLabel label(JsonNode line) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        line.path("metadata").properties().forEach(field -> metadata.put(field.getKey(), scalar(field.getValue())));
        return new TextLabel(line.path("id").asText(), metadata);
    }

    private static Object scalar(JsonNode value) {
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        return value.isNumber() ? value.numberValue() : value.asText();
    }

    static String text(JsonNode line) {
        return line.path("text").asText();
    }

    static byte[] vectorBytes(JsonNode line, int dimension) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(line.path("vector").asText());
        } catch (IllegalArgumentException malformed) {
            throw new LocalStoreException("the vector of " + line.path("id") + " is no base64", malformed);
        }
        if (bytes.length != dimension * Float.BYTES) {
            throw new LocalStoreException("the vector of " + line.path("id") + " has " + bytes.length + " bytes");
        }
        return bytes;
    }

    static float[] vector(JsonNode line, int dimension) {
        float[] vector = new float[dimension];
        ByteBuffer.wrap(vectorBytes(line, dimension))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(vector);
        return vector;
    }

    private TextLine() {}
}
