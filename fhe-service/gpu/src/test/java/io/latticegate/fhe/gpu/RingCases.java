package io.latticegate.fhe.gpu;

import io.latticegate.fhe.core.ring.Domain;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.KeyDigit;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.Ring;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** One random operation of the port, as a backend does it: the same seed gives the same operands on every backend. */
final class RingCases {
    /** What can be asked of a backend. */
    enum Kind {
        COPY,
        ADD,
        SUBTRACT,
        NEGATE,
        MULTIPLY,
        MULTIPLY_ADD,
        MULTIPLY_SCALAR,
        IN_PLACE,
        TO_EVAL,
        TO_COEFF,
        AUTOMORPHISM,
        TENSOR,
        KEEP,
        RESCALE,
        MOD_DOWN,
        MOD_UP,
        KEY_SWITCH
    }

    private final RnsBackend backend;
    private final Random random;
    private final List<Poly<?>> open = new ArrayList<>();

    private RingCases(RnsBackend backend, long seed) {
        this.backend = backend;
        this.random = new Random(seed);
    }

    /** All words of all results; nothing at the lowest level of what divides by its prime. */
    static List<long[]> results(RnsBackend backend, Kind kind, Ring ring, int level, long seed) {
        RingCases one = new RingCases(backend, seed);
        List<Poly<Eval>> results = one.run(kind, ring, level);
        List<long[]> words = new ArrayList<>();
        for (Poly<?> result : results) {
            long[] residues = new long[result.base().words()];
            backend.download(result, residues, 0);
            words.add(residues);
        }
        one.open.forEach(Poly::close);
        return words;
    }

    private List<Poly<Eval>> run(Kind kind, Ring ring, int level) {
        RnsBase base = random.nextBoolean() ? ring.extended(level) : ring.data(level);
        return switch (kind) {
            case RESCALE -> level == 0 ? List.of() : List.of(rescaled(ring, level));
            case MOD_DOWN -> {
                Poly<Eval> to = zeros(ring.data(random.nextInt(level + 1)));
                backend.modDown(random(ring.extended(level)), to);
                yield List.of(to);
            }
            case MOD_UP -> {
                Poly<Eval> a = random(ring.data(level));
                Poly<Coeff> coefficients = zeros(a.base());
                backend.toCoeff(a, coefficients);
                Poly<Eval> to = random(ring.extended(level));
                backend.modUp(a, coefficients, random.nextInt(ring.digits(level).size()), to);
                yield List.of(to);
            }
            case KEY_SWITCH -> switched(ring, level);
            case TENSOR -> tensor(base);
            default -> List.of(simple(kind, base));
        };
    }

    private Poly<Eval> rescaled(Ring ring, int level) {
        Poly<Eval> to = random(ring.data(level - 1));
        backend.rescale(random(ring.data(level)), to);
        return to;
    }

    private List<Poly<Eval>> switched(Ring ring, int level) {
        RnsBase all = ring.extended(ring.topLevel());
        Poly<Eval> a = random(ring.data(level));
        List<KeyDigit> key = new ArrayList<>();
        for (int j = 0; j < ring.digits(level).size(); j++) {
            key.add(new KeyDigit(random(all), random(all)));
        }
        Poly<Eval> to0 = random(a.base());
        Poly<Eval> to1 = random(a.base());
        backend.keySwitch(a, key, to0, to1);
        return List.of(to0, to1);
    }

    private List<Poly<Eval>> tensor(RnsBase base) {
        List<Poly<Eval>> in = List.of(random(base), random(base), random(base), random(base));
        List<Poly<Eval>> out = List.of(random(base), random(base), random(base));
        backend.tensor(in.get(0), in.get(1), in.get(2), in.get(3), out.get(0), out.get(1), out.get(2));
        return out;
    }

    private Poly<Eval> simple(Kind kind, RnsBase base) {
        Poly<Eval> a = random(base);
        Poly<Eval> b = random(base.extended() ? base : base.ring().extended(base.level()));
        Poly<Eval> to = random(base);
        switch (kind) {
            case COPY -> backend.copy(a, to);
            case ADD -> backend.add(a, b, to);
            case SUBTRACT -> backend.subtract(a, b, to);
            case NEGATE -> backend.negate(a, to);
            case MULTIPLY -> backend.multiply(a, b, to);
            case MULTIPLY_ADD -> backend.multiplyAdd(a, b, to);
            case MULTIPLY_SCALAR -> {
                long[] scalars = new long[base.size()];
                for (int i = 0; i < scalars.length; i++) {
                    scalars[i] = random.nextLong(base.modulus(i).value());
                }
                backend.multiplyScalar(a, scalars, to);
            }
            case IN_PLACE -> {
                backend.add(to, to, to);
                backend.multiply(a, to, to);
                backend.subtract(to, b, to);
            }
            case TO_EVAL -> backend.toEval(random(base), to);
            case TO_COEFF -> {
                Poly<Coeff> coefficients = random(base);
                backend.toCoeff(a, coefficients);
                return new Poly<>(base, coefficients.buffer());
            }
            case AUTOMORPHISM ->
                backend.automorphism(a, 2 * random.nextInt(base.ring().degree()) + 1, to);
            default -> {
                int[] positions = random.ints(40, 0, base.ring().degree()).toArray();
                backend.keepCoefficients(a, positions);
                return a;
            }
        }
        return to;
    }

    private <D extends Domain> Poly<D> zeros(RnsBase base) {
        Poly<D> zeros = backend.allocate(base);
        open.add(zeros);
        return zeros;
    }

    private <D extends Domain> Poly<D> random(RnsBase base) {
        Poly<D> poly = backend.upload(base, residues(base, random), 0);
        open.add(poly);
        return poly;
    }

    /** Random residues, among them often the greatest, the least and those around the middle. */
    static long[] residues(RnsBase base, Random random) {
        long[] residues = new long[base.words()];
        int degree = base.ring().degree();
        int pattern = random.nextInt(8);
        for (int i = 0; i < residues.length; i++) {
            long q = base.modulus(i / degree).value();
            residues[i] = switch (pattern) {
                case 0 -> q - 1;
                case 1 -> random.nextBoolean() ? q - 1 : 0;
                case 2 -> q / 2 + random.nextInt(2);
                default -> random.nextLong(q);
            };
        }
        return residues;
    }
}
