package io.latticegate.client;

/** Takes the scores of a search, block by block as they arrive, rows in ascending order. */
@FunctionalInterface
public interface RowScores {
    /** The inner product of the query and a row, off by the error of the encryption. */
    void score(int row, double score);
}
