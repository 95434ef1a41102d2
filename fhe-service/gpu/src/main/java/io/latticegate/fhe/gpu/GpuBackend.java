package io.latticegate.fhe.gpu;

import io.latticegate.fhe.core.ring.Domain;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.KeyDigit;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.Ring;
import io.latticegate.fhe.core.ring.RnsBase;
import io.latticegate.fhe.core.search.ScanningBackend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The operations of {@link io.latticegate.fhe.core.ring.RnsBackend} on a device. A method returns when its launches are queued
 * in the device's {@link Lane}; {@link #download} waits for them. Safe for use by several threads on different results.
 *
 * <p>Every method throws {@link io.latticegate.fhe.core.ring.BackendUnavailableException} when the device's memory or queue is
 * full, and after a failure of the device: what was computed is lost then, and later operations are done by the device as it was
 * opened again.
 */
public final class GpuBackend implements ScanningBackend, AutoCloseable {
    /** The longest polynomials. */
    static final int DEGREE_MAX = 1 << 16;

    private static final int WORD_BITS = 32;

    private final DeviceSlot slot;

    GpuBackend(DeviceSlot slot) {
        this.slot = slot;
    }

    @Override
    public String name() {
        Device device = slot.device();
        return "gpu (" + device.name() + ", " + device.architecture() + ")";
    }

    /** How the device is doing. */
    public GpuStatus status() {
        return slot.status();
    }

    /** Finishes what is queued and gives the device back. */
    @Override
    public void close() {
        slot.close();
    }

    private static void requireDegree(Ring ring) {
        if (ring.degree() > DEGREE_MAX) {
            throw new IllegalArgumentException(
                    "polynomials of degree " + ring.degree() + " on a device; allowed are up to " + DEGREE_MAX);
        }
    }

    private Call call(Poly<?> result) {
        return new Call(slot.engine(), result.base().ring());
    }

    private static <D extends Domain> Poly<D> owned(RnsBase base, Engine engine, Block block) {
        return new Poly<>(base, new DeviceBuffer.Owned(engine, block));
    }

    @Override
    public <D extends Domain> Poly<D> allocate(RnsBase base) {
        requireDegree(base.ring());
        Engine engine = slot.engine();
        Block block = engine.take((long) base.words() * Long.BYTES);
        Poly<D> zeros = owned(base, engine, block);
        engine.post(() -> engine.driver().fill(block.address(), block.bytes()));
        return zeros;
    }

    @Override
    public <D extends Domain> Poly<D> upload(RnsBase base, long[] residues, int at) {
        requireDegree(base.ring());
        MemorySegment words =
                MemorySegment.ofArray(residues).asSlice((long) at * Long.BYTES, (long) base.words() * Long.BYTES);
        Engine engine = slot.engine();
        Block block = engine.take(words.byteSize());
        Poly<D> copy = owned(base, engine, block);
        engine.call(() -> {
            engine.driver().upload(words, block.address());
            return block;
        });
        return copy;
    }

    @Override
    public <D extends Domain> Poly<D> view(RnsBase base, MemorySegment residues) {
        requireDegree(base.ring());
        if (residues.byteSize() != (long) base.words() * Long.BYTES) {
            throw new IllegalArgumentException("a polynomial over the " + base + " has "
                    + (long) base.words() * Long.BYTES + " bytes; given are " + residues.byteSize());
        }
        return new Poly<>(base, new DeviceBuffer.Viewed(unmoved(residues).asReadOnly()));
    }

    /** Copies are known by their address, which memory of the heap has none of. */
    private static MemorySegment unmoved(MemorySegment residues) {
        return residues.isNative()
                ? residues
                : Arena.ofAuto().allocate(residues.byteSize(), Long.BYTES).copyFrom(residues);
    }

    @Override
    public void download(Poly<?> from, long[] to, int at) {
        MemorySegment words = MemorySegment.ofArray(to)
                .asSlice((long) at * Long.BYTES, (long) from.base().words() * Long.BYTES);
        if (from.buffer() instanceof DeviceBuffer.Viewed view) {
            words.copyFrom(view.segment());
            return;
        }
        try (Call call = call(from)) {
            long address = call.in(from);
            call.engine().call(() -> {
                call.engine().driver().download(address, words);
                return address;
            });
        }
    }

