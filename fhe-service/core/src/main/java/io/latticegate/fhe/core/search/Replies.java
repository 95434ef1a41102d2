package io.latticegate.fhe.core.search;

import io.latticegate.fhe.core.evaluate.Ciphertext;

/** Where the blocks of replies go while a scan runs. Called by the thread of the scan. */
public interface Replies {
    /**
     * Takes over one block of the reply to one query; blocks of one query come in order, those of several queries by turns.
     *
     * @param query its place in the list that is searched
     * @param block from 0 on
     * @param scores of level 0 and the scale of the query times {@link Packing#ROW_SCALE}, to be closed by who takes it
     */
    void block(int query, int block, Ciphertext scores);

    /** Whether somebody still waits for the reply to a query; once false it stays so, and the query drops out of the scan. */
    default boolean wanted(int query) {
        return true;
    }
}
