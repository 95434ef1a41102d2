package io.latticegate.fhe.app.privacy;

import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.latticegate.common.store.Work;
import io.latticegate.fhe.app.privacy.LedgerTables.Event;
import io.latticegate.fhe.app.privacy.LedgerTables.Spent;
import io.latticegate.fhe.app.privacy.LedgerTables.State;
import io.latticegate.fhe.core.privacy.PrivacyTerms;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The durable record of what each project has spent of each index's privacy budget, shared by all processes on one
 * database. A search is
 *
 * <pre>reserve → (work fails: refund) | (work is done: release → send)</pre>
 *
 * and spends by reserving: one UPDATE whose condition holds the budget, so that processes can neither overspend together nor
 * refuse while a whole search is left. Whatever is not refunded stays spent: of a process that dies in between nobody knows
 * what it has sent. Only what has certainly released nothing may be refunded, and {@link #refund} refuses after
 * {@link #release}.
 *
 * <p>Accounts belong to a reader and a name of an index and outlive its rows: new versions, and a deleted index that is
 * made again, continue them. Only {@link #reset} empties one. All methods block and belong on virtual threads; they throw
 * {@link StoreFault} when the store fails, and then nothing may be released.
 */
public final class PrivacyLedger {
    /** Longest id of a request, name of an index or id of a project. */
    public static final int NAME_MAX = 200;

    /** Most accounts in one listing. */
    public static final int LISTED_MAX = 1_000;

    private static final int ATTEMPTS_MAX = 8;
    private static final int REPEATS_MAX = 3;

    private final Database database;
    private final InstantSource clock;

    public PrivacyLedger(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Pays for one search. Asking again with the id of an open reservation of the same account is answered as the first time
     * and costs nothing.
     *
     * @param requestId made by the service for this one search, never by a client: who reused an id would get two releases
     *     for one payment
     * @throws IllegalArgumentException if the id is that of another account's request
     */
    public Reservation reserve(String requestId, String project, String index, PrivacyTerms terms) {
        requireName("request id", requestId);
        requireName("project", project);
        requireName("index", index);
        for (int repeat = 1; ; repeat++) {
            try {
                return database.inTransaction(connection -> reserve(connection, requestId, project, index, terms));
            } catch (StoreFault.OutcomeUnknown unknown) {
                // The id makes a second try safe: it finds the first one's event, or nothing of it.
                if (repeat == REPEATS_MAX) {
                    throw unknown;
                }
            }
        }
    }

    private Reservation reserve(
            Connection connection, String requestId, String project, String index, PrivacyTerms terms)
            throws SQLException {
        long now = clock.millis();
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            Spent spent = LedgerTables.spend(connection, project, index, terms);
            if (spent != null) {
                if (LedgerTables.reserve(connection, requestId, project, index, spent, now)) {
                    return new Reservation.Reserved(requestId, spent.generation());
                }
                LedgerTables.giveBack(connection, project, index, spent);
                return repeated(connection, requestId, project, index);
            }
            if (LedgerTables.event(connection, requestId) != null) {
                return repeated(connection, requestId, project, index);
            }
            PrivacyBudget budget = LedgerTables.find(connection, project, index, "");
            if (budget == null) {
                LedgerTables.open(connection, project, index, terms, now);
            } else if (!budget.terms().equals(terms)) {
                if (!LedgerTables.replaceTerms(connection, project, index, terms, now)) {
                    return new Reservation.TermsDiffer(budget);
                }
            } else if (budget.remainingQueries() == 0) {
                return new Reservation.Exhausted(budget);
            }
        }
        throw new StoreFault.Contended("the privacy budget of " + index + " kept changing", null);
    }

    private static Reservation repeated(Connection connection, String requestId, String project, String index)
            throws SQLException {
        Event event = LedgerTables.event(connection, requestId);
        if (event == null || !event.project().equals(project) || !event.index().equals(index)) {
            throw new IllegalArgumentException("the request " + requestId + " belongs to another budget");
        }
        return event.state() == State.RESERVED
                ? new Reservation.Reserved(requestId, event.spent().generation())
                : new Reservation.Settled(requestId);
    }

    /**
     * Says that the search is about to send its first byte. Only after true may it.
     *
     * @return false if there is no open reservation of that id: never made, refunded, or released before
     */
    public boolean release(String requestId) {
        return database.inTransaction(
                connection -> LedgerTables.settle(connection, requestId, State.RELEASED, clock.millis()) != null);
    }

    /**
     * Gives back what a search has paid that failed before it was released.
     *
     * @return false if there is no open reservation of that id
     */
    public boolean refund(String requestId) {
        return database.inTransaction(connection -> {
            Event event = LedgerTables.settle(connection, requestId, State.REFUNDED, clock.millis());
            if (event == null) {
                return false;
            }
            LedgerTables.giveBack(connection, event.project(), event.index(), event.spent());
            return true;
        });
    }

    /** The budgets of a project, by index; at most {@value #LISTED_MAX}. */
    public List<PrivacyBudget> budgets(String project) {
        return list(project, "", "", LISTED_MAX);
    }

    /** Sums over the budgets of all projects. */
    PrivacyTotals totals() {
        return database.read(LedgerTables::totals);
    }

    /**
     * Budgets in the order of project and index.
     *
     * @param project only this one's, or null for all
     * @param afterProject with {@code afterIndex} the account behind which to begin; both empty: at the first
     * @param limit 1 to {@value #LISTED_MAX}
     */
    public List<PrivacyBudget> list(@Nullable String project, String afterProject, String afterIndex, int limit) {
        if (limit < 1 || limit > LISTED_MAX) {
            throw new IllegalArgumentException(limit + " budgets; allowed are 1 to " + LISTED_MAX);
        }
        return database.read(connection -> LedgerTables.list(connection, project, afterProject, afterIndex, limit));
    }

    /**
     * Empties an account: its next generation begins with nothing spent, and under whatever terms the next search has. What
     * it was, and every event, is kept. Asking again with the same id changes nothing.
     *
     * @param requestId of the administrator's call
     * @return the account as it is now, or null if the project has none for that index
     */
    public @Nullable PrivacyBudget reset(String requestId, String project, String index) {
        requireName("request id", requestId);
        Work<@Nullable PrivacyBudget> work = connection -> {
            PrivacyBudget budget = LedgerTables.find(
                    connection, project, index, database.dialect().lockingRows());
            if (budget == null) {
                return null;
            }
            if (LedgerTables.close(connection, budget, requestId, clock.millis())) {
                LedgerTables.nextGeneration(connection, project, index, clock.millis());
            }
            return LedgerTables.find(connection, project, index, "");
        };
        return database.inTransaction(work);
    }

    private static void requireName(String what, String name) {
        if (name.isEmpty() || name.length() > NAME_MAX) {
            throw new IllegalArgumentException(
                    "a " + what + " of " + name.length() + " characters; allowed are 1 to " + NAME_MAX);
        }
    }
}
