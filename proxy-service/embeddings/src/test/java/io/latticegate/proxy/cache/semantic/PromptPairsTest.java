package io.latticegate.proxy.cache.semantic;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.cache.CacheKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the semantic cache takes for the same at its default threshold, with the real model. The pairs were written for
 * this test; the figures are in docs/adr/0019-shared-and-semantic-cache.md.
 */
final class PromptPairsTest {
    private static final Logger LOG = LoggerFactory.getLogger(PromptPairsTest.class);
    private static final double THRESHOLD = 0.95;
    private static final CacheKey PARTITION = new CacheKey(1, 2, 3, 4);
    private static final CacheKey ANSWER = new CacheKey(5, 6, 7, 8);
    private static Embedder embedder;

    @BeforeAll
    static void load() {
        embedder = ServiceLoader.load(Embedder.class).findFirst().orElseThrow();
    }

    @AfterAll
    static void close() {
        embedder.close();
    }

    private record Pair(boolean same, String one, String other) {
        static Pair of(String line) {
            List<String> parts = List.of(line.split("\\|", -1));
            return new Pair(
                    parts.get(0).strip().equals("same"),
                    parts.get(1).strip(),
                    parts.get(2).strip());
        }

        /** Whether either prompt is given the other's answer. */
        boolean isHit() {
            return hit(one, other) || hit(other, one);
        }

        double similarity() {
            return SemanticIndex.similarity(
                    embedder.embed(one).orElseThrow(), embedder.embed(other).orElseThrow());
        }
    }

    @Test
    void findsMostParaphrasesAndTakesNothingElseForOne() throws IOException {
        Judgement judged = judge("pairs.txt");
        assertThat(judged.mistaken).isEmpty();
        assertThat(judged.found).hasSizeGreaterThanOrEqualTo(25);
    }

    @Test
    void doesSoWithPairsThatTheRulesWereNotMadeFor() throws IOException {
        Judgement judged = judge("pairs-held-out.txt");
        assertThat(judged.mistaken).isEmpty();
        assertThat(judged.found).hasSizeGreaterThanOrEqualTo(8);
    }

    private record Judgement(List<String> found, List<String> missed, List<String> mistaken, List<String> near) {}

    private static Judgement judge(String file) throws IOException {
        var judged = new Judgement(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (Pair pair : pairs(file)) {
            boolean hit = pair.isHit();
            double similarity = pair.similarity();
            String shown = "%.3f %s / %s".formatted(similarity, pair.one, pair.other);
            if (pair.same) {
                (hit ? judged.found : judged.missed).add(shown);
            } else if (hit) {
                judged.mistaken.add(shown);
            } else if (similarity >= THRESHOLD) {
                judged.near.add(shown);
            }
        }
        LOG.info(
                "{}: {} paraphrases found, {} missed, {} others mistaken for one, {} told apart by contrast alone; {}",
                file,
                judged.found.size(),
                judged.missed.size(),
                judged.mistaken.size(),
                judged.near.size(),
                judged);
        return judged;
    }

    private static boolean hit(String kept, String asked) {
        var index = new SemanticIndex(10, 10, THRESHOLD, InstantSource.fixed(Instant.EPOCH));
        index.add(PARTITION, new SemanticIndex.Entry(embedded(kept), ANSWER, "p", "POST", "/", 1));
        return index.nearest(PARTITION, embedded(asked)) != null;
    }

    private static SemanticPrompt.Embedded embedded(String text) {
        return new SemanticPrompt(PARTITION, text).embeddedBy(embedder).orElseThrow();
    }

    private static List<Pair> pairs(String file) throws IOException {
        try (InputStream text = Objects.requireNonNull(PromptPairsTest.class.getResourceAsStream(file))) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(Pair::of)
                    .toList();
        }
    }
}
