package io.latticegate.admin.session;

import io.latticegate.common.store.Database;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sessions of the web interface, in the audit database, so that any admin node serves them. A session ends 12 hours after
 * its sign-in, 30 minutes after its last use, with a change of its principal, and when what it was begun with (the management
 * token, or the settings of the identity provider) is no longer what it was. Calls throw a
 * {@link io.latticegate.common.store.StoreFault}.
 */
public final class Sessions {
    /** Longest life of a session. */
    public static final Duration LIFE_MAX = Duration.ofHours(12);

    /** Longest time without a request. */
    public static final Duration IDLE_MAX = Duration.ofMinutes(30);

    /** Most sessions of one name; the oldest gives way. */
    static final int PER_NAME_MAX = 20;

    private static final Duration USE_NOTED_EVERY = Duration.ofMinutes(1);

    private final Database database;
    private final InstantSource clock;
    private final SecureRandom random;
    private final byte[] managementBinding;
    private final byte[] oidcBinding;

    /** What someone signs in with. */
    public enum Kind {
        /** The management token. */
        MANAGEMENT,
        /** A principal's token. */
        PRINCIPAL,
        /** An OpenID Connect provider. */
        OIDC
    }

    /**
     * Who is signed in.
     *
     * @param name of the principal or of the identity; empty for the holder of the management token
     * @param role the lower-case word of a role
     * @param projects the only ones; null: all
     */
    public record Holder(
            Kind kind, String name, String role, @Nullable List<String> projects) {}

    /** A session that was found alive. */
    public record Live(Holder holder, Instant expiresAt) {}

    /** A session that was begun. */
    public record Begun(SessionKey key, Instant expiresAt) {}

    /**
     * @param managementBinding tells one management token from another, a digest
     * @param oidcBinding tells one setting of the identity provider from another
     */
    public Sessions(
            Database database, InstantSource clock, SecureRandom random, byte[] managementBinding, byte[] oidcBinding) {
        this.database = database;
        this.clock = clock;
        this.random = random;
        this.managementBinding = managementBinding.clone();
        this.oidcBinding = oidcBinding.clone();
    }

    /** Begins a session of the holder of the management token. */
    public Begun beginManagement(String role) {
        return begin(new Holder(Kind.MANAGEMENT, "", role, null), null, 0);
    }

    /** Begins a session of a principal. */
    public Begun begin(Account account) {
        return begin(
                new Holder(Kind.PRINCIPAL, account.name(), account.role(), account.projects()),
                account.id(),
                account.revision());
    }

    /** Begins a session of someone for whom the identity provider vouched. */
    public Begun beginOidc(String name, String role) {
        return begin(new Holder(Kind.OIDC, name, role, null), null, 0);
    }

    private Begun begin(Holder holder, @Nullable String principalId, long revision) {
        SessionKey key = SessionKey.create(random);
        Instant now = Instant.ofEpochMilli(clock.millis());
        Instant end = now.plus(LIFE_MAX);
        String kind = word(holder.kind());
        database.inTransaction(connection -> {
            forgetEnded(connection, now);
            makeRoom(connection, kind, holder.name());
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO admin_session (key_hash, kind,"
                    + " principal_id, revision, binding, name, role, used_at, expires_at)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
                insert.setBytes(1, key.digest());
                insert.setString(2, kind);
                insert.setString(3, principalId);
                insert.setLong(4, revision);
                insert.setBytes(5, binding(key, holder.kind()));
                insert.setString(6, holder.name());
                insert.setString(7, holder.role());
                insert.setLong(8, now.toEpochMilli());
                insert.setLong(9, end.toEpochMilli());
                return insert.executeUpdate();
            }
        });
        return new Begun(key, end);
    }

