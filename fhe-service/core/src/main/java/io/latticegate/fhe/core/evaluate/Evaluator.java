package io.latticegate.fhe.core.evaluate;

import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.key.GaloisElements;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a service does with ciphertexts. Each method returns a new ciphertext, which the caller closes, and leaves its
 * operands as they are. The integers of every result are fixed by docs/fhe.md; where Microsoft SEAL has the operation,
 * they are SEAL's. Immutable, and safe for use by several threads.
 *
 * <p>Operands of one operation have the same level, and for sums the same scale; both are the caller's to arrange, with a
 * {@link io.latticegate.fhe.core.plan.Circuit} or by hand. What does not fit is refused with both values.
 */
public final class Evaluator {
    /** Scales that differ by less, relatively, are the same: they come from the same products in another order. */
    private static final double SCALE_TOLERANCE = 0x1p-46;

    private final CkksParameters parameters;
    private final RnsBackend backend;

    public Evaluator(CkksParameters parameters, RnsBackend backend) {
        this.parameters = parameters;
        this.backend = backend;
    }

    public CkksParameters parameters() {
        return parameters;
    }

    public RnsBackend backend() {
        return backend;
    }

    private void require(Ciphertext a) {
        if (a.parameters() != parameters) {
            throw new IllegalArgumentException(
                    "a ciphertext of " + a.parameters() + " for an evaluator of " + parameters);
        }
    }

    private void requireTwoParts(Ciphertext a) {
        require(a);
        if (a.parts().size() != Ciphertext.PARTS) {
            throw new IllegalArgumentException("a product must be relinearised first; it has 3 polynomials");
        }
    }

    private static void requireLevel(int a, int b) {
        if (a != b) {
            throw new IllegalArgumentException("operands at levels " + a + " and " + b + "; allowed is one level");
        }
    }

    /** Whether two scales are the same up to the order of multiplications. */
    public static boolean sameScale(double a, double b) {
        return Math.abs(a - b) <= SCALE_TOLERANCE * Math.max(a, b);
    }

    private static void requireScale(double a, double b) {
        if (!sameScale(a, b)) {
            throw new IllegalArgumentException("operands of scales " + a + " and " + b + "; allowed is one scale");
        }
    }

    private Poly<Eval> space(int level) {
        return backend.allocate(parameters.ring().data(level));
    }

    private Poly<Eval> copy(Poly<Eval> a, int level) {
        Poly<Eval> to = space(level);
        backend.copy(a, to);
        return to;
    }

    /** a + b. */
    public Ciphertext add(Ciphertext a, Ciphertext b) {
        return sum(a, b, false);
    }

    /** a − b. */
    public Ciphertext subtract(Ciphertext a, Ciphertext b) {
        return sum(a, b, true);
    }

    private Ciphertext sum(Ciphertext a, Ciphertext b, boolean minus) {
        require(a);
        require(b);
        requireLevel(a.level(), b.level());
        requireScale(a.scale(), b.scale());
        List<Poly<Eval>> parts = new ArrayList<>();
        for (int i = 0; i < Math.max(a.parts().size(), b.parts().size()); i++) {
            Poly<Eval> to = space(a.level());
            if (i >= b.parts().size()) {
                backend.copy(a.part(i), to);
            } else if (i >= a.parts().size()) {
                if (minus) {
                    backend.negate(b.part(i), to);
                } else {
                    backend.copy(b.part(i), to);
                }
            } else if (minus) {
                backend.subtract(a.part(i), b.part(i), to);
            } else {
                backend.add(a.part(i), b.part(i), to);
            }
            parts.add(to);
        }
        return new Ciphertext(parameters, a.scale(), parts);
    }

    /** −a. */
    public Ciphertext negate(Ciphertext a) {
        require(a);
        List<Poly<Eval>> parts = new ArrayList<>();
        for (Poly<Eval> part : a.parts()) {
            Poly<Eval> to = space(a.level());
            backend.negate(part, to);
            parts.add(to);
        }
        return new Ciphertext(parameters, a.scale(), parts);
    }

    /** a + b. */
    public Ciphertext addPlain(Ciphertext a, Plaintext b) {
        return plainSum(a, b, false);
    }

