package io.latticegate.admin.retention;

import io.latticegate.common.store.Database;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/**
 * The right to do some work on the audit store, which one admin-service at a time has. It ends by itself; a holder that is
 * later than that may meet another at work, so what is done must bear that.
 */
public final class WorkLease {
    private final Database database;
    private final InstantSource clock;
    private final String name;
    private final String holder;
    private final Duration life;

    /**
     * @param name of the work
     * @param holder of this process, unlike any other's
     */
    public WorkLease(Database database, InstantSource clock, String name, String holder, Duration life) {
        this.database = database;
        this.clock = clock;
        this.name = name;
        this.holder = holder;
        this.life = life;
    }

    /** Takes or prolongs it; false: another has it. */
    public boolean hold() {
        long now = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
        return database.inTransaction(connection -> {
            try (PreparedStatement take = connection.prepareStatement("INSERT INTO work_lease (name, holder, until)"
                    + " VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until"
                    + " WHERE work_lease.holder = excluded.holder OR work_lease.until < ?")) {
                take.setString(1, name);
                take.setString(2, holder);
                take.setLong(3, now + life.toNanos() / 1_000);
                take.setLong(4, now);
                return take.executeUpdate() == 1;
            }
        });
    }

    /** Gives it back, so that another need not wait for its end. */
    public void release() {
        database.inTransaction(connection -> {
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM work_lease WHERE name = ? AND holder = ?")) {
                delete.setString(1, name);
                delete.setString(2, holder);
                return delete.executeUpdate();
            }
        });
    }
}
