package io.latticegate.bench.head;

import io.latticegate.proxy.cache.semantic.Embedder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests and what they want, as embeddings: lines of {@code intent: sentence} in the resources beside this class. No
 * sentence of the held-out part has the wording of one of the training part.
 */
public record Intents(List<Example> examples) {
    /** The intents, in the order of the scores. */
    public static final List<String> LABELS = List.of("code", "writing", "support");

    /**
     * One sentence.
     *
     * @param label the index of its intent
     * @param embedding of length 1
     */
    public record Example(double[] embedding, int label) {}

    public Intents {
        examples = List.copyOf(examples);
    }

    /** @param part {@code training} or {@code held-out} */
    public static Intents read(String part, Embedder embedder) {
        List<Example> examples = new ArrayList<>();
        String name = "intents-" + part + ".txt";
        try (InputStream in = Intents.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("no " + name + " on the class path");
            }
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                int colon = line.indexOf(':');
                int label = LABELS.indexOf(line.substring(0, Math.max(0, colon)));
                if (label < 0) {
                    throw new IOException("no intent begins the line \"" + line + "\" of " + name);
                }
                String sentence = line.substring(colon + 1).strip();
                float[] embedding = embedder.embed(sentence)
                        .orElseThrow(() -> new IllegalStateException("no embedding of \"" + sentence + "\""));
                examples.add(new Example(doubles(embedding), label));
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the corpus cannot be read", unreadable);
        }
        return new Intents(examples);
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }
}
