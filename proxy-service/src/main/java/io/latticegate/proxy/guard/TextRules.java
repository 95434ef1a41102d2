package io.latticegate.proxy.guard;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.latticegate.common.config.GuardAction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All rules for one side of a conversation, compiled so that a text is read once. From left to right, the first match counts
 * and the search goes on behind it; where several rules match at one place, the strongest action wins. Rules that only flag
 * take nothing away from others.
 *
 * <p>Recognisers cost a table look-up for most characters. Regular expressions cost a pass of RE2 each, linear in the text.
 * Immutable and thread-safe.
 */
final class TextRules {
    private static final int ASCII = 128;

    private final Known[] known;
    private final Known[][] byFirst = new Known[ASCII][];
    private final List<Searched> searched;
    private final int window;

    private record Known(Rule rule, Recogniser recogniser) {}

    private record Searched(Rule rule, Pattern pattern) {}

    private TextRules(List<Known> known, List<Searched> searched, int window) {
        this.window = window;
        this.known = known.toArray(Known[]::new);
        this.searched = List.copyOf(searched);
        for (char c = 0; c < ASCII; c++) {
            char first = c;
            byFirst[c] =
                    known.stream().filter(one -> one.recogniser.mayBegin(first)).toArray(Known[]::new);
        }
    }

    /** No rules at all. */
    static TextRules none() {
        return new TextRules(List.of(), List.of(), 1);
    }

    /** Collects rules, in any order. */
    static final class Builder {
        private final List<Known> known = new ArrayList<>();
        private final List<Searched> searched = new ArrayList<>();

        void add(Rule rule, Recogniser recogniser) {
            known.add(new Known(rule, recogniser));
        }

        /** @param pattern matches up to a stream's window are found in a stream as in a whole text */
        void add(Rule rule, Pattern pattern) {
            searched.add(new Searched(rule, pattern));
        }

        /**
         * Null when there are no rules.
         *
         * @param window how long a match of a regular expression may be, in characters
         */
        @Nullable
        TextRules build(int window) {
            if (known.isEmpty() && searched.isEmpty()) {
                return null;
            }
            known.sort(Comparator.comparing(one -> one.rule.action()));
            searched.sort(Comparator.comparing(one -> one.rule.action()));
            return new TextRules(known, searched, window);
        }
    }

    /** Takes the matches, in the order in which they begin. */
    @FunctionalInterface
    interface Sink {
        /** @param open what takes the characters beyond the end of the text, where the match may go on there; else null */
        void match(Rule rule, int start, int end, Recogniser.@Nullable Tail open);
    }

    /** For each regular expression, where its last match ended; one per text that is examined in parts. */
    int[] startOfSearches() {
        return new int[searched.size()];
    }

    /** Whether a search costs more than a look at each character. */
    boolean searches() {
        return !searched.isEmpty();
    }

    /**
     * Finds the matches that begin from {@code from} up to {@code to}, or to the first that blocks.
     *
     * @param searchedTo kept from one part of a text to the next, as offsets into {@code text}
     * @return {@code to}, or the end of the last match where it lies beyond or blocks
     */
    int find(CharSequence text, int from, int to, int[] searchedTo, Sink sink) {
        Search[] searches = searches(text, from, searchedTo);
        int at = from;
        while (at < to) {
            char c = text.charAt(at);
            Known[] candidates = c < ASCII ? byFirst[c] : known;
            Known best = null;
            int end = -1;
            for (Known candidate : candidates) {
                int matched = candidate.recogniser.end(text, at);
                if (matched > at && takesAway(candidate.rule)) {
                    best = candidate;
                    end = matched;
                    break;
                }
                if (matched > at) {
                    sink.match(candidate.rule, at, matched, null);
                }
            }
            Rule rule = best == null ? null : best.rule;
            for (Search search : searches) {
                if (search.startsAt(at)) {
                    search.accept();
                    if (!takesAway(search.rule)) {
                        sink.match(search.rule, at, search.end, null);
                    } else if (rule == null || search.rule.action().compareTo(rule.action()) < 0) {
                        rule = search.rule;
                        end = search.end;
                        best = null;
                    }
                }
            }
            if (rule == null) {
                at++;
                continue;
            }
            Recogniser.Tail tail = best == null ? null : best.recogniser.tail();
            while (tail != null && end < text.length()) {
                if (tail.takes(text.charAt(end))) {
                    end++;
                } else {
                    tail = null;
                }
            }
            sink.match(rule, at, end, tail);
            at = end;
            if (rule.action() == GuardAction.BLOCK) {
                return at;
            }
        }
        return at;
    }

    private static boolean takesAway(Rule rule) {
        return rule.action() != GuardAction.FLAG;
    }

    private Search[] searches(CharSequence text, int from, int[] searchedTo) {
        Search[] searches = new Search[searched.size()];
        for (int i = 0; i < searches.length; i++) {
            searches[i] = new Search(searched.get(i), text, window, searchedTo, i);
            searches[i].next(from);
        }
        return searches;
    }

    /**
     * One regular expression on its way through one text. It sees no more than two windows at a time: RE2 reads to the end of
     * what it sees where an alternative might still match there, so that a search for the next match and the next would
     * otherwise take quadratic time.
     */
    private static final class Search {
        private final Rule rule;
        private final Pattern pattern;
        private final CharSequence text;
        private final int window;
        private final int[] searchedTo;
        private final int index;
        private int start;
        private int end;

        private Search(Searched searched, CharSequence text, int window, int[] searchedTo, int index) {
            this.rule = searched.rule;
            this.pattern = searched.pattern;
            this.text = text;
            this.window = window;
            this.searchedTo = searchedTo;
            this.index = index;
        }

        private boolean startsAt(int at) {
            if (start < at) {
                next(at);
            }
            return start == at;
        }

        /** A match that counts: the next one begins behind it. */
        private void accept() {
            searchedTo[index] = end;
        }

        /** Goes to the first match from {@code from} on that is not empty and overlaps none that counted. */
        private void next(int from) {
            int at = Math.max(from, searchedTo[index]);
            while (at < text.length()) {
                int seen = Math.min(text.length(), at + 2 * window);
                Matcher matcher = pattern.matcher(new Beginning(text, seen));
                boolean found = matcher.find(at);
                boolean near = found && (matcher.start() < at + window || seen == text.length());
                if (near && matcher.end() > matcher.start()) {
                    start = matcher.start();
                    end = matcher.end();
                    return;
                }
                at = near ? matcher.end() + 1 : at + window;
            }
            start = Integer.MAX_VALUE;
        }
    }

    /** The first characters of a text, without a copy. */
    private record Beginning(CharSequence text, int length) implements CharSequence {
        @Override
        public char charAt(int index) {
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int from, int to) {
            return text.subSequence(from, to);
        }

        @Override
        public String toString() {
            return text.subSequence(0, length).toString();
        }
    }

    /** The text with its redactions, or {@code text} itself where there are none; counts what was met. */
    String redacted(String text, Findings findings) {
        StringBuilder out = new StringBuilder();
        int[] copied = {0};
        find(text, 0, text.length(), startOfSearches(), (rule, start, end, open) -> {
            findings.add(rule);
            if (takesAway(rule)) {
                out.append(text, copied[0], start).append(rule.label());
                copied[0] = end;
            }
        });
        return copied[0] == 0
                ? text
                : out.append(text, copied[0], text.length()).toString();
    }

    /** Counts what is met in a text that cannot be changed. */
    void examineFixed(String text, Findings findings) {
        find(text, 0, text.length(), startOfSearches(), (rule, start, end, open) -> findings.addUnredactable(rule));
    }
}
