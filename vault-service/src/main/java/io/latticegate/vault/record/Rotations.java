package io.latticegate.vault.record;

import io.latticegate.common.contract.VaultApi.RotatedPart;
import io.latticegate.common.contract.VaultApi.Rotation;
import io.latticegate.common.contract.VaultApi.RotationState;
import io.latticegate.vault.record.Statements.Change;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Table {@code vault_rotations}: what was rotated when, and how far the rotation under way is, at most one at a time over all
 * instances. Whoever works on it holds it until a time that each step moves on; if he dies, another goes on from the last step.
 */
final class Rotations {
    private static final String COLUMNS =
            "id, what, kek_id, state, total, done, failed, pass, position, reason, started_at, finished_at";
    private static final String RUNNING = RotationState.RUNNING.name();

    private final Statements statements;

    /**
     * A rotation as it is stored.
     *
     * @param kekId the key-encryption key that is to protect every record
     * @param pass counts from 1
     * @param position id of the last record that is done in this pass; empty: none is
     */
    record Row(Rotation rotation, String kekId, long pass, String position) {}

    Rotations(Statements statements) {
        this.statements = statements;
    }

    Optional<Row> last() {
        return statements
                .query(
                        "reading its rotations",
                        "SELECT " + COLUMNS + " FROM vault_rotations ORDER BY started_at DESC, id LIMIT 1",
                        Rotations::read)
                .stream()
                .findFirst();
    }

    Optional<Row> running() {
        return statements
                .query(
                        "reading its rotations",
                        "SELECT " + COLUMNS + " FROM vault_rotations WHERE state = ?",
                        Rotations::read,
                        RUNNING)
                .stream()
                .findFirst();
    }

    /** Adds a running rotation that nobody works on yet; false where one is running. */
    boolean insert(String id, RotatedPart what, String kekId, long total, long now) {
        return statements.update(
                        "beginning a rotation",
                        "INSERT INTO vault_rotations (" + COLUMNS + ", runner, runner_until)"
                                + " VALUES (?, ?, ?, ?, ?, 0, 0, 1, '', '', ?, NULL, '', 0) ON CONFLICT DO NOTHING",
                        id,
                        what.name(),
                        kekId,
                        RUNNING,
                        total,
                        now)
                == 1;
    }

    /** The running rotation to {@code kekId}, unless another instance works on it; held until {@code until}. */
    Optional<Row> claim(String runner, String kekId, long now, long until) {
        return statements
                .query(
                        "going on with a rotation",
                        "UPDATE vault_rotations SET runner = ?, runner_until = ?"
                                + " WHERE state = ? AND kek_id = ? AND (runner = ? OR runner_until <= ?) RETURNING "
                                + COLUMNS,
                        Rotations::read,
                        runner,
                        until,
                        RUNNING,
                        kekId,
                        runner,
                        now)
                .stream()
                .findFirst();
    }

    /** Makes changes of records and the progress that they are one step, or neither where another holds the rotation. */
    boolean step(Row reached, String runner, long until, List<Change> changes) {
        return statements.together(
                "rotating",
                Change.of(
                        "UPDATE vault_rotations SET done = ?, failed = ?, pass = ?, position = ?, runner_until = ?"
                                + " WHERE id = ? AND state = ? AND runner = ?",
                        reached.rotation().done(),
                        reached.rotation().failed(),
                        reached.pass(),
                        reached.position(),
                        until,
                        reached.rotation().id(),
                        RUNNING,
                        runner),
                changes);
    }

    /** Ends a rotation, with the last changes; false where it is not running or another holds it. */
    boolean finish(Rotation ended, String runner, long now, List<Change> changes) {
        return statements.together(
                "ending a rotation",
                Change.of(
                        "UPDATE vault_rotations SET state = ?, done = ?, failed = ?, reason = ?, finished_at = ?"
                                + " WHERE id = ? AND state = ? AND runner = ?",
                        ended.state().name(),
                        ended.done(),
                        ended.failed(),
                        ended.reason(),
                        now,
                        ended.id(),
                        RUNNING,
                        runner),
                changes);
    }

    /** Ends the running rotation because another key-encryption key is active now. */
    boolean supersede(String id, String reason, long now) {
        return statements.update(
                        "ending a rotation",
                        "UPDATE vault_rotations SET state = ?, reason = ?, finished_at = ? WHERE id = ? AND state = ?",
                        RotationState.FAILED.name(),
                        reason,
                        now,
                        id,
                        RUNNING)
                == 1;
    }

    private static Row read(ResultSet row) throws SQLException {
        return new Row(
                new Rotation(
                        row.getString("id"),
                        RotatedPart.valueOf(row.getString("what")),
                        RotationState.valueOf(row.getString("state")),
                        row.getLong("total"),
                        row.getLong("done"),
                        row.getLong("failed"),
                        row.getString("reason"),
                        row.getLong("started_at"),
                        Statements.nullableLong(row, "finished_at")),
                row.getString("kek_id"),
                row.getLong("pass"),
                row.getString("position"));
    }
}
