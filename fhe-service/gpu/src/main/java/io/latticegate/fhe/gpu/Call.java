package io.latticegate.fhe.gpu;

import io.latticegate.fhe.core.ring.BackendUnavailableException;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.Ring;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;

/**
 * One operation, from the addresses of its operands to its launches: it holds copies of mapped operands and temporary memory
 * until the launches are posted, in whose order memory is used again. Used by one thread.
 */
final class Call implements AutoCloseable {
    private final Engine engine;
    private final RingTables tables;
    private final Launches launches;
    private final List<Object> used = new ArrayList<>();
    private final List<ResidentViews.Held> held = new ArrayList<>();
    private final List<Block> temporary = new ArrayList<>();

    Call(Engine engine, Ring ring) {
        this.engine = engine;
        this.tables = engine.tables(ring);
        this.launches = new Launches(engine, tables);
    }

    Engine engine() {
        return engine;
    }

    RingTables tables() {
        return tables;
    }

    /** Where an operand is. */
    long in(Poly<?> operand) {
        requireRing(operand);
        if (operand.buffer() instanceof DeviceBuffer.Viewed view) {
            return in(view.segment());
        }
        return owned(operand);
    }

    /** Where the device's copy of memory of this machine is. */
    long in(MemorySegment segment) {
        ResidentViews.Held copy = engine.views().hold(segment);
        held.add(copy);
        return copy.address();
    }

    /** Where a result is. */
    long out(Poly<?> result) {
        requireRing(result);
        if (result.buffer() instanceof DeviceBuffer.Viewed) {
            throw new IllegalArgumentException("a view of residues cannot be a result");
        }
        return owned(result);
    }

    private void requireRing(Poly<?> poly) {
        if (poly.base().ring() != tables.ring()) {
            throw new IllegalArgumentException("operand and result are of different rings");
        }
    }

    private long owned(Poly<?> poly) {
        if (!(poly.buffer() instanceof DeviceBuffer.Owned buffer)) {
            throw new IllegalArgumentException("the polynomial is in the memory of another backend");
        }
        long address = buffer.address();
        if (buffer.engine() != engine) {
            throw new BackendUnavailableException("the device failed after the polynomial was computed");
        }
        used.add(buffer);
        return address;
    }

    /** Memory for this operation alone, with whatever stands in it. */
    long space(long words) {
        Block block = engine.take(words * Long.BYTES);
        temporary.add(block);
        return block.address();
    }

    /** Memory for this operation alone with these words. */
    long space(long[] words) {
        Block block = engine.take((long) words.length * Long.BYTES);
        temporary.add(block);
        engine.write(words, block);
        return block.address();
    }

    /** Rows for this operation alone. */
    Rows rows(List<Rows.Row> made) {
        List<Rows.Row> ordered = tables.ordered(made);
        Block block = engine.take((long) Rows.words(ordered).length * Long.BYTES);
        temporary.add(block);
        engine.write(Rows.words(ordered), block);
        return tables.rows(block, ordered);
    }

    /** What one operation launches. */
    interface Work {
        void launch(Launches launches);
    }

    /** Has the lane launch, after all that was posted before. */
    void post(Work work) {
        engine.post(() -> work.launch(launches));
    }

    @Override
    public void close() {
        try {
            held.forEach(ResidentViews.Held::close);
            temporary.forEach(engine::giveBack);
        } finally {
            Reference.reachabilityFence(used);
        }
    }
}
