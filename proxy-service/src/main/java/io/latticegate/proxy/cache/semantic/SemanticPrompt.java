package io.latticegate.proxy.cache.semantic;

import io.latticegate.proxy.cache.CacheKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request as the semantic cache sees it: the text of its last message, and a key over everything else. Only prompts of
 * one partition are ever compared. Made on an event loop, embedded on a lane.
 */
public final class SemanticPrompt {
    private final CacheKey partition;
    private final String text;
    private volatile @Nullable Judgement judgement;

    /** @param partition over the tenant, every header that counts, and the body's bytes but for {@code text} */
    public SemanticPrompt(CacheKey partition, String text) {
        this.partition = partition;
        this.text = text;
    }

    /** @param embedded nothing where the model cannot judge the text */
    private record Judgement(Optional<Embedded> embedded) {}

    /** @param vector of length 1 */
    record Embedded(float[] vector, PromptContrast contrast) {}

    CacheKey partition() {
        return partition;
    }

    /** Blocks the first time; nothing where the model cannot judge the text. */
    Optional<Embedded> embeddedBy(Embedder embedder) {
        Judgement known = judgement;
        if (known == null) {
            known = new Judgement(embedder.embed(text).map(vector -> new Embedded(vector, PromptContrast.of(text))));
            judgement = known;
        }
        return known.embedded;
    }
}
