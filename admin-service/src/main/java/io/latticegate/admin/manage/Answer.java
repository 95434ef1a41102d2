package io.latticegate.admin.manage;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a call answers.
 *
 * @param body JSON, or null for none
 * @param headers beyond those that every answer has
 */
record Answer(int status, @Nullable Buffer body, Map<String, String> headers) {
    static Answer json(int status, JsonObject body) {
        return new Answer(status, body.toBuffer(), Map.of());
    }

    static Answer json(JsonArray body, Map<String, String> headers) {
        return new Answer(200, body.toBuffer(), headers);
    }

    static Answer empty() {
        return new Answer(204, null, Map.of());
    }
}
