package io.latticegate.fhe.app.privacy;

import io.latticegate.fhe.core.privacy.PrivacyTerms;
import io.latticegate.fhe.core.privacy.PrivacyTerms.Composition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The tables of the ledger. Every method is one statement in the caller's transaction. */
final class LedgerTables {
    private static final String ACCOUNT = " WHERE project = ? AND index_name = ?";
    private static final String TERMS =
            " AND epsilon_per_query = ? AND epsilon_budget = ? AND delta = ? AND composition = ?";
    private static final String COLUMNS = "project, index_name, generation, epsilon_per_query, epsilon_budget, delta,"
            + " composition, budget, cost, spent, queries, opened_at";

    /** An entry of {@code privacy_events}. */
    record Event(String project, String index, Spent spent, State state) {}

    /** What {@link #spend} has taken from which generation of an account. */
    record Spent(long generation, long cost) {}

    enum State {
        RESERVED,
        RELEASED,
        REFUNDED;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private LedgerTables() {}

    /** Takes the cost of one search from the account if it has these terms and room. Null: it has not. */
    static @Nullable Spent spend(Connection connection, String project, String index, PrivacyTerms terms)
            throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE privacy_accounts SET spent = spent + cost, queries = queries + 1"
                        + ACCOUNT + TERMS + " AND spent + cost <= budget RETURNING generation, cost")) {
            setTerms(update, setAccount(update, 1, project, index), terms);
            try (ResultSet row = update.executeQuery()) {
                return row.next() ? new Spent(row.getLong(1), row.getLong(2)) : null;
            }
        }
    }

    /** Gives back what a search took from this generation of the account; a later one owes it nothing. */
    static void giveBack(Connection connection, String project, String index, Spent spent) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE privacy_accounts SET spent = spent - ?, queries = queries - 1"
                        + ACCOUNT + " AND generation = ?")) {
            update.setLong(1, spent.cost());
            update.setLong(setAccount(update, 2, project, index), spent.generation());
            update.executeUpdate();
        }
    }

    /** False: there is an account already. */
    static boolean open(Connection connection, String project, String index, PrivacyTerms terms, long now)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO privacy_accounts (" + COLUMNS
                + ") VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, 0, 0, ?) ON CONFLICT (project, index_name) DO NOTHING")) {
            int next = setTerms(insert, setAccount(insert, 1, project, index), terms);
            insert.setLong(next, terms.budget());
            insert.setLong(next + 1, terms.cost());
            insert.setLong(next + 2, now);
            return insert.executeUpdate() == 1;
        }
    }

    /** Lets other terms begin where nothing is spent. */
    static boolean replaceTerms(Connection connection, String project, String index, PrivacyTerms terms, long now)
            throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE privacy_accounts SET epsilon_per_query = ?,"
                + " epsilon_budget = ?, delta = ?, composition = ?, budget = ?, cost = ?, opened_at = ?" + ACCOUNT
                + " AND spent = 0")) {
            int next = setTerms(update, 1, terms);
            update.setLong(next, terms.budget());
            update.setLong(next + 1, terms.cost());
            update.setLong(next + 2, now);
            setAccount(update, next + 3, project, index);
            return update.executeUpdate() == 1;
        }
    }

    /** @param lockingRows to be appended so that the row stays as read, or empty */
    static @Nullable PrivacyBudget find(Connection connection, String project, String index, String lockingRows)
            throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT " + COLUMNS + " FROM privacy_accounts" + ACCOUNT + lockingRows)) {
            setAccount(select, 1, project, index);
            List<PrivacyBudget> found = budgets(select);
            return found.isEmpty() ? null : found.getFirst();
        }
    }

    /** Accounts in the order of project and index, behind the one that is named by {@code after}. */
    static List<PrivacyBudget> list(
            Connection connection, @Nullable String project, String afterProject, String afterIndex, int limit)
            throws SQLException {
        String one = project == null ? "" : " AND project = ?";
        try (PreparedStatement select = connection.prepareStatement("SELECT " + COLUMNS + " FROM privacy_accounts"
                + " WHERE (project > ? OR (project = ? AND index_name > ?))" + one
                + " ORDER BY project, index_name LIMIT ?")) {
            select.setString(1, afterProject);
            select.setString(2, afterProject);
            select.setString(3, afterIndex);
            int next = 4;
            if (project != null) {
                select.setString(next++, project);
            }
            select.setInt(next, limit);
            return budgets(select);
        }
    }

    /** False: there is an event of this request already. */
    static boolean reserve(Connection connection, String requestId, String project, String index, Spent spent, long now)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO privacy_events (request_id, project,"
                + " index_name, generation, state, cost, reserved_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT (request_id) DO NOTHING")) {
            insert.setString(1, requestId);
            int next = setAccount(insert, 2, project, index);
            insert.setLong(next, spent.generation());
            insert.setString(next + 1, State.RESERVED.label());
            insert.setLong(next + 2, spent.cost());
            insert.setLong(next + 3, now);
            return insert.executeUpdate() == 1;
        }
    }

    /** Ends a reservation. Null: there is none that is open. */
    static @Nullable Event settle(Connection connection, String requestId, State state, long now) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE privacy_events SET state = ?,"
                + " settled_at = ? WHERE request_id = ? AND state = ?"
                + " RETURNING project, index_name, generation, state, cost")) {
            update.setString(1, state.label());
            update.setLong(2, now);
            update.setString(3, requestId);
            update.setString(4, State.RESERVED.label());
            return event(update);
        }
    }

    static @Nullable Event event(Connection connection, String requestId) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT project, index_name, generation, state, cost" + " FROM privacy_events WHERE request_id = ?")) {
            select.setString(1, requestId);
            return event(select);
        }
    }

    /** Sums over all accounts. */
    static PrivacyTotals totals(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT COUNT(*),"
                        + " COALESCE(SUM(CASE WHEN spent + cost > budget THEN 1 ELSE 0 END), 0),"
                        + " COALESCE(MAX(CASE WHEN budget > 0 THEN 1.0 * spent / budget ELSE 1.0 END), 0.0)"
                        + " FROM privacy_accounts");
                ResultSet row = select.executeQuery()) {
            return row.next()
                    ? new PrivacyTotals(row.getLong(1), row.getLong(2), row.getDouble(3))
                    : PrivacyTotals.NONE;
        }
    }

    /** Keeps the account as it is for the record. False: this reset has been made before. */
    static boolean close(Connection connection, PrivacyBudget budget, String requestId, long now) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO privacy_resets (project, index_name,"
                + " epsilon_per_query, epsilon_budget, delta, composition, generation, spent, queries, opened_at,"
                + " reset_at, request_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT (request_id) DO NOTHING")) {
            int next = setTerms(insert, setAccount(insert, 1, budget.project(), budget.index()), budget.terms());
            insert.setLong(next, budget.generation());
            insert.setLong(next + 1, budget.spent());
            insert.setLong(next + 2, budget.queries());
            insert.setLong(next + 3, budget.openedAt().toEpochMilli());
            insert.setLong(next + 4, now);
            insert.setString(next + 5, requestId);
            return insert.executeUpdate() == 1;
        }
    }

    /** Begins a generation in which nothing is spent. */
    static void nextGeneration(Connection connection, String project, String index, long now) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE privacy_accounts SET generation ="
                + " generation + 1, spent = 0, queries = 0, opened_at = ?" + ACCOUNT)) {
            update.setLong(1, now);
            setAccount(update, 2, project, index);
            update.executeUpdate();
        }
    }

    private static int setAccount(PreparedStatement statement, int at, String project, String index)
            throws SQLException {
        statement.setString(at, project);
        statement.setString(at + 1, index);
        return at + 2;
    }

    private static int setTerms(PreparedStatement statement, int at, PrivacyTerms terms) throws SQLException {
        statement.setLong(at, terms.epsilonPerQueryMicros());
        statement.setLong(at + 1, terms.epsilonBudgetMicros());
        statement.setDouble(at + 2, terms.delta());
        statement.setString(at + 3, terms.composition().name().toLowerCase(Locale.ROOT));
        return at + 4;
    }

    private static List<PrivacyBudget> budgets(PreparedStatement select) throws SQLException {
        List<PrivacyBudget> found = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                PrivacyTerms terms = new PrivacyTerms(
                        row.getLong("epsilon_per_query"),
                        row.getLong("epsilon_budget"),
                        row.getDouble("delta"),
                        Composition.valueOf(row.getString("composition").toUpperCase(Locale.ROOT)));
                found.add(new PrivacyBudget(
                        row.getString("project"),
                        row.getString("index_name"),
                        row.getLong("generation"),
                        terms,
                        row.getLong("budget"),
                        row.getLong("cost"),
                        row.getLong("spent"),
                        row.getLong("queries"),
                        Instant.ofEpochMilli(row.getLong("opened_at"))));
            }
        }
        return found;
    }

    private static @Nullable Event event(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            return row.next()
                    ? new Event(
                            row.getString(1),
                            row.getString(2),
                            new Spent(row.getLong(3), row.getLong(5)),
                            State.valueOf(row.getString(4).toUpperCase(Locale.ROOT)))
                    : null;
        }
    }
}
