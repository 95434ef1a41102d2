package io.latticegate.common.wallet;

/** What the parsers of this package share when they describe a client's mistake. */
final class Faults {

    private static final int NAME_LENGTH_MAX = 64;

    private Faults() {}

    /** A client's own member name, made fit for an error message: visible ASCII, at most 64 characters. */
    static String clip(String name) {
        String visible = name.replaceAll("[^\\x20-\\x7e]", "?");
        return visible.length() <= NAME_LENGTH_MAX ? visible : visible.substring(0, NAME_LENGTH_MAX) + "...";
    }

    /** Whether the text holds half of a surrogate pair, which UTF-8 cannot carry and wallets hash differently. */
    static boolean hasLoneSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                boolean pair = i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
                if (!pair) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }
}
