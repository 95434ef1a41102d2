package io.latticegate.proxy.embeddings;

import io.latticegate.common.embeddings.MiniLm;
import io.latticegate.proxy.cache.semantic.Embedder;
import java.util.Optional;

/** {@link MiniLm} for the semantic cache, which wants nothing where the model does not know the text well. */
public final class MiniLmEmbedder implements Embedder {
    private final MiniLm model = new MiniLm();

    @Override
    public Optional<float[]> embed(String text) {
        return model.embedIfKnown(text);
    }

    @Override
    public void close() {
        model.close();
    }
}
