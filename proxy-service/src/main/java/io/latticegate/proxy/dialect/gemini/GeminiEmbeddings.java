package io.latticegate.proxy.dialect.gemini;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.EmbeddingTranslation;
import io.latticegate.proxy.dialect.EmbeddingVectors;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.JsonFields;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RefusedField;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.StrictJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code embedContent} and {@code batchEmbedContents} (ai.google.dev/api/embeddings) for a provider that speaks OpenAI's
 * {@code /v1/embeddings}. A content must be one part of text; all requests of a batch must agree in {@code
 * outputDimensionality}. {@code taskType} and {@code title} are dropped and reported. One instance per request.
 */
public final class GeminiEmbeddings implements EmbeddingTranslation {
    private static final String DIMENSIONS = "outputDimensionality";

    private final boolean batch;
    private int inputsSent;

    /** @param batch whether the call is {@code batchEmbedContents} */
    public GeminiEmbeddings(boolean batch) {
        this.batch = batch;
    }

    @Override
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
        return new RequestWriting.Written(EmbeddingVectors.request(upstreamModel, inputs, dimensions), dropped.names());
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

    @Override
    public byte @Nullable [] fromOpenAi(byte[] reply) {
        JsonNode[] vectors = EmbeddingVectors.read(reply, inputsSent);
        if (vectors == null) {
            return null;
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

    private static void writeVector(JsonGenerator json, JsonNode embedding) throws IOException {
        json.writeStartObject();
        json.writeFieldName("values");
        EmbeddingVectors.writeNumbers(json, embedding);
        json.writeEndObject();
    }
}
