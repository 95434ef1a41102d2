package io.latticegate.fhe.core.head;

import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Evaluator;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.linear.LinearTransform;
import io.latticegate.fhe.core.plan.Circuit;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.wire.ParameterChain;
import io.latticegate.fhe.core.wire.SealObjects;
import io.latticegate.fhe.core.wire.SealWriter;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model as a circuit: all levels, scales and keys are fixed, and its weights are encoded. Immutable, and runs at once on
 * several threads. Closing it frees the encoded weights.
 */
public final class CompiledHead implements AutoCloseable {
    /** Ciphertexts beside the rotated vectors of a transform: partial sums, powers of a polynomial, the answer. */
    private static final int OTHER_CIPHERTEXTS = 16;

    private final CkksParameters parameters;
    private final InputPacking packing;
    private final int outputs;
    private final int inputLevel;
    private final double inputScale;
    private final long weightBytes;
    private final Circuit circuit;
    private final List<LinearTransform> transforms;

    CompiledHead(
            CkksParameters parameters,
            InputPacking packing,
            int outputs,
            int inputLevel,
            double inputScale,
            long weightBytes,
            Circuit circuit,
            List<LinearTransform> transforms) {
        this.parameters = parameters;
        this.packing = packing;
        this.outputs = outputs;
        this.inputLevel = inputLevel;
        this.inputScale = inputScale;
        this.weightBytes = weightBytes;
        this.circuit = circuit;
        this.transforms = List.copyOf(transforms);
    }

    public CkksParameters parameters() {
        return parameters;
    }

    /** How a client lays the vector over the slots. */
    public InputPacking packing() {
        return packing;
    }

    /** The number of scores, which are in the first slots of the result; all other slots are zero. */
    public int outputs() {
        return outputs;
    }

    /** The level of the encrypted vector. */
    public int inputLevel() {
        return inputLevel;
    }

    /** The scale of the encrypted vector. */
    public double inputScale() {
        return inputScale;
    }

    /** The level of the encrypted scores. */
    public int outputLevel() {
        return circuit.outputLevel();
    }

    /** The scale of the encrypted scores. */
    public double outputScale() {
        return circuit.outputScale();
    }

    /**
     * By how much a decrypted slot differs at most from what the model gives in the clear, for a vector of length at most
     * {@link HeadModel#NORM_MAX}, with a probability of 1 − 2^−30 if rounding errors are independent: see docs/fhe.md.
     */
    public double errorBound() {
        return circuit.outputError();
    }

    /** The Galois elements that {@link #run} needs keys for. */
    public Set<Integer> elements() {
        return circuit.elements();
    }

    /** Whether {@link #run} needs a relinearisation key. */
    public boolean multiplies() {
        return circuit.multiplies();
    }

    /**
     * The keys, and the bytes of the containers in which a client sends them.
     *
     * @throws IllegalArgumentException if the parameter set has no such containers
     */
    public KeyElements keyElements() {
        ParameterChain chain = SealObjects.chain(parameters);
        return new KeyElements(
                elements(),
                multiplies(),
                SealWriter.galoisKeysBytes(chain, elements().size()),
                multiplies() ? SealWriter.relinearisationKeysBytes(chain) : 0);
    }

    /** Bytes that the encoded weights occupy, but for biases. */
    public long weightBytes() {
        return weightBytes;
    }

    /** The most bytes that one {@link #run} holds at a time beside keys and weights, its vector and result included. */
    public long workingBytes() {
        long polynomial = (long) parameters.degree() * Long.BYTES;
        int rotated = transforms.stream()
                .mapToInt(transform -> transform.steps().length + 1)
                .max()
                .orElse(0);
        long ciphertexts = (rotated + OTHER_CIPHERTEXTS) * 2L * (inputLevel + 1) * polynomial;
        long digits = (inputLevel + 1L) * (inputLevel + 2L) * polynomial;
        return ciphertexts + digits;
    }

    /**
     * The encrypted scores of an encrypted vector.
     *
     * @param relinearisation needed if {@link #multiplies}
     * @param checkpoint called before each step and between parts of long ones; what it throws ends the run
     * @throws IllegalArgumentException if the vector has another level or scale, or a key is missing; nothing has been
     *     computed then
     */
    public Ciphertext run(
            Evaluator evaluator,
            Ciphertext vector,
            @Nullable SwitchingKey relinearisation,
            GaloisKeys keys,
            Runnable checkpoint) {
        return circuit.run(evaluator, List.of(vector), relinearisation, keys, checkpoint);
    }

    @Override
    public void close() {
        circuit.close();
        transforms.forEach(LinearTransform::close);
    }
}
