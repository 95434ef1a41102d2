package io.latticegate.client.sidecar;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a text into chunks that the embedding model can read as a whole, between words, each beginning with the last words of
 * the one before it.
 */
final class TextChunks {
    /** Cuts at the blanks; what is longer than this without a blank is cut anyway. */
    private static final int WORD_LENGTH_MAX = 100;

    private static final Pattern WORD = Pattern.compile("\\s*\\S{1," + WORD_LENGTH_MAX + "}");

    private final ToIntFunction<String> countPieces;
    private final int piecesMax;
    private final int overlap;

    /**
     * How to cut.
     *
     * @param countPieces how many pieces a word has; at most as many as it has characters
     * @param piecesMax of a chunk, at least {@value #WORD_LENGTH_MAX}
     * @param overlap pieces that two neighbours share, at most half of {@code piecesMax}
     */
    TextChunks(ToIntFunction<String> countPieces, int piecesMax, int overlap) {
        if (piecesMax < WORD_LENGTH_MAX || overlap < 0 || overlap > piecesMax / 2) {
            throw new IllegalArgumentException("chunks of " + piecesMax + " pieces that share " + overlap);
        }
        this.countPieces = countPieces;
        this.piecesMax = piecesMax;
        this.overlap = overlap;
    }

    /** The chunks of a text in their order; none of a blank one. */
    List<String> of(String text) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(text);
        while (matcher.find()) {
            words.add(matcher.group());
        }
        int[] pieces = words.stream().mapToInt(countPieces).toArray();
        List<String> chunks = new ArrayList<>();
        int from = 0;
        while (from < pieces.length) {
            int to = end(pieces, from);
            chunks.add(String.join("", words.subList(from, to)).strip());
            from = to == pieces.length ? to : begin(pieces, from, to);
        }
        return chunks;
    }

    private int end(int[] pieces, int from) {
        int sum = 0;
        int to = from;
        while (to < pieces.length && (to == from || sum + pieces[to] <= piecesMax)) {
            sum += pieces[to++];
        }
        return to;
    }

    /** Where the chunk behind that of [from, to) begins: before {@code to} by the overlap, if a new word fits behind it. */
    private int begin(int[] pieces, int from, int to) {
        int shared = 0;
        int begin = to;
        while (begin > from + 1 && shared + pieces[begin - 1] <= overlap) {
            shared += pieces[--begin];
        }
        return end(pieces, begin) > to ? begin : to;
    }
}
