package io.latticegate.fhe.app.search;

import io.latticegate.common.store.StoreFault;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.privacy.PrivacyBudget;
import io.latticegate.fhe.app.privacy.PrivacyLedger;
import io.latticegate.fhe.app.privacy.Reservation;
import io.latticegate.fhe.core.privacy.PrivacyTerms;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one search has paid of a privacy budget: reserved before it computes, released before its first byte, or given back when
 * it has certainly sent nothing. A payment whose end the ledger does not take stays spent.
 */
final class Payment {
    private static final Logger LOG = LoggerFactory.getLogger(Payment.class);

    private final PrivacyLedger ledger;
    private final String id;
    private volatile boolean released;

    private Payment(PrivacyLedger ledger, String id) {
        this.ledger = ledger;
        this.id = id;
    }

    /**
     * Pays for one search. Blocks.
     *
     * @param id made for this one search
     * @throws Refusal 429 where the budget is spent, 409 where it was spent under other terms, 503 where the ledger fails
     */
    static Payment reserve(PrivacyLedger ledger, String id, String project, StoredIndex index, PrivacyTerms terms) {
        Reservation reservation;
        try {
            reservation = ledger.reserve(id, project, index.name().qualified(), terms);
        } catch (StoreFault fault) {
            LOG.error("a search cannot be paid for", fault);
            throw Refusal.storeUnavailable();
        }
        return switch (reservation) {
            case Reservation.Reserved _ -> new Payment(ledger, id);
            case Reservation.Exhausted(PrivacyBudget budget) ->
                throw Refusal.of(
                        429,
                        "privacy_budget_exhausted",
                        "The project has searched " + budget.index() + " " + budget.queries()
                                + " times and spent epsilon " + budget.epsilonSpent() + " of "
                                + budget.terms().epsilonBudget()
                                + "; only an administrator's reset allows more");
            case Reservation.TermsDiffer(PrivacyBudget budget) ->
                throw Refusal.of(
                        409,
                        "privacy_terms_differ",
                        "The project has spent epsilon " + budget.epsilonSpent() + " on " + budget.index()
                                + " under other terms than the index has now; an administrator's reset lets the new"
                                + " terms begin");
            case Reservation.Settled _ -> throw new IllegalStateException("a fresh id was known to the ledger");
        };
    }

    /** Says that the first byte is about to leave; only after true may it. Blocks. @throws StoreFault */
    boolean release() {
        released = ledger.release(id);
        return released;
    }

    /** Gives it back, soon, unless something may have left. */
    void refundUnlessReleased() {
        if (!released) {
            Thread.ofVirtual().name("fhe-refund").start(this::refund);
        }
    }

    private void refund() {
        try {
            if (!ledger.refund(id)) {
                LOG.warn("a search that failed stays paid: the ledger has no open reservation of it");
            }
        } catch (StoreFault fault) {
            LOG.error("a search that failed stays paid: the ledger does not answer", fault);
        }
    }
}
