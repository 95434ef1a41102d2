package io.latticegate.client.langchain4j;

import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.store.embedding.EmbeddingMatch;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.EmbeddingSearchResult;
import dev.langchain4j.store.embedding.EmbeddingStore;
import dev.langchain4j.store.embedding.RelevanceScore;
import dev.langchain4j.store.embedding.filter.Filter;
import io.latticegate.client.search.EncryptedCollection;
import io.latticegate.client.search.TextEntry;
import io.latticegate.client.search.TextLabel;
import io.latticegate.client.search.TextMatch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * LangChain4j's embedding store over an {@link EncryptedCollection}: segments stay in a folder of the application, the
 * service holds their vectors, and a search shows it neither the query nor the scores. With
 * {@link dev.langchain4j.rag.content.retriever.EmbeddingStoreContentRetriever} it is a content retriever. Filters are applied
 * here. What is added or removed is loaded to the service, as a whole, with the next search or {@link #upload}.
 *
 * <p>An embedding without a segment is refused: there would be nothing to find. Safe for use by several threads.
 */
public final class EncryptedEmbeddingStore implements EmbeddingStore<TextSegment> {
    private final EncryptedCollection collection;

    /** @param collection stays the caller's to close */
    public EncryptedEmbeddingStore(EncryptedCollection collection) {
        this.collection = collection;
    }

    @Override
    public String add(Embedding embedding) {
        throw withoutSegment();
    }

    @Override
    public void add(String id, Embedding embedding) {
        throw withoutSegment();
    }

    @Override
    public List<String> addAll(List<Embedding> embeddings) {
        throw withoutSegment();
    }

    private static UnsupportedFeatureException withoutSegment() {
        return new UnsupportedFeatureException(
                "an embedding without a segment cannot be added to an encrypted store; add both together");
    }

    @Override
    public String add(Embedding embedding, TextSegment segment) {
        String id = UUID.randomUUID().toString();
        addAll(List.of(id), List.of(embedding), List.of(segment));
        return id;
    }

    /** @throws IllegalArgumentException for lists of different lengths, an id that is there, or another dimension */
    @Override
    public void addAll(List<String> ids, List<Embedding> embeddings, @Nullable List<TextSegment> segments) {
        if (segments == null) {
            throw withoutSegment();
        }
        if (ids.size() != segments.size() || embeddings.size() != segments.size()) {
            throw new IllegalArgumentException(
                    ids.size() + " ids, " + embeddings.size() + " embeddings and " + segments.size() + " segments");
        }
        List<TextEntry> entries = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            TextSegment segment = segments.get(i);
            entries.add(TextEntry.of(
                    ids.get(i), segment.text(), storable(segment.metadata().toMap())));
        }
        collection.add(entries, embeddings.stream().map(Embedding::vector).toList());
    }

    /** UUIDs are the only values of LangChain4j's metadata that JSON has no form for; it reads them from texts too. */
    private static Map<String, Object> storable(Map<String, Object> metadata) {
        Map<String, Object> storable = new LinkedHashMap<>();
        metadata.forEach((name, value) -> storable.put(name, value instanceof UUID id ? id.toString() : value));
        return storable;
    }

    @Override
    public void removeAll(Collection<String> ids) {
        if (ids.isEmpty()) {
            throw new IllegalArgumentException("no ids to remove");
        }
        Set<String> gone = Set.copyOf(ids);
        collection.removeIf(label -> gone.contains(label.id()));
    }

    @Override
    public void removeAll(Filter filter) {
        collection.removeIf(passes(filter));
    }

    @Override
    public void removeAll() {
        collection.removeIf(_ -> true);
    }

    private static Predicate<TextLabel> passes(Filter filter) {
        return label -> filter.test(Metadata.from(label.metadata()));
    }

    /** Brings the service's index up to date now, so that the next search does not have to. */
    public void upload() {
        collection.upload();
    }

    @Override
    public EmbeddingSearchResult<TextSegment> search(EmbeddingSearchRequest request) {
        @Nullable Filter filter = request.filter();
        List<TextMatch> matches = collection.search(
                request.queryEmbedding().vector(),
                request.maxResults(),
                2 * request.minScore() - 1,
                filter == null ? _ -> true : passes(filter));
        return new EmbeddingSearchResult<>(
                matches.stream().map(EncryptedEmbeddingStore::match).toList());
    }

    private static EmbeddingMatch<TextSegment> match(TextMatch match) {
        double cosine = Math.clamp(match.score(), -1.0, 1.0);
        return new EmbeddingMatch<>(
                RelevanceScore.fromCosineSimilarity(cosine),
                match.entry().label().id(),
                Embedding.from(match.vector()),
                TextSegment.from(
                        match.entry().text(),
                        Metadata.from(match.entry().label().metadata())));
    }
}
