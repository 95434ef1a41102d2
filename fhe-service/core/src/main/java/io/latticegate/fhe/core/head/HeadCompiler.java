package io.latticegate.fhe.core.head;

import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.linear.LinearTransform;
import io.latticegate.fhe.core.plan.Planner;
import io.latticegate.fhe.core.plan.Wire;
import io.latticegate.fhe.core.preset.CkksParameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes circuits of models. The vector enters at the lowest level from which all layers can be computed and the scores still
 * have room, since everything costs less there.
 *
 * <p>Scores come in the first slots, and all others are zero: rotating and adding leaves sums elsewhere. Either the last
 * matrix is folded and a product with ones in the first slots follows, which takes a level; or its diagonals are zero
 * outside of the first slots, which takes as many diagonals as the layer has inputs. What costs less is done, if there are
 * levels enough for it. Safe for use by several threads.
 */
public final class HeadCompiler {
    private static final long WEIGHT_BYTES_MAX = 1L << 29;

    private final CkksParameters parameters;
    private final double scale;
    private final Encoder encoder;
    private final long weightBytesMax;

    /** @param scale of the encrypted vectors */
    public HeadCompiler(CkksParameters parameters, double scale, Encoder encoder) {
        this(parameters, scale, encoder, WEIGHT_BYTES_MAX);
    }

    /** @param weightBytesMax most bytes that the encoded weights of one model may occupy; above 512 MiB it is 512 MiB */
    public HeadCompiler(CkksParameters parameters, double scale, Encoder encoder, long weightBytesMax) {
        this.parameters = parameters;
        this.scale = scale;
        this.encoder = encoder;
        this.weightBytesMax = Math.min(weightBytesMax, WEIGHT_BYTES_MAX);
    }

    /**
     * The circuit of a model.
     *
     * @throws HeadRefusedException if it takes more levels, more room for its values or more memory than there are
     */
    public CompiledHead compile(HeadModel model) {
        List<List<MatrixPlan>> candidates = candidates(model);
        double scores = HeadBounds.of(model).getLast().activated();
        Planner fitting = new Planner(parameters, encoder);
        @Nullable HeadRefusedException refused = null;
        for (int level = 0; level < parameters.topLevel(); level++) {
            for (List<MatrixPlan> plans : candidates) {
                int inputLevel = level + depth(plans);
                boolean last = level == parameters.topLevel() - 1 || inputLevel == parameters.topLevel();
                if (inputLevel <= parameters.topLevel() && (last || fitting.fits(level, scale, scores))) {
                    try {
                        return compile(model, plans, inputLevel);
                    } catch (HeadRefusedException tooGreat) {
                        refused = tooGreat;
                    }
                }
            }
        }
        throw refused != null ? refused : tooDeep(model);
    }

    private HeadRefusedException tooDeep(HeadModel model) {
        return new HeadRefusedException("the layers take " + model.depth() + " levels; allowed are the "
                + parameters.topLevel() + " of " + parameters);
    }

    private static int depth(List<MatrixPlan> plans) {
        return plans.stream().mapToInt(MatrixPlan::depth).sum();
    }

    /** Both ways to keep other slots zero, the one that costs less first. */
    private List<List<MatrixPlan>> candidates(HeadModel model) {
        List<List<MatrixPlan>> candidates = new ArrayList<>(List.of(plans(model, true), plans(model, false)));
        candidates.sort(Comparator.comparingDouble(HeadCompiler::cost));
        return candidates;
    }

    private List<MatrixPlan> plans(HeadModel model, boolean folded) {
        List<MatrixPlan> plans = new ArrayList<>();
        int width = model.input();
        for (int i = 0; i < model.layers().size(); i++) {
            HeadModel.Layer layer = model.layers().get(i);
            boolean last = i == model.layers().size() - 1;
            boolean shifted = i == 0 && (folded || !last);
            InputPacking packing = shifted
                    ? InputPacking.shifted(parameters.slots(), width, layer.outputs())
                    : InputPacking.periodic(parameters.slots(), width);
            plans.add(last && !folded ? MatrixPlan.whole(layer, packing) : MatrixPlan.folded(layer, packing, last));
            width = layer.outputs();
        }
        return plans;
    }

