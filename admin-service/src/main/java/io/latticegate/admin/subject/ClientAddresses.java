package io.latticegate.admin.subject;

import io.latticegate.common.journal.AuditActor;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * Tables {@code client_address} and {@code client_address_cursor}: from which addresses whoever manages, each token and each wallet
 * was seen to act, as far as the audit says so. Learnt from entries in the order of their positions, of which each is looked at once;
 * requests that were denied count for nothing, since they prove nothing about who sent them. Of an IPv6 address the first 64 bits
 * are looked at, because hosts change the others by themselves (RFC 8981).
 *
 * <p>Subjects and addresses are kept as keyed hashes. An address that a subject has not used for {@link #KEPT} is forgotten, and of
 * more than {@link #ROWS_MAX} those that were used last are kept, within minutes; a subject of which all is forgotten begins anew.
 *
 * <p>Every method is some statements in the caller's transaction.
 */
public final class ClientAddresses {
    /** How long an address is remembered that is not used. */
    public static final Duration KEPT = Duration.ofDays(180);

    /** The most pairs of a subject and an address. */
    public static final int ROWS_MAX = 1_000_000;

    /** The most positions of the log that one call of {@link #learn} looks at. */
    public static final int POSITIONS_MAX = 20_000;

    private static final int IPV6_PREFIX_BYTES = 8;

    private final Sealing sealing;

    /**
     * A subject that acted from addresses that it had not acted from before.
     *
     * @param pseudonym stands for the subject
     * @param kind whose it is: {@code token}, {@code wallet}, {@code management} or {@code identity}
     * @param tokenId empty but for a token
     * @param addresses how many they are
     * @param event id of the audit event that told of the last of them
     */
    public record Sighting(String pseudonym, String kind, String tokenId, long addresses, String event) {}

    private record Seen(AuditActor.Kind kind, String id, String address, String node, long sequence, long receivedAt) {}

    /** @param sealing of the audit in the same store */
    public ClientAddresses(Sealing sealing) {
        this.sealing = sealing;
    }

    /** Looks at the entries that were stored since, oldest first; whether there may be more. */
    public boolean learn(Connection connection, Instant now) throws SQLException {
        long from = cursor(connection);
        long newest = newest(connection);
        long to = Math.min(newest, from + POSITIONS_MAX);
        if (to <= from) {
            return false;
        }
        for (Seen seen : between(connection, from, to)) {
            note(connection, seen, now);
        }
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE client_address_cursor SET position = ? WHERE id = 1")) {
            update.setLong(1, to);
            update.executeUpdate();
        }
        return to < newest;
    }

    /** Subjects with at least {@code addresses} new ones since {@code since}, those with the most first. */
    public static List<Sighting> since(Connection connection, Instant since, long addresses, int limit)
            throws SQLException {
        List<Sighting> sightings = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT subject, kind, token_id, COUNT(*) AS addresses FROM client_address WHERE is_new AND first_at > ?"
                        + " GROUP BY subject, kind, token_id HAVING COUNT(*) >= ? ORDER BY addresses DESC, subject LIMIT "
                        + limit)) {
            select.setLong(1, micros(since));
            select.setLong(2, addresses);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    byte[] subject = rows.getBytes(1);
                    sightings.add(new Sighting(
                            HexFormat.of().formatHex(subject, 0, 8),
                            rows.getString(2),
                            rows.getString(3),
                            rows.getLong(4),
                            event(connection, subject)));
                }
            }
        }
        return sightings;
    }

    /** Forgets what is too old or too much; how many pairs. */
    public static int forget(Connection connection, Instant now) throws SQLException {
        int forgotten = 0;
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM client_address WHERE last_day < ?")) {
            delete.setLong(1, day(now.minus(KEPT)));
            forgotten += delete.executeUpdate();
        }
        try (PreparedStatement delete = connection.prepareStatement(
                "DELETE FROM client_address WHERE (last_day, first_at) < (SELECT last_day, first_at FROM"
                        + " client_address ORDER BY last_day DESC, first_at DESC LIMIT 1 OFFSET " + ROWS_MAX + ")")) {
            forgotten += delete.executeUpdate();
        }
        return forgotten;
    }

    /** Forgets what is known of somebody who is erased. */
    void forget(Connection connection, Subject erased) throws SQLException {
        String column = erased.kind() == Subject.Kind.CLIENT_IP ? "address" : "subject";
        byte[] hash = switch (erased.kind()) {
            case CLIENT_IP -> address(erased.id());
            case WALLET -> subject(AuditActor.Kind.WALLET, erased.id());
            case TOKEN -> subject(AuditActor.Kind.TOKEN, erased.id());
            case IDENTITY -> subject(AuditActor.Kind.IDENTITY, erased.id());
        };
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM client_address WHERE " + column + " = ?")) {
            delete.setBytes(1, hash);
            delete.executeUpdate();
        }
    }

    private static long cursor(Connection connection) throws SQLException {
        try (PreparedStatement select =
                        connection.prepareStatement("SELECT position FROM client_address_cursor WHERE id = 1");
                ResultSet rows = select.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static long newest(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT last FROM audit_position WHERE id = 1");
                ResultSet rows = select.executeQuery()) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    /** Who acted from where, once for each, in the order in which they did first. */
    private static List<Seen> between(Connection connection, long from, long to) throws SQLException {
        List<Seen> seen = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT l.actor_kind, l.actor_id, l.client_ip, l.node, l.seq, l.received_at FROM audit_log l JOIN"
                        + " (SELECT MIN(position) AS first FROM audit_log WHERE position > ? AND position <= ?"
                        + " AND client_ip IS NOT NULL AND outcome <> 'denied'"
                        + " AND (actor_kind = 'management' OR (actor_id IS NOT NULL"
                        + " AND actor_kind IN ('token', 'wallet', 'identity')))"
                        + " GROUP BY actor_kind, actor_id, client_ip) s ON l.position = s.first ORDER BY l.position")) {
            select.setLong(1, from);
            select.setLong(2, to);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    String id = rows.getString(2);
                    seen.add(new Seen(
                            AuditActor.Kind.valueOf(rows.getString(1).toUpperCase(Locale.ROOT)),
                            id == null ? "" : id,
                            rows.getString(3),
                            rows.getString(4),
                            rows.getLong(5),
                            rows.getLong(6)));
                }
            }
        }
        return seen;
    }

    private void note(Connection connection, Seen seen, Instant now) throws SQLException {
        byte[] subject = subject(seen.kind(), seen.id());
        byte[] address = address(seen.address());
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO client_address"
                        + " (subject, address, kind, token_id, node, seq, first_at, last_day, is_new) VALUES (?, ?, ?, ?, ?, ?, ?, ?,"
                        + " EXISTS (SELECT 1 FROM client_address WHERE subject = ?)) ON CONFLICT (subject, address) DO NOTHING")) {
            insert.setBytes(1, subject);
            insert.setBytes(2, address);
            insert.setString(3, seen.kind().wireName());
            insert.setString(4, seen.kind() == AuditActor.Kind.TOKEN ? seen.id() : "");
            insert.setString(5, seen.node());
            insert.setLong(6, seen.sequence());
            insert.setLong(7, seen.receivedAt());
            insert.setLong(8, day(now));
            insert.setBytes(9, subject);
            if (insert.executeUpdate() > 0) {
                return;
            }
        }
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE client_address SET last_day = ? WHERE subject = ? AND address = ? AND last_day < ?")) {
            update.setLong(1, day(now));
            update.setBytes(2, subject);
            update.setBytes(3, address);
            update.setLong(4, day(now));
            update.executeUpdate();
        }
    }

    private static String event(Connection connection, byte[] subject) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT node, seq FROM client_address WHERE subject = ? AND is_new ORDER BY first_at DESC, seq DESC LIMIT 1")) {
            select.setBytes(1, subject);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? rows.getString(1) + "-" + rows.getLong(2) : "";
            }
        }
    }

    private byte[] subject(AuditActor.Kind kind, String id) {
        String spelt = kind == AuditActor.Kind.WALLET ? id.toLowerCase(Locale.ROOT) : id;
        return hash("acts " + kind.wireName() + " " + spelt);
    }

    private byte[] address(String text) {
        return hash("from " + network(text));
    }

    /** An IPv4 address, the network of an IPv6 address, or the text where it is neither. */
    private static String network(String text) {
        try {
            InetAddress address = InetAddress.ofLiteral(text);
            byte[] bytes = address.getAddress();
            return HexFormat.of()
                    .formatHex(address instanceof Inet6Address ? Arrays.copyOf(bytes, IPV6_PREFIX_BYTES) : bytes);
        } catch (IllegalArgumentException noAddress) {
            return text.toLowerCase(Locale.ROOT);
        }
    }

    private byte[] hash(String text) {
        return sealing.digest(text.getBytes(StandardCharsets.UTF_8));
    }

    private static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    private static long day(Instant time) {
        return Math.floorDiv(time.getEpochSecond(), Duration.ofDays(1).toSeconds());
    }
}
