package io.latticegate.auth.lease;

import io.latticegate.common.contract.AuthApi.LeaseUse;
import io.latticegate.common.value.Allowance;

/**
 * A lease as stored, and the two ways in which it changes. Every transition says by how much the token's counters move;
 * in each dimension what the lease holds of the token's limit is {@code block − settled} while it is open and the
 * dimension is limited, and nothing otherwise.
 *
 * @param block what was lent less what was returned early; {@link Allowance#UNLIMITED} where nothing was deducted
 * @param settled what already counts as spent
 */
record Lease(
        String id,
        String tokenId,
        String node,
        State state,
        Allowance block,
        Allowance settled,
        long grantedAt,
        long lostAfter) {

    enum State {
        OPEN("open"),
        ENDED("ended"),
        LOST("lost");

        private final String column;

        State(String column) {
            this.column = column;
        }

        String column() {
            return column;
        }

        static State of(String column) {
            for (State state : values()) {
                if (state.column.equals(column)) {
                    return state;
                }
            }
            throw new IllegalStateException("a lease is open, ended or lost, not " + column);
        }
    }

    /** What this lease keeps from others. */
    Allowance held() {
        return state == State.OPEN
                ? new Allowance(
                        held(block.requests(), settled.requests()),
                        held(block.tokens(), settled.tokens()),
                        held(block.microUsd(), settled.microUsd()))
                : Allowance.NONE;
    }

    /**
     * The lease after {@code use}. Spent values are cumulative and only grow, and what the use promises as the most that
     * will ever be spent ({@code spent + kept}) only shrinks the block, so that an older or repeated use changes nothing.
     * A use above the block (a provider may bill more than the estimate) counts in full, because it happened.
     */
    Lease settled(LeaseUse use, long now, LeaseTerms terms) {
        Allowance promised = use.spent().plus(use.kept());
        long lifeEnd = grantedAt + terms.lifeMax().toMillis();
        return new Lease(
                id,
                tokenId,
                node,
                state == State.OPEN && use.ended() ? State.ENDED : state,
                new Allowance(
                        shrunk(block.requests(), promised.requests()),
                        shrunk(block.tokens(), promised.tokens()),
                        shrunk(block.microUsd(), promised.microUsd())),
                max(settled, use.spent()),
                grantedAt,
                Math.min(lifeEnd, Math.max(lostAfter, now + terms.grace().toMillis())));
    }

    /** The lease after its edge was given up: what was lent and not settled counts as spent. */
    Lease lost() {
        return new Lease(
                id,
                tokenId,
                node,
                State.LOST,
                block,
                new Allowance(
                        lost(block.requests(), settled.requests()),
                        lost(block.tokens(), settled.tokens()),
                        lost(block.microUsd(), settled.microUsd())),
                grantedAt,
                lostAfter);
    }

    private static long shrunk(long block, long promised) {
        return block == Allowance.UNLIMITED ? Allowance.UNLIMITED : Math.min(block, promised);
    }

    private static long held(long block, long settled) {
        return block == Allowance.UNLIMITED ? 0 : Math.max(0, block - settled);
    }

    private static long lost(long block, long settled) {
        return block == Allowance.UNLIMITED ? settled : Math.max(block, settled);
    }

    private static Allowance max(Allowance left, Allowance right) {
        return new Allowance(
                Math.max(left.requests(), right.requests()),
                Math.max(left.tokens(), right.tokens()),
                Math.max(left.microUsd(), right.microUsd()));
    }
}
