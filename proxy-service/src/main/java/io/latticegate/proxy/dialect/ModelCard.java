package io.latticegate.proxy.dialect;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model in a list of models, as OpenAI ({@code GET /v1/models}) and Anthropic (the same path with {@code
 * anthropic-version}) write it. {@code provider} and {@code capability} are additions that their clients ignore.
 *
 * @param id 1 to {@link RequestScan#MODEL_LENGTH_MAX} characters
 * @param provider name of the configured provider
 * @param createdSeconds since 1970; 0 when unknown
 */
public record ModelCard(String id, String provider, long createdSeconds) {
    /** The most models that are read from one provider's list. */
    static final int MODELS_MAX = 10_000;

    /** What the model is for. */
    public ModelCapability capability() {
        return ModelCapability.of(id);
    }

    /** The models of a provider's own list in OpenAI's, Anthropic's or Gemini's form, without those whose names are unusable; null when it is none. */
    public static @Nullable List<ModelCard> read(String provider, byte[] list) {
        JsonNode root = StrictJson.parseReply(list, 0, list.length);
        JsonNode data = root == null ? null : root.has("models") ? root.get("models") : root.get("data");
        if (data == null || !data.isArray()) {
            return null;
        }
        List<ModelCard> cards = new ArrayList<>();
        for (JsonNode each : data) {
            String id = each.has("id")
                    ? each.path("id").asText("")
                    : GeminiModelName.bare(each.path("name").asText(""));
            boolean usable = !id.isEmpty() && id.length() <= RequestScan.MODEL_LENGTH_MAX;
            if (usable && cards.size() < MODELS_MAX) {
                cards.add(new ModelCard(id, provider, created(each)));
            }
        }
        return cards;
    }

    private static long created(JsonNode card) {
        if (card.path("created").isIntegralNumber()) {
            return Math.max(0, card.path("created").longValue());
        }
        try {
            return Instant.parse(card.path("created_at").asText("")).getEpochSecond();
        } catch (DateTimeException unknown) {
            return 0;
        }
    }

    /** One model, in OpenAI's form. */
    public byte[] openAi() {
        return JsonBytes.document(this::writeOpenAi);
    }

    /** One model, in Anthropic's form. */
    public byte[] anthropic() {
        return JsonBytes.document(this::writeAnthropic);
    }

    /** A whole list, in OpenAI's form. */
    public static byte[] openAiList(List<ModelCard> cards) {
        return JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeStringField("object", "list");
            json.writeArrayFieldStart("data");
            for (ModelCard card : cards) {
                card.writeOpenAi(json);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    /** A whole list, in Anthropic's form: one page. */
    public static byte[] anthropicList(List<ModelCard> cards) {
        return JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("data");
            for (ModelCard card : cards) {
                card.writeAnthropic(json);
            }
            json.writeEndArray();
            json.writeBooleanField("has_more", false);
            json.writeStringField("first_id", cards.isEmpty() ? null : cards.getFirst().id);
            json.writeStringField("last_id", cards.isEmpty() ? null : cards.getLast().id);
            json.writeEndObject();
        });
    }

    private void writeOpenAi(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", id);
        json.writeStringField("object", "model");
        json.writeNumberField("created", createdSeconds);
        json.writeStringField("owned_by", provider);
        writeAdditions(json);
        json.writeEndObject();
    }

    private void writeAnthropic(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "model");
        json.writeStringField("id", id);
        json.writeStringField("display_name", id);
        json.writeStringField(
                "created_at", Instant.ofEpochSecond(createdSeconds).toString());
        writeAdditions(json);
        json.writeEndObject();
    }

    private void writeAdditions(JsonGenerator json) throws IOException {
        json.writeStringField("provider", provider);
        json.writeStringField("capability", capability().label());
    }
}
