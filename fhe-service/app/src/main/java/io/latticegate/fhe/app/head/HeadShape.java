package io.latticegate.fhe.app.head;

import io.latticegate.fhe.core.head.CompiledHead;
import io.latticegate.fhe.core.head.InputPacking;
import io.latticegate.fhe.core.head.KeyElements;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client must know of a head, and nothing about its weights.
 *
 * @param packing how the vector lies in the slots
 * @param elements the Galois elements that keys are needed for, ascending
 * @param multiplies whether the relinearisation key is needed
 * @param errorBound by how much a decrypted score differs at most from the model's
 * @param weightBytes of memory that the encoded weights take
 */
record HeadShape(
        InputPacking packing,
        int outputs,
        List<Integer> elements,
        boolean multiplies,
        int inputLevel,
        double inputScale,
        int outputLevel,
        double outputScale,
        double errorBound,
        long galoisBytes,
        long relinBytes,
        long weightBytes) {
    HeadShape {
        elements = List.copyOf(elements);
    }

    static HeadShape of(CompiledHead head) {
        KeyElements keys = head.keyElements();
        return new HeadShape(
                head.packing(),
                head.outputs(),
                head.elements().stream().sorted().toList(),
                head.multiplies(),
                head.inputLevel(),
                head.inputScale(),
                head.outputLevel(),
                head.outputScale(),
                head.errorBound(),
                keys.galoisBytes(),
                keys.relinearisationBytes(),
                head.weightBytes());
    }

    /** Whether a client that was told this can ask a head of the other shape. */
    boolean sameCircuit(HeadShape other) {
        return packing.equals(other.packing)
                && outputs == other.outputs
                && elements.equals(other.elements)
                && multiplies == other.multiplies
                && inputLevel == other.inputLevel
                && inputScale == other.inputScale
                && outputLevel == other.outputLevel;
    }

    /** What a client sees. */
    void writeTo(JsonObject json) {
        json.put("input", packing.input())
                .put("outputs", outputs)
                .put(
                        "packing",
                        new JsonObject()
                                .put("slots", packing.slots())
                                .put("period", packing.period())
                                .put("block", packing.block())
                                .put("shift", packing.shift())
                                .put("turns", packing.turns()))
                .put("elements", new JsonArray(elements))
                .put("multiplies", multiplies)
                .put("input_level", inputLevel)
                .put("input_scale", inputScale)
                .put("output_level", outputLevel)
                .put("output_scale", outputScale)
                .put("error_bound", errorBound)
                .put("galois_bytes", galoisBytes)
                .put("relin_bytes", relinBytes)
                .put("weight_bytes", weightBytes);
    }

    static HeadShape from(JsonObject json) {
        JsonObject packing = json.getJsonObject("packing");
        JsonArray numbers = json.getJsonArray("elements");
        List<Integer> elements = new ArrayList<>();
        for (int i = 0; i < numbers.size(); i++) {
            elements.add(numbers.getInteger(i));
        }
        return new HeadShape(
                new InputPacking(
                        packing.getInteger("slots"),
                        json.getInteger("input"),
                        packing.getInteger("period"),
                        packing.getInteger("block"),
                        packing.getInteger("shift"),
                        packing.getInteger("turns")),
                json.getInteger("outputs"),
                elements,
                json.getBoolean("multiplies"),
                json.getInteger("input_level"),
                json.getDouble("input_scale"),
                json.getInteger("output_level"),
                json.getDouble("output_scale"),
                json.getDouble("error_bound"),
                json.getLong("galois_bytes"),
                json.getLong("relin_bytes"),
                json.getLong("weight_bytes"));
    }
}
