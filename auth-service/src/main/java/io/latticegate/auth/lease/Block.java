package io.latticegate.auth.lease;

import io.latticegate.common.value.Allowance;
import java.util.Optional;

/**
 * How large a block to lend.
 *
 * <p>While plenty is left an edge gets more than it asks for, so that it asks seldom: an eighth of the remainder at
 * most. As the remainder falls the share falls below what is wanted, and blocks become exactly the demand, so that the
 * last requests go to whoever asks and none lies unused in a block elsewhere. If even that is not left, the edge gets
 * the rest: it asks for the sum of its waiting requests, and some of them may fit.
 */
final class Block {
    private static final long SHARE = 8;
    private static final long REQUESTS_SHARE_MAX = 256;

    /**
     * Tokens and money are lent for at most this many times the demand: a block that is lost with its edge counts as
     * spent, and an eighth of a large budget would be a high price for a crash.
     */
    private static final long DEMANDS_SHARE_MAX = 16;

    /**
     * @param remaining what is neither spent nor reserved, {@link Allowance#UNLIMITED} where there is no limit
     * @return empty when something that is wanted has run out
     */
    static Optional<Allowance> of(Allowance remaining, Allowance wanted) {
        if ((wanted.requests() > 0 && remaining.requests() == 0)
                || (wanted.tokens() > 0 && remaining.tokens() == 0)
                || (wanted.microUsd() > 0 && remaining.microUsd() == 0)) {
            return Optional.empty();
        }
        return Optional.of(new Allowance(
                of(remaining.requests(), wanted.requests(), REQUESTS_SHARE_MAX),
                of(remaining.tokens(), wanted.tokens(), demands(wanted.tokens())),
                of(remaining.microUsd(), wanted.microUsd(), demands(wanted.microUsd()))));
    }

    private static long of(long remaining, long wanted, long shareMax) {
        if (remaining == Allowance.UNLIMITED) {
            return Allowance.UNLIMITED;
        }
        return Math.min(remaining, Math.max(wanted, Math.min(remaining / SHARE, shareMax)));
    }

    private static long demands(long wanted) {
        return wanted > Long.MAX_VALUE / DEMANDS_SHARE_MAX ? Long.MAX_VALUE : wanted * DEMANDS_SHARE_MAX;
    }

    private Block() {}
}
