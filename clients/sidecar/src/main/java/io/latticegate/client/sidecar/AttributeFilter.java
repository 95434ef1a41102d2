package io.latticegate.client.sidecar;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The filters of a vector store's search, as OpenAI defines them: comparisons of a file's attributes, and their conjunctions
 * and disjunctions. They are applied here: what is asked for stays on this machine.
 */
final class AttributeFilter {
    private static final int DEPTH_MAX = 8;
    private static final int FILTERS_MAX = 64;

    /** @throws RefusedCall where the filter is malformed */
    static Predicate<JsonNode> of(JsonNode filter) {
        return filter.isMissingNode() || filter.isNull() ? _ -> true : read(filter, 0);
    }

    private static Predicate<JsonNode> read(JsonNode filter, int depth) {
        String type = filter.path("type").asText();
        if (depth >= DEPTH_MAX) {
            throw RefusedCall.invalid("filters", "filters lie deeper than " + DEPTH_MAX);
        }
        if (type.equals("and") || type.equals("or")) {
            List<Predicate<JsonNode>> parts = new ArrayList<>();
            JsonNode inner = filter.path("filters");
            if (!inner.isArray() || inner.isEmpty() || inner.size() > FILTERS_MAX) {
                throw RefusedCall.invalid("filters", type + " has 1 to " + FILTERS_MAX + " filters");
            }
            inner.forEach(part -> parts.add(read(part, depth + 1)));
            return type.equals("and")
                    ? attributes -> parts.stream().allMatch(part -> part.test(attributes))
                    : attributes -> parts.stream().anyMatch(part -> part.test(attributes));
        }
        return comparison(type, filter.path("key"), filter.path("value"));
    }

    private static Predicate<JsonNode> comparison(String type, JsonNode key, JsonNode value) {
        if (!key.isTextual()) {
            throw RefusedCall.invalid("filters", "a comparison has a key");
        }
        String name = key.textValue();
        return switch (type) {
            case "eq", "ne" -> {
                JsonNode wanted = scalar(value);
                boolean equal = type.equals("eq");
                yield attributes -> same(attributes.path(name), wanted) == equal;
            }
            case "in", "nin" -> {
                if (!value.isArray() || value.size() > FILTERS_MAX) {
                    throw RefusedCall.invalid("filters", type + " has a list of at most " + FILTERS_MAX);
                }
                value.forEach(AttributeFilter::scalar);
                boolean wanted = type.equals("in");
                yield attributes -> among(attributes.path(name), value) == wanted;
            }
            case "gt" -> ordered(name, value, 1, false);
            case "gte" -> ordered(name, value, 1, true);
            case "lt" -> ordered(name, value, -1, false);
            case "lte" -> ordered(name, value, -1, true);
            default ->
                throw RefusedCall.invalid(
                        "filters", "a filter's type is eq, ne, gt, gte, lt, lte, in, nin, and, or; not " + type);
        };
    }

    private static JsonNode scalar(JsonNode value) {
        if (!value.isValueNode() || value.isNull()) {
            throw RefusedCall.invalid("filters", "a comparison has a value that is a text, a number or a truth value");
        }
        return value;
    }

    private static Predicate<JsonNode> ordered(String name, JsonNode value, int sign, boolean orEqual) {
        if (!value.isNumber()) {
            throw RefusedCall.invalid("filters", "an order has a value that is a number");
        }
        return attributes -> {
            JsonNode has = attributes.path(name);
            int order = has.isNumber() ? Double.compare(has.doubleValue(), value.doubleValue()) : 0;
            return has.isNumber() && (order == sign || orEqual && order == 0);
        };
    }

    private static boolean among(JsonNode has, JsonNode values) {
        for (JsonNode value : values) {
            if (same(has, value)) {
                return true;
            }
        }
        return false;
    }

    private static boolean same(JsonNode one, JsonNode other) {
        return one.isNumber() && other.isNumber() ? one.doubleValue() == other.doubleValue() : one.equals(other);
    }

    private AttributeFilter() {}
}
