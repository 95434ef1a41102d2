package io.latticegate.common.embeddings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tokeniser of uncased BERT models: words in lower case without accents, each cut into the longest pieces that the
 * vocabulary has (Devlin et al., "BERT", 2018; Wu et al., "Google's Neural Machine Translation System", 2016, section 4.1).
 */
final class WordPieces {
    /** Most pieces of a text, its two marks included: what the model was trained on. */
    static final int PIECES_MAX = 256;

    private static final int WORD_LENGTH_MAX = 100;
    private static final String CONTINUED = "##";

    private final Map<String, Integer> vocabulary;
    private final long begin;
    private final long end;
    private final long unknown;

    private WordPieces(Map<String, Integer> vocabulary) {
        this.vocabulary = vocabulary;
        this.begin = idOf("[CLS]");
        this.end = idOf("[SEP]");
        this.unknown = idOf("[UNK]");
    }

    /**
     * Reads the vocabulary from a {@code tokenizer.json} of the Hugging Face format.
     *
     * @throws IOException where it holds none, or one of another kind
     */
    static WordPieces read(InputStream json) throws IOException {
        JsonNode model = JsonMapper.builder().build().readTree(json).path("model");
        if (!model.path("vocab").isObject()
                || !CONTINUED.equals(model.path("continuing_subword_prefix").asText(CONTINUED))) {
            throw new IOException("the tokeniser's file has no vocabulary of word pieces");
        }
        Map<String, Integer> vocabulary = new HashMap<>();
        model.get("vocab")
                .properties()
                .forEach(
                        entry -> vocabulary.put(entry.getKey(), entry.getValue().asInt()));
        return new WordPieces(vocabulary);
    }

    /** The pieces' numbers between the marks of begin and end; nothing where the text is too long or has an unknown word. */
    Optional<long[]> of(String text) {
        List<Long> pieces = new ArrayList<>();
        pieces.add(begin);
        for (String word : words(text)) {
            if (!addPieces(word, pieces) || pieces.size() >= PIECES_MAX) {
                return Optional.empty();
            }
        }
        pieces.add(end);
        return Optional.of(pieces.stream().mapToLong(Long::longValue).toArray());
    }

    /** The pieces' numbers between the marks of begin and end, of any length, that of unknown words where one occurs. */
    long[] withUnknown(String text) {
        List<Long> pieces = new ArrayList<>();
        pieces.add(begin);
        for (String word : words(text)) {
            int before = pieces.size();
            if (!addPieces(word, pieces)) {
                pieces.subList(before, pieces.size()).clear();
                pieces.add(unknown);
            }
        }
        pieces.add(end);
        return pieces.stream().mapToLong(Long::longValue).toArray();
    }

    /** False where the vocabulary cannot spell the word. */
    private boolean addPieces(String word, List<Long> pieces) {
        if (word.length() > WORD_LENGTH_MAX) {
            return false;
        }
        int from = 0;
        while (from < word.length()) {
            Integer piece = null;
            int to = word.length();
            while (to > from && piece == null) {
                String candidate = word.substring(from, to);
                piece = vocabulary.get(from == 0 ? candidate : CONTINUED + candidate);
                to -= piece == null ? 1 : 0;
            }
            if (piece == null) {
                return false;
            }
            pieces.add(piece.longValue());
            from = to;
        }
        return true;
    }

    private static List<String> words(String text) {
        String plain = Normalizer.normalize(text.toLowerCase(Locale.ROOT), Normalizer.Form.NFD);
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        plain.codePoints().forEach(c -> {
            int type = Character.getType(c);
            if (type == Character.NON_SPACING_MARK || isDropped(c, type)) {
                return;
            }
            boolean blank = Character.isWhitespace(c) || type == Character.SPACE_SEPARATOR;
            boolean alone = isPunctuation(c, type) || Character.isIdeographic(c);
            if ((blank || alone) && !word.isEmpty()) {
                words.add(word.toString());
                word.setLength(0);
            }
            if (alone) {
                words.add(Character.toString(c));
            } else if (!blank) {
                word.appendCodePoint(c);
            }
        });
        if (!word.isEmpty()) {
            words.add(word.toString());
        }
        return words;
    }

    private static boolean isDropped(int c, int type) {
        return c == 0
                || c == 0xFFFD
                || type == Character.FORMAT
                || type == Character.CONTROL && !Character.isWhitespace(c);
    }

    /** Also the symbols of ASCII, which Unicode does not count as punctuation. */
    private static boolean isPunctuation(int c, int type) {
        boolean symbol = c > ' ' && c < 0x7F && !Character.isLetterOrDigit(c);
        return symbol
                || switch (type) {
                    case Character.CONNECTOR_PUNCTUATION,
                            Character.DASH_PUNCTUATION,
                            Character.START_PUNCTUATION,
                            Character.END_PUNCTUATION,
                            Character.INITIAL_QUOTE_PUNCTUATION,
                            Character.FINAL_QUOTE_PUNCTUATION,
                            Character.OTHER_PUNCTUATION -> true;
                    default -> false;
                };
    }

    private long idOf(String mark) {
        @Nullable Integer id = vocabulary.get(mark);
        if (id == null) {
            throw new IllegalArgumentException("the vocabulary lacks " + mark);
        }
        return id;
    }
}
