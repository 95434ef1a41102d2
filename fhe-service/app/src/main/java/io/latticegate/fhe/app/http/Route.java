package io.latticegate.fhe.app.http;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One method of one path.
 *
 * @param method in capitals
 * @param template segments, of which those in braces match anything: {@code /v1/fhe/sessions/{session}}
 * @param body whether the call reads a body that may be long; such calls have threads of their own
 * @param audited the deed's name in the audit; empty where nothing is changed or computed
 */
public record Route(String method, String template, Access access, boolean body, String audited, Endpoint endpoint) {
    /** What answers. */
    @FunctionalInterface
    public interface Endpoint {
        /**
         * Answers the call, or hands it on to something that will. Runs on a platform thread, and may block.
         *
         * @throws Refusal when the answer is an error
         * @throws IOException when the store does not answer
         */
        void handle(Call call) throws IOException;
    }

    /** A route that only tells. */
    public static Route open(String template, Endpoint endpoint) {
        return new Route("GET", template, Access.OPEN, false, "", endpoint);
    }

    /** A route that tells its owner. */
    public static Route get(String template, Endpoint endpoint) {
        return new Route("GET", template, Access.TOKEN, false, "", endpoint);
    }

    /** A route that deletes. */
    public static Route delete(String template, String audited, Endpoint endpoint) {
        return new Route("DELETE", template, Access.TOKEN, false, audited, endpoint);
    }

    /** A route that makes something from a short body. */
    public static Route post(String template, String audited, Endpoint endpoint) {
        return new Route("POST", template, Access.COUNTED, false, audited, endpoint);
    }

    /** A route that takes a long body. */
    public static Route upload(String method, String template, String audited, Endpoint endpoint) {
        return new Route(method, template, Access.COUNTED, true, audited, endpoint);
    }

    /** The values of the segments in braces, or null where the path is another. */
    @Nullable
    Map<String, String> match(List<String> segments) {
        List<String> wanted = List.of(template.substring(1).split("/", -1));
        if (wanted.size() != segments.size()) {
            return null;
        }
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < wanted.size(); i++) {
            String name = wanted.get(i);
            if (name.startsWith("{")) {
                values.put(name.substring(1, name.length() - 1), segments.get(i));
            } else if (!name.equals(segments.get(i))) {
                return null;
            }
        }
        return values;
    }
}
