package io.latticegate.client;

import io.latticegate.fhe.core.preset.Preset;

/**
 * An index at the service.
 *
 * @param version counts its replacements
 * @param bytes its size there
 * @param ciphertexts how many a query has
 * @param queryScale by what a query's numbers are multiplied; smaller where noise needs the room
 * @param noisy whether scores come with noise, which takes the session's public key and spends of a privacy budget
 * @param packing which component of a vector lies where, in the service's word for it
 */
public record IndexInfo(
        String name,
        long version,
        int rows,
        int dimension,
        Preset preset,
        long bytes,
        int ciphertexts,
        double queryScale,
        boolean noisy,
        String packing) {}
