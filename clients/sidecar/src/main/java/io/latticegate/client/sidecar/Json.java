package io.latticegate.client.sidecar;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;

/** JSON of requests, replies and the sidecar's own files. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    static byte[] bytes(JsonNode node) {
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** @throws RefusedCall where the bytes are no JSON object */
    static ObjectNode request(byte[] bytes) {
        try {
            if (MAPPER.readTree(bytes) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException malformed) {
            throw RefusedCall.invalid(null, "the body is not JSON: " + malformed.getOriginalMessage());
        } catch (IOException impossible) {
            throw new IllegalStateException("memory cannot be read", impossible);
        }
        throw RefusedCall.invalid(null, "the body is not a JSON object");
    }

    /** @throws IOException where the bytes are no JSON object */
    static ObjectNode stored(byte[] bytes) throws IOException {
        if (MAPPER.readTree(bytes) instanceof ObjectNode object) {
            return object;
        }
        throw new IOException("a file holds no JSON object");
    }

    /** A page that holds all there is. */
    static ObjectNode list(Collection<? extends JsonNode> data) {
        ObjectNode page = object().put("object", "list");
        ArrayNode items = page.putArray("data");
        data.forEach(items::add);
        page.put("first_id", data.isEmpty() ? null : items.get(0).path("id").asText());
        page.put(
                "last_id",
                data.isEmpty() ? null : items.get(items.size() - 1).path("id").asText());
        return page.put("has_more", false);
    }

    private Json() {}
}
