package io.latticegate.proxy.guard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Examines every text of a JSON document: the values of all strings, which are redacted in place, and all names of members
 * and numbers of nine digits and more, which cannot be redacted, so that a match there blocks where it would redact.
 * Whatever protocol the document is of, no text of it is left out.
 */
final class JsonTexts {
    /** Shorter numbers are nothing that a recogniser knows. */
    static final int NUMBER_LENGTH_MIN = 9;

    private final TextRules rules;
    private final Findings findings;
    private boolean changed;

    JsonTexts(TextRules rules, Findings findings) {
        this.rules = rules;
        this.findings = findings;
    }

    /** Whether any text was redacted. */
    boolean changed() {
        return changed;
    }

    /** Examines everything below {@code node}. */
    void examine(JsonNode node) {
        switch (node) {
            case ObjectNode object -> {
                for (Map.Entry<String, JsonNode> member : object.properties()) {
                    rules.examineFixed(member.getKey(), findings);
                    examineValue(member.getValue(), member::setValue);
                }
            }
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    int index = i;
                    examineValue(array.get(i), text -> array.set(index, text));
                }
            }
            default -> {}
        }
    }

    private void examineValue(JsonNode value, Consumer<JsonNode> replace) {
        if (value.isTextual()) {
            String redacted = redacted(value.textValue());
            if (redacted != null) {
                replace.accept(TextNode.valueOf(redacted));
            }
        } else if (value.isNumber()) {
            String number = value.asText();
            if (number.length() >= NUMBER_LENGTH_MIN) {
                rules.examineFixed(number, findings);
            }
        } else {
            examine(value);
        }
    }

    /** What stands in the text's place, or null where it stays. */
    private @Nullable String redacted(String text) {
        String redacted = rules.redacted(text, findings);
        if (redacted.equals(text)) {
            return null;
        }
        changed = true;
        return redacted;
    }
}
