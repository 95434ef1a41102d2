package io.latticegate.admin.session;

import io.latticegate.common.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The principals, in the audit database. Every change takes effect on every admin node with its transaction, since each
 * request looks its principal up; it also ends the principal's sessions. Calls throw a
 * {@link io.latticegate.common.store.StoreFault}.
 */
public final class Accounts {
    /** Most principals. */
    public static final int ACCOUNTS_MAX = 1_000;

    /** Most projects that one principal may be limited to. */
    public static final int PROJECTS_MAX = 200;

    private static final Duration USE_NOTED_EVERY = Duration.ofMinutes(1);
    private static final String COLUMNS =
            "id, name, role, projects, revision, created_at, last_used_at, expires_at, token_hash";

    private final Database database;
    private final InstantSource clock;

    /**
     * What a principal is, as its creator or a change says.
     *
     * @param projects null: all
     * @param expiresAt null: never
     */
    public record Terms(
            String name,
            String role,
            @Nullable List<String> projects,
            @Nullable Instant expiresAt) {}

    /** What became of a change. */
    public sealed interface Change {
        /** It was made. */
        record Made(Account account) implements Change {}

        /** Another principal has that name. */
        record NameTaken() implements Change {}

        /** There is none of that id. */
        record NotFound() implements Change {}

        /** It is not as the caller saw it. */
        record Stale() implements Change {}

        /** There are {@link #ACCOUNTS_MAX} already. */
        record TooMany() implements Change {}
    }

    /** Makes the new terms of those that are. */
    @FunctionalInterface
    public interface Edit {
        Terms of(Account now);
    }

    public Accounts(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** All of them, by name. */
    public List<Account> list() {
        return database.read(connection -> {
            try (PreparedStatement select =
                            connection.prepareStatement("SELECT " + COLUMNS + " FROM principal ORDER BY name");
                    ResultSet rows = select.executeQuery()) {
                List<Account> all = new ArrayList<>();
                while (rows.next()) {
                    all.add(account(rows));
                }
                return all;
            }
        });
    }

    /** The principal of an id. */
    public Optional<Account> find(String id) {
        return database.read(connection -> find(connection, id, ""));
    }

    /**
     * The principal whose token has this digest, unless it has expired. That it was used is noted, to the minute.
     *
     * @param tokenDigest by {@link PrincipalToken#digest(byte[])}
     */
    public Optional<Account> admit(byte[] tokenDigest) {
        Instant now = clock.instant();
        Optional<Account> found = database.read(connection -> {
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT " + COLUMNS + " FROM principal WHERE token_hash = ?")) {
                select.setBytes(1, tokenDigest);
                return one(select);
            }
        });
        if (found.isEmpty() || found.get().expired(now)) {
            return Optional.empty();
        }
        noteUse(found.get(), now);
        return found;
    }

