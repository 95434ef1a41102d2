package io.latticegate.fhe.core.plan;

import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.evaluate.Evaluator;
import io.latticegate.fhe.core.key.GaloisElements;
import io.latticegate.fhe.core.linear.LinearTransform;
import io.latticegate.fhe.core.preset.CkksParameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * Builds a {@link Circuit}: every vector has a level, a scale and a bound on its slots from the start, and what does not
 * fit is refused here, and not when a client's ciphertext arrives.
 *
 * <p>Products are relinearised and rescaled at once. The scale of a plaintext factor is chosen so that the product has
 * exactly the scale that is wanted: with the prime q of the level, q · wanted / scale. A vector fits at a level if twice
 * its bound plus one, scaled, is below the modulus of the level; so do products before they are rescaled.
 *
 * <p>Beside the bound each vector has an error, by which a slot is off at most: what its operands are off, carried on at
 * worst, and what the operation adds ({@link SlotNoise}, in docs/fhe.md).
 *
 * <p>For one circuit and one thread.
 */
public final class Planner {
    private static final int MAX_DEGREE = 15;
    /** Of encoding and decoding in doubles, relative to the greatest value. */
    private static final double FLOAT_ERROR = 0x1p-40;

    private final CkksParameters parameters;
    private final Encoder encoder;
    private final SlotNoise noise;
    private final List<Step> steps = new ArrayList<>();
    private final List<Wire> wires = new ArrayList<>();
    private final TreeSet<Integer> elements = new TreeSet<>();
    private int inputs;
    private boolean multiplies;

    public Planner(CkksParameters parameters, Encoder encoder) {
        this.parameters = parameters;
        this.encoder = encoder;
        this.noise = new SlotNoise(parameters);
    }

    /** A vector that the circuit is given. */
    public Wire input(int level, double scale, double bound) {
        if (!(bound > 0) || Double.isInfinite(bound)) {
            throw new IllegalArgumentException("an input bounded by " + bound + "; allowed is a positive number");
        }
        return wire(new Step.Input(inputs++), level, scale, bound, noise.fresh() / scale + FLOAT_ERROR * bound);
    }

    private Wire wire(Step step, int level, double scale, double bound, double error) {
        requireFit(level, scale, bound);
        Wire wire = new Wire(this, steps.size(), level, scale, bound, error);
        steps.add(step);
        wires.add(wire);
        return wire;
    }

    /** Whether values up to this bound have room at this level and scale. */
    public boolean fits(int level, double scale, double bound) {
        parameters.requireScale(scale, level);
        return scale >= 1 && bits(scale, bound) < parameters.modulusBits(level) - 1;
    }

    private static double bits(double scale, double bound) {
        return Math.log(2 * (bound + 1) * scale) / Math.log(2);
    }

