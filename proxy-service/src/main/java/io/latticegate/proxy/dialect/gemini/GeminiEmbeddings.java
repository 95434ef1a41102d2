package io.latticegate.proxy.dialect.gemini;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.JsonFields;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RefusedField;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.StrictJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code embedContent} and {@code batchEmbedContents} (ai.google.dev/api/embeddings) for a provider that speaks OpenAI's
 * {@code /v1/embeddings}. A content must be one part of text; all requests of a batch must agree in {@code
 * outputDimensionality}. {@code taskType} and {@code title} are dropped and reported. One instance per request.
 */
public final class GeminiEmbeddings {
    private static final String DIMENSIONS = "outputDimensionality";

    private final boolean batch;
    private int inputsSent;

    /** @param batch whether the call is {@code batchEmbedContents} */
    public GeminiEmbeddings(boolean batch) {
        this.batch = batch;
    }

    /** The request in OpenAI's words. Vectors are asked for in base64, which is a quarter of their size as digits. */
    public RequestWriting toOpenAi(byte[] body, String upstreamModel) {
        return switch (StrictJson.parse(body)) {
            case StrictJson.Parsed.Malformed(Refusal refusal) -> new RequestWriting.Refused(refusal);
            case StrictJson.Parsed.Tree tree -> {
                try {
                    yield toOpenAi(JsonFields.protoJson(tree.root(), ""), upstreamModel);
                } catch (RefusedField refused) {
                    yield new RequestWriting.Refused(refused.refusal());
                }
            }
        };
    }

    private RequestWriting toOpenAi(JsonFields root, String upstreamModel) {
        var dropped = new DroppedFields();
        List<JsonFields> requests = batch ? root.objects("requests") : List.of(root);
        if (requests.isEmpty()) {
            throw RefusedField.invalid("requests", "requests must have at least one request");
        }
        List<String> inputs = new ArrayList<>();
        Long dimensions = requests.getFirst().count(DIMENSIONS);
        for (JsonFields request : requests) {
            request.value("model");
            Long own = request.count(DIMENSIONS);
            if (own == null ? dimensions != null : !own.equals(dimensions)) {
                throw RefusedField.unsupported(
                        request.path(DIMENSIONS), request.path(DIMENSIONS) + " must be the same in all requests");
            }
            inputs.add(text(request, dropped));
            request.reportUnread(dropped);
        }
        root.reportUnread(dropped);
        inputsSent = inputs.size();
        return new RequestWriting.Written(
                JsonBytes.document(json -> {
                    json.writeStartObject();
                    json.writeStringField("model", upstreamModel);
                    json.writeFieldName("input");
                    json.writeArray(inputs.toArray(String[]::new), 0, inputs.size());
                    json.writeStringField("encoding_format", "base64");
                    if (dimensions != null) {
                        json.writeNumberField("dimensions", dimensions);
                    }
                    json.writeEndObject();
                }),
                dropped.names());
    }

    private static String text(JsonFields request, DroppedFields dropped) {
        JsonFields content = request.object("content");
        if (content == null) {
            throw RefusedField.invalid(request.path("content"), request.path("content") + " is required");
        }
        content.value("role");
        List<JsonFields> parts = content.objects("parts");
        if (parts.size() != 1) {
            throw RefusedField.unsupported(
                    content.path("parts"), content.path("parts") + " must be one part of text to be carried");
        }
        JsonFields part = parts.getFirst();
        String text = part.text("text");
        if (text == null) {
            throw RefusedField.unsupported(part.path("text"), "Only text can be carried to this model's provider");
        }
        part.reportUnread(dropped);
        content.reportUnread(dropped);
        return text;
    }

    /** The reply to {@link #toOpenAi} as Gemini's, or null when it is no reply or has not one vector per input. */
    public byte @Nullable [] fromOpenAi(byte[] reply) {
        JsonNode root = StrictJson.parseReply(reply, 0, reply.length);
        JsonNode data = root == null ? null : root.path("data");
        if (data == null || !data.isArray() || data.size() != inputsSent) {
            return null;
        }
        JsonNode[] vectors = new JsonNode[data.size()];
        for (JsonNode one : data) {
            int index = one.path("index").asInt(-1);
            if (index < 0 || index >= vectors.length || vectors[index] != null || !isVector(one.path("embedding"))) {
                return null;
            }
            vectors[index] = one.path("embedding");
        }
        return JsonBytes.document(json -> {
            json.writeStartObject();
            if (batch) {
                json.writeArrayFieldStart("embeddings");
                for (JsonNode vector : vectors) {
                    writeVector(json, vector);
                }
                json.writeEndArray();
            } else {
                json.writeFieldName("embedding");
                writeVector(json, vectors[0]);
            }
            json.writeEndObject();
        });
    }

    /** Servers that do not know {@code encoding_format} answer with numbers. */
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

    private static void writeVector(JsonGenerator json, JsonNode embedding) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("values");
        FloatBuffer floats = embedding.isTextual() ? floats(embedding.textValue()) : null;
        if (floats != null) {
            while (floats.hasRemaining()) {
                json.writeNumber(floats.get());
            }
        } else {
            for (JsonNode component : embedding) {
                json.writeTree(component);
            }
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /** Little-endian floats of 32 bits, none of them infinite or no number; null when the text is something else. */
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