    private void each(Kernel kernel, Poly<?> a, Poly<?> b, Poly<?> to) {
        try (Call call = call(to)) {
            long first = call.in(a);
            long second = call.in(b);
            long result = call.out(to);
            Rows rows = call.tables().rows(to.base(), a.base(), b.base());
            call.post(on -> on.each(kernel, result, first, second, rows));
        }
    }

    @Override
    public <D extends Domain> void copy(Poly<D> a, Poly<D> to) {
        each(Kernel.COPY, a, a, to);
    }

    @Override
    public <D extends Domain> void add(Poly<D> a, Poly<D> b, Poly<D> to) {
        each(Kernel.ADD, a, b, to);
    }

    @Override
    public <D extends Domain> void subtract(Poly<D> a, Poly<D> b, Poly<D> to) {
        each(Kernel.SUBTRACT, a, b, to);
    }

    @Override
    public <D extends Domain> void negate(Poly<D> a, Poly<D> to) {
        each(Kernel.NEGATE, a, a, to);
    }

    @Override
    public void multiply(Poly<Eval> a, Poly<Eval> b, Poly<Eval> to) {
        each(Kernel.MULTIPLY, a, b, to);
    }

    @Override
    public void multiplyAdd(Poly<Eval> a, Poly<Eval> b, Poly<Eval> to) {
        each(Kernel.MULTIPLY_ADD, a, b, to);
    }

    @Override
    public <D extends Domain> void multiplyScalar(Poly<D> a, long[] residues, Poly<D> to) {
        RnsBase base = to.base();
        if (residues.length != base.size()) {
            throw new IllegalArgumentException(
                    residues.length + " residues of a scalar for " + base.size() + " primes");
        }
        try (Call call = call(to)) {
            long first = call.in(a);
            long result = call.out(to);
            List<Rows.Row> made = new ArrayList<>();
            for (int i = 0; i < base.size(); i++) {
                int position = a.base().position(base.prime(i));
                made.add(call.tables().scaled(base.prime(i), i, position, position, residues[i], 0));
            }
            Rows rows = call.rows(made);
            call.post(on -> on.each(Kernel.MULTIPLY_SCALAR, result, first, first, rows));
        }
    }

    @Override
    public void tensor(
            Poly<Eval> a0,
            Poly<Eval> a1,
            Poly<Eval> b0,
            Poly<Eval> b1,
            Poly<Eval> to0,
            Poly<Eval> to1,
            Poly<Eval> to2) {
        if (a0.base() != a1.base() || b0.base() != b1.base() || to0.base() != to1.base() || to0.base() != to2.base()) {
            throw new IllegalArgumentException(
                    "the polynomials of a factor, or of a product, are over different bases");
        }
        try (Call call = call(to0)) {
            long[] first = {call.in(a0), call.in(a1)};
            long[] second = {call.in(b0), call.in(b1)};
            long[] results = {call.out(to0), call.out(to1), call.out(to2)};
            Rows rows = call.tables().rows(to0.base(), a0.base(), b0.base());
            call.post(on -> on.tensor(results, first, second, rows));
        }
    }

    @Override
    public void toEval(Poly<Coeff> a, Poly<Eval> to) {
        try (Call call = call(to)) {
            long from = call.in(a);
            long result = call.out(to);
            Rows rows = call.tables().rows(to.base(), a.base(), a.base());
            call.post(on -> on.forward(result, from, rows));
        }
    }

    @Override
    public void toCoeff(Poly<Eval> a, Poly<Coeff> to) {
        try (Call call = call(to)) {
            long from = call.in(a);
            long result = call.out(to);
            Rows rows = inverseRows(call.tables(), to.base(), a.base());
            call.post(on -> on.inverse(result, from, rows));
        }
    }

    private static Rows inverseRows(RingTables tables, RnsBase to, RnsBase a) {
        return tables.rows(new RingTables.Key("inverse", to, a, a, 0), () -> {
            List<Rows.Row> made = new ArrayList<>();
            for (int i = 0; i < to.size(); i++) {
                int position = a.position(to.prime(i));
                long factor = to.tables(i).degreeInverse();
                made.add(tables.scaled(to.prime(i), i, position, position, factor, 0));
            }
            return made;
        });
    }

