package io.latticegate.fhe.core.backend;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.ring.BaseConversion;
import io.latticegate.fhe.core.ring.Division;
import io.latticegate.fhe.core.ring.Domain;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.KeyDigit;
import io.latticegate.fhe.core.ring.NttTables;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.Ring;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/** The operations of {@link RnsBackend}, limb by limb. Safe for use by several threads on different results. */
abstract class CpuBackend implements RnsBackend {
    private final String name;
    private final LimbKernels kernels;
    private final ConcurrentMap<Integer, Scratch.Shelf> shelves = new ConcurrentHashMap<>();

    CpuBackend(String name, LimbKernels kernels) {
        this.name = name;
        this.kernels = kernels;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final <D extends Domain> Poly<D> allocate(RnsBase base) {
        return new Poly<>(base, new HostBuffer.Owned(new long[base.words()]));
    }

    @Override
    public final <D extends Domain> Poly<D> upload(RnsBase base, long[] residues, int at) {
        return new Poly<>(base, new HostBuffer.Owned(Arrays.copyOfRange(residues, at, at + base.words())));
    }

    @Override
    public final <D extends Domain> Poly<D> view(RnsBase base, MemorySegment residues) {
        if (residues.byteSize() != (long) base.words() * Long.BYTES) {
            throw new IllegalArgumentException("a polynomial over the " + base + " has "
                    + (long) base.words() * Long.BYTES + " bytes; given are " + residues.byteSize());
        }
        return new Poly<>(base, new HostBuffer.Viewed(residues.asReadOnly()));
    }

    @Override
    public final void download(Poly<?> from, long[] to, int at) {
        host(from).copyTo(to, at, from.base().words());
    }

    private Scratch scratch(RnsBase base) {
        return shelves.computeIfAbsent(base.ring().degree(), Scratch.Shelf::new).take();
    }

    private static HostBuffer host(Poly<?> poly) {
        if (poly.buffer() instanceof HostBuffer buffer) {
            return buffer;
        }
        throw new IllegalArgumentException("the polynomial is in the memory of another backend");
    }

    /** The residues of an operand modulo the prime at a position of the result's base. */
    private static Limb operand(Poly<?> poly, RnsBase base, int position, Supplier<Limb> space) {
        if (poly.base().ring() != base.ring()) {
            throw new IllegalArgumentException("operand and result are of different rings");
        }
        int degree = base.ring().degree();
        return host(poly).read(poly.base().position(base.prime(position)) * degree, degree, space);
    }

    private static Limb result(Poly<?> poly, int position) {
        if (host(poly) instanceof HostBuffer.Owned owned) {
            int degree = poly.base().ring().degree();
            return new Limb(owned.words(), position * degree, degree);
        }
        throw new IllegalArgumentException("a view of residues cannot be a result");
    }

    /** What to do with one limb of one operand. */
    private interface Unary {
        void apply(Modulus q, int position, Limb a, Limb to);
    }

    /** What to do with one limb of two operands. */
    private interface Binary {
        void apply(Modulus q, Limb a, Limb b, Limb to);
    }

    private void eachLimb(Poly<?> a, Poly<?> to, Unary operation) {
        try (Scratch scratch = scratch(to.base())) {
            for (int i = 0; i < to.base().size(); i++) {
                Limb limb = operand(a, to.base(), i, scratch::first);
                operation.apply(to.base().modulus(i), i, limb, result(to, i));
            }
        }
    }

    private void eachLimb(Poly<?> a, Poly<?> b, Poly<?> to, Binary operation) {
        try (Scratch scratch = scratch(to.base())) {
            for (int i = 0; i < to.base().size(); i++) {
                Limb first = operand(a, to.base(), i, scratch::first);
                Limb second = operand(b, to.base(), i, scratch::second);
                operation.apply(to.base().modulus(i), first, second, result(to, i));
            }
        }
    }

    @Override
    public final <D extends Domain> void copy(Poly<D> a, Poly<D> to) {
        eachLimb(
                a,
                to,
                (_, _, from, into) ->
                        System.arraycopy(from.words(), from.at(), into.words(), into.at(), into.length()));
    }

    @Override
    public final <D extends Domain> void add(Poly<D> a, Poly<D> b, Poly<D> to) {
        eachLimb(a, b, to, kernels::add);
    }

    @Override
    public final <D extends Domain> void subtract(Poly<D> a, Poly<D> b, Poly<D> to) {
        eachLimb(a, b, to, kernels::subtract);
    }

    @Override
    public final <D extends Domain> void negate(Poly<D> a, Poly<D> to) {
        eachLimb(a, to, (q, _, from, into) -> kernels.negate(q, from, into));
    }

    @Override
    public final void multiply(Poly<Eval> a, Poly<Eval> b, Poly<Eval> to) {
        eachLimb(a, b, to, kernels::multiply);
    }

    @Override
    public final void multiplyAdd(Poly<Eval> a, Poly<Eval> b, Poly<Eval> to) {
        eachLimb(a, b, to, kernels::multiplyAdd);
    }

    @Override
    public final <D extends Domain> void multiplyScalar(Poly<D> a, long[] residues, Poly<D> to) {
        if (residues.length != to.base().size()) {
            throw new IllegalArgumentException(
                    residues.length + " residues of a scalar for " + to.base().size() + " primes");
        }
        eachLimb(a, to, (q, i, from, into) -> kernels.multiplyScalar(q, residues[i], from, into));
    }

    @Override
    public final void toEval(Poly<Coeff> a, Poly<Eval> to) {
        try (Scratch scratch = scratch(to.base())) {
            for (int i = 0; i < to.base().size(); i++) {
                Limb from = operand(a, to.base(), i, scratch::first);
                kernels.forward(to.base().tables(i), from, result(to, i), scratch);
            }
        }
    }

    @Override
    public final void toCoeff(Poly<Eval> a, Poly<Coeff> to) {
        try (Scratch scratch = scratch(to.base())) {
            for (int i = 0; i < to.base().size(); i++) {
                Limb from = operand(a, to.base(), i, scratch::first);
                kernels.inverse(to.base().tables(i), from, result(to, i), scratch);
            }
        }
    }

    @Override
    public final void automorphism(Poly<Eval> a, int element, Poly<Eval> to) {
        if (host(a).equals(host(to))) {
            throw new IllegalArgumentException("an automorphism's result cannot be its operand");
        }
        int[] source = to.base().ring().permutation(element);
        eachLimb(a, to, (_, _, from, into) -> kernels.permute(source, from, into));
    }

    @Override
    public final void rescale(Poly<Eval> a, Poly<Eval> to) {
        int level = a.base().level();
        if (a.base().extended() || to.base() != a.base().ring().data(level - 1)) {
            throw new IllegalArgumentException("rescaling from the " + a.base() + " to the " + to.base());
        }
        divide(a, to.base().ring().drop(level), to);
    }

    @Override
    public final void modDown(Poly<Eval> a, Poly<Eval> to) {
        if (!a.base().extended()
                || to.base().extended()
                || to.base().level() > a.base().level()) {
            throw new IllegalArgumentException("division by P from the " + a.base() + " to the " + to.base());
        }
        divide(a, to.base().ring().special(), to);
    }

    private void divide(Poly<Eval> a, Division division, Poly<Eval> to) {
        Ring ring = to.base().ring();
        BaseConversion conversion = division.conversion();
        int degree = ring.degree();
        Limb[] quotients = new Limb[conversion.sourceCount()];
        try (Scratch scratch = scratch(to.base())) {
            for (int j = 0; j < quotients.length; j++) {
                NttTables tables = ring.tables(conversion.source(j));
                quotients[j] = new Limb(new long[degree], 0, degree);
                int position = a.base().position(conversion.source(j));
                Limb values = host(a).read(position * degree, degree, scratch::first);
                kernels.inverse(tables, values, quotients[j], scratch);
                kernels.addScalar(tables.modulus(), division.half(conversion.source(j)), quotients[j], quotients[j]);
                scaleForConversion(conversion, j, tables.modulus(), quotients[j]);
            }
            for (int i = 0; i < to.base().size(); i++) {
                int prime = to.base().prime(i);
                Modulus q = to.base().modulus(i);
                Limb converted = scratch.second();
                convert(conversion, quotients, prime, q, converted);
                kernels.addScalar(q, q.negate(division.half(prime)), converted, converted);
                kernels.forward(to.base().tables(i), converted, converted, scratch);
                Limb from = operand(a, to.base(), i, scratch::first);
                kernels.subtractMultiplyScalar(q, division.inverse(prime), from, converted, result(to, i));
            }
        }
    }

    private void scaleForConversion(BaseConversion conversion, int j, Modulus modulus, Limb limb) {
        if (conversion.sourceCount() > 1) {
            kernels.multiplyScalar(modulus, conversion.cofactorInverse(j), limb, limb);
        }
    }

    /** The sum of {@link BaseConversion} from limbs that are already multiplied by the inverse cofactors. */
    private void convert(BaseConversion conversion, Limb[] scaled, int prime, Modulus q, Limb to) {
        kernels.reduce(q, scaled[0], to);
        if (conversion.sourceCount() > 1) {
            kernels.multiplyScalar(q, conversion.cofactor(0, prime), to, to);
            for (int j = 1; j < scaled.length; j++) {
                kernels.reduceMultiplyAdd(q, conversion.cofactor(j, prime), scaled[j], to);
            }
        }
    }

    /** The coefficients of a digit's primes, multiplied by the inverse cofactors where there are several. */
    private Limb[] digitSources(Poly<Coeff> coefficients, BaseConversion conversion) {
        RnsBase base = coefficients.base();
        int degree = base.ring().degree();
        Limb[] sources = new Limb[conversion.sourceCount()];
        for (int j = 0; j < sources.length; j++) {
            Limb own = result(coefficients, conversion.source(j));
            if (sources.length == 1) {
                sources[j] = own;
            } else {
                sources[j] = new Limb(new long[degree], 0, degree);
                Modulus modulus = base.modulus(conversion.source(j));
                kernels.multiplyScalar(modulus, conversion.cofactorInverse(j), own, sources[j]);
            }
        }
        return sources;
    }

    @Override
    public final void modUp(Poly<Eval> a, Poly<Coeff> coefficients, int digit, Poly<Eval> to) {
        RnsBase base = to.base();
        BaseConversion conversion = base.ring().digits(a.base().level()).get(digit);
        Limb[] sources = digitSources(coefficients, conversion);
        try (Scratch scratch = scratch(base)) {
            for (int i = 0; i < base.size(); i++) {
                Limb into = result(to, i);
                Limb value = digitLimb(a, conversion, sources, base, i, scratch);
                System.arraycopy(value.words(), value.at(), into.words(), into.at(), into.length());
            }
        }
    }

    /** A digit's values modulo the prime at a position of the extended base; maybe in the first work space. */
    private Limb digitLimb(
            Poly<Eval> a, BaseConversion conversion, Limb[] sources, RnsBase base, int position, Scratch scratch) {
        int prime = base.prime(position);
        if (conversion.isSource(prime)) {
            return operand(a, base, position, scratch::first);
        }
        convert(conversion, sources, prime, base.modulus(position), scratch.first());
        kernels.forward(base.tables(position), scratch.first(), scratch.first(), scratch);
        return scratch.first();
    }

    @Override
    public final void keySwitch(Poly<Eval> a, List<KeyDigit> key, Poly<Eval> to0, Poly<Eval> to1) {
        Ring ring = a.base().ring();
        int level = a.base().level();
        RnsBase extended = ring.extended(level);
        List<BaseConversion> digits = ring.digits(level);
        try (Poly<Coeff> coefficients = allocate(a.base());
                Poly<Eval> sum0 = allocate(extended);
                Poly<Eval> sum1 = allocate(extended);
                Scratch scratch = scratch(extended)) {
            toCoeff(a, coefficients);
            Limb[][] sources = new Limb[digits.size()][];
            for (int j = 0; j < sources.length; j++) {
                sources[j] = digitSources(coefficients, digits.get(j));
            }
            for (int i = 0; i < extended.size(); i++) {
                Modulus q = extended.modulus(i);
                for (int j = 0; j < sources.length; j++) {
                    Limb digit = digitLimb(a, digits.get(j), sources[j], extended, i, scratch);
                    Limb body = operand(key.get(j).body(), extended, i, scratch::second);
                    kernels.multiplyAdd(q, digit, body, result(sum0, i));
                    Limb mask = operand(key.get(j).mask(), extended, i, scratch::second);
                    kernels.multiplyAdd(q, digit, mask, result(sum1, i));
                }
            }
            modDown(sum0, to0);
            modDown(sum1, to1);
        }
    }
}
