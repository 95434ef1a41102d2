package io.latticegate.fhe.core.plan;

import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Evaluator;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.linear.LinearTransform;
import io.latticegate.fhe.core.preset.CkksParameters;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A computation on encrypted vectors of which every level and scale is fixed. Immutable; runs at once on several threads.
 * Closing it frees its plaintexts, but not the transforms, which belong to whoever made them.
 */
public final class Circuit implements AutoCloseable {
    private final CkksParameters parameters;
    private final List<Step> steps;
    private final List<Wire> wires;
    private final Wire output;
    private final int inputs;
    private final boolean multiplies;
    private final Set<Integer> elements;
    /** The last step that takes each vector; the number of steps for the output. */
    private final int[] lastUse;

    Circuit(
            CkksParameters parameters,
            List<Step> steps,
            List<Wire> wires,
            Wire output,
            int inputs,
            boolean multiplies,
            Set<Integer> elements) {
        this.parameters = parameters;
        this.steps = steps;
        this.wires = wires;
        this.output = output;
        this.inputs = inputs;
        this.multiplies = multiplies;
        this.elements = Collections.unmodifiableSet(new TreeSet<>(elements));
        this.lastUse = new int[steps.size()];
        for (int i = 0; i < steps.size(); i++) {
            lastUse[i] = i;
            for (int operand : steps.get(i).operands()) {
                lastUse[operand] = i;
            }
        }
        lastUse[output.index()] = steps.size();
    }

    /** The Galois elements that it needs keys for. */
    public Set<Integer> elements() {
        return elements;
    }

    /** Whether it needs a relinearisation key. */
    public boolean multiplies() {
        return multiplies;
    }

    public int inputs() {
        return inputs;
    }

    /** The level of the result. */
    public int outputLevel() {
        return output.level();
    }

    public double outputScale() {
        return output.scale();
    }

    /** By how much a slot of the result is off at most, if rounding errors are independent: see docs/fhe.md. */
    public double outputError() {
        return output.error();
    }

    /**
     * Runs the circuit; inputs stay the caller's.
     *
     * @param relinearisation needed if {@link #multiplies}
     * @throws IllegalArgumentException if an input has another level or scale than planned, or a key is missing; nothing
     *     has been computed then
     */
    public Ciphertext run(
            Evaluator evaluator, List<Ciphertext> given, @Nullable SwitchingKey relinearisation, GaloisKeys keys) {
        return run(evaluator, given, relinearisation, keys, () -> {});
    }

    /**
     * Runs the circuit as {@link #run(Evaluator, List, SwitchingKey, GaloisKeys)} does, unless it is stopped.
     *
     * @param checkpoint called before each step and between the parts of long ones; what it throws ends the run, and all
     *     that was computed until then is freed
     */
    public Ciphertext run(
            Evaluator evaluator,
            List<Ciphertext> given,
            @Nullable SwitchingKey relinearisation,
            GaloisKeys keys,
            Runnable checkpoint) {
        requireInputs(given);
        if (multiplies && relinearisation == null) {
            throw new IllegalArgumentException("this circuit multiplies; it needs a relinearisation key");
        }
        elements.forEach(keys::require);
        @Nullable Ciphertext[] values = new @Nullable Ciphertext[steps.size()];
        boolean done = false;
        try {
            for (int i = 0; i < values.length; i++) {
                checkpoint.run();
                values[i] = evaluate(evaluator, steps.get(i), values, given, relinearisation, keys, checkpoint);
                requirePlanned(value(values, i), wires.get(i));
                release(values, i);
            }
            done = true;
            return value(values, output.index());
        } finally {
            if (!done) {
                abandon(values);
            }
        }
    }

    private void abandon(@Nullable Ciphertext[] values) {
        for (int i = 0; i < values.length; i++) {
            Ciphertext value = values[i];
            if (value != null && !(steps.get(i) instanceof Step.Input)) {
                value.close();
            }
        }
    }

    private void requireInputs(List<Ciphertext> given) {
        if (given.size() != inputs) {
            throw new IllegalArgumentException(given.size() + " inputs; this circuit takes " + inputs);
        }
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i) instanceof Step.Input(int position)) {
                requirePlanned(given.get(position), wires.get(i));
            }
        }
    }

    private void requirePlanned(Ciphertext value, Wire planned) {
        if (value.parameters() != parameters
                || value.level() != planned.level()
                || !Evaluator.sameScale(value.scale(), planned.scale())) {
            throw new IllegalArgumentException("vector " + planned.index() + " of the circuit is " + value
                    + "; planned is level " + planned.level() + " of " + parameters + ", scale " + planned.scale());
        }
    }

    private void release(@Nullable Ciphertext[] values, int step) {
        for (int operand : steps.get(step).operands()) {
            Ciphertext value = values[operand];
            if (lastUse[operand] == step && value != null && !(steps.get(operand) instanceof Step.Input)) {
                value.close();
                values[operand] = null;
            }
        }
        if (lastUse[step] == step && !(steps.get(step) instanceof Step.Input)) {
            value(values, step).close();
            values[step] = null;
        }
    }

    private static Ciphertext value(@Nullable Ciphertext[] values, int index) {
        Ciphertext value = values[index];
        if (value == null) {
            throw new IllegalStateException("vector " + index + " of the circuit is gone");
        }
        return value;
    }

    private static Ciphertext evaluate(
            Evaluator evaluator,
            Step step,
            @Nullable Ciphertext[] values,
            List<Ciphertext> given,
            @Nullable SwitchingKey relinearisation,
            GaloisKeys keys,
            Runnable checkpoint) {
        return switch (step) {
            case Step.Input(int position) -> given.get(position);
            case Step.Add(int a, int b) -> evaluator.add(value(values, a), value(values, b));
            case Step.Subtract(int a, int b) -> evaluator.subtract(value(values, a), value(values, b));
            case Step.AddPlain(int a, Plaintext b) -> evaluator.addPlain(value(values, a), b);
            case Step.MultiplyPlain(int a, Plaintext b) -> {
                try (Ciphertext product = evaluator.multiplyPlain(value(values, a), b)) {
                    yield evaluator.rescale(product);
                }
            }
            case Step.Multiply(int a, int b) -> {
                SwitchingKey key = Objects.requireNonNull(relinearisation);
                try (Ciphertext product = evaluator.multiply(value(values, a), value(values, b));
                        Ciphertext relinearised = evaluator.relinearise(product, key)) {
                    yield evaluator.rescale(relinearised);
                }
            }
            case Step.Rotate(int a, int by) -> evaluator.rotate(value(values, a), by, keys);
            case Step.Conjugate(int a) -> evaluator.conjugate(value(values, a), keys);
            case Step.Transform(int a, LinearTransform transform) ->
                transform.apply(evaluator, value(values, a), keys, checkpoint);
            case Step.Lower(int a, int level) -> evaluator.modSwitch(value(values, a), level);
        };
    }

    @Override
    public void close() {
        for (Step step : steps) {
            if (step instanceof Step.AddPlain(int _, Plaintext b)) {
                b.close();
            } else if (step instanceof Step.MultiplyPlain(int _, Plaintext b)) {
                b.close();
            }
        }
    }
}