    private void noteUse(Account account, Instant now) {
        Instant last = account.lastUsedAt();
        if (last != null && last.isAfter(now.minus(USE_NOTED_EVERY))) {
            return;
        }
        database.inTransaction(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("UPDATE principal SET last_used_at = ? WHERE id = ?")) {
                update.setLong(1, now.toEpochMilli());
                update.setString(2, account.id());
                return update.executeUpdate();
            }
        });
    }

    /** Adds a principal. */
    public Change create(Terms terms, byte[] tokenDigest) {
        String id = UUID.randomUUID().toString();
        Instant now = Instant.ofEpochMilli(clock.millis());
        return database.inTransaction(connection -> {
            if (count(connection) >= ACCOUNTS_MAX) {
                return new Change.TooMany();
            }
            if (taken(connection, terms.name(), id)) {
                return new Change.NameTaken();
            }
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO principal (id, name, role,"
                    + " projects, expires_at, token_hash, revision, created_at) VALUES (?, ?, ?, ?, ?, ?, 1, ?)"
                    + " ON CONFLICT DO NOTHING")) {
                insert.setString(1, id);
                bind(insert, 2, terms);
                insert.setBytes(6, tokenDigest);
                insert.setLong(7, now.toEpochMilli());
                if (insert.executeUpdate() == 0) {
                    return new Change.NameTaken();
                }
            }
            return new Change.Made(new Account(
                    id, terms.name(), terms.role(), terms.projects(), 1, now, null, milli(terms.expiresAt())));
        });
    }

    /**
     * Gives a principal new terms, and ends its sessions.
     *
     * @param expectedTag {@link Account#tag()} of the principal that may be changed; null: any
     */
    public Change update(String id, @Nullable String expectedTag, Edit edit) {
        return database.inTransaction(connection -> {
            Optional<Account> found = find(connection, id, database.dialect().lockingRows());
            if (found.isEmpty()) {
                return new Change.NotFound();
            }
            Account now = found.get();
            if (expectedTag != null && !expectedTag.equals(now.tag())) {
                return new Change.Stale();
            }
            Terms terms = edit.of(now);
            if (taken(connection, terms.name(), id)) {
                return new Change.NameTaken();
            }
            try (PreparedStatement update = connection.prepareStatement("UPDATE principal SET name = ?, role = ?,"
                    + " projects = ?, expires_at = ?, revision = revision + 1 WHERE id = ?")) {
                bind(update, 1, terms);
                update.setString(5, id);
                update.executeUpdate();
            }
            endSessions(connection, id);
            return new Change.Made(new Account(
                    id,
                    terms.name(),
                    terms.role(),
                    terms.projects(),
                    now.revision() + 1,
                    now.createdAt(),
                    now.lastUsedAt(),
                    milli(terms.expiresAt())));
        });
    }

    /**
     * Replaces a principal's token, and ends its sessions.
     *
     * @param expectedTag as {@link #update}
     */
    public Change rotate(String id, @Nullable String expectedTag, byte[] tokenDigest) {
        return database.inTransaction(connection -> {
            if (changed(connection, id, expectedTag)) {
                return new Change.Stale();
            }
            try (PreparedStatement update = connection.prepareStatement(
                    "UPDATE principal SET token_hash = ?, revision = revision + 1 WHERE id = ?")) {
                update.setBytes(1, tokenDigest);
                update.setString(2, id);
                if (update.executeUpdate() == 0) {
                    return new Change.NotFound();
                }
            }
            endSessions(connection, id);
            return find(connection, id, "").<Change>map(Change.Made::new).orElseGet(Change.NotFound::new);
        });
    }

    /** What became of a removal. */
    public enum Removal {
        REMOVED,
        NOT_FOUND,
        /** It is not as the caller saw it. */
        STALE
    }

    /**
     * Removes a principal with its sessions.
     *
     * @param expectedTag as {@link #update}
     */
    public Removal remove(String id, @Nullable String expectedTag) {
        return database.inTransaction(connection -> {
            if (changed(connection, id, expectedTag)) {
                return Removal.STALE;
            }
            endSessions(connection, id);
            try (PreparedStatement delete = connection.prepareStatement("DELETE FROM principal WHERE id = ?")) {
                delete.setString(1, id);
                return delete.executeUpdate() > 0 ? Removal.REMOVED : Removal.NOT_FOUND;
            }
        });
    }

    /** Whether there is a principal of that id which is not as the caller saw it; locks it until the transaction ends. */
    private boolean changed(Connection connection, String id, @Nullable String expectedTag) throws SQLException {
        return expectedTag != null
                && find(connection, id, database.dialect().lockingRows())
                        .filter(account -> !expectedTag.equals(account.tag()))
                        .isPresent();
    }

    private static void endSessions(Connection connection, String id) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM admin_session WHERE principal_id = ?")) {
            delete.setString(1, id);
            delete.executeUpdate();
        }
    }

    private static int count(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT COUNT(*) FROM principal");
                ResultSet rows = select.executeQuery()) {
            return rows.next() ? rows.getInt(1) : 0;
        }
    }

    private static boolean taken(Connection connection, String name, String exceptId) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT 1 FROM principal WHERE name = ? AND id <> ?")) {
            select.setString(1, name);
            select.setString(2, exceptId);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next();
            }
        }
    }

    private static Optional<Account> find(Connection connection, String id, String locking) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT " + COLUMNS + " FROM principal WHERE id = ?" + locking)) {
            select.setString(1, id);
            return one(select);
        }
    }

    private static Optional<Account> one(PreparedStatement select) throws SQLException {
        try (ResultSet rows = select.executeQuery()) {
            return rows.next() ? Optional.of(account(rows)) : Optional.empty();
        }
    }

    /** Name, role, projects and end, in this order from {@code first} on. */
    private static void bind(PreparedStatement statement, int first, Terms terms) throws SQLException {
        List<String> projects = terms.projects();
        statement.setString(first, terms.name());
        statement.setString(first + 1, terms.role());
        statement.setString(first + 2, projects == null ? null : String.join(" ", projects));
        Instant end = terms.expiresAt();
        if (end == null) {
            statement.setNull(first + 3, Types.BIGINT);
        } else {
            statement.setLong(first + 3, end.toEpochMilli());
        }
    }

    private static @Nullable Instant milli(@Nullable Instant time) {
        return time == null ? null : Instant.ofEpochMilli(time.toEpochMilli());
    }

    static Account account(ResultSet row) throws SQLException {
        return new Account(
                row.getString("id"),
                row.getString("name"),
                row.getString("role"),
                projects(row.getString("projects")),
                row.getLong("revision"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                time(row, "last_used_at"),
                time(row, "expires_at"));
    }

    /** An empty list allows nothing; only null stands for all. */
    private static @Nullable List<String> projects(@Nullable String stored) {
        if (stored == null) {
            return null;
        }
        return stored.isEmpty() ? List.of() : List.of(stored.split(" ", -1));
    }

    private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }
}
