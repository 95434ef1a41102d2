package io.latticegate.client.sidecar;

import com.fasterxml.jackson.databind.JsonNode;

/** A reply that is there as a whole. */
record Answer(int status, String type, byte[] body) {
    static Answer json(JsonNode body) {
        return new Answer(200, "application/json", Json.bytes(body));
    }

    static Answer of(RefusedCall refused) {
        return new Answer(refused.status(), "application/json", Json.bytes(refused.body()));
    }
}
