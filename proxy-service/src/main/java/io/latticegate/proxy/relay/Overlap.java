package io.latticegate.proxy.relay;

/**
 * Leaves out of a text that goes on with another what repeats the other's end: models that are given the beginning of their
 * answer mostly go on with the next character, but some say the last words again.
 *
 * <p>What counts as said again is the longest beginning that is also an end of the text before, of at least {@value
 * #CHARS_MIN} characters: a shorter one is more likely the text itself ("ha" after "ha") than a repetition. Besides, blank
 * characters at the end of the text before, which are not sent to a provider, are not written twice. Until that is decided the
 * text is held back, at most {@value #CHARS_MAX} characters of it.
 */
final class Overlap {
    /** The shortest repetition that is left out, in characters. */
    static final int CHARS_MIN = 24;

    /** The longest repetition that is left out, in characters. */
    static final int CHARS_MAX = 1_024;

    private static final int UNDECIDED = -1;

    private final String end;
    private final String blanks;
    private final StringBuilder held = new StringBuilder();
    private boolean decided;

    /** @param before what was said so far */
    Overlap(CharSequence before) {
        this.end = before.subSequence(Math.max(0, before.length() - CHARS_MAX), before.length())
                .toString();
        this.blanks = end.substring(end.stripTrailing().length());
    }

    /** What is new for certain when {@code more} has come; may be empty. */
    String add(String more) {
        if (decided) {
            return more;
        }
        held.append(more);
        int repeated = repeated(false);
        if (repeated == UNDECIDED) {
            return "";
        }
        return release(repeated);
    }

    /** What is left when nothing more comes. */
    String rest() {
        return decided ? "" : release(repeated(true));
    }

    private String release(int repeated) {
        decided = true;
        String fresh = held.substring(repeated);
        held.setLength(0);
        return fresh;
    }

    /** How many characters of what is held were said before. */
    private int repeated(boolean last) {
        int longest = 0;
        String beginning = held.toString();
        for (int length = Math.min(end.length(), CHARS_MAX); length >= CHARS_MIN; length--) {
            int seen = Math.min(length, held.length());
            if (!end.regionMatches(end.length() - length, beginning, 0, seen)) {
                continue;
            }
            if (seen == length) {
                longest = length;
                break;
            }
            if (!last) {
                return UNDECIDED;
            }
        }
        if (longest > 0) {
            return longest;
        }
        int same = 0;
        while (same < Math.min(blanks.length(), held.length()) && blanks.charAt(same) == held.charAt(same)) {
            same++;
        }
        return !last && same == held.length() && same < blanks.length() ? UNDECIDED : same;
    }
}
