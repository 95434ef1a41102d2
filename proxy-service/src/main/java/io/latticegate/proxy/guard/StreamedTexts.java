package io.latticegate.proxy.guard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Divides the texts of one event of a stream: those that continue a text of earlier events, each with the name of its
 * channel, and those that stand for themselves, which are examined at once.
 *
 * <p>Texts are continued below {@code delta} (OpenAI chat, Anthropic), in {@code delta} itself (OpenAI Responses), in {@code
 * choices[].text} (OpenAI completions) and in {@code candidates[].content.parts[].text} (Gemini). A channel is named by the
 * path of its text, without the positions in arrays, and by the indices and ids that the objects around it carry.
 */
final class StreamedTexts {
    private static final List<String> INDICES =
            List.of("index", "output_index", "content_index", "summary_index", "item_id");

    private final TextRules rules;
    private final Findings findings;
    private final Runnable onChange;
    private final List<WithheldStream.Piece> pieces = new ArrayList<>();

    /** @param onChange told when a text of the event was or is redacted, now or when it is let go */
    StreamedTexts(TextRules rules, Findings findings, Runnable onChange) {
        this.rules = rules;
        this.findings = findings;
        this.onChange = onChange;
    }

    /** The texts of {@code event} that continue others; those that do not are examined when this returns. */
    List<WithheldStream.Piece> divide(JsonNode event) {
        visit(event, "", event.path("type").asText(""), false);
        return pieces;
    }

    private void visit(JsonNode node, String path, String place, boolean inDelta) {
        switch (node) {
            case ObjectNode object -> {
                StringBuilder around = new StringBuilder(place);
                for (String index : INDICES) {
                    JsonNode value = object.get(index);
                    if (value != null && value.isValueNode()) {
                        around.append('/').append(index).append('=').append(value.asText());
                    }
                }
                if (object.path("thought").asBoolean()) {
                    around.append("/thought");
                }
                for (Map.Entry<String, JsonNode> member : object.properties()) {
                    rules.examineFixed(member.getKey(), findings);
                    String at = path.isEmpty() ? member.getKey() : path + "." + member.getKey();
                    value(
                            member.getValue(),
                            at,
                            around.toString(),
                            inDelta || member.getKey().equals("delta"),
                            member::setValue);
                }
            }
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    int index = i;
                    value(array.get(i), path, place, inDelta, text -> array.set(index, text));
                }
            }
            default -> {}
        }
    }

    private void value(JsonNode value, String path, String place, boolean inDelta, Consumer<JsonNode> replace) {
        if (value.isTextual()) {
            text(value.textValue(), path, place, inDelta, text -> {
                onChange.run();
                replace.accept(TextNode.valueOf(text));
            });
        } else if (value.isNumber()) {
            if (value.asText().length() >= JsonTexts.NUMBER_LENGTH_MIN) {
                rules.examineFixed(value.asText(), findings);
            }
        } else {
            visit(value, path, place, inDelta);
        }
    }

    private void text(String text, String path, String place, boolean inDelta, Consumer<String> replace) {
        boolean continued = inDelta || path.equals("choices.text") || path.equals("candidates.content.parts.text");
        if (continued) {
            if (!text.isEmpty()) {
                pieces.add(new WithheldStream.Piece(path + place, text, replace));
            }
            return;
        }
        String redacted = rules.redacted(text, findings);
        if (!redacted.equals(text)) {
            replace.accept(redacted);
        }
    }
}
