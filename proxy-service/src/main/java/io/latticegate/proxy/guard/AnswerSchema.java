package io.latticegate.proxy.guard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.latticegate.proxy.dialect.StrictJson;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON Schema (draft 2020-12, and what older drafts and Gemini's schemas share with it) that texts are checked against, with
 * a bound on the steps of a check: schemas come with requests, and a schema can be written so that its evaluation takes
 * exponential time, never ends, or asks for other documents.
 *
 * <p>Assertions that this class does not know would be passed over silently, so a schema with one of them is refused:
 * {@code $dynamicRef}, {@code unevaluatedItems}, {@code unevaluatedProperties}, and references to other documents. {@code
 * format} is an annotation, as the draft leaves it.
 */
public final class AnswerSchema {
    private static final int STEPS_MAX = 200_000;
    private static final int NODES_MAX = 10_000;
    private static final int REFERENCES_MAX = 32;
    private static final int DIGITS_MAX = 400;
    private static final Set<String> UNKNOWN =
            Set.of("$dynamicRef", "$recursiveRef", "unevaluatedItems", "unevaluatedProperties");

    private final JsonNode root;
    private final Map<String, Pattern> patterns = new HashMap<>();
    private int nodes;

    private AnswerSchema(JsonNode root) {
        this.root = root;
        compile(root, "#");
    }

    /**
     * Reads a schema.
     *
     * @throws IllegalArgumentException saying which keyword is not known, or what is wrong
     */
    public static AnswerSchema of(JsonNode schema) {
        if (!schema.isObject() && !schema.isBoolean()) {
            throw new IllegalArgumentException("a JSON Schema must be an object");
        }
        return new AnswerSchema(schema);
    }

    private void compile(JsonNode schema, String place) {
        if (++nodes > NODES_MAX) {
            throw new IllegalArgumentException("a schema may have at most " + NODES_MAX + " parts");
        }
        for (Map.Entry<String, JsonNode> keyword : schema.properties()) {
            String name = keyword.getKey();
            JsonNode value = keyword.getValue();
            if (UNKNOWN.contains(name) && schema.isObject() && !place.endsWith("/properties")) {
                throw new IllegalArgumentException(name + " is not checked by this gateway");
            }
            if (name.equals("$ref") && value.isTextual() && target(value.textValue()) == null) {
                throw new IllegalArgumentException("$ref must point into the schema itself");
            }
            if (name.equals("pattern") && value.isTextual()) {
                pattern(value.textValue());
            }
            if (name.equals("patternProperties")) {
                value.fieldNames().forEachRemaining(this::pattern);
            }
            boolean data =
                    name.equals("enum") || name.equals("const") || name.equals("default") || name.equals("examples");
            if (!data) {
                compile(value, place + "/" + name);
            }
        }
        if (schema.isArray()) {
            schema.forEach(element -> compile(element, place));
        }
    }

    private Pattern pattern(String regex) {
        try {
            return patterns.computeIfAbsent(regex, Pattern::compile);
        } catch (PatternSyntaxException malformed) {
            throw new IllegalArgumentException("a pattern is no regular expression of RE2", malformed);
        }
    }

    private @Nullable JsonNode target(String reference) {
        if (!reference.startsWith("#")) {
            return null;
        }
        String pointer = reference.substring(1);
        if (!pointer.isEmpty() && !pointer.startsWith("/")) {
            return null;
        }
        JsonNode target = root.at(pointer);
        return target.isMissingNode() ? null : target;
    }

    /** Where and why the text does not fit, without a word of the text; null where it does. */
    public @Nullable String fault(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        JsonNode instance = StrictJson.parseReply(bytes, 0, bytes.length);
        if (instance == null) {
            return "it is no JSON";
        }
        Check check = new Check();
        boolean fits = check.fits(root, instance, 0);
        if (check.steps > STEPS_MAX) {
            return "the check takes more than " + STEPS_MAX + " steps";
        }
        return fits ? null : "the keyword " + check.failed + " does not hold";
    }

    /** One evaluation. */
    private final class Check {
        private int steps;
        private String failed = "false";

        private boolean fits(JsonNode schema, JsonNode instance, int references) {
            if (++steps > STEPS_MAX) {
                return false;
            }
            if (schema.isBoolean()) {
                return schema.booleanValue();
            }
            String reference = schema.path("$ref").asText("");
            if (!reference.isEmpty()) {
                JsonNode target = target(reference);
                boolean fits = target != null && references < REFERENCES_MAX && fits(target, instance, references + 1);
                if (!fits) {
                    return fails("$ref", failed);
                }
            }
            for (Map.Entry<String, JsonNode> keyword : schema.properties()) {
                if (!holds(keyword.getKey(), keyword.getValue(), schema, instance, references)) {
                    return fails(keyword.getKey(), failed);
                }
            }
            return true;
        }

        /** Keeps the innermost keyword that failed. */
        private boolean fails(String keyword, String inner) {
            failed = inner.equals("false") ? keyword : inner;
            return false;
        }

        private boolean holds(String keyword, JsonNode value, JsonNode schema, JsonNode instance, int references) {
            return switch (keyword) {
                case "type" -> hasType(value, schema, instance);
                case "enum" -> contains(value, instance);
                case "const" -> same(value, instance);
                case "allOf" -> count(value, instance, references) == value.size();
                case "anyOf" -> any(value, instance, references);
                case "oneOf" -> count(value, instance, references) == 1;
                case "not" -> !quietly(value, instance, references);
                case "if" -> {
                    JsonNode then = schema.get(quietly(value, instance, references) ? "then" : "else");
                    yield then == null || fits(then, instance, references);
                }
                default ->
                    switch (instance.getNodeType()) {
                        case OBJECT -> holdsForObject(keyword, value, schema, instance);
                        case ARRAY -> holdsForArray(keyword, value, schema, instance);
                        case STRING -> holdsForText(keyword, value, instance.textValue());
                        case NUMBER -> holdsForNumber(keyword, value, instance);
                        default -> true;
                    };
            };
        }

        /** As {@link #fits}, for what may fail without being the reason of a failure. */
        private boolean quietly(JsonNode schema, JsonNode instance, int references) {
            String before = failed;
            boolean fits = fits(schema, instance, references);
            failed = before;
            return fits;
        }

        private int count(JsonNode schemas, JsonNode instance, int references) {
            int fitting = 0;
            for (JsonNode schema : schemas) {
                fitting += quietly(schema, instance, references) ? 1 : 0;
            }
            return fitting;
        }

        private boolean any(JsonNode schemas, JsonNode instance, int references) {
            for (JsonNode schema : schemas) {
                if (quietly(schema, instance, references)) {
                    return true;
                }
            }
            return false;
        }

        private boolean holdsForObject(String keyword, JsonNode value, JsonNode schema, JsonNode instance) {
            return switch (keyword) {
                case "required" -> {
                    for (JsonNode name : value) {
                        if (!instance.has(name.asText())) {
                            yield false;
                        }
                    }
                    yield true;
                }
                case "minProperties" -> instance.size() >= value.asLong();
                case "maxProperties" -> instance.size() <= value.asLong();
                case "properties" -> {
                    for (Map.Entry<String, JsonNode> member : value.properties()) {
                        JsonNode own = instance.get(member.getKey());
                        if (own != null && !fits(member.getValue(), own, 0)) {
                            yield false;
                        }
                    }
                    yield true;
                }
                case "patternProperties" -> {
                    for (Map.Entry<String, JsonNode> one : value.properties()) {
                        for (Map.Entry<String, JsonNode> member : instance.properties()) {
                            if (finds(one.getKey(), member.getKey()) && !fits(one.getValue(), member.getValue(), 0)) {
                                yield false;
                            }
                        }
                    }
                    yield true;
                }
                case "additionalProperties" -> {
                    for (Map.Entry<String, JsonNode> member : instance.properties()) {
                        if (!isNamed(schema, member.getKey()) && !fits(value, member.getValue(), 0)) {
                            yield false;
                        }
                    }
                    yield true;
                }
                case "propertyNames" -> {
                    for (Map.Entry<String, JsonNode> member : instance.properties()) {
                        JsonNode name = TextNode.valueOf(member.getKey());
                        if (!fits(value, name, 0)) {
                            yield false;
                        }
                    }
                    yield true;
                }
                case "dependentRequired" -> {
                    for (Map.Entry<String, JsonNode> one : value.properties()) {
                        if (instance.has(one.getKey())
                                && !holdsForObject("required", one.getValue(), schema, instance)) {
                            yield false;
                        }
                    }
                    yield true;
                }
                case "dependentSchemas" -> {
                    for (Map.Entry<String, JsonNode> one : value.properties()) {
                        if (instance.has(one.getKey()) && !fits(one.getValue(), instance, 0)) {
                            yield false;
                        }
                    }
                    yield true;
                }
                default -> true;
            };
        }

        private boolean isNamed(JsonNode schema, String member) {
            if (schema.path("properties").has(member)) {
                return true;
            }
            for (Map.Entry<String, JsonNode> one :
                    schema.path("patternProperties").properties()) {
                if (finds(one.getKey(), member)) {
                    return true;
                }
            }
            return false;
        }

        private boolean holdsForArray(String keyword, JsonNode value, JsonNode schema, JsonNode instance) {
            return switch (keyword) {
                case "minItems" -> instance.size() >= value.asLong();
                case "maxItems" -> instance.size() <= value.asLong();
                case "uniqueItems" -> !value.asBoolean() || isUnique(instance);
                case "prefixItems" -> {
                    for (int i = 0; i < Math.min(value.size(), instance.size()); i++) {
                        if (!fits(value.get(i), instance.get(i), 0)) {
                            yield false;
                        }
                    }
                    yield true;
                }
                case "items" -> {
                    if (value.isArray()) {
                        yield holdsForArray("prefixItems", value, schema, instance);
                    }
                    for (int i = schema.path("prefixItems").size(); i < instance.size(); i++) {
                        if (!fits(value, instance.get(i), 0)) {
                            yield false;
                        }
                    }
                    yield true;
                }
                case "contains" -> {
                    int found = 0;
                    for (JsonNode item : instance) {
                        found += quietly(value, item, 0) ? 1 : 0;
                    }
                    yield found >= schema.path("minContains").asLong(1)
                            && found <= schema.path("maxContains").asLong(Long.MAX_VALUE);
                }
                default -> true;
            };
        }

        private boolean isUnique(JsonNode array) {
            Set<JsonNode> seen = new HashSet<>();
            for (JsonNode item : array) {
                steps++;
                if (!seen.add(item)) {
                    return false;
                }
            }
            return true;
        }

        private boolean holdsForText(String keyword, JsonNode value, String text) {
            return switch (keyword) {
                case "minLength" -> text.codePointCount(0, text.length()) >= value.asLong();
                case "maxLength" -> text.codePointCount(0, text.length()) <= value.asLong();
                case "pattern" -> finds(value.asText(), text);
                default -> true;
            };
        }

        private boolean finds(String regex, String text) {
            Pattern pattern = patterns.get(regex);
            steps += 1 + text.length() / 64;
            return pattern == null || pattern.matcher(text).find();
        }

        private boolean holdsForNumber(String keyword, JsonNode value, JsonNode instance) {
            boolean limits = switch (keyword) {
                case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf" -> value.isNumber();
                default -> false;
            };
            if (!limits) {
                return true;
            }
            BigDecimal number = exact(instance);
            BigDecimal limit = exact(value);
            if (number == null || limit == null) {
                return false;
            }
            int compared = number.compareTo(limit);
            return switch (keyword) {
                case "minimum" -> compared >= 0;
                case "maximum" -> compared <= 0;
                case "exclusiveMinimum" -> compared > 0;
                case "exclusiveMaximum" -> compared < 0;
                default -> limit.signum() <= 0 || number.remainder(limit).signum() == 0;
            };
        }

        /** Null for what has more digits than any number of use, which would make arithmetic slow. */
        private static @Nullable BigDecimal exact(JsonNode number) {
            boolean finite = !number.isDouble() || Double.isFinite(number.doubleValue());
            BigDecimal exact = finite ? number.decimalValue() : null;
            return exact == null || Math.abs((long) exact.scale()) > DIGITS_MAX ? null : exact;
        }

        private boolean hasType(JsonNode type, JsonNode schema, JsonNode instance) {
            if (instance.isNull() && schema.path("nullable").asBoolean()) {
                return true;
            }
            if (!type.isArray()) {
                return isOf(type.asText(), instance);
            }
            for (JsonNode one : type) {
                if (isOf(one.asText(), instance)) {
                    return true;
                }
            }
            return false;
        }

        /** Gemini writes types in capitals. */
        private static boolean isOf(String type, JsonNode instance) {
            return switch (type.toLowerCase(Locale.ROOT)) {
                case "object" -> instance.isObject();
                case "array" -> instance.isArray();
                case "string" -> instance.isTextual();
                case "boolean" -> instance.isBoolean();
                case "null" -> instance.isNull();
                case "number" -> instance.isNumber();
                case "integer" -> {
                    BigDecimal number = instance.isNumber() ? exact(instance) : null;
                    yield number != null && number.stripTrailingZeros().scale() <= 0;
                }
                default -> false;
            };
        }

        private boolean contains(JsonNode values, JsonNode instance) {
            for (JsonNode value : values) {
                steps++;
                if (same(value, instance)) {
                    return true;
                }
            }
            return false;
        }

        private static boolean same(JsonNode one, JsonNode other) {
            BigDecimal left = one.isNumber() ? exact(one) : null;
            BigDecimal right = other.isNumber() ? exact(other) : null;
            return left != null && right != null ? left.compareTo(right) == 0 : one.equals(other);
        }
    }
}