    /** a − b. */
    public Ciphertext subtractPlain(Ciphertext a, Plaintext b) {
        return plainSum(a, b, true);
    }

    private Ciphertext plainSum(Ciphertext a, Plaintext b, boolean minus) {
        require(a);
        requirePlain(b, a.level());
        requireScale(a.scale(), b.scale());
        List<Poly<Eval>> parts = new ArrayList<>();
        Poly<Eval> first = space(a.level());
        if (minus) {
            backend.subtract(a.part(0), b.poly(), first);
        } else {
            backend.add(a.part(0), b.poly(), first);
        }
        parts.add(first);
        for (int i = 1; i < a.parts().size(); i++) {
            parts.add(copy(a.part(i), a.level()));
        }
        return new Ciphertext(parameters, a.scale(), parts);
    }

    private void requirePlain(Plaintext b, int level) {
        if (b.parameters() != parameters) {
            throw new IllegalArgumentException(
                    "a plaintext of " + b.parameters() + " for an evaluator of " + parameters);
        }
        requireLevel(level, b.level());
    }

    /** a · b, slot by slot; the scales multiply. */
    public Ciphertext multiplyPlain(Ciphertext a, Plaintext b) {
        require(a);
        requirePlain(b, a.level());
        parameters.requireScale(a.scale() * b.scale(), a.level());
        List<Poly<Eval>> parts = new ArrayList<>();
        for (Poly<Eval> part : a.parts()) {
            Poly<Eval> to = space(a.level());
            backend.multiply(part, b.poly(), to);
            parts.add(to);
        }
        return new Ciphertext(parameters, a.scale() * b.scale(), parts);
    }

    /** Σ a_i · b_i, slot by slot: for as many ciphertexts as plaintexts, all of one level, scale and two polynomials. */
    public Ciphertext multiplyPlainSum(List<Ciphertext> a, List<Plaintext> b) {
        if (a.isEmpty() || a.size() != b.size()) {
            throw new IllegalArgumentException(
                    a.size() + " ciphertexts and " + b.size() + " plaintexts; allowed are as many of both, at least 1");
        }
        int level = a.getFirst().level();
        double scale = a.getFirst().scale() * b.getFirst().scale();
        parameters.requireScale(scale, level);
        Poly<Eval> sum0 = space(level);
        Poly<Eval> sum1 = space(level);
        for (int i = 0; i < a.size(); i++) {
            requireTwoParts(a.get(i));
            requireLevel(level, a.get(i).level());
            requirePlain(b.get(i), level);
            requireScale(scale, a.get(i).scale() * b.get(i).scale());
            backend.multiplyAdd(a.get(i).part(0), b.get(i).poly(), sum0);
            backend.multiplyAdd(a.get(i).part(1), b.get(i).poly(), sum1);
        }
        return new Ciphertext(parameters, scale, List.of(sum0, sum1));
    }

    /** a · b, slot by slot, with three polynomials; the scales multiply. */
    public Ciphertext multiply(Ciphertext a, Ciphertext b) {
        requireTwoParts(a);
        requireTwoParts(b);
        requireLevel(a.level(), b.level());
        parameters.requireScale(a.scale() * b.scale(), a.level());
        Poly<Eval> to0 = space(a.level());
        Poly<Eval> to1 = space(a.level());
        Poly<Eval> to2 = space(a.level());
        backend.tensor(a.part(0), a.part(1), b.part(0), b.part(1), to0, to1, to2);
        return new Ciphertext(parameters, a.scale() * b.scale(), List.of(to0, to1, to2));
    }

    /** The same vector with two polynomials. */
    public Ciphertext relinearise(Ciphertext product, SwitchingKey key) {
        require(product);
        requireKey(key);
        if (product.parts().size() != Ciphertext.PARTS_OF_PRODUCT) {
            throw new IllegalArgumentException("relinearising takes a product of 3 polynomials; given are "
                    + product.parts().size());
        }
        return switched(product.part(2), key, product.part(0), product.part(1), product.scale());
    }

    private void requireKey(SwitchingKey key) {
        if (key.parameters() != parameters) {
            throw new IllegalArgumentException("a key of " + key.parameters() + " for an evaluator of " + parameters);
        }
    }

