package io.latticegate.client;

import io.latticegate.fhe.core.head.InputPacking;
import java.util.List;

/**
 * A classification head at the service.
 *
 * @param version counts its replacements
 * @param outputs how many scores it gives
 * @param labels one for each score, or none
 * @param needs the evaluation keys that it computes with
 * @param packing which number of an embedding is in which slot
 * @param inputLevel of the ciphertext that it takes
 * @param inputScale of the ciphertext that it takes
 * @param outputLevel of the ciphertext that it gives
 * @param outputScale of the ciphertext that it gives
 * @param errorBound by how much a decrypted score differs at most from the model's
 */
public record HeadInfo(
        String name,
        long version,
        int outputs,
        List<String> labels,
        KeyNeeds needs,
        InputPacking packing,
        int inputLevel,
        double inputScale,
        int outputLevel,
        double outputScale,
        double errorBound) {
    public HeadInfo {
        labels = List.copyOf(labels);
    }
}
