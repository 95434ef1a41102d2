package io.latticegate.client.search;

/**
 * A text that a search found.
 *
 * @param vector of length 1
 * @param score the cosine of the angle between the query's vector and the text's, off by the error of the encryption
 */
public record TextMatch(TextEntry entry, float[] vector, double score) {}
