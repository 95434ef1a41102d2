package io.latticegate.fhe.core.search;

/**
 * What is added to the scores of one query before they leave. It does not touch the second polynomial of a reply, which is a
 * linear image of the rows under masks that the client knows: alone, it keeps rows from nobody (docs/fhe.md, what leaks).
 */
@FunctionalInterface
public interface ScoreNoise {
    /** Adds nothing. */
    ScoreNoise NONE = () -> 0;

    /**
     * A sample for the next score, in units of 1/{@link Packing#SCORE_SCALE}. Called once for each row, in the order of rows,
     * by one thread. A sample beyond half of the prime wraps around.
     */
    long next();
}
