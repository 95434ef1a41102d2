package io.latticegate.fhe.app.ops;

import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Evaluator;
import io.latticegate.fhe.core.key.GaloisElements;
import io.latticegate.fhe.core.preset.CkksParameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A circuit whose every value has a level, a scale and a number of polynomials before anything is computed. What an operation
 * does not take, or a key that it needs and the session lacks, is refused here.
 */
final class Plan {
    private static final int PARTS = 2;
    private static final int PARTS_OF_PRODUCT = 3;

    private final Scheme scheme;
    private final List<Step> steps;
    private final List<Integer> outputs;
    private final List<Shape> values = new ArrayList<>();
    private final TreeSet<Integer> elements = new TreeSet<>();
    private final int inputs;
    private final int[] lastUse;
    private boolean relinearises;

    /** What is known of a value. */
    record Shape(int level, double scale, int polynomials) {
        static Shape of(Ciphertext ciphertext) {
            return new Shape(
                    ciphertext.level(), ciphertext.scale(), ciphertext.parts().size());
        }
    }

    /**
     * Plans a request for these inputs.
     *
     * @throws Refusal 400 where a number names no value, 422 {@code circuit_refused}
     */
    Plan(Scheme scheme, OpsRequest request, List<Shape> given) {
        this.scheme = scheme;
        this.steps = request.steps();
        this.outputs = request.outputs();
        this.inputs = given.size();
        this.lastUse = new int[inputs + steps.size()];
        Arrays.fill(lastUse, -1);
        values.addAll(given);
        for (int i = 0; i < steps.size(); i++) {
            values.add(planned(i, steps.get(i)));
        }
        for (int output : outputs) {
            requireValue("outputs", output, values.size());
            lastUse[output] = steps.size();
        }
    }

    private Shape planned(int number, Step step) {
        String where = "steps[" + number + "]";
        requireValue(where, step.a(), values.size());
        requireValue(where, step.b(), values.size());
        lastUse[step.a()] = number;
        lastUse[step.b()] = number;
        Shape a = values.get(step.a());
        Shape b = values.get(step.b());
        CkksParameters parameters = scheme.parameters();
        return switch (step.operation()) {
            case ADD, SUBTRACT -> {
                requireLevels(where, a, b);
                if (!Evaluator.sameScale(a.scale(), b.scale())) {
                    throw refused(where, "the scales are " + a.scale() + " and " + b.scale(), "one scale");
                }
                yield new Shape(a.level(), a.scale(), Math.max(a.polynomials(), b.polynomials()));
            }
            case NEGATE -> a;
            case MULTIPLY, SQUARE -> {
                requireParts(where, a, PARTS);
                requireParts(where, b, PARTS);
                requireLevels(where, a, b);
                yield shape(where, a.level(), a.scale() * b.scale(), PARTS_OF_PRODUCT);
            }
            case RELINEARISE -> {
                requireParts(where, a, PARTS_OF_PRODUCT);
                relinearises = true;
                yield new Shape(a.level(), a.scale(), PARTS);
            }
            case RESCALE -> {
                if (a.level() == 0) {
                    throw refused(where, "the value is at level 0", "level 1 or higher");
                }
                yield shape(where, a.level() - 1, a.scale() / parameters.prime(a.level()), a.polynomials());
            }
            case MOD_SWITCH -> {
                if (step.argument() > a.level()) {
                    throw refused(where, "the value is at level " + a.level(), "levels that are not higher");
                }
                yield shape(where, step.argument(), a.scale(), a.polynomials());
            }
            case ROTATE -> {
                requireParts(where, a, PARTS);
                elements.add(GaloisElements.rotation(parameters.degree(), step.argument()));
                yield a;
            }
            case CONJUGATE -> {
                requireParts(where, a, PARTS);
                elements.add(GaloisElements.conjugation(parameters.degree()));
                yield a;
            }
        };
    }

    private static void requireValue(String where, int value, int known) {
        if (value >= known) {
            throw Refusal.invalid(
                    where + " names value " + value + "; there, values 0 to " + (known - 1) + " are known");
        }
    }

    private static void requireLevels(String where, Shape a, Shape b) {
        if (a.level() != b.level()) {
            throw refused(where, "the levels are " + a.level() + " and " + b.level(), "one level");
        }
    }

    private static void requireParts(String where, Shape a, int polynomials) {
        if (a.polynomials() != polynomials) {
            throw refused(where, "the value has " + a.polynomials() + " polynomials", String.valueOf(polynomials));
        }
    }

    private Shape shape(String where, int level, double scale, int polynomials) {
        if (!(scale >= 1)) {
            throw refused(where, "the scale would be " + scale, "1 and more");
        }
        try {
            scheme.parameters().requireScale(scale, level);
        } catch (IllegalArgumentException tooLarge) {
            throw refused(
                    where,
                    "the scale would be " + scale + " at level " + level,
                    "what is below the modulus of " + scheme.parameters().modulusBits(level) + " bits");
        }
        return new Shape(level, scale, polynomials);
    }

    private static Refusal refused(String where, String what, String allowed) {
        return Refusal.of(422, "circuit_refused", where + ": " + what + "; allowed: " + allowed);
    }

    /**
     * Holds the plan against a session's keys.
     *
     * @param relinearisation whether there is such a key
     * @param available Galois elements
     * @throws Refusal 409
     */
    void requireKeys(boolean relinearisation, Set<Integer> available) {
        List<String> missing = new ArrayList<>();
        if (relinearises && !relinearisation) {
            missing.add("relin");
        }
        TreeSet<Integer> absent = new TreeSet<>(elements);
        absent.removeAll(available);
        if (!absent.isEmpty()) {
            missing.add("galois for the elements " + absent);
        }
        if (!missing.isEmpty()) {
            throw Refusal.of(409, "keys_missing", "The session lacks keys: " + String.join("; ", missing));
        }
    }

    boolean relinearises() {
        return relinearises;
    }

    boolean moves() {
        return !elements.isEmpty();
    }

    List<Step> steps() {
        return steps;
    }

    int inputs() {
        return inputs;
    }

    /** Numbers of the values to return. */
    List<Integer> outputs() {
        return outputs;
    }

    Shape value(int number) {
        return values.get(number);
    }

    /** Whether a value is used by a step after this one, or returned. */
    boolean neededAfter(int value, int step) {
        return lastUse[value] > step;
    }

    /** The most that inputs, values and the answer hold at a time, in bytes. */
    long memoryBytes() {
        long held = 0;
        for (int i = 0; i < inputs; i++) {
            held += bytes(i);
        }
        long most = held;
        for (int i = 0; i < steps.size(); i++) {
            held += bytes(inputs + i);
            most = Math.max(most, held);
            for (int value = inputs; value <= inputs + i; value++) {
                boolean lives = value == inputs + i || lastUse[value] >= i;
                if (lives && !neededAfter(value, i)) {
                    held -= bytes(value);
                }
            }
        }
        long answer = 0;
        for (int output : outputs) {
            Shape shape = values.get(output);
            answer += 2 * scheme.containerBytesMax(shape.level(), shape.polynomials());
        }
        return most + answer;
    }

    private long bytes(int value) {
        Shape shape = values.get(value);
        return scheme.ciphertextBytes(shape.level(), shape.polynomials());
    }
}
