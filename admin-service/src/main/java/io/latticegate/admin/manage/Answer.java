package io.latticegate.admin.manage;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a call answers.
 *
 * @param body of that type, or null for none
 * @param contentType of the body
 * @param headers beyond those that every answer has
 */
record Answer(int status, @Nullable Buffer body, String contentType, Map<String, String> headers) {
    private static final String JSON = "application/json";

    static Answer json(int status, JsonObject body) {
        return new Answer(status, body.toBuffer(), JSON, Map.of());
    }

    static Answer json(JsonArray body, Map<String, String> headers) {
        return new Answer(200, body.toBuffer(), JSON, headers);
    }

    static Answer json(int status, JsonObject body, Map<String, String> headers) {
        return new Answer(status, body.toBuffer(), JSON, headers);
    }

    /** 200 with a body that is written already. */
    static Answer written(String contentType, Buffer body, Map<String, String> headers) {
        return new Answer(200, body, contentType, headers);
    }

    /** This answer with one more header. */
    Answer with(String header, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(header, value);
        return new Answer(status, body, contentType, more);
    }

    static Answer empty() {
        return new Answer(204, null, JSON, Map.of());
    }
}
