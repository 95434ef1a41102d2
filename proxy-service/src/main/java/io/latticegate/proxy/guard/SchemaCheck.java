package io.latticegate.proxy.guard;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks the text of one answer against the schemas that apply to it, when the model is done with it. Calls of tools and
 * reasoning are no text; an answer without text is not checked. Not thread-safe.
 */
final class SchemaCheck {
    private static final int CHARS_MAX = 4 << 20;

    private final List<GuardSet.Schema> schemas;
    private final @Nullable AnswerSchema requested;
    private final String requestedBy;
    private final Map<String, StringBuilder> texts = new HashMap<>();
    private int length;
    private @Nullable String fault;

    /** @param requestedBy the policy that asks for the request's own schema */
    SchemaCheck(List<GuardSet.Schema> schemas, @Nullable AnswerSchema requested, String requestedBy) {
        this.schemas = schemas;
        this.requested = requested;
        this.requestedBy = requestedBy;
    }

    boolean active() {
        return requested != null || !schemas.isEmpty();
    }

    /** Why the answer does not fit, or null. */
    @Nullable
    String fault() {
        return fault;
    }

    /** More of the text that {@code key} names. */
    void add(String key, String text) {
        if (!active()) {
            return;
        }
        length += text.length();
        if (length > CHARS_MAX) {
            fault = fault == null ? "The answer has more than " + CHARS_MAX + " characters to be checked" : fault;
            return;
        }
        texts.computeIfAbsent(key, unused -> new StringBuilder()).append(text);
    }

    /** The text that {@code key} names is whole. */
    void finish(String key) {
        StringBuilder text = texts.remove(key);
        if (text != null) {
            check(text.toString());
        }
    }

    /** Checks the texts of a complete answer, of whichever protocol it is. */
    void document(JsonNode answer) {
        for (JsonNode choice : answer.path("choices")) {
            checkSaid(choice.at("/message/content").asText(""));
            checkSaid(choice.path("text").asText(""));
        }
        checkSaid(joined(answer.path("content"), "text"));
        for (JsonNode candidate : answer.path("candidates")) {
            checkSaid(joined(candidate.at("/content/parts"), ""));
        }
        for (JsonNode item : answer.path("output")) {
            checkSaid(joined(item.path("content"), "output_text"));
        }
    }

    /** @param type of the parts that count; empty: all but Gemini's thoughts */
    private static String joined(JsonNode parts, String type) {
        StringBuilder text = new StringBuilder();
        for (JsonNode part : parts) {
            if (type.isEmpty()
                    ? !part.path("thought").asBoolean()
                    : part.path("type").asText("").equals(type)) {
                text.append(part.path("text").asText(""));
            }
        }
        return text.toString();
    }

    /** One event of a stream of a provider's own protocol; its continued texts were added before. */
    void event(JsonNode event) {
        if (!active()) {
            return;
        }
        for (JsonNode choice : event.path("choices")) {
            if (choice.path("finish_reason").isTextual()) {
                finish("choices.delta.content/" + choice.path("index").asInt());
                finish("choices.text/" + choice.path("index").asInt());
            }
        }
        for (JsonNode candidate : event.path("candidates")) {
            int index = candidate.path("index").asInt();
            add("candidates/" + index, joined(candidate.at("/content/parts"), ""));
            if (candidate.path("finishReason").isTextual()) {
                finish("candidates/" + index);
            }
        }
        JsonNode delta = event.path("delta");
        switch (event.path("type").asText("")) {
            case "content_block_delta" -> add("delta.text", delta.path("text").asText(""));
            case "message_delta" -> finish("delta.text");
            case "response.output_text.done" -> checkSaid(event.path("text").asText(""));
            default -> {}
        }
    }

    /** The text of a chunk of an OpenAI chat or completion, before {@link #event}. */
    void choices(JsonNode event) {
        if (!active()) {
            return;
        }
        for (JsonNode choice : event.path("choices")) {
            int index = choice.path("index").asInt();
            add("choices.delta.content/" + index, choice.at("/delta/content").asText(""));
            add("choices.text/" + index, choice.path("text").asText(""));
        }
    }

    private void checkSaid(String text) {
        if (!text.isEmpty()) {
            check(text);
        }
    }

    private void check(String text) {
        if (fault != null || text.isEmpty()) {
            return;
        }
        for (GuardSet.Schema one : schemas) {
            mismatch(one.schema().fault(text), "the schema of the policy " + one.policy());
        }
        if (requested != null) {
            mismatch(requested.fault(text), "the schema that the request asks for (policy " + requestedBy + ")");
        }
    }

    private void mismatch(@Nullable String why, String which) {
        if (why != null && fault == null) {
            fault = "The answer does not fit " + which + ": " + why;
        }
    }
}
