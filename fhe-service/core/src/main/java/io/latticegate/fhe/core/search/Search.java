package io.latticegate.fhe.core.search;

import io.latticegate.fhe.core.backend.Backends;
import io.latticegate.fhe.core.backend.ProductSums;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.privacy.ScoreNoise;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Exact scans of one index: every row is compared with every query, and one pass over the rows serves several queries. The
 * work, and the size of a reply, depend on the shape of the index alone. Immutable, and safe for use by several threads; a
 * scan takes one.
 *
 * <p>A block's reply is Σ_i row_i · query_i over the pieces, for both polynomials of a ciphertext. Of the first polynomial only
 * the coefficients that are scores stay; the others, mixtures of several rows, become zero. A query with {@link ScoreNoise} gets
 * noise and a fresh encryption of zero before that; other replies are not randomised anew: docs/fhe.md says what a client can
 * learn about rows.
 */
public final class Search {
    /** The most queries of one pass; more gain nothing, since they are computed with longer than rows take to be read. */
    public static final int QUERIES_MAX = 16;

    private final SearchIndex index;
    private final IndexHeader header;
    private final RnsBackend backend;
    private final RnsBase base;
    private final ProductSums sums;

    /** Scans of an index on a processor backend. */
    public Search(SearchIndex index, RnsBackend backend) {
        this.index = index;
        this.header = index.header();
        this.backend = backend;
        this.base = index.parameters().ring().data(0);
        this.sums = Backends.productSums(backend, base.modulus(0));
    }

    /** How many bytes of memory a pass of this many queries takes, beside the queries. */
    public long bytesFor(int queries) {
        return (long) queries * Math.min(IndexHeader.GROUP, header.blocks()) * blockWords() * Long.BYTES;
    }

    /** The words of one block of a reply. */
    private int blockWords() {
        return 2 * base.words();
    }

    /**
     * Answers queries, block by block.
     *
     * @param queries 1 to {@value #QUERIES_MAX}, each of this index
     * @param replies is asked for each query before each group of blocks and before each block whether it is still wanted
     * @throws IllegalArgumentException for another number of queries, or one of another index
     */
    public void run(List<Query> queries, Replies replies) {
        if (queries.isEmpty() || queries.size() > QUERIES_MAX) {
            throw new IllegalArgumentException(
                    "a pass of " + queries.size() + " queries; allowed are 1 to " + QUERIES_MAX);
        }
        for (Query query : queries) {
            if (!query.isFor(index)) {
                throw new IllegalArgumentException("a query of another index");
            }
        }
        if (backend instanceof ScanningBackend device) {
            runOn(device, queries, replies);
            return;
        }
        List<Running> running = new ArrayList<>();
        for (int i = 0; i < queries.size(); i++) {
            running.add(new Running(i, queries.get(i)));
        }
        for (int first = 0; first < header.blocks(); first += IndexHeader.GROUP) {
            running.removeIf(query -> !replies.wanted(query.number));
            if (running.isEmpty()) {
                return;
            }
            scan(first, running);
            reply(first, running, replies);
        }
    }

    /** One query of a pass, with its reply from the current group. */
    private final class Running {
        private final int number;
        private final Query query;
        private final long[] sums;

        Running(int number, Query query) {
            this.number = number;
            this.query = query;
            this.sums = new long[Math.min(IndexHeader.GROUP, header.blocks()) * blockWords()];
        }
    }

    private void scan(int first, List<Running> running) {
        int blocks = header.groupSize(first);
        int pieces = header.packing().pieces();
        int columns = base.ring().degree() / ProductSums.POINTS;
        long[] work = new long[blocks * ProductSums.WORK];
        double[] factors = new double[blocks * pieces * ProductSums.POINTS];
        long factorsAt = header.groupAt(first);
        for (int column = 0; column < columns; column++) {
            MemorySegment.copy(index.segment(), IndexHeader.VALUE, factorsAt, factors, 0, factors.length);
            int pairsAt = column * 2 * pieces * ProductSums.POINTS;
            int to = column * ProductSums.POINTS;
            for (Running query : running) {
                sums.column(blocks, pieces, factors, query.query.pairs(), pairsAt, work, query.sums, to, base.words());
            }
            factorsAt += header.columnBytes(first);
        }
    }

    private void reply(int first, List<Running> running, Replies replies) {
        int blocks = header.groupSize(first);
        for (int block = 0; block < blocks; block++) {
            for (Running query : running) {
                if (replies.wanted(query.number)) {
                    replies.block(query.number, first + block, ciphertext(query, first, block));
                }
            }
        }
    }

    /** The same where the backend keeps rows and sums in its own memory: several groups at a time. */
    private void runOn(ScanningBackend device, List<Query> queries, Replies replies) {
        List<Integer> wanted = new ArrayList<>();
        List<double[]> pairs = new ArrayList<>();
        for (int i = 0; i < queries.size(); i++) {
            if (replies.wanted(i)) {
                wanted.add(i);
                pairs.add(queries.get(i).pairs());
            }
        }
        if (wanted.isEmpty()) {
            return;
        }
        try (ScanningBackend.Scan scan = device.scan(base, header.packing().pieces(), pairs)) {
            int first = 0;
            while (first < header.blocks() && wanted.stream().anyMatch(replies::wanted)) {
                int blocks = header.groupSize(first);
                int whole = (header.blocks() - first) / IndexHeader.GROUP;
                int groups = Math.clamp(whole, 1, scan.groupsMax());
                long bytes = (long) groups * blocks * header.blockBytes();
                List<List<ScanningBackend.Sums>> sums =
                        scan.sums(index.segment().asSlice(header.groupAt(first), bytes), groups, blocks);
                for (int block = 0; block < groups * blocks; block++) {
                    for (int i = 0; i < wanted.size(); i++) {
                        ScanningBackend.Sums reply = sums.get(i).get(block);
                        int number = wanted.get(i);
                        if (replies.wanted(number)) {
                            Query query = queries.get(number);
                            replies.block(
                                    number, first + block, reply(query, first + block, reply.body(), reply.mask()));
                        } else {
                            reply.body().close();
                            reply.mask().close();
                        }
                    }
                }
                first += groups * blocks;
            }
        }
    }

    private Ciphertext ciphertext(Running running, int group, int block) {
        int at = block * blockWords();
        Poly<Eval> body = backend.upload(base, running.sums, at);
        Poly<Eval> mask = backend.upload(base, running.sums, at + base.words());
        return reply(running.query, group + block, body, mask);
    }

    private Ciphertext reply(Query query, int block, Poly<Eval> body, Poly<Eval> mask) {
        int[] positions = header.packing().positions(header.packing().rowsIn(block, header.rows()));
        ScoreNoise noise = query.noise();
        if (noise != null) {
            noise.cover(body, mask, positions);
        }
        backend.keepCoefficients(body, positions);
        return new Ciphertext(index.parameters(), query.scoreScale(), List.of(body, mask));
    }
}
