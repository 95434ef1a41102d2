package io.latticegate.client;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.latticegate.fhe.core.evaluate.Evaluator;
import io.latticegate.fhe.core.key.GaloisElements;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Operations on ciphertexts that the service is to do, with the level and the scale of every value. What does not fit is
 * refused here, before anything is encrypted. Immutable.
 */
public final class Program {
    /** The most steps of a program. */
    public static final int STEPS_MAX = 64;

    /** The most inputs, and the most outputs. */
    public static final int VALUES_MAX = 16;

    private final Preset preset;
    private final int inputs;
    private final ArrayNode steps;
    private final List<Value> outputs;
    private final KeyNeeds needs;

    private Program(Builder builder) {
        this.preset = builder.preset;
        this.inputs = builder.inputs;
        this.steps = builder.steps;
        this.outputs = List.copyOf(builder.outputs);
        this.needs = new KeyNeeds(builder.relinearises, false, builder.elements);
    }

    /**
     * A value of a program.
     *
     * @param index inputs first, then one for each step
     * @param polynomials 2, or 3 between a product and its relinearisation
     */
    public record Value(Builder program, int index, int level, double scale, int polynomials) {}

    /** Collects inputs, steps and outputs for a parameter set. */
    public static Builder of(Preset preset) {
        return new Builder(preset);
    }

    Preset preset() {
        return preset;
    }

    int inputs() {
        return inputs;
    }

    List<Value> outputs() {
        return outputs;
    }

    KeyNeeds needs() {
        return needs;
    }

    ObjectNode request(String job) {
        ObjectNode request = Service.JSON.createObjectNode();
        request.set("steps", steps.deepCopy());
        ArrayNode indices = request.putArray("outputs");
        outputs.forEach(output -> indices.add(output.index()));
        return request.put("compression", "none").put("job", job);
    }

    /** Collects a program. Inputs come before steps. */
    public static final class Builder {
        private final Preset preset;
        private final CkksParameters parameters;
        private final ArrayNode steps = Service.JSON.createArrayNode();
        private final List<Value> outputs = new ArrayList<>();
        private final Set<Integer> elements = new TreeSet<>();
        private int inputs;
        private boolean relinearises;

        private Builder(Preset preset) {
            this.preset = preset;
            this.parameters = preset.parameters();
        }

        /** The next input: fresh, at the top level and the set's scale. */
        public Value input() {
            require(steps.isEmpty(), "an input behind a step; allowed: inputs first");
            require(inputs < VALUES_MAX, "more than " + VALUES_MAX + " inputs");
            return new Value(this, inputs++, parameters.topLevel(), preset.scale(), 2);
        }

        /** a + b, of one level and one scale. */
        public Value add(Value a, Value b) {
            return sum("add", a, b);
        }

        /** a − b, of one level and one scale. */
        public Value subtract(Value a, Value b) {
            return sum("subtract", a, b);
        }

        private Value sum(String op, Value a, Value b) {
            requireOneLevel(a, b);
            require(Evaluator.sameScale(a.scale, b.scale), "scales " + a.scale + " and " + b.scale);
            return step(op, a, b, a.level, a.scale, Math.max(a.polynomials, b.polynomials));
        }

        /** −a. */
        public Value negate(Value a) {
            return step("negate", a, a.level, a.scale, a.polynomials);
        }

        /** a·b, of one level: three polynomials, the product of the scales. */
        public Value multiply(Value a, Value b) {
            requireOneLevel(a, b);
            requireTwo(a);
            requireTwo(b);
            return step("multiply", a, b, a.level, product(a, b), 3);
        }

        /** a². */
        public Value square(Value a) {
            requireTwo(a);
            return step("square", a, a.level, product(a, a), 3);
        }

        private double product(Value a, Value b) {
            double scale = a.scale * b.scale;
            parameters.requireScale(scale, a.level);
            return scale;
        }

        /** A product as two polynomials again. */
        public Value relinearise(Value a) {
            require(a.polynomials == 3, "nothing to relinearise: a value of two polynomials");
            relinearises = true;
            return step("relinearise", a, a.level, a.scale, 2);
        }

        /** a, one level lower, its scale divided by the prime of the level that is left. */
        public Value rescale(Value a) {
            require(a.level > 0, "a value at level 0 cannot be rescaled");
            return step("rescale", a, a.level - 1, a.scale / parameters.prime(a.level), a.polynomials);
        }

        /** a at a lower level. */
        public Value lower(Value a, int level) {
            require(level >= 0 && level < a.level, "from level " + a.level + " to " + level);
            parameters.requireScale(a.scale, level);
            Value lowered = step("mod_switch", a, level, a.scale, a.polynomials);
            last().put("level", level);
            return lowered;
        }

        /** a with what was in slot j + by in slot j, cyclically. */
        public Value rotate(Value a, int by) {
            requireTwo(a);
            elements.add(GaloisElements.rotation(parameters.degree(), by));
            Value rotated = step("rotate", a, a.level, a.scale, 2);
            last().put("by", by);
            return rotated;
        }

        /** The complex conjugates of all slots. */
        public Value conjugate(Value a) {
            requireTwo(a);
            elements.add(GaloisElements.conjugation(parameters.degree()));
            return step("conjugate", a, a.level, a.scale, 2);
        }

        /** A value that the service is to send back. */
        public Builder output(Value value) {
            requireOwn(value);
            require(outputs.size() < VALUES_MAX, "more than " + VALUES_MAX + " outputs");
            outputs.add(value);
            return this;
        }

        /** The program, which has an input, a step and an output at least. */
        public Program build() {
            require(inputs > 0 && !steps.isEmpty() && !outputs.isEmpty(), "no input, no step or no output");
            return new Program(this);
        }

        private Value step(String op, Value a, Value b, int level, double scale, int polynomials) {
            requireOwn(b);
            Value value = step(op, a, level, scale, polynomials);
            last().put("b", b.index);
            return value;
        }

        private Value step(String op, Value a, int level, double scale, int polynomials) {
            requireOwn(a);
            require(steps.size() < STEPS_MAX, "more than " + STEPS_MAX + " steps");
            steps.addObject().put("op", op).put("a", a.index);
            return new Value(this, inputs + steps.size() - 1, level, scale, polynomials);
        }

        private ObjectNode last() {
            return (ObjectNode) steps.get(steps.size() - 1);
        }

        private void requireOwn(Value value) {
            require(value.program == this, "a value of another program");
        }

        private static void requireTwo(Value a) {
            require(a.polynomials == 2, "a product must be relinearised first; it has 3 polynomials");
        }

        private static void requireOneLevel(Value a, Value b) {
            require(a.level == b.level, "operands at levels " + a.level + " and " + b.level + "; allowed is one level");
        }

        private static void require(boolean holds, String otherwise) {
            if (!holds) {
                throw new IllegalArgumentException(otherwise);
            }
        }
    }
}
