package io.latticegate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.latticegate.client.error.BrokenReplyException;
import io.latticegate.client.error.KeyEpochExpiredException;
import io.latticegate.client.error.StaleVersionException;
import io.latticegate.client.search.EncryptedCollection;
import io.latticegate.client.search.TextEntry;
import io.latticegate.client.search.TextMatch;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EncryptedCollectionTest {
    private static final int DIMENSION = 64;
    private static final int TEXTS = 300;

    /** Above {@code Packing.errorMax} of these shapes' usual error, far below the distance of neighbours. */
    private static final double ERROR_MAX = 1e-3;

    @TempDir
    private Path folder;

    private final List<float[]> vectors = vectors(TEXTS, 5);
    private EngineServer server;
    private SeedFile seed;
    private FheClient client;

    @BeforeEach
    void start() throws IOException {
        server = new EngineServer(folder);
        seed = SeedFile.open(folder.resolve("seed"), new SecureRandom());
        client = FheClient.to(server.url(), () -> "sk-test", seed).build();
    }

    @AfterEach
    void stop() {
        client.close();
        seed.close();
        server.close();
    }

    private static List<float[]> vectors(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<float[]> vectors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float[] vector = new float[DIMENSION];
            double squares = 0;
            for (int k = 0; k < DIMENSION; k++) {
                vector[k] = (float) random.nextGaussian();
                squares += vector[k] * vector[k];
            }
            for (int k = 0; k < DIMENSION; k++) {
                vector[k] /= (float) Math.sqrt(squares);
            }
            vectors.add(vector);
        }
        return vectors;
    }

    private EncryptedCollection open() {
        return EncryptedCollection.open(client, "texts", folder.resolve("texts"), DIMENSION);
    }

    private void fill(EncryptedCollection collection) {
        collection.add(
                IntStream.range(0, TEXTS)
                        .mapToObj(i -> TextEntry.of("t" + i, "text " + i, Map.of("even", i % 2 == 0)))
                        .toList(),
                vectors);
    }

    private static double dot(float[] one, float[] other) {
        double sum = 0;
        for (int k = 0; k < DIMENSION; k++) {
            sum += (double) one[k] * other[k];
        }
        return sum;
    }

    /** The ids of a plaintext scan, the best first. */
    private List<String> nearest(float[] query, int count, int step) {
        return IntStream.range(0, TEXTS)
                .filter(i -> i % step == 0)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -dot(query, vectors.get(i))))
                .limit(count)
                .map(i -> "t" + i)
                .toList();
    }

    private static List<String> ids(List<TextMatch> matches) {
        return matches.stream().map(match -> match.entry().label().id()).toList();
    }

    private long requests(String line) {
        return server.asked().stream().filter(line::equals).count();
    }

    @Test
    void findsWhatAPlaintextScanFindsWithItsTexts() {
        try (EncryptedCollection collection = open()) {
            fill(collection);
            for (float[] query : vectors(5, 77)) {
                List<TextMatch> found = collection.search(query, 10, -1, _ -> true);

                assertThat(ids(found)).isEqualTo(nearest(query, 10, 1));
                for (TextMatch match : found) {
                    int row = Integer.parseInt(match.entry().label().id().substring(1));
                    assertThat(match.entry().text()).isEqualTo("text " + row);
                    assertThat(match.score()).isCloseTo(dot(query, vectors.get(row)), within(ERROR_MAX));
                    assertThat(dot(match.vector(), vectors.get(row))).isCloseTo(1, within(1e-5));
                }
            }
            assertThat(requests("PUT /v1/fhe/indexes/texts")).isEqualTo(1);
        }
    }

    @Test
    void filtersOverAllRowsAndNotOverTheBest() {
        try (EncryptedCollection collection = open()) {
            fill(collection);
            float[] query = vectors(1, 9).getFirst();
            assertThat(ids(collection.search(
                            query,
                            10,
                            -1,
                            label -> Boolean.TRUE.equals(label.metadata().get("even")))))
                    .isEqualTo(nearest(query, 10, 2));
            assertThat(collection.search(query, 10, 0.999, _ -> true)).isEmpty();
        }
    }

    @Test
    void onlyDirectionsCount() {
        try (EncryptedCollection collection = open()) {
            float[] longer = vectors.getFirst().clone();
            for (int k = 0; k < DIMENSION; k++) {
                longer[k] *= 40;
            }
            collection.add(List.of(TextEntry.of("t", "text", Map.of())), List.of(longer));
            assertThat(collection.search(longer, 1, -1, _ -> true).getFirst().score())
                    .isCloseTo(1, within(ERROR_MAX));
            assertThatThrownBy(() -> collection.search(new float[DIMENSION], 1, -1, _ -> true))
                    .hasMessageContaining("no direction");
        }
    }

    @Test
    void removedTextsAreFoundNoMoreAndLeaveTheService() {
        try (EncryptedCollection collection = open()) {
            fill(collection);
            float[] query = vectors.get(7);
            assertThat(ids(collection.search(query, 1, -1, _ -> true))).containsExactly("t7");

            assertThat(collection.removeIf(label -> label.id().equals("t7"))).isEqualTo(1);

            assertThat(ids(collection.search(query, 3, -1, _ -> true)))
                    .doesNotContain("t7")
                    .isEqualTo(nearest(query, 4, 1).subList(1, 4));
            assertThat(requests("PUT /v1/fhe/indexes/texts")).isEqualTo(2);
            collection.clear();
            assertThat(requests("DELETE /v1/fhe/indexes/texts")).isEqualTo(1);
            assertThat(collection.search(query, 3, -1, _ -> true)).isEmpty();
        }
    }

    @Test
    void anotherProcessUsesTheIndexThatIsThere() {
        float[] query = vectors.get(3);
        try (EncryptedCollection collection = open()) {
            fill(collection);
            collection.upload();
        }
        try (EncryptedCollection collection = open()) {
            assertThat(collection.size()).isEqualTo(TEXTS);
            assertThat(ids(collection.search(query, 5, -1, _ -> true))).isEqualTo(nearest(query, 5, 1));
            assertThat(requests("PUT /v1/fhe/indexes/texts")).isEqualTo(1);
        }
    }

    @Test
    void anIndexThatIsGoneIsLoadedAnew() {
        float[] query = vectors.get(3);
        try (EncryptedCollection collection = open()) {
            fill(collection);
            collection.upload();
            server.forget("texts");
            assertThat(ids(collection.search(query, 1, -1, _ -> true))).containsExactly("t3");
            assertThat(requests("PUT /v1/fhe/indexes/texts")).isEqualTo(2);
        }
    }

    /** Row numbers of somebody else's index would name the wrong texts. */
    @Test
    void anIndexThatSomebodyElseReplacedIsRefused() {
        try (EncryptedCollection collection = open()) {
            fill(collection);
            collection.upload();
            server.replaceByItself("texts");
            assertThatThrownBy(() -> collection.search(vectors.get(3), 1, -1, _ -> true))
                    .isInstanceOf(StaleVersionException.class);
        }
        try (EncryptedCollection collection = open()) {
            assertThatThrownBy(() -> collection.search(vectors.get(3), 1, -1, _ -> true))
                    .isInstanceOf(StaleVersionException.class)
                    .hasMessageContaining("loaded by somebody else");
        }
    }

    @Test
    void expiredKeysAreReplacedOnceAndNotForEver() {
        try (EncryptedCollection collection = open()) {
            fill(collection);
            server.expireNext(1);
            assertThat(ids(collection.search(vectors.get(3), 1, -1, _ -> true))).containsExactly("t3");
            assertThat(requests("POST /v1/fhe/sessions")).isEqualTo(2);
            server.expireNext(2);
            assertThatThrownBy(() -> collection.search(vectors.get(3), 1, -1, _ -> true))
                    .isInstanceOf(KeyEpochExpiredException.class);
        }
    }

    @Test
    void aReplyOfTooFewTooManyOrOtherBlocksIsRefused() {
        try (EncryptedCollection collection = open()) {
            fill(collection);
            collection.upload();
            server.lie(blocks -> blocks.subList(1, blocks.size()));
            assertThatThrownBy(() -> collection.search(vectors.get(3), 1, -1, _ -> true))
                    .isInstanceOf(BrokenReplyException.class)
                    .hasMessageContaining("blocks");
            server.lie(blocks -> {
                List<byte[]> more = new ArrayList<>(blocks);
                more.add(blocks.getFirst());
                return more;
            });
            assertThatThrownBy(() -> collection.search(vectors.get(3), 1, -1, _ -> true))
                    .isInstanceOf(BrokenReplyException.class)
                    .hasMessageContaining("more blocks");
            server.lie(blocks -> Collections.nCopies(blocks.size(), new byte[] {1, 2, 3}));
            assertThatThrownBy(() -> collection.search(vectors.get(3), 1, -1, _ -> true))
                    .isInstanceOf(BrokenReplyException.class)
                    .hasMessageContaining("refused");
        }
    }

    @Test
    void searchesAndChangesDoNotMixUpRows() throws Exception {
        try (EncryptedCollection collection = open()) {
            fill(collection);
            Thread changes = Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 10; i++) {
                    int removed = i;
                    collection.removeIf(label -> label.id().equals("t" + (200 + removed)));
                }
            });
            for (int i = 0; i < 30; i++) {
                TextMatch match =
                        collection.search(vectors.get(i), 1, -1, _ -> true).getFirst();
                assertThat(match.entry().text()).isEqualTo("text " + i);
                assertThat(match.score()).isCloseTo(1, within(ERROR_MAX));
            }
            changes.join();
            assertThat(collection.size()).isEqualTo(TEXTS - 10);
        }
    }
}
