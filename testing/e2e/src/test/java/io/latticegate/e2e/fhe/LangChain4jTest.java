package io.latticegate.e2e.fhe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.content.retriever.EmbeddingStoreContentRetriever;
import dev.langchain4j.rag.query.Query;
import dev.langchain4j.store.embedding.CosineSimilarity;
import dev.langchain4j.store.embedding.EmbeddingMatch;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.RelevanceScore;
import dev.langchain4j.store.embedding.filter.MetadataFilterBuilder;
import io.latticegate.client.FheClient;
import io.latticegate.client.SeedFile;
import io.latticegate.client.langchain4j.EncryptedEmbeddingStore;
import io.latticegate.client.langchain4j.LocalEmbeddingModel;
import io.latticegate.client.search.EncryptedCollection;
import io.latticegate.e2e.LocalStack;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** LangChain4j's retrieval with encrypted queries and scores, at the whole service. */
@TestInstance(Lifecycle.PER_CLASS)
final class LangChain4jTest {
    private static final double ERROR_MAX = 1e-3;
    private static final List<TextSegment> SEGMENTS = List.of(
            segment("Provider keys lie in a vault under envelope encryption.", "security", 2024),
            segment("Espresso is brewed under pressure from finely ground coffee.", "kitchen", 2020),
            segment("Green tea is steeped in water that no longer boils.", "kitchen", 2023),
            segment("The night train to Lisbon leaves at half past nine.", "travel", 2022),
            segment("A ciphertext of a lattice scheme holds noise that grows with each product.", "security", 2021));

    private LocalStack stack;
    private SeedFile seed;
    private FheClient client;
    private LocalEmbeddingModel model;
    private EncryptedCollection collection;
    private EncryptedEmbeddingStore store;
    private List<Embedding> embeddings;

    private static TextSegment segment(String text, String topic, int year) {
        return TextSegment.from(text, new Metadata().put("topic", topic).put("year", year));
    }

    @BeforeAll
    void start(@TempDir Path folder) {
        stack = LocalStack.start();
        String token = stack.token();
        seed = SeedFile.open(folder.resolve("seed"), new SecureRandom());
        client = FheClient.to(URI.create(stack.fheUrl()), () -> token, seed).build();
        model = new LocalEmbeddingModel();
        collection = EncryptedCollection.open(client, "segments", folder.resolve("segments"), model.dimension());
        store = new EncryptedEmbeddingStore(collection);
        embeddings = model.embedAll(SEGMENTS).content();
        assertThat(store.addAll(embeddings, SEGMENTS)).doesNotHaveDuplicates().hasSize(SEGMENTS.size());
    }

    @AfterAll
    void stop() {
        collection.close();
        model.close();
        client.close();
        seed.close();
        stack.close();
    }

    private EmbeddingSearchRequest.EmbeddingSearchRequestBuilder request(String query) {
        return EmbeddingSearchRequest.builder()
                .queryEmbedding(model.embed(query).content())
                .maxResults(5);
    }

    @Test
    void aContentRetrieverFindsTheSegment() {
        ContentRetriever retriever = EmbeddingStoreContentRetriever.builder()
                .embeddingStore(store)
                .embeddingModel(model)
                .maxResults(1)
                .build();
        assertThat(retriever.retrieve(Query.from("How do I make coffee?")))
                .extracting(Content::textSegment)
                .containsExactly(SEGMENTS.get(1));
        assertThat(retriever.retrieve(Query.from("Where are the API keys?")))
                .extracting(Content::textSegment)
                .containsExactly(SEGMENTS.get(0));
    }

    @Test
    void orderAndScoresAreThoseOfThePlaintext() {
        Embedding query = model.embed("hot drinks").content();
        List<EmbeddingMatch<TextSegment>> found =
                store.search(request("hot drinks").build()).matches();

        List<TextSegment> expected = SEGMENTS.stream()
                .sorted(Comparator.comparingDouble(
                        segment -> -CosineSimilarity.between(query, embeddings.get(SEGMENTS.indexOf(segment)))))
                .toList();
        assertThat(found).extracting(EmbeddingMatch::embedded).isEqualTo(expected);
        for (EmbeddingMatch<TextSegment> match : found) {
            double cosine = CosineSimilarity.between(query, embeddings.get(SEGMENTS.indexOf(match.embedded())));
            assertThat(match.score()).isCloseTo(RelevanceScore.fromCosineSimilarity(cosine), within(ERROR_MAX));
            assertThat(CosineSimilarity.between(match.embedding(), embeddings.get(SEGMENTS.indexOf(match.embedded()))))
                    .isCloseTo(1, within(1e-5));
        }
    }

    @Test
    void filtersAndLeastScoresHold() {
        assertThat(store.search(request("Where are the API keys?")
                                .filter(MetadataFilterBuilder.metadataKey("topic")
                                        .isEqualTo("kitchen")
                                        .and(MetadataFilterBuilder.metadataKey("year")
                                                .isGreaterThan(2021)))
                                .build())
                        .matches())
                .extracting(EmbeddingMatch::embedded)
                .containsExactly(SEGMENTS.get(2));
        assertThat(store.search(request(SEGMENTS.get(3).text()).minScore(0.98).build())
                        .matches())
                .extracting(EmbeddingMatch::embedded)
                .containsExactly(SEGMENTS.get(3));
    }

    @Test
    void aRemovedSegmentIsFoundNoMore() {
        TextSegment extra = segment("A segment that will be taken away again.", "none", 2000);
        String id = store.add(model.embed(extra).content(), extra);
        assertThat(store.search(request(extra.text()).maxResults(1).build()).matches())
                .extracting(EmbeddingMatch::embeddingId)
                .containsExactly(id);
        store.remove(id);
        assertThat(store.search(request(extra.text()).build()).matches())
                .extracting(EmbeddingMatch::embeddingId)
                .doesNotContain(id)
                .hasSize(SEGMENTS.size());
    }

    @Test
    void whatItCannotKeepIsRefused() {
        Embedding embedding = embeddings.getFirst();
        assertThatThrownBy(() -> store.add(embedding)).isInstanceOf(UnsupportedFeatureException.class);
        assertThatThrownBy(() -> store.add("id", embedding)).isInstanceOf(UnsupportedFeatureException.class);
        assertThatThrownBy(() -> store.addAll(List.of(embedding))).isInstanceOf(UnsupportedFeatureException.class);
        assertThatThrownBy(() -> store.add(Embedding.from(new float[] {1, 0}), SEGMENTS.getFirst()))
                .hasMessageContaining("2 numbers; allowed are 384");
    }
}
