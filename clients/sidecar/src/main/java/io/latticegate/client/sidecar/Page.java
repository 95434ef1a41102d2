package io.latticegate.client.sidecar;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** One page of a list, as OpenAI's lists are asked for: {@code limit}, {@code order}, {@code after}, {@code before}. */
final class Page {
    private static final String LIMIT = "20";
    private static final int LIMIT_MAX = 100;

    /**
     * The page that a call's query asks for.
     *
     * @param all oldest first, each with an id
     */
    static ObjectNode of(List<ObjectNode> all, Call call) {
        List<ObjectNode> ordered = switch (call.parameter("order").orElse("desc")) {
            case "asc" -> all;
            case "desc" -> all.reversed();
            default -> throw RefusedCall.invalid("order", "order is asc or desc");
        };
        int limit = limit(call.parameter("limit").orElse(LIMIT));
        int from = 0;
        int to = ordered.size();
        Optional<String> after = call.parameter("after");
        if (after.isPresent()) {
            from = position(ordered, after.get(), "after") + 1;
        }
        Optional<String> before = call.parameter("before");
        if (before.isPresent()) {
            to = Math.max(from, position(ordered, before.get(), "before"));
            from = Math.max(from, to - limit);
        }
        List<ObjectNode> rest = from < to ? ordered.subList(from, to) : Collections.emptyList();
        ObjectNode page = Json.list(rest.subList(0, Math.min(limit, rest.size())));
        return page.put("has_more", rest.size() > limit);
    }

    private static int limit(String text) {
        if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > LIMIT_MAX) {
            throw RefusedCall.invalid("limit", "limit is 1 to " + LIMIT_MAX);
        }
        return Integer.parseInt(text);
    }

    private static int position(List<ObjectNode> ordered, String id, String param) {
        for (int i = 0; i < ordered.size(); i++) {
            if (ordered.get(i).path("id").asText().equals(id)) {
                return i;
            }
        }
        throw RefusedCall.invalid(param, "there is no " + id + " in this list");
    }

    private Page() {}
}