    private static void forgetEnded(Connection connection, Instant now) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM admin_session WHERE expires_at <= ? OR used_at <= ?")) {
            delete.setLong(1, now.toEpochMilli());
            delete.setLong(2, now.minus(IDLE_MAX).toEpochMilli());
            delete.executeUpdate();
        }
    }

    private static void makeRoom(Connection connection, String kind, String name) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM admin_session WHERE key_hash IN"
                + " (SELECT key_hash FROM admin_session WHERE kind = ? AND name = ?"
                + " ORDER BY expires_at DESC, key_hash LIMIT 1000 OFFSET ?)")) {
            delete.setString(1, kind);
            delete.setString(2, name);
            delete.setInt(3, PER_NAME_MAX - 1);
            delete.executeUpdate();
        }
    }

    /** The session of a cookie, if it is alive. That it was used is noted, to the minute. */
    public Optional<Live> find(SessionKey key) {
        Instant now = Instant.ofEpochMilli(clock.millis());
        Optional<Stored> found = database.read(connection -> read(connection, key));
        if (found.isEmpty() || !found.get().aliveAt(now) || !sameBinding(key, found.get())) {
            return Optional.empty();
        }
        Stored stored = found.get();
        if (!stored.usedAt().isAfter(now.minus(USE_NOTED_EVERY))) {
            noteUse(key, now);
        }
        return Optional.of(new Live(stored.holder(), stored.expiresAt()));
    }

    /** Ends the session of a cookie; false: there was none. */
    public boolean end(SessionKey key) {
        return database.inTransaction(connection -> {
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM admin_session WHERE key_hash = ?")) {
                delete.setBytes(1, key.digest());
                return delete.executeUpdate() > 0;
            }
        });
    }

    /**
     * A row with the principal that it belongs to.
     *
     * @param account null where the kind needs none, or the principal is gone
     */
    private record Stored(
            Kind kind,
            String name,
            String role,
            long revision,
            byte @Nullable [] binding,
            Instant usedAt,
            Instant expiresAt,
            @Nullable Account account) {
        boolean aliveAt(Instant now) {
            boolean inTime = now.isBefore(expiresAt) && now.isBefore(usedAt.plus(IDLE_MAX));
            return inTime
                    && (kind != Kind.PRINCIPAL
                            || (account != null && account.revision() == revision && !account.expired(now)));
        }

        Holder holder() {
            Account owner = account;
            return owner == null
                    ? new Holder(kind, name, role, null)
                    : new Holder(kind, owner.name(), owner.role(), owner.projects());
        }
    }

    private static Optional<Stored> read(Connection connection, SessionKey key) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT s.kind, s.name AS holder_name,"
                + " s.role AS holder_role, s.revision AS begun_with, s.binding, s.used_at, s.expires_at AS ends_at,"
                + " p.id, p.name, p.role, p.projects, p.revision, p.created_at, p.last_used_at, p.expires_at"
                + " FROM admin_session s LEFT JOIN principal p ON p.id = s.principal_id WHERE s.key_hash = ?")) {
            select.setBytes(1, key.digest());
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                return Optional.of(new Stored(
                        Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                        row.getString("holder_name"),
                        row.getString("holder_role"),
                        row.getLong("begun_with"),
                        row.getBytes("binding"),
                        Instant.ofEpochMilli(row.getLong("used_at")),
                        Instant.ofEpochMilli(row.getLong("ends_at")),
                        row.getString("id") == null ? null : Accounts.account(row)));
            }
        }
    }

    private void noteUse(SessionKey key, Instant now) {
        database.inTransaction(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("UPDATE admin_session SET used_at = ? WHERE key_hash = ?")) {
                update.setLong(1, now.toEpochMilli());
                update.setBytes(2, key.digest());
                return update.executeUpdate();
            }
        });
    }

    private boolean sameBinding(SessionKey key, Stored stored) {
        byte[] now = binding(key, stored.kind());
        return now == null || (stored.binding() != null && MessageDigest.isEqual(now, stored.binding()));
    }

    /** Under the cookie's key, so that the stored value tells nothing about a token that could be guessed. */
    private byte @Nullable [] binding(SessionKey key, Kind kind) {
        return switch (kind) {
            case MANAGEMENT -> key.derive("binding management", managementBinding);
            case OIDC -> key.derive("binding oidc", oidcBinding);
            case PRINCIPAL -> null;
        };
    }

    private static String word(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
