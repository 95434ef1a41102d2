package io.latticegate.fhe.core.search;

import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A backend that scans rows where its polynomials are, with the sums of {@link Search}. */
public interface ScanningBackend extends RnsBackend {
    /**
     * Queries that wait in the backend's memory for the rows.
     *
     * @param base of one prime of 48 to 50 bits
     * @param pieces terms of a sum, 1 to {@value io.latticegate.fhe.core.backend.ProductSums#TERMS_MAX}
     * @param pairs of each query, as {@link io.latticegate.fhe.core.backend.ProductSums} orders them
     */
    Scan scan(RnsBase base, int pieces, List<double[]> pairs);

    /** Some queries, while rows pass them. Used by one thread. */
    interface Scan extends AutoCloseable {
        /** The most groups of one call. */
        int groupsMax();

        /**
         * The sums of all queries.
         *
         * @param factors values of {@code groups} equal groups of {@code blocks} blocks each, as an index stores them
         * @return for each query, for each block, both polynomials; who asks closes them
         */
        List<List<Sums>> sums(MemorySegment factors, int groups, int blocks);

        @Override
        void close();
    }

    /** Both polynomials of one block's reply to one query. */
    record Sums(Poly<Eval> body, Poly<Eval> mask) {}
}
