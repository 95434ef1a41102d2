package io.latticegate.proxy.guard;

import org.jspecify.annotations.Nullable;

/**
 * Recognises one kind of text where it begins. What it says about a position depends on at most {@value #REACH} characters
 * before it and {@link #LENGTH_MAX} and {@value #REACH} from it on, so that a stream needs to withhold no more than that to
 * be judged as its whole text is. Stateless.
 */
interface Recogniser {
    /** The most characters that decide a match; what a {@link Tail} adds comes on top. */
    int LENGTH_MAX = 250;

    /** How far beyond a match its neighbours are looked at. */
    int REACH = 2;

    /** In the configuration, the journal and the metrics. */
    String name();

    /** What stands in the place of redacted text. */
    String label();

    /** Whether a match may begin with {@code c}: the quick answer that is given for every character. */
    boolean mayBegin(char c);

    /** Where the match that begins at {@code start} ends, or -1 when none begins there. Never empty. */
    int end(CharSequence text, int start);

    /** What goes on behind a match, or null where its end is its end. */
    default @Nullable Tail tail() {
        return null;
    }

    /** Says, character by character, how far a match goes on beyond what decides it. One per match. */
    interface Tail {
        /** Whether {@code next} still belongs to the match; not called again after the first false. */
        boolean takes(char next);
    }
}
