package io.latticegate.client.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import io.latticegate.common.embeddings.MiniLm;
import java.util.ArrayList;
import java.util.List;

/**
 * all-MiniLM-L6-v2 on this machine, so that no text has to leave it to be embedded. Safe for use by several threads.
 *
 * @see MiniLm
 */
public final class LocalEmbeddingModel implements EmbeddingModel, AutoCloseable {
    private final MiniLm model = new MiniLm();

    /** @throws IllegalArgumentException for a segment that the model cannot read as a whole */
    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
        List<Embedding> embeddings = new ArrayList<>();
        int pieces = 0;
        for (TextSegment segment : segments) {
            pieces += model.countPieces(segment.text());
            embeddings.add(Embedding.from(model.embed(segment.text())));
        }
        return Response.from(embeddings, new TokenUsage(pieces));
    }

    @Override
    public int dimension() {
        return MiniLm.DIMENSION;
    }

    @Override
    public void close() {
        model.close();
    }
}