    private static double cost(List<MatrixPlan> plans) {
        int level = depth(plans);
        double sum = 0;
        for (MatrixPlan plan : plans) {
            sum += plan.cost(level);
            level -= plan.depth();
        }
        return sum;
    }

    private CompiledHead compile(HeadModel model, List<MatrixPlan> plans, int inputLevel) {
        long bytes = requireMemory(plans, inputLevel);
        List<HeadBounds> bounds = HeadBounds.of(model);
        Planner planner = new Planner(parameters, encoder);
        List<LinearTransform> transforms = new ArrayList<>();
        Wire x = planner.input(inputLevel, scale, HeadModel.NORM_MAX);
        for (int i = 0; i < plans.size(); i++) {
            try {
                x = layer(planner, x, plans.get(i), bounds.get(i), transforms, i == plans.size() - 1);
            } catch (IllegalArgumentException doesNotFit) {
                planner.build(x).close();
                transforms.forEach(LinearTransform::close);
                throw new HeadRefusedException("layers[" + i + "]: " + doesNotFit.getMessage(), doesNotFit);
            }
        }
        return new CompiledHead(
                parameters,
                plans.getFirst().packing(),
                model.outputs(),
                inputLevel,
                scale,
                bytes,
                planner.build(x),
                transforms);
    }

    private long requireMemory(List<MatrixPlan> plans, int inputLevel) {
        long bytes = 0;
        int level = inputLevel;
        for (MatrixPlan plan : plans) {
            bytes += plan.bytes(level);
            level -= plan.depth();
        }
        if (bytes > weightBytesMax) {
            throw new HeadRefusedException(
                    "the encoded weights take " + bytes + " bytes; allowed are " + weightBytesMax);
        }
        return bytes;
    }

    private Wire layer(
            Planner planner,
            Wire input,
            MatrixPlan plan,
            HeadBounds bounds,
            List<LinearTransform> transforms,
            boolean last) {
        int level = input.level();
        planner.requireFit(level - 1, input.scale(), bounds.sum());
        LinearTransform transform =
                new LinearTransform(parameters, encoder, plan::factor, plan.diagonals(), plan.babySteps(level), level);
        transforms.add(transform);
        Wire x = planner.transform(input, transform, plan.slotSum(), bounds.sum());
        for (int i = 0; i < plan.folds(); i++) {
            x = planner.bounded(planner.add(x, planner.rotate(x, plan.rows() << i)), bounds.sum());
        }
        int outputs = plan.layer().outputs();
        if (plan.masked()) {
            double[] mask = new double[outputs];
            Arrays.fill(mask, 1);
            x = planner.multiplyPlain(x, mask, x.scale());
        }
        double[] bias = last ? plan.layer().bias() : repeated(plan.layer().bias(), plan.rows());
        x = planner.bounded(planner.addPlain(x, bias), bounds.biased());
        return switch (plan.layer().activation()) {
            case Activation.None _ -> x;
            case Activation.Square _ -> planner.bounded(planner.multiply(x, x), bounds.activated());
            case Activation.Polynomial(double[] coefficients) ->
                planner.bounded(polynomial(planner, x, coefficients, last ? outputs : 0), bounds.activated());
        };
    }

    private double[] repeated(double[] values, int period) {
        double[] slots = new double[parameters.slots()];
        for (int slot = 0; slot < slots.length; slot++) {
            slots[slot] = slot % period < values.length ? values[slot % period] : 0;
        }
        return slots;
    }

    /** @param only the slots that get the constant term, from the first on; 0 for all */
    private Wire polynomial(Planner planner, Wire x, double[] coefficients, int only) {
        if (only == 0) {
            return planner.polynomial(x, coefficients, scale);
        }
        double[] withoutConstant = coefficients.clone();
        withoutConstant[0] = 0;
        double[] constant = new double[only];
        Arrays.fill(constant, coefficients[0]);
        return planner.addPlain(planner.polynomial(x, withoutConstant, scale), constant);
    }
}