    /** @throws IllegalArgumentException if values up to this bound have no room at this level and scale */
    public void requireFit(int level, double scale, double bound) {
        if (!fits(level, scale, bound)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "values up to %.3g at scale 2^%.2f take %.1f bits; level %d of %s has %d",
                    bound,
                    Math.log(scale) / Math.log(2),
                    bits(scale, bound),
                    level,
                    parameters,
                    parameters.modulusBits(level) - 1));
        }
    }

    private void own(Wire... own) {
        for (Wire wire : own) {
            if (wire.planner() != this) {
                throw new IllegalArgumentException("a vector of another circuit");
            }
        }
    }

    private static void requireEqual(Wire a, Wire b) {
        if (a.level() != b.level() || !Evaluator.sameScale(a.scale(), b.scale())) {
            throw new IllegalArgumentException("a sum at level " + a.level() + " and scale " + a.scale()
                    + " with level " + b.level() + " and scale " + b.scale() + "; allowed are equal ones");
        }
    }

    public Wire add(Wire a, Wire b) {
        own(a, b);
        requireEqual(a, b);
        return wire(
                new Step.Add(a.index(), b.index()), a.level(), a.scale(), a.bound() + b.bound(), a.error() + b.error());
    }

    public Wire subtract(Wire a, Wire b) {
        own(a, b);
        requireEqual(a, b);
        return wire(
                new Step.Subtract(a.index(), b.index()),
                a.level(),
                a.scale(),
                a.bound() + b.bound(),
                a.error() + b.error());
    }

    /** a + values, slot by slot. */
    public Wire addPlain(Wire a, double[] values) {
        own(a);
        Plaintext encoded = encoder.encode(values, a.level(), a.scale());
        return shifted(a, encoded, greatest(values));
    }

    /** a + value in every slot. */
    public Wire addConstant(Wire a, double value) {
        own(a);
        Plaintext encoded = encoder.encodeConstant(value, a.level(), a.scale());
        return shifted(a, encoded, Math.abs(value));
    }

    private Wire shifted(Wire a, Plaintext by, double bound) {
        double error = a.error() + noise.encoding() / a.scale() + FLOAT_ERROR * bound;
        return wire(new Step.AddPlain(a.index(), by), a.level(), a.scale(), a.bound() + bound, error);
    }

    /** a · values, slot by slot, one level lower, at this scale. */
    public Wire multiplyPlain(Wire a, double[] values, double scale) {
        own(a);
        double factor = factorScale(a, scale, greatest(values));
        return scaled(a, encoder.encode(values, a.level(), factor), scale, greatest(values));
    }

    /** a · value, one level lower, at this scale. */
    public Wire multiplyConstant(Wire a, double value, double scale) {
        own(a);
        double factor = factorScale(a, scale, Math.abs(value));
        return scaled(a, encoder.encodeConstant(value, a.level(), factor), scale, Math.abs(value));
    }

    private static double greatest(double[] values) {
        double greatest = 0;
        for (double value : values) {
            greatest = Math.max(greatest, Math.abs(value));
        }
        return greatest;
    }

    private double factorScale(Wire a, double scale, double bound) {
        requireLevels(a, 1);
        double factor = parameters.prime(a.level()) * scale / a.scale();
        requireFit(a.level(), a.scale() * factor, a.bound() * bound);
        return factor;
    }

    private Wire scaled(Wire a, Plaintext factor, double scale, double bound) {
        double error = bound * a.error()
                + encodingError(factor.scale(), bound) * (a.bound() + a.error())
                + noise.rescaling() / scale;
        return wire(new Step.MultiplyPlain(a.index(), factor), a.level() - 1, scale, a.bound() * bound, error);
    }

    private double encodingError(double scale, double bound) {
        return noise.encoding() / scale + FLOAT_ERROR * bound;
    }

    private void requireLevels(Wire a, int levels) {
        if (a.level() < levels) {
            throw new IllegalArgumentException(
                    "this takes " + levels + " levels; at level " + a.level() + " there are not so many left");
        }
    }

    /** a · b, relinearised and rescaled: one level lower, at the product of the scales divided by the level's prime. */
    public Wire multiply(Wire a, Wire b) {
        own(a, b);
        if (a.level() != b.level()) {
            throw new IllegalArgumentException(
                    "a product at levels " + a.level() + " and " + b.level() + "; allowed is one level");
        }
        requireLevels(a, 1);
        double product = a.scale() * b.scale();
        requireFit(a.level(), product, a.bound() * b.bound());
        multiplies = true;
        double scale = product / parameters.prime(a.level());
        double error = a.bound() * b.error()
                + b.bound() * a.error()
                + a.error() * b.error()
                + noise.keySwitch(a.level()) / product
                + noise.rescaling() / scale;
        return wire(new Step.Multiply(a.index(), b.index()), a.level() - 1, scale, a.bound() * b.bound(), error);
    }

    /** Slot j becomes what slot j + steps was. */
    public Wire rotate(Wire a, int steps) {
        own(a);
        elements.add(GaloisElements.rotation(parameters.degree(), steps));
        return wire(new Step.Rotate(a.index(), steps), a.level(), a.scale(), a.bound(), switched(a));
    }

    public Wire conjugate(Wire a) {
        own(a);
        elements.add(GaloisElements.conjugation(parameters.degree()));
        return wire(new Step.Conjugate(a.index()), a.level(), a.scale(), a.bound(), switched(a));
    }

    /** The error of a vector after key switching. */
    private double switched(Wire a) {
        return a.error() + noise.keySwitch(a.level()) / a.scale();
    }

    /**
     * The same vector, of which the caller knows more than the operations tell.
     *
     * @param bound no slot's magnitude is greater; at most what is planned
     */
    public Wire bounded(Wire a, double bound) {
        own(a);
        return new Wire(this, a.index(), a.level(), a.scale(), Math.min(a.bound(), bound), a.error());
    }

    /** The transform of a, bounded by the greatest sum of magnitudes in a row. */
    public Wire transform(Wire a, LinearTransform transform, double rowSumBound) {
        return transform(a, transform, rowSumBound, a.bound() * rowSumBound);
    }

    /**
     * The transform of a.
     *
     * @param rowSumBound no sum of magnitudes in a row is greater
     * @param bound no slot of the result, and no partial sum of its row, has a greater magnitude
     */
    public Wire transform(Wire a, LinearTransform transform, double rowSumBound, double bound) {
        own(a);
        if (transform.level() != a.level()) {
            throw new IllegalArgumentException(
                    "a transform of level " + transform.level() + " for a vector of level " + a.level());
        }
        requireFit(a.level(), a.scale() * parameters.prime(a.level()), bound);
        for (int step : transform.steps()) {
            elements.add(GaloisElements.rotation(parameters.degree(), step));
        }
        double rotated = switched(a);
        double prime = parameters.prime(a.level());
        double error = rowSumBound * rotated
                + transform.diagonals() * encodingError(prime, rowSumBound) * (a.bound() + rotated)
                + transform.giantSteps() * noise.keySwitch(a.level()) / (a.scale() * prime)
                + noise.rescaling() / a.scale();
        return wire(new Step.Transform(a.index(), transform), a.level() - 1, a.scale(), bound, error);
    }

    /** The same vector at a level that is not higher. */
    public Wire lower(Wire a, int level) {
        own(a);
        if (level > a.level()) {
            throw new IllegalArgumentException("from level " + a.level() + " to " + level + "; levels only fall");
        }
        return level == a.level() ? a : wire(new Step.Lower(a.index(), level), level, a.scale(), a.bound(), a.error());
    }

    /**
     * Σ c_i·a^i at the given scale, ceil(log2(degree + 1)) levels lower. With h the greatest power of two up to the
     * degree, it is low(a) + a^h·high(a), each of the two halves computed at the scale that makes the sum exact.
     *
     * @param coefficients c_0 …, of degree 1 to 15
     */
    public Wire polynomial(Wire a, double[] coefficients, double scale) {
        own(a);
        int degree = coefficients.length - 1;
        if (degree < 1 || degree > MAX_DEGREE) {
            throw new IllegalArgumentException("a polynomial of degree " + degree + "; allowed are 1 to " + MAX_DEGREE);
        }
        int depth = Integer.SIZE - Integer.numberOfLeadingZeros(degree);
        requireLevels(a, depth);
        List<Wire> powers = new ArrayList<>(List.of(a));
        for (int i = 1; i < depth; i++) {
            powers.add(multiply(powers.getLast(), powers.getLast()));
        }
        return polynomial(powers, coefficients, a.level() - depth, scale);
    }

    /** The polynomial at a level and a scale, of degree below 2^powers. */
    private Wire polynomial(List<Wire> powers, double[] coefficients, int level, double scale) {
        int degree = coefficients.length - 1;
        if (degree <= 1) {
            Wire a = lower(powers.getFirst(), level + 1);
            Wire linear = multiplyConstant(a, degree == 1 ? coefficients[1] : 0, scale);
            return addConstant(linear, coefficients[0]);
        }
        int half = Integer.highestOneBit(degree);
        Wire power = lower(powers.get(Integer.numberOfTrailingZeros(half)), level + 1);
        double[] low = Arrays.copyOfRange(coefficients, 0, half);
        double[] high = Arrays.copyOfRange(coefficients, half, coefficients.length);
        double highScale = scale * parameters.prime(level + 1) / power.scale();
        Wire product = high.length == 1
                ? multiplyConstant(power, high[0], scale)
                : multiply(power, polynomial(powers, high, level + 1, highScale));
        return add(product, polynomial(powers, low, level, scale));
    }

    /** The circuit that computes this vector. */
    public Circuit build(Wire output) {
        own(output);
        return new Circuit(parameters, List.copyOf(steps), List.copyOf(wires), output, inputs, multiplies, elements);
    }
}
