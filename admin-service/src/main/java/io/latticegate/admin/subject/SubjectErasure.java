package io.latticegate.admin.subject;

import io.latticegate.admin.analytics.RollupWriter;
import io.latticegate.common.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Erases a subject. First, in one transaction, its keys are destroyed: from there on nobody can open what the log holds of
 * it, and the bytes that were logged are unchanged, so that proofs about them stay valid. Then the columns that were filled
 * for searching are filled anew from what can still be opened, in small transactions; a table notes how far that is, and any
 * admin-service goes on with it after a crash. Last, the store's file is rewritten where old pages might remain in it.
 *
 * <p>What the subject does afterwards is sealed under new keys and is not touched.
 */
public final class SubjectErasure {
    private final Database database;
    private final Sealing sealing;
    private final InstantSource clock;

    /**
     * @param entries ends and events that told of the subject
     */
    public record Erased(Instant at, long entries) {}

    record Job(byte[] id, Subject subject, Instant at, long through, long entries) {}

    public SubjectErasure(Database database, Sealing sealing, InstantSource clock) {
        this.database = database;
        this.sealing = sealing;
        this.clock = clock;
    }

    /** A keyed hash that stands for the subject in the record of its erasure. */
    public String pseudonym(Subject subject) {
        return HexFormat.of().formatHex(sealing.keys().pseudonym(subject));
    }

    /**
     * Erases; may be called again, for instance after a fault.
     *
     * @throws io.latticegate.common.store.StoreFault when the store failed on the way; once the keys are destroyed, the rest
     *     is done by {@link #finish} in any case
     */
    public Erased erase(Subject subject) {
        Job job = database.inTransaction(connection -> begin(connection, subject));
        return finish(job);
    }

    /** Whether an erasure is under way or was interrupted. */
    public boolean unfinished() {
        return !database.read(this::jobs).isEmpty();
    }

    /** Goes on with erasures that were interrupted; how many were finished. */
    public int finish() {
        List<Job> unfinished = database.read(this::jobs);
        unfinished.forEach(this::finish);
        return unfinished.size();
    }

    Job begin(Connection connection, Subject subject) throws SQLException {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        byte[] id = sealing.keys().random(KeyId.BYTES);
        int unused = sealing.keys().destroy(connection, subject, id, micros(now));
        long through;
        try (PreparedStatement select = connection.prepareStatement("SELECT last FROM audit_position WHERE id = 1");
                ResultSet rows = select.executeQuery()) {
            through = rows.next() ? rows.getLong(1) : 0;
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO audit_erasure (id, subject, erased_at, through, entries) VALUES (?, ?, ?, ?, 0)")) {
            insert.setBytes(1, id);
            insert.setBytes(2, sealing.keys().sealName(id, subject));
            insert.setLong(3, micros(now));
            insert.setLong(4, through);
            insert.executeUpdate();
        }
        RollupWriter.settle(connection);
        String pseudonym = "erased-" + HexFormat.of().formatHex(id);
        switch (subject.kind()) {
            case WALLET -> {
                rename(connection, "wallet", subject.id(), pseudonym);
                forgetUsage(connection, subject, pseudonym);
            }
            case TOKEN -> rename(connection, "token_id", subject.id(), pseudonym);
            case IDENTITY, CLIENT_IP -> {
                // Usage is not summed by them.
            }
        }
        new ClientAddresses(sealing).forget(connection, subject);
        return new Job(id, subject, now, through, 0);
    }

    private List<Job> jobs(Connection connection) throws SQLException {
        List<Job> jobs = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT id, subject, erased_at, through, entries FROM audit_erasure ORDER BY erased_at LIMIT"
                                + " 100");
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                byte[] id = rows.getBytes(1);
                jobs.add(new Job(
                        id,
                        sealing.keys().openName(id, rows.getBytes(2)),
                        Instant.EPOCH.plus(rows.getLong(3), ChronoUnit.MICROS),
                        rows.getLong(4),
                        rows.getLong(5)));
            }
        }
        return jobs;
    }

    private Erased finish(Job job) {
        ErasedColumns columns = new ErasedColumns(sealing, job.subject(), job.id(), job.through());
        long entries = job.entries();
        for (Optional<Integer> some = Optional.of(0); some.isPresent(); ) {
            some = database.inTransaction(connection -> {
                Optional<Integer> cleaned = columns.cleanSome(connection);
                count(connection, job, cleaned.orElse(0));
                return cleaned;
            });
            entries += some.orElse(0);
        }
        UnsealedEntries unsealed = new UnsealedEntries(database, job.subject());
        entries += unsealed.erase(columns);
        FileResidue.remove(database);
        database.inTransaction(connection -> close(connection, job));
        return new Erased(job.at(), entries);
    }

    private static void count(Connection connection, Job job, int more) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE audit_erasure SET entries = entries + ? WHERE id = ?")) {
            update.setInt(1, more);
            update.setBytes(2, job.id());
            update.executeUpdate();
        }
    }

    private static int close(Connection connection, Job job) throws SQLException {
        for (String statement : List.of(
                "UPDATE audit_subject SET erasure = NULL WHERE erasure = ?",
                "DELETE FROM audit_erasure WHERE id = ?")) {
            try (PreparedStatement update = connection.prepareStatement(statement)) {
                update.setBytes(1, job.id());
                update.executeUpdate();
            }
        }
        return 0;
    }

    /** Sums stay, under a name that leads nowhere. What the subject uses afterwards is added to the same sums. */
    private static void rename(Connection connection, String column, String id, String pseudonym) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE analytics_key SET " + column + " = ? WHERE "
                + column + " <> '' AND LOWER(" + column + ") = LOWER(?)")) {
            update.setString(1, pseudonym);
            update.setString(2, id);
            update.executeUpdate();
        }
    }

    /** Likewise. */
    private static void forgetUsage(Connection connection, Subject wallet, String pseudonym) throws SQLException {
        List<String> spelt = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT DISTINCT id FROM audit_usage WHERE scope = 'wallet' AND LOWER(id) = ?")) {
            select.setString(1, wallet.id());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    spelt.add(rows.getString(1));
                }
            }
        }
        for (int at = 0; at < spelt.size(); at++) {
            try (PreparedStatement update =
                    connection.prepareStatement("UPDATE audit_usage SET id = ? WHERE scope = 'wallet' AND id = ?")) {
                update.setString(1, pseudonym + "-" + at);
                update.setString(2, spelt.get(at));
                update.executeUpdate();
            }
        }
    }

    private static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }
}
