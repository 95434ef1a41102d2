package io.latticegate.common.value;

/**
 * An amount of the three things that are limited: requests, model tokens (input and output together) and money in
 * millionths of a US dollar. Used for limits, for blocks deducted in advance and for what was spent.
 *
 * <p>{@link #UNLIMITED} in a component means that it is not limited; arithmetic keeps it so.
 */
public record Allowance(long requests, long tokens, long microUsd) {
    public static final long UNLIMITED = Long.MAX_VALUE;
    public static final Allowance NONE = new Allowance(0, 0, 0);
    public static final Allowance WITHOUT_LIMIT = new Allowance(UNLIMITED, UNLIMITED, UNLIMITED);

    public Allowance {
        if (requests < 0 || tokens < 0 || microUsd < 0) {
            throw new IllegalArgumentException(
                    "an allowance is not negative: " + requests + ", " + tokens + ", " + microUsd);
        }
    }

    /** Whether {@code wanted} fits into this in every component. */
    public boolean covers(Allowance wanted) {
        return wanted.requests <= requests && wanted.tokens <= tokens && wanted.microUsd <= microUsd;
    }

    public Allowance plus(Allowance other) {
        return new Allowance(add(requests, other.requests), add(tokens, other.tokens), add(microUsd, other.microUsd));
    }

    /** This less {@code other}, never below zero. */
    public Allowance minus(Allowance other) {
        return new Allowance(
                subtract(requests, other.requests), subtract(tokens, other.tokens), subtract(microUsd, other.microUsd));
    }

    /** The smaller of both in every component. */
    public Allowance min(Allowance other) {
        return new Allowance(
                Math.min(requests, other.requests), Math.min(tokens, other.tokens), Math.min(microUsd, other.microUsd));
    }

    private static long add(long left, long right) {
        return left == UNLIMITED || right == UNLIMITED || left > UNLIMITED - right ? UNLIMITED : left + right;
    }

    private static long subtract(long left, long right) {
        return left == UNLIMITED ? UNLIMITED : Math.max(0, left - right);
    }
}
