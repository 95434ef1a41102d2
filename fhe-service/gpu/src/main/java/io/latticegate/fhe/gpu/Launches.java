package io.latticegate.fhe.gpu;

import io.latticegate.fhe.gpu.Driver.Grid;

/**
 * The launches that operations on one ring consist of. Every method is called on the lane, and returns when the launch is
 * queued; operands and results are addresses.
 */
final class Launches {
    private static final int THREADS = 256;
    private static final int WORDS_PER_THREAD = 4;

    /** Rows of more words are transformed in two kernels. */
    static final int INNER_LOG_MAX = 12;

    private static final int OUTER_LOG = 4;
    private static final int INNER_WORDS_PER_THREAD = 8;
    private static final int PAD_LOG = 4;

    private final Engine engine;
    private final RingTables tables;
    private final int logDegree;

    Launches(Engine engine, RingTables tables) {
        this.engine = engine;
        this.tables = tables;
        this.logDegree = tables.logDegree();
    }

    private int pieces() {
        return (1 << logDegree) / (THREADS * WORDS_PER_THREAD);
    }

    private Grid words(int rows) {
        return new Grid(pieces(), rows, THREADS);
    }

    private void launch(Kernel kernel, Grid grid, long... arguments) {
        engine.driver().launch(engine.kernel(kernel), grid, arguments);
    }

    /** Word by word. */
    void each(Kernel kernel, long to, long a, long b, Rows rows) {
        if (rows.count() > 0) {
            launch(kernel, words(rows.count()), to, a, b, tables.primes(), rows.address(0), logDegree);
        }
    }

    void tensor(long[] to, long[] a, long[] b, Rows rows) {
        launch(
                Kernel.TENSOR,
                words(rows.count()),
                to[0],
                to[1],
                to[2],
                a[0],
                a[1],
                b[0],
                b[1],
                tables.primes(),
                rows.address(0),
                logDegree);
    }

    void permute(long to, long a, int element, Rows rows) {
        launch(Kernel.PERMUTE, words(rows.count()), to, a, rows.address(0), logDegree, element);
    }

    void keep(long to, long a, long wanted, Rows rows) {
        launch(Kernel.KEEP, words(rows.count()), to, a, wanted, rows.address(0), logDegree);
    }

    void convert(long to, long from, long cofactors, int sources, Rows rows) {
        if (rows.count() > 0) {
            launch(
                    Kernel.CONVERT,
                    words(rows.count()),
                    to,
                    from,
                    cofactors,
                    tables.primes(),
                    rows.address(0),
                    logDegree,
                    sources);
        }
    }

    void switchKeys(long sums, long digits, long a, long keys, int count, Rows rows) {
        launch(
                Kernel.SWITCH_KEYS,
                words(rows.count()),
                sums,
                digits,
                a,
                keys,
                tables.primes(),
                rows.address(0),
                logDegree,
                count);
    }

    private int innerLog() {
        return logDegree <= INNER_LOG_MAX ? logDegree : logDegree - OUTER_LOG;
    }

    private Grid inner(int rows, Form form) {
        int words = 1 << innerLog();
        int shared = (words + (words >> PAD_LOG)) * form.wordBytes();
        return new Grid(1 << logDegree - innerLog(), rows, 1, words / INNER_WORDS_PER_THREAD, shared);
    }

    private Grid outer(int rows) {
        return new Grid((1 << logDegree - OUTER_LOG) / THREADS, rows, THREADS);
    }

    /** Coefficients to values. */
    void forward(long to, long from, Rows rows) {
        forwardOuter(to, from, rows);
        forwardInner(to, logDegree > INNER_LOG_MAX ? to : from, 0, rows);
    }

    /** The stages before {@link #forwardInner}, where a row is too long for one kernel. */
    void forwardOuter(long to, long from, Rows rows) {
        if (logDegree > INNER_LOG_MAX) {
            rows.spans()
                    .forEach((form, span) -> launch(
                            Kernel.forwardOuter(form),
                            outer(span.count()),
                            to,
                            from,
                            tables.primes(),
                            rows.address(span.first()),
                            logDegree));
        }
    }

    /** The stages after {@link #forwardOuter}, and with a minuend the result (minuend − value) · factor. */
    void forwardInner(long to, long from, long minuend, Rows rows) {
        rows.spans()
                .forEach((form, span) -> launch(
                        Kernel.forwardInner(form),
                        inner(span.count(), form),
                        to,
                        from,
                        minuend,
                        tables.primes(),
                        rows.address(span.first()),
                        logDegree,
                        innerLog()));
    }

    /** Values to coefficients, times the rows' factors, which hold the inverse of the degree, plus their addends. */
    void inverse(long to, long from, Rows rows) {
        rows.spans()
                .forEach((form, span) -> launch(
                        Kernel.inverseInner(form),
                        inner(span.count(), form),
                        to,
                        from,
                        tables.primes(),
                        rows.address(span.first()),
                        logDegree,
                        innerLog()));
        if (logDegree > INNER_LOG_MAX) {
            rows.spans()
                    .forEach((form, span) -> launch(
                            Kernel.inverseOuter(form),
                            outer(span.count()),
                            to,
                            tables.primes(),
                            rows.address(span.first()),
                            logDegree));
        }
    }
}
