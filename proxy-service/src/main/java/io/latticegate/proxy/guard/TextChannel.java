package io.latticegate.proxy.guard;

import io.latticegate.common.config.GuardAction;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One text that arrives in pieces: what is decided about it, and what of it may be shown. Whether a match begins at a
 * position is decided once a window of text behind the position is known, or the text has ended; so the same matches are
 * found however the text is cut, where they are no longer than the window.
 *
 * <p>Positions count characters from the text's beginning. Not thread-safe.
 */
final class TextChannel {
    private static final int KEPT_BEFORE = 16;
    private static final int SEARCH_STEP = 32;

    private final TextRules rules;
    private final Findings findings;
    private final int window;
    private final int[] searchedTo;
    private final StringBuilder text = new StringBuilder();
    private final Deque<Replacement> replacements = new ArrayDeque<>();
    private long base;
    private long decided;
    private long settled;
    private long shownTo;
    private boolean resting;
    private Recogniser.@Nullable Tail open;

    /** A part of the text in whose place a label is shown. */
    private static final class Replacement {
        private final long start;
        private final String label;
        private long end;

        private Replacement(long start, long end, String label) {
            this.start = start;
            this.end = end;
            this.label = label;
        }
    }

    TextChannel(TextRules rules, Findings findings, int window) {
        this.rules = rules;
        this.findings = findings;
        this.window = window;
        this.searchedTo = rules.startOfSearches();
    }

    /** Adds a piece and decides what can be decided; gives the position at which the piece begins. */
    long append(String piece) {
        if (resting) {
            resting = false;
            reopen();
        }
        long start = length();
        text.append(piece);
        followTail();
        decide(false);
        return start;
    }

    /** The text has ended, or seems to: everything is decided. It may go on nevertheless. */
    void settle() {
        decide(true);
        settled = length();
        resting = true;
    }

    /** Everything before this position is decided. */
    long decided() {
        return decided;
    }

    /** Characters that have arrived. */
    long length() {
        return base + text.length();
    }

    /**
     * What is shown of a decided part; parts are shown in order.
     *
     * @return null where it is shown as it came
     */
    @Nullable
    String show(long from, long to) {
        shownTo = to;
        while (!replacements.isEmpty() && replacements.getFirst().end <= from) {
            replacements.removeFirst();
        }
        StringBuilder shown = null;
        long at = from;
        for (Replacement replacement : replacements) {
            if (replacement.start >= to) {
                break;
            }
            shown = shown == null ? new StringBuilder() : shown;
            if (replacement.start >= at) {
                shown.append(text, offset(at), offset(replacement.start)).append(replacement.label);
            }
            at = Math.min(to, replacement.end);
        }
        String result = shown == null
                ? null
                : shown.append(text, offset(at), offset(to)).toString();
        trim();
        return result;
    }

    private int offset(long position) {
        return Math.toIntExact(position - base);
    }

    private void followTail() {
        Recogniser.Tail tail = open;
        if (tail == null) {
            return;
        }
        while (decided < length() && open != null) {
            if (tail.takes(text.charAt(offset(decided)))) {
                decided++;
            } else {
                open = null;
            }
        }
        Replacement last = replacements.peekLast();
        if (last != null) {
            last.end = decided;
        }
    }

    private void decide(boolean ended) {
        long limit = ended ? length() : length() - window;
        boolean enough = ended || !rules.searches() || limit - decided >= SEARCH_STEP;
        if (open != null || limit <= decided || !enough) {
            return;
        }
        long origin = base;
        decided = origin
                + rules.find(text, offset(decided), offset(limit), searchedTo, (rule, start, end, tail) -> {
                    if (origin + end > settled) {
                        found(rule, origin + start, origin + end, tail);
                    }
                });
    }

    private void found(Rule rule, long start, long end, Recogniser.@Nullable Tail tail) {
        findings.add(rule);
        if (rule.action() != GuardAction.FLAG) {
            replacements.add(new Replacement(Math.max(start, shownTo), end, rule.label()));
            open = tail;
        }
    }

    /** A settled text goes on: what could begin a match with what comes now is looked at again. */
    private void reopen() {
        Replacement last = replacements.peekLast();
        long again = Math.max(base, length() - window);
        if (open == null) {
            decided = Math.max(again, last == null ? 0 : Math.min(last.end, length()));
        }
    }

    private void trim() {
        int spare = offset(Math.min(shownTo, decided)) - window - KEPT_BEFORE;
        if (spare > window) {
            text.delete(0, spare);
            base += spare;
            for (int i = 0; i < searchedTo.length; i++) {
                searchedTo[i] = Math.max(0, searchedTo[i] - spare);
            }
        }
    }
}