    @Override
    public void automorphism(Poly<Eval> a, int element, Poly<Eval> to) {
        if (a.buffer().equals(to.buffer())) {
            throw new IllegalArgumentException("an automorphism's result cannot be its operand");
        }
        int degree = to.base().ring().degree();
        if ((element & 1) == 0 || element < 1 || element >= 2 * degree) {
            throw new IllegalArgumentException(
                    "Galois element " + element + "; allowed are the odd numbers from 1 to " + (2 * degree - 1));
        }
        try (Call call = call(to)) {
            long from = call.in(a);
            long result = call.out(to);
            Rows rows = call.tables().rows(to.base(), a.base(), a.base());
            call.post(on -> on.permute(result, from, element, rows));
        }
    }

    @Override
    public void rescale(Poly<Eval> a, Poly<Eval> to) {
        int level = a.base().level();
        if (a.base().extended() || level == 0 || to.base() != a.base().ring().data(level - 1)) {
            throw new IllegalArgumentException("rescaling from the " + a.base() + " to the " + to.base());
        }
        try (Call call = call(to)) {
            long from = call.in(a);
            long[] results = {call.out(to)};
            DeviceDivision division =
                    new DeviceDivision(call, to.base().ring().drop(level), a.base(), to.base(), results.length);
            call.post(on -> division.launch(on, from, results));
        }
    }

    @Override
    public void modDown(Poly<Eval> a, Poly<Eval> to) {
        if (!a.base().extended()
                || to.base().extended()
                || to.base().level() > a.base().level()) {
            throw new IllegalArgumentException("division by P from the " + a.base() + " to the " + to.base());
        }
        try (Call call = call(to)) {
            long from = call.in(a);
            long[] results = {call.out(to)};
            DeviceDivision division =
                    new DeviceDivision(call, to.base().ring().special(), a.base(), to.base(), results.length);
            call.post(on -> division.launch(on, from, results));
        }
    }

    @Override
    public void modUp(Poly<Eval> a, Poly<Coeff> coefficients, int digit, Poly<Eval> to) {
        try (Call call = call(to)) {
            long values = call.in(a);
            long from = call.in(coefficients);
            long result = call.out(to);
            DeviceDigit one = new DeviceDigit(call, a.base(), coefficients.base(), digit, to.base());
            call.post(on -> one.launch(on, values, from, result));
        }
    }

    @Override
    public void keySwitch(Poly<Eval> a, List<KeyDigit> key, Poly<Eval> to0, Poly<Eval> to1) {
        if (to0.base() != to1.base() || a.base().extended() || to0.base().extended()) {
            throw new IllegalArgumentException(
                    "key switching from the " + a.base() + " to the " + to0.base() + " and the " + to1.base());
        }
        try (Call call = call(to0)) {
            DeviceKeySwitch steps = new DeviceKeySwitch(call, a.base(), key, to0.base());
            long from = call.in(a);
            long[] results = {call.out(to0), call.out(to1)};
            call.post(on -> steps.launch(on, from, results));
        }
    }

    @Override
    public void keepCoefficients(Poly<Eval> a, int[] positions) {
        RnsBase base = a.base();
        int[] wanted = new int[base.ring().degree() / WORD_BITS];
        for (int position : positions) {
            wanted[position / WORD_BITS] |= 1 << position % WORD_BITS;
        }
        long[] words = new long[wanted.length / 2];
        Arrays.setAll(words, i -> Integer.toUnsignedLong(wanted[2 * i]) | (long) wanted[2 * i + 1] << WORD_BITS);
        try (Call call = call(a)) {
            long values = call.out(a);
            long mask = call.space(words);
            long coefficients = call.space(base.words());
            Rows inverse = inverseRows(call.tables(), base, base);
            Rows rows = call.tables().rows(base, base, base);
            call.post(on -> {
                on.inverse(coefficients, values, inverse);
                on.keep(coefficients, coefficients, mask, rows);
                on.forward(values, coefficients, rows);
            });
        }
    }

    @Override
    public Scan scan(RnsBase base, int pieces, List<double[]> pairs) {
        requireDegree(base.ring());
        return new DeviceScan(slot.engine(), base, pieces, pairs);
    }
}
