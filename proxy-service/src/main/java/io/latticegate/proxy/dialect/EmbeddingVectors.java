package io.latticegate.proxy.dialect;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's {@code /v1/embeddings} as a provider speaks it. A vector is an array of numbers, or base64 of little-endian
 * floats of 32 bits; servers that do not know {@code encoding_format} answer with numbers.
 */
public final class EmbeddingVectors {

    private EmbeddingVectors() {}

    /** A request for one vector per input, in base64. */
    public static byte[] request(String model, List<String> inputs, @Nullable Long dimensions) {
        return JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeStringField("model", model);
            json.writeFieldName("input");
            json.writeArray(inputs.toArray(String[]::new), 0, inputs.size());
            json.writeStringField("encoding_format", "base64");
            if (dimensions != null) {
                json.writeNumberField("dimensions", dimensions);
            }
            json.writeEndObject();
        });
    }

    /** The vectors of a reply in the order of their inputs, or null when it has not exactly {@code expected} good ones. */
    public static JsonNode @Nullable [] read(byte[] reply, int expected) {
        JsonNode root = StrictJson.parseReply(reply, 0, reply.length);
        JsonNode data = root == null ? null : root.path("data");
        if (data == null || !data.isArray() || data.size() != expected) {
            return null;
        }
        JsonNode[] vectors = new JsonNode[expected];
        for (JsonNode one : data) {
            int index = one.path("index").asInt(-1);
            if (index < 0 || index >= vectors.length || vectors[index] != null || !isVector(one.path("embedding"))) {
                return null;
            }
            vectors[index] = one.path("embedding");
        }
        return vectors;
    }

    /** Writes a vector that {@link #read} gave as an array of numbers. */
    public static void writeNumbers(JsonGenerator json, JsonNode vector) throws IOException {
        json.writeStartArray();
        FloatBuffer floats = vector.isTextual() ? floats(vector.textValue()) : null;
        if (floats != null) {
            while (floats.hasRemaining()) {
                json.writeNumber(floats.get());
            }
        } else {
            for (JsonNode component : vector) {
                json.writeTree(component);
            }
        }
        json.writeEndArray();
    }

    /** A vector that {@link #read} gave as base64. */
    public static String base64(JsonNode vector) {
        if (vector.isTextual()) {
            return vector.textValue();
        }
        ByteBuffer bytes = ByteBuffer.allocate(vector.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (JsonNode component : vector) {
            bytes.putFloat(component.floatValue());
        }
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    private static boolean isVector(JsonNode embedding) {
        if (embedding.isTextual()) {
            return floats(embedding.textValue()) != null;
        }
        if (!embedding.isArray()) {
            return false;
        }
        for (JsonNode component : embedding) {
            if (!component.isNumber()) {
                return false;
            }
        }
        return true;
    }

    /** None of them infinite or no number; null when the text is something else. */
    private static @Nullable FloatBuffer floats(String base64) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
        FloatBuffer floats =
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        boolean good = bytes.length > 0 && bytes.length % Float.BYTES == 0;
        for (int i = 0; good && i < floats.limit(); i++) {
            good = Float.isFinite(floats.get(i));
        }
        return good ? floats : null;
    }
}
