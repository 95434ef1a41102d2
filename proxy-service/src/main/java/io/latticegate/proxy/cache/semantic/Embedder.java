package io.latticegate.proxy.cache.semantic;

import java.util.Optional;

/**
 * Turns a text into a vector, such that texts that mean the same have vectors in nearly the same direction. Found with
 * {@link java.util.ServiceLoader}, so that only distributions that carry a model have its weight. Thread-safe.
 */
public interface Embedder extends AutoCloseable {
    /**
     * The text's vector, of length 1. It blocks for milliseconds, so no event loop calls it.
     *
     * @return nothing where the model cannot judge the text: too long, in another script, or with unknown characters
     */
    Optional<float[]> embed(String text);

    @Override
    void close();
}