    /** (c0, c1) and the multiple a of another secret, switched; c1 may be missing, which is zero. */
    private Ciphertext switched(Poly<Eval> a, SwitchingKey key, Poly<Eval> c0, @Nullable Poly<Eval> c1, double scale) {
        int level = a.base().level();
        Poly<Eval> to0 = space(level);
        Poly<Eval> to1 = space(level);
        backend.keySwitch(a, key.digits(), to0, to1);
        backend.add(to0, c0, to0);
        if (c1 != null) {
            backend.add(to1, c1, to1);
        }
        return new Ciphertext(parameters, scale, List.of(to0, to1));
    }

    /** The same vector one level lower, the scale divided by the prime that is left. */
    public Ciphertext rescale(Ciphertext a) {
        require(a);
        int level = a.level();
        if (level == 0) {
            throw new IllegalArgumentException("there is no level below 0 to rescale to");
        }
        double scale = a.scale() / parameters.prime(level);
        parameters.requireScale(scale, level - 1);
        List<Poly<Eval>> parts = new ArrayList<>();
        for (Poly<Eval> part : a.parts()) {
            Poly<Eval> to = space(level - 1);
            backend.rescale(part, to);
            parts.add(to);
        }
        return new Ciphertext(parameters, scale, parts);
    }

    /** The same vector and scale at a level that is not higher: primes are dropped. */
    public Ciphertext modSwitch(Ciphertext a, int level) {
        require(a);
        if (level < 0 || level > a.level()) {
            throw new IllegalArgumentException(
                    "switching from level " + a.level() + " to " + level + "; allowed are 0 to " + a.level());
        }
        return new Ciphertext(
                parameters,
                a.scale(),
                a.parts().stream().map(part -> copy(part, level)).toList());
    }

    /** Slot j becomes what slot j + step was, cyclically. */
    public Ciphertext rotate(Ciphertext a, int step, GaloisKeys keys) {
        return automorphism(a, GaloisElements.rotation(parameters.degree(), step), keys);
    }

    /** Every slot becomes its conjugate. */
    public Ciphertext conjugate(Ciphertext a, GaloisKeys keys) {
        return automorphism(a, GaloisElements.conjugation(parameters.degree()), keys);
    }

    private Ciphertext automorphism(Ciphertext a, int element, GaloisKeys keys) {
        requireTwoParts(a);
        SwitchingKey key = keys.require(element);
        requireKey(key);
        try (Poly<Eval> moved0 = space(a.level());
                Poly<Eval> moved1 = space(a.level())) {
            backend.automorphism(a.part(0), element, moved0);
            backend.automorphism(a.part(1), element, moved1);
            return switched(moved1, key, moved0, null, a.scale());
        }
    }

    /**
     * The rotations of one ciphertext by several steps, for which it is decomposed once ("hoisted"): a step of 0 gives a
     * copy. The vectors are those of {@link #rotate}, the integers are not: digits are decomposed before they are moved,
     * and not after.
     */
    public List<Ciphertext> rotateMany(Ciphertext a, int[] steps, GaloisKeys keys) {
        requireTwoParts(a);
        int[] elements = new int[steps.length];
        for (int i = 0; i < steps.length; i++) {
            elements[i] = steps[i] == 0 ? 1 : GaloisElements.rotation(parameters.degree(), steps[i]);
            if (steps[i] != 0) {
                requireKey(keys.require(elements[i]));
            }
        }
        try (Hoisted hoisted = new Hoisted(backend, a.part(1))) {
            List<Ciphertext> rotated = new ArrayList<>();
            for (int element : elements) {
                rotated.add(element == 1 ? modSwitch(a, a.level()) : hoistedRotation(a, hoisted, element, keys));
            }
            return rotated;
        }
    }

    private Ciphertext hoistedRotation(Ciphertext a, Hoisted hoisted, int element, GaloisKeys keys) {
        Poly<Eval> to0 = space(a.level());
        Poly<Eval> to1 = space(a.level());
        hoisted.keySwitch(element, keys.require(element).digits(), to0, to1);
        RnsBase base = to0.base();
        try (Poly<Eval> moved = backend.allocate(base)) {
            backend.automorphism(a.part(0), element, moved);
            backend.add(to0, moved, to0);
        }
        return new Ciphertext(parameters, a.scale(), List.of(to0, to1));
    }
}
