package io.latticegate.auth.wallet;

import java.util.Arrays;

/**
 * The nonces of one wallet: a floor, at or below which everything counts as used, and a set of used
 * nonces above it, as many as the {@link NonceRule} says. A nonce is accepted once, in any order, as long as it is above the floor; when the set is full the
 * smallest becomes the floor. So parallel tabs and lost replies do no harm, and one huge nonce blocks nothing but
 * itself. Immutable; an acceptance returns the next state.
 *
 * <p>In strict mode a nonce must be above every accepted one.
 */
public final class NonceWindow {

    /** The smallest nonce. */
    public static final long MIN = 0;

    /** The largest nonce, 2^53 − 1: exact in every client's number type and in Redis's scripts. */
    public static final long MAX = (1L << 53) - 1;

    /** A wallet that has not used any nonce. */
    public static final NonceWindow EMPTY = new NonceWindow(MIN - 1, new long[0]);

    private final long floor;
    private final long[] used;

    /** @param used ascending, all above the floor */
    private NonceWindow(long floor, long[] used) {
        this.floor = floor;
        this.used = used;
    }

    /** What the window says of a nonce. */
    public sealed interface Verdict {
        /** Unused until now; {@code next} is the state in which it is used. */
        record Accepted(NonceWindow next) implements Verdict {}

        /** At or below the floor, or in strict mode not above the last. */
        record TooLow(long expected) implements Verdict {}

        /** Above the floor, but used. */
        record AlreadyUsed(long expected) implements Verdict {}
    }

    /**
     * Judges {@code nonce}.
     *
     * @throws IllegalArgumentException for a nonce outside {@link #MIN} to {@link #MAX}, which callers refuse earlier
     */
    public Verdict accept(long nonce, NonceRule rule) {
        if (nonce < MIN || nonce > MAX) {
            throw new IllegalArgumentException("a nonce is " + MIN + " to " + MAX + ", got " + nonce);
        }
        int index = Arrays.binarySearch(used, nonce);
        if (index >= 0) {
            return new Verdict.AlreadyUsed(expected());
        }
        if (nonce <= floor || (rule.strict() && nonce < highest())) {
            return new Verdict.TooLow(expected());
        }
        return new Verdict.Accepted(with(nonce, -index - 1, rule.windowSize()));
    }

    /** The lowest nonce that is above all used ones; {@link #MAX} when there is none. */
    public long expected() {
        return Math.min(highest() + 1, MAX);
    }

    /** Everything up to here counts as used; −1 at first. */
    public long floor() {
        return floor;
    }

    /** How many used nonces above the floor are remembered. */
    public int usedCount() {
        return used.length;
    }

    private long highest() {
        return used.length == 0 ? floor : used[used.length - 1];
    }

    private NonceWindow with(long nonce, int index, int size) {
        long[] grown = new long[used.length + 1];
        System.arraycopy(used, 0, grown, 0, index);
        grown[index] = nonce;
        System.arraycopy(used, index, grown, index + 1, used.length - index);
        int excess = grown.length - size;
        return excess <= 0
                ? new NonceWindow(floor, grown)
                : new NonceWindow(grown[excess - 1], Arrays.copyOfRange(grown, excess, grown.length));
    }
}
