package io.latticegate.testing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/embeddings} with both encodings: a JSON list, or base64 of little-endian IEEE 754 binary32. */
final class OpenAiEmbeddings {
    private static final int DIMENSIONS_MAX = 3072;

    static Reply answer(JsonObject body, Script script) {
        String format = body.getString("encoding_format", "float");
        if (!format.equals("float") && !format.equals("base64")) {
            throw new Refusal(
                    400, "Invalid value: '" + format + "'. Supported values: 'float', 'base64'.", "encoding_format");
        }
        int dimensions = body.getInteger("dimensions", body.getString("model").contains("3-large") ? 3072 : 1536);
        if (dimensions < 1 || dimensions > DIMENSIONS_MAX) {
            throw new Refusal(400, "Invalid 'dimensions': want 1 to " + DIMENSIONS_MAX + ".", "dimensions");
        }
        List<String> inputs = inputs(body.getValue("input"));
        JsonArray data = new JsonArray();
        int tokens = 0;
        for (int i = 0; i < inputs.size(); i++) {
            float[] vector = Embedding.of(inputs.get(i), dimensions);
            Object embedding = format.equals("base64") ? base64(vector) : list(vector);
            data.add(JsonObject.of("object", "embedding", "index", i, "embedding", embedding));
            tokens += Math.max(1, Tokens.of(inputs.get(i)));
        }
        JsonObject reply = JsonObject.of("object", "list", "data", data, "model", body.getString("model"));
        if (!script.usageOmitted()) {
            reply.put("usage", JsonObject.of("prompt_tokens", tokens, "total_tokens", tokens));
        }
        return Reply.json(200, reply);
    }

    /** A list of numbers is one text of token ids. */
    private static List<String> inputs(@Nullable Object input) {
        return switch (input) {
            case String text when !text.isEmpty() -> List.of(text);
            case JsonArray list when !list.isEmpty() && list.getValue(0) instanceof Number -> List.of(joined(list));
            case JsonArray list
            when !list.isEmpty() && list.size() <= 2048 ->
                list.stream()
                        .map(each -> each instanceof JsonArray ids ? joined(ids) : String.valueOf(each))
                        .toList();
            case null -> throw new Refusal(400, "Missing required parameter: 'input'.", "input");
            default -> throw new Refusal(400, "'$.input' is invalid. Please check the API reference.", "input");
        };
    }

    private static String joined(JsonArray ids) {
        return String.join(" ", ids.stream().map(String::valueOf).toList());
    }

    private static String base64(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * vector.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    private static JsonArray list(float[] vector) {
        JsonArray list = new JsonArray();
        for (float component : vector) {
            list.add(component);
        }
        return list;
    }

    private OpenAiEmbeddings() {}
}
