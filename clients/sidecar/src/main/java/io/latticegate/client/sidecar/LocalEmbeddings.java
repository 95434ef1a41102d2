package io.latticegate.client.sidecar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.latticegate.common.embeddings.MiniLm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** {@code POST /v1/embeddings}: computed here, so that no text leaves the machine. */
final class LocalEmbeddings {
    /** The name of the only model. */
    static final String MODEL = "all-minilm-l6-v2";

    private static final int INPUTS_MAX = 2_048;

    private final MiniLm model;

    LocalEmbeddings(MiniLm model) {
        this.model = model;
    }

    Answer answer(Call call) {
        ObjectNode request = Json.request(call.body());
        if (!request.path("model").asText().equals(MODEL)) {
            throw RefusedCall.invalid(
                    "model", "the sidecar embeds with " + MODEL + " only; other models are the gateway's");
        }
        if (request.has("dimensions") && request.path("dimensions").asInt() != MiniLm.DIMENSION) {
            throw RefusedCall.invalid("dimensions", MODEL + " has " + MiniLm.DIMENSION + " dimensions");
        }
        boolean base64 = switch (request.path("encoding_format").asText("float")) {
            case "float" -> false;
            case "base64" -> true;
            default -> throw RefusedCall.invalid("encoding_format", "encoding_format is float or base64");
        };
        List<String> inputs = inputs(request.path("input"));
        ObjectNode reply = Json.object().put("object", "list").put("model", MODEL);
        ArrayNode data = reply.putArray("data");
        int pieces = 0;
        for (int i = 0; i < inputs.size(); i++) {
            pieces += model.countPieces(inputs.get(i));
            ObjectNode one = data.addObject().put("object", "embedding").put("index", i);
            put(one, embed(inputs.get(i), i), base64);
        }
        reply.putObject("usage").put("prompt_tokens", pieces).put("total_tokens", pieces);
        return Answer.json(reply);
    }

    private static List<String> inputs(JsonNode input) {
        List<String> texts = new ArrayList<>();
        if (input.isTextual()) {
            texts.add(input.textValue());
        } else if (input.isArray() && input.size() <= INPUTS_MAX) {
            for (JsonNode one : input) {
                if (!one.isTextual()) {
                    throw RefusedCall.unsupported("input", "inputs are texts; numbers of tokens are not taken");
                }
                texts.add(one.textValue());
            }
        }
        if (texts.isEmpty() || texts.contains("")) {
            throw RefusedCall.invalid("input", "input is a text, or a list of 1 to " + INPUTS_MAX + ", none empty");
        }
        return texts;
    }

    private float[] embed(String text, int index) {
        try {
            return model.embed(text);
        } catch (IllegalArgumentException tooLong) {
            throw RefusedCall.invalid("input", "input " + index + " is " + tooLong.getMessage());
        }
    }

    private static void put(ObjectNode to, float[] vector, boolean base64) {
        if (base64) {
            ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (float number : vector) {
                bytes.putFloat(number);
            }
            to.put("embedding", Base64.getEncoder().encodeToString(bytes.array()));
        } else {
            ArrayNode numbers = to.putArray("embedding");
            for (float number : vector) {
                numbers.add(number);
            }
        }
    }
}
