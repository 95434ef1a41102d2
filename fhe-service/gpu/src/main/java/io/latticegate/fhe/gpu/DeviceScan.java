package io.latticegate.fhe.gpu;

import io.latticegate.fhe.core.backend.ProductSums;
import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBase;
import io.latticegate.fhe.core.search.ScanningBackend;
import io.latticegate.fhe.gpu.Driver.Grid;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Queries in a device's memory, while rows pass them. Rows stay on the device as long as there is room, so that the next scan
 * reads them there. Four queries share each row that a thread reads.
 */
final class DeviceScan implements ScanningBackend.Scan {
    private static final int THREADS = 256;
    private static final int SHARED_QUERIES = 4;
    private static final int RESULT_GROUPS = 16;

    private final Engine engine;
    private final RnsBase base;
    private final RingTables tables;
    private final int pieces;
    private final int queries;
    private final Kernel kernel;
    private final Block pairs;

    /** @throws IllegalArgumentException for a base of several primes, or a prime of another length than 48 to 50 bits */
    DeviceScan(Engine engine, RnsBase base, int pieces, List<double[]> pairs) {
        Modulus q = base.modulus(0);
        if (base.size() != 1 || q.bits() < ProductSums.BITS_MIN || q.bits() > ProductSums.BITS_MAX) {
            throw new IllegalArgumentException("a scan over the " + base + "; allowed is one prime of "
                    + ProductSums.BITS_MIN + " to " + ProductSums.BITS_MAX + " bits");
        }
        if (pieces < 1 || pieces > ProductSums.TERMS_MAX || pairs.isEmpty()) {
            throw new IllegalArgumentException("a scan of " + pairs.size() + " queries of " + pieces
                    + " pieces; allowed are 1 or more of 1 to " + ProductSums.TERMS_MAX);
        }
        this.engine = engine;
        this.base = base;
        this.tables = engine.tables(base.ring());
        this.pieces = pieces;
        this.queries = pairs.size();
        boolean real = engine.device().fastDoubles();
        if (queries == 1) {
            this.kernel = real ? Kernel.SCAN_ONE_REAL : Kernel.SCAN_ONE_WIDE;
        } else {
            this.kernel = real ? Kernel.SCAN_FOUR_REAL : Kernel.SCAN_FOUR_WIDE;
        }
        long each = 2L * pieces * base.words() * Double.BYTES;
        this.pairs = engine.take(queries * each);
        boolean filled = false;
        try {
            for (int i = 0; i < queries; i++) {
                MemorySegment query = MemorySegment.ofArray(pairs.get(i));
                if (query.byteSize() != each) {
                    throw new IllegalArgumentException(
                            "a query of " + query.byteSize() + " bytes; this scan takes " + each);
                }
                long address = this.pairs.address() + i * each;
                engine.call(() -> {
                    engine.driver().upload(query, address);
                    return address;
                });
            }
            filled = true;
        } finally {
            if (!filled) {
                engine.giveBack(this.pairs);
            }
        }
    }

    @Override
    public int groupsMax() {
        return Math.max(1, RESULT_GROUPS / queries);
    }

    @Override
    public List<List<ScanningBackend.Sums>> sums(MemorySegment factors, int groups, int blocks) {
        long bytes = (long) groups * blocks * pieces * base.words() * Double.BYTES;
        if (groups < 1 || groups > groupsMax() || blocks < 1 || factors.byteSize() != bytes) {
            throw new IllegalArgumentException(factors.byteSize() + " bytes of rows for " + groups + " groups of "
                    + blocks + " blocks; allowed are " + bytes + " and up to " + groupsMax() + " groups");
        }
        List<List<ScanningBackend.Sums>> replies = new ArrayList<>();
        try (Call call = new Call(engine, base.ring())) {
            long rows = call.in(factors);
            long[] addresses = new long[2 * queries * groups * blocks];
            int at = 0;
            for (int query = 0; query < queries; query++) {
                List<ScanningBackend.Sums> reply = new ArrayList<>();
                for (int block = 0; block < groups * blocks; block++) {
                    Poly<Eval> body = result();
                    Poly<Eval> mask = result();
                    addresses[at++] = call.out(body);
                    addresses[at++] = call.out(mask);
                    reply.add(new ScanningBackend.Sums(body, mask));
                }
                replies.add(reply);
            }
            long results = call.space(addresses);
            long prime = tables.prime(base.prime(0));
            int threads = blocks * base.ring().degree();
            int shared = queries == 1 ? 1 : SHARED_QUERIES;
            Grid grid =
                    new Grid((threads + THREADS - 1) / THREADS, groups, (queries + shared - 1) / shared, THREADS, 0);
            engine.post(() -> engine.driver()
                    .launch(
                            engine.kernel(kernel),
                            grid,
                            results,
                            rows,
                            pairs.address(),
                            prime,
                            tables.logDegree(),
                            blocks,
                            pieces,
                            queries));
        }
        return replies;
    }

    private Poly<Eval> result() {
        return new Poly<>(base, new DeviceBuffer.Owned(engine, engine.take((long) base.words() * Long.BYTES)));
    }

    @Override
    public void close() {
        if (!engine.failed()) {
            engine.giveBack(pairs);
        }
    }
}
