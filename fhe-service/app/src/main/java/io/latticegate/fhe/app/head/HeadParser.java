package io.latticegate.fhe.app.head;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.core.head.Activation;
import io.latticegate.fhe.core.head.HeadModel;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a model from JSON in one pass: members in any order, each once; numbers go into arrays while they arrive, and counts
 * are bounded before anything is kept. What is not JSON of this form is 400, a model that is none is 422.
 */
final class HeadParser {
    /** The longest body. A model of the greatest size has 1.05 million numbers. */
    static final int BYTES_MAX = 32 << 20;

    /** What the numbers of the greatest model take, while they are read and while they are copied. */
    static final long MEMORY_BYTES = 32L << 20;

    static final int READERS_MAX = 64;
    static final int LABEL_LENGTH_MAX = 128;
    private static final int DEPTH_MAX = 6;
    private static final int TEXT_MAX = 256;
    private static final int NUMBER_MAX = 64;
    private static final Pattern PROJECT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,63}");
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH_MAX)
                    .maxNumberLength(NUMBER_MAX)
                    .maxStringLength(TEXT_MAX)
                    .maxNameLength(TEXT_MAX)
                    .maxDocumentLength(BYTES_MAX)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final JsonParser json;
    private final double[] space = new double[HeadModel.INPUT_MAX];

    private HeadParser(JsonParser json) {
        this.json = json;
    }

    /**
     * Reads a whole body.
     *
     * @throws Refusal 400 or 422
     */
    static HeadUpload read(InputStream body) throws IOException {
        try (JsonParser parser = JSON.createParser(body)) {
            return new HeadParser(parser).upload();
        } catch (JsonProcessingException malformed) {
            JsonLocation at = malformed.getLocation();
            throw Refusal.invalid("The body is malformed"
                    + (at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr())
                    + "; allowed is one JSON object whose members are there once, of depth at most " + DEPTH_MAX
                    + ", numbers of at most " + NUMBER_MAX + " characters, texts of at most " + TEXT_MAX);
        }
    }

    private HeadUpload upload() throws IOException {
        json.nextToken();
        requireToken(JsonToken.START_OBJECT, "The body", "an object");
        int input = 0;
        List<HeadModel.Layer> layers = List.of();
        List<String> labels = List.of();
        List<String> readers = List.of();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "input" -> input = input();
                case "layers" -> layers = layers();
                case "labels" -> labels = texts(name, HeadModel.WIDTH_MAX);
                case "readers" -> readers = texts(name, READERS_MAX);
                default -> throw unknown("The body", "input, layers, labels and readers");
            }
        }
        if (json.nextToken() != null) {
            throw Refusal.invalid("Something follows the JSON object");
        }
        HeadModel model = model(input, layers);
        requireLabels(labels, model.outputs());
        requireReaders(readers);
        return new HeadUpload(model, labels, readers);
    }

    private static HeadModel model(int input, List<HeadModel.Layer> layers) {
        try {
            return HeadModel.of(input, layers);
        } catch (IllegalArgumentException refused) {
            throw Refusal.of(422, "circuit_refused", String.valueOf(refused.getMessage()));
        }
    }

    private static void requireLabels(List<String> labels, int outputs) {
        if (!labels.isEmpty() && labels.size() != outputs) {
            throw Refusal.invalid("labels has " + labels.size() + " texts; allowed are none, or one for each of the "
                    + outputs + " scores");
        }
        for (int i = 0; i < labels.size(); i++) {
            String label = labels.get(i);
            if (label.isBlank()
                    || label.length() > LABEL_LENGTH_MAX
                    || label.chars().anyMatch(Character::isISOControl)) {
                throw Refusal.invalid("labels[" + i + "] must have 1 to " + LABEL_LENGTH_MAX
                        + " characters, none of them a control character");
            }
        }
    }

    private static void requireReaders(List<String> readers) {
        for (int i = 0; i < readers.size(); i++) {
            if (!PROJECT.matcher(readers.get(i)).matches()) {
                throw Refusal.invalid("readers[" + i + "] must be the id of a project");
            }
        }
    }

    private int input() throws IOException {
        requireToken(JsonToken.VALUE_NUMBER_INT, "input", "a whole number");
        String digits = json.getText();
        if (digits.length() > 9) {
            throw Refusal.of(
                    422,
                    "circuit_refused",
                    "input has " + digits.length() + " digits; allowed are 1 to " + HeadModel.INPUT_MAX);
        }
        return Integer.parseInt(digits);
    }

    private List<HeadModel.Layer> layers() throws IOException {
        requireToken(JsonToken.START_ARRAY, "layers", "a list");
        List<HeadModel.Layer> layers = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            requireRoom("layers", layers.size(), HeadModel.LAYERS_MAX);
            layers.add(layer("layers[" + layers.size() + "]"));
        }
        return layers;
    }

    private HeadModel.Layer layer(String where) throws IOException {
        requireToken(JsonToken.START_OBJECT, where, "an object");
        double @Nullable [][] weights = null;
        double @Nullable [] bias = null;
        double @Nullable [] coefficients = null;
        @Nullable String activation = null;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "weights" -> weights = rows(where + ".weights");
                case "bias" -> bias = numbers(where + ".bias", HeadModel.WIDTH_MAX);
                case "activation" -> activation = text(where + ".activation");
                case "coefficients" -> coefficients = numbers(where + ".coefficients", HeadModel.DEGREE_MAX + 1);
                default -> throw unknown(where, "weights, bias, activation and coefficients");
            }
        }
        if (weights == null || bias == null) {
            throw Refusal.invalid(where + " lacks " + (weights == null ? "weights" : "bias"));
        }
        return new HeadModel.Layer(weights, bias, activation(where, activation, coefficients));
    }

    private static Activation activation(String where, @Nullable String name, double @Nullable [] coefficients) {
        boolean polynomial = "polynomial".equals(name);
        if (polynomial != (coefficients != null)) {
            throw Refusal.invalid(where + ".coefficients go with the activation polynomial, and only with it");
        }
        return switch (name) {
            case null -> new Activation.None();
            case "none" -> new Activation.None();
            case "square" -> new Activation.Square();
            default -> {
                if (coefficients == null) {
                    throw Refusal.invalid(where + ".activation must be none, square or polynomial: nothing else can be"
                            + " computed on ciphertexts");
                }
                yield new Activation.Polynomial(coefficients);
            }
        };
    }

    private double[][] rows(String where) throws IOException {
        requireToken(JsonToken.START_ARRAY, where, "a list of rows");
        List<double[]> rows = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            requireRoom(where, rows.size(), HeadModel.WIDTH_MAX);
            rows.add(numbers(where + "[" + rows.size() + "]", HeadModel.INPUT_MAX));
        }
        return rows.toArray(double[][]::new);
    }

    private double[] numbers(String where, int most) throws IOException {
        requireToken(JsonToken.START_ARRAY, where, "a list of numbers");
        int count = 0;
        for (JsonToken token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
            if (token == null || !token.isNumeric()) {
                throw Refusal.invalid(where + "[" + count + "] must be a number");
            }
            requireRoom(where, count, most);
            space[count++] = json.getDoubleValue();
        }
        return Arrays.copyOf(space, count);
    }

    private List<String> texts(String where, int most) throws IOException {
        requireToken(JsonToken.START_ARRAY, where, "a list of texts");
        List<String> texts = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (texts.size() == most) {
                throw Refusal.invalid(where + " has more than " + most + " texts");
            }
            texts.add(text(where + "[" + texts.size() + "]"));
        }
        return texts;
    }

    private String text(String where) throws IOException {
        requireToken(JsonToken.VALUE_STRING, where, "a text");
        return json.getText();
    }

    private static void requireRoom(String where, int count, int most) {
        if (count == most) {
            throw Refusal.of(
                    422, "circuit_refused", where + " has more than " + most + " entries; allowed are 1 to " + most);
        }
    }

    private void requireToken(JsonToken wanted, String where, String allowed) {
        if (json.currentToken() != wanted) {
            throw Refusal.invalid(where + " must be " + allowed);
        }
    }

    private static Refusal unknown(String where, String allowed) {
        return Refusal.invalid(where + " has a member that is not known; allowed are " + allowed);
    }
}
