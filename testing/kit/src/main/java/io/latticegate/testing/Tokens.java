package io.latticegate.testing;

/**
 * The stand-in's token counts, simple enough for a test to recompute: a text has as many tokens as it has runs of
 * non-whitespace characters. A request has the sum over all its texts (system, every turn, tool results), at least 1; tool
 * definitions count nothing. An answer has the tokens of its text, and for each tool call 1 plus those of its arguments.
 */
final class Tokens {
    static int of(String text) {
        int tokens = 0;
        boolean inside = false;
        for (int i = 0; i < text.length(); i++) {
            boolean space = Character.isWhitespace(text.charAt(i));
            if (!space && !inside) {
                tokens++;
            }
            inside = !space;
        }
        return tokens;
    }

    private Tokens() {}
}
