package io.latticegate.fhe.app;

import io.latticegate.common.service.Version;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What fhe-service says to a request, as long as it evaluates nothing.
 *
 * @param body JSON
 */
public record FheAnswer(int status, String body) {
    private static final String PREFIX = "/v1/fhe/";
    private static final String NOTHING_YET =
            "This version of fhe-service has no encryption presets and evaluates no ciphertexts";

    /** The answer to {@code method path}. */
    public static FheAnswer to(String method, @Nullable String path) {
        if (path == null || !path.startsWith(PREFIX)) {
            return error(404, "not_found", "There is no such endpoint");
        }
        if (!path.equals("/v1/fhe/capabilities")) {
            return error(501, "fhe_not_available", NOTHING_YET);
        }
        if (!method.equals("GET")) {
            return error(405, "method_not_allowed", "This path takes GET");
        }
        JsonObject capabilities = new JsonObject()
                .put("service", "fhe-service")
                .put("version", Version.CURRENT)
                .put("scheme", "CKKS")
                .put("presets", new JsonArray())
                .put("operations", new JsonArray())
                .put("accelerators", new JsonArray())
                .put("encrypted", new JsonArray())
                .put("not_encrypted", new JsonArray().add("everything: this deployment computes on no ciphertexts"))
                .put("detail", NOTHING_YET);
        return new FheAnswer(200, capabilities.encode());
    }

    private static FheAnswer error(int status, String code, String message) {
        return new FheAnswer(
                status,
                new JsonObject()
                        .put("error", new JsonObject().put("code", code).put("message", message))
                        .encode());
    }
}
