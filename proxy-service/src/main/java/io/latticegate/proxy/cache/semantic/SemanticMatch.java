package io.latticegate.proxy.cache.semantic;

import io.latticegate.proxy.cache.CacheKey;

/**
 * A kept answer whose prompt is near enough.
 *
 * @param answer the answer's exact key
 * @param similarity cosine, up to 1
 */
public record SemanticMatch(CacheKey answer, double similarity) {}
