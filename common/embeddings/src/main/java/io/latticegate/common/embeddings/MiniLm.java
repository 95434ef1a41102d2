package io.latticegate.common.embeddings;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * all-MiniLM-L6-v2, quantised to 8 bits: 384 numbers for an English text of up to 254 word pieces. The model and its
 * vocabulary come from the class path (langchain4j's resources, whose code is not used); ONNX Runtime computes it on the
 * calling thread. The vector is the mean over the pieces, scaled to length 1, as the model's authors prescribe (Reimers and
 * Gurevych, "Sentence-BERT", 2019). Safe for use by several threads.
 */
public final class MiniLm implements AutoCloseable {
    /** Numbers in a vector. */
    public static final int DIMENSION = 384;

    /** Most word pieces of a text, without the two marks around it. */
    public static final int PIECES_MAX = WordPieces.PIECES_MAX - 2;

    private static final String MODEL = "/all-minilm-l6-v2-q.onnx";
    private static final String TOKENISER = "/all-minilm-l6-v2-q-tokenizer.json";

    private final WordPieces pieces;
    private final OrtEnvironment environment;
    private final OrtSession session;

    /**
     * Loads the model, 23 MB.
     *
     * @throws IllegalStateException where this machine cannot run it
     */
    public MiniLm() {
        try (InputStream vocabulary = resource(TOKENISER);
                InputStream model = resource(MODEL);
                OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            pieces = WordPieces.read(vocabulary);
            environment = OrtEnvironment.getEnvironment();
            environment.setTelemetry(false);
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.setCPUArenaAllocator(false);
            session = environment.createSession(model.readAllBytes(), options);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the embedding model cannot be read", unreadable);
        } catch (OrtException refused) {
            throw new IllegalStateException("the embedding model cannot be loaded", refused);
        }
    }

    /** The vector of a text that the model can judge: short enough, of known words, in Latin letters; else nothing. */
    public Optional<float[]> embedIfKnown(String text) {
        return isLatin(text) ? pieces.of(text).map(this::vector) : Optional.empty();
    }

    /**
     * The vector of any text that is short enough. A word that the vocabulary cannot spell counts as an unknown one, as in
     * the model's reference implementation.
     *
     * @throws IllegalArgumentException for more than {@value #PIECES_MAX} word pieces
     */
    public float[] embed(String text) {
        long[] ids = pieces.withUnknown(text);
        if (ids.length - 2 > PIECES_MAX) {
            throw new IllegalArgumentException(
                    "a text of " + (ids.length - 2) + " word pieces; allowed are at most " + PIECES_MAX);
        }
        return vector(ids);
    }

    /** How many word pieces a text has. */
    public int countPieces(String text) {
        return pieces.withUnknown(text).length - 2;
    }

    private float[] vector(long[] ids) {
        long[] ones = new long[ids.length];
        Arrays.fill(ones, 1);
        try (OnnxTensor input = tensor(ids);
                OnnxTensor mask = tensor(ones);
                OnnxTensor types = tensor(new long[ids.length]);
                OrtSession.Result result =
                        session.run(Map.of("input_ids", input, "attention_mask", mask, "token_type_ids", types))) {
            float[][][] hidden = (float[][][]) result.get(0).getValue();
            return direction(hidden[0]);
        } catch (OrtException failed) {
            throw new IllegalStateException("the embedding model failed", failed);
        }
    }

    private OnnxTensor tensor(long[] row) throws OrtException {
        return OnnxTensor.createTensor(environment, new long[][] {row});
    }

    /** The sum of the rows, scaled to length 1. */
    private static float[] direction(float[][] rows) {
        float[] sum = new float[rows[0].length];
        for (float[] row : rows) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += row[i];
            }
        }
        double squares = 0;
        for (float one : sum) {
            squares += (double) one * one;
        }
        float scale = (float) (1 / Math.sqrt(Math.max(squares, Float.MIN_NORMAL)));
        for (int i = 0; i < sum.length; i++) {
            sum[i] *= scale;
        }
        return sum;
    }

    /** Other scripts have pieces in the vocabulary, but the model has learnt nothing about them. */
    private static boolean isLatin(String text) {
        return text.codePoints()
                .filter(Character::isLetter)
                .allMatch(c -> Character.UnicodeScript.of(c) == Character.UnicodeScript.LATIN);
    }

    private static InputStream resource(String name) throws IOException {
        InputStream found = MiniLm.class.getResourceAsStream(name);
        if (found == null) {
            throw new IOException("no " + name + " on the class path");
        }
        return found;
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException failed) {
            throw new IllegalStateException("the embedding model cannot be closed", failed);
        }
    }
}
