package io.latticegate.proxy.dialect.cohere;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.EmbeddingTranslation;
import io.latticegate.proxy.dialect.EmbeddingVectors;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.JsonFields;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RefusedField;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.StrictJson;
import io.latticegate.proxy.dialect.UsageReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Cohere's Embed ({@code POST /v2/embed}, docs.cohere.com/reference/embed) for a provider that speaks OpenAI's {@code
 * /v1/embeddings}. Texts are carried, as {@code texts} or as {@code inputs} of one text each, and vectors as {@code float}
 * and {@code base64}. Refused: pictures, inputs of several parts, the other {@code embedding_types}, which are quantised as
 * only Cohere's models define. Dropped and reported: {@code input_type}, {@code truncate} (a text that is too long is the
 * provider's to refuse), {@code max_tokens}, {@code priority}. One instance per request.
 */
public final class CohereEmbeddings implements EmbeddingTranslation {
    /** The most texts that one call takes. */
    public static final int TEXTS_MAX = 96;

    private static final Set<String> CARRIED_TYPES = Set.of("float", "base64");

    private final String id;
    private final List<String> texts = new ArrayList<>();
    private final Set<String> types = new LinkedHashSet<>();

    /** @param id of the answer */
    public CohereEmbeddings(String id) {
        this.id = id;
    }

    @Override
    public RequestWriting toOpenAi(byte[] body, String upstreamModel) {
        return switch (StrictJson.parse(body)) {
            case StrictJson.Parsed.Malformed(Refusal refusal) -> new RequestWriting.Refused(refusal);
            case StrictJson.Parsed.Tree tree -> {
                try {
                    var dropped = new DroppedFields();
                    Long dimensions = read(new JsonFields(tree.root(), ""), dropped);
                    yield new RequestWriting.Written(
                            EmbeddingVectors.request(upstreamModel, texts, dimensions), dropped.names());
                } catch (RefusedField refused) {
                    yield new RequestWriting.Refused(refused.refusal());
                }
            }
        };
    }

    /** Collects texts and types; gives the length that the vectors shall have, or null. */
    private @Nullable Long read(JsonFields root, DroppedFields dropped) {
        root.requiredText("model");
        if (!root.texts("images").isEmpty()) {
            throw RefusedField.unsupported("images", "images cannot be carried to this model's provider; texts can");
        }
        texts.addAll(root.texts("texts"));
        for (JsonFields input : root.objects("inputs")) {
            texts.add(text(input, dropped));
        }
        if (texts.isEmpty() || texts.size() > TEXTS_MAX) {
            throw RefusedField.invalid("texts", "texts and inputs must together be 1 to " + TEXTS_MAX);
        }
        types.addAll(root.texts("embedding_types"));
        if (types.isEmpty()) {
            types.add("float");
        }
        if (!CARRIED_TYPES.containsAll(types)) {
            throw RefusedField.unsupported(
                    "embedding_types", "embedding_types must be float or base64 for this model's provider");
        }
        Long dimensions = root.count("output_dimension");
        root.reportUnread(dropped);
        return dimensions;
    }

    private static String text(JsonFields input, DroppedFields dropped) {
        List<JsonFields> content = input.objects("content");
        if (content.size() != 1) {
            throw RefusedField.unsupported(
                    input.path("content"), input.path("content") + " must be one text for this model's provider");
        }
        JsonFields part = content.getFirst();
        if (!part.requiredText("type").equals("text")) {
            throw RefusedField.unsupported(part.path("type"), "Only text can be carried to this model's provider");
        }
        String text = part.requiredText("text");
        part.reportUnread(dropped);
        input.reportUnread(dropped);
        return text;
    }

    @Override
    public byte @Nullable [] fromOpenAi(byte[] reply) {
        JsonNode[] vectors = EmbeddingVectors.read(reply, texts.size());
        if (vectors == null) {
            return null;
        }
        var report = new UsageReport();
        report.readAnswer(reply, 0, reply.length);
        TokenUsage usage = report.usage();
        return JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeStringField("id", id);
            json.writeStringField("response_type", "embeddings_by_type");
            json.writeObjectFieldStart("embeddings");
            for (String type : types) {
                writeVectors(json, type, vectors);
            }
            json.writeEndObject();
            json.writeFieldName("texts");
            json.writeArray(texts.toArray(String[]::new), 0, texts.size());
            json.writeObjectFieldStart("meta");
            json.writeObjectFieldStart("api_version");
            json.writeStringField("version", "2");
            json.writeEndObject();
            if (usage != null) {
                json.writeObjectFieldStart("billed_units");
                json.writeNumberField("input_tokens", usage.input());
                json.writeEndObject();
            }
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    private static void writeVectors(JsonGenerator json, String type, JsonNode[] vectors) throws IOException {
        json.writeArrayFieldStart(type);
        for (JsonNode vector : vectors) {
            if (type.equals("float")) {
                EmbeddingVectors.writeNumbers(json, vector);
            } else {
                json.writeString(EmbeddingVectors.base64(vector));
            }
        }
        json.writeEndArray();
    }
}
