package io.latticegate.bench.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.fhe.core.client.head.HeadScores;
import io.latticegate.fhe.core.head.HeadModel;
import io.latticegate.proxy.cache.semantic.Embedder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class IntentsTest {
    private static final Pattern NO_LETTERS = Pattern.compile("[^a-z0-9]+");

    /** Keeps what it is asked for. */
    private static final class Sentences implements Embedder {
        private final List<String> all = new ArrayList<>();

        @Override
        public Optional<float[]> embed(String text) {
            all.add(text);
            return Optional.of(new float[] {1});
        }

        @Override
        public void close() {}
    }

    private static Set<String> phrases(String part) {
        Sentences sentences = new Sentences();
        Intents intents = Intents.read(part, sentences);
        for (int label = 0; label < Intents.LABELS.size(); label++) {
            int wanted = label;
            assertThat(intents.examples().stream().filter(example -> example.label() == wanted))
                    .hasSize(intents.examples().size() / Intents.LABELS.size());
        }
        Set<String> phrases = new HashSet<>();
        for (String sentence : sentences.all) {
            String[] words = NO_LETTERS.split(sentence.toLowerCase(Locale.ROOT), -1);
            for (int i = 0; i + 4 <= words.length; i++) {
                phrases.add(String.join(" ", List.of(words).subList(i, i + 4)));
            }
        }
        assertThat(phrases).hasSizeGreaterThan(sentences.all.size());
        return phrases;
    }

    @Test
    void sharesNoFourWordsBetweenTrainingAndHeldOut() {
        Set<String> training = phrases("training");
        assertThat(phrases("held-out")).doesNotContainAnyElementsOf(training);
    }

    @Test
    void learnsWhatIsToBeLearnt() {
        Random random = new Random(20261122);
        List<Intents.Example> examples = new ArrayList<>();
        for (int i = 0; i < 90; i++) {
            double[] embedding = random.doubles(8, -0.1, 0.1).toArray();
            embedding[i % 3] += 0.9;
            examples.add(new Intents.Example(embedding, i % 3));
        }
        HeadModel model = HeadTrainer.train(examples.subList(0, 60), 8, 3);
        for (Intents.Example example : examples.subList(60, 90)) {
            assertThat(new HeadScores(model.scores(example.embedding())).best()).isEqualTo(example.label());
        }
        double[] first = examples.getFirst().embedding();
        assertThat(HeadTrainer.train(examples.subList(0, 60), 8, 3).scores(first))
                .isEqualTo(model.scores(first));
    }
}
