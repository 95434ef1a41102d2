package io.latticegate.vault.record;

import io.latticegate.common.contract.VaultApi.OtherRotationUnderWay;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.contract.VaultApi.RotateReply;
import io.latticegate.common.contract.VaultApi.RotatedPart;
import io.latticegate.common.contract.VaultApi.Rotation;
import io.latticegate.common.contract.VaultApi.RotationStarted;
import io.latticegate.common.contract.VaultApi.RotationState;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.vault.envelope.Binding;
import io.latticegate.vault.envelope.Envelope;
import io.latticegate.vault.envelope.Envelope.Renewal;
import io.latticegate.vault.record.Rotations.Row;
import io.latticegate.vault.record.Statements.Change;
import io.latticegate.vault.record.VaultAudit.Action;
import io.latticegate.vault.record.VaultAudit.Entry;
import io.latticegate.vault.record.VaultAudit.Outcome;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes every record new while the vault is in use: wraps all data keys with the active key-encryption key, or gives each
 * record another data key.
 *
 * <p>Records are taken in the order of their ids, a few at a time. What is to be written is computed first; then one
 * transaction replaces each record, if it is still the one that was read, and notes how far the rotation is. A record that
 * was replaced or deleted in between needs nothing more. So a process that dies loses at most the work on a few records,
 * and whoever goes on counts none twice. Before and after its replacement a record opens on every instance that has both
 * keys, so no lease fails.
 *
 * <p>When the last record is reached, those under other key-encryption keys are counted once more: another instance, on which
 * the former key is still active, may have stored some. Then there is another pass, and after {@link #PASSES_MAX} of them the
 * rotation fails with what to do about it. Blocking; any number of instances may call {@link #work}, one of them works.
 */
public final class KeyRotation {
    /** Records that one transaction replaces. */
    static final int BATCH = 64;

    /** How often the records are gone through before the rotation fails. */
    static final int PASSES_MAX = 3;

    /** How long a rotation is left to an instance that does not move it on. */
    static final long HELD_MILLIS = 10_000;

    private final KeyRecords records;
    private final ServiceKeys serviceKeys;
    private final Rotations rotations;
    private final Envelope envelope;
    private final String activeKek;
    private final VaultAudit audit;
    private final InstantSource clock;
    private final String runner = UUID.randomUUID().toString();

    KeyRotation(
            KeyRecords records,
            ServiceKeys serviceKeys,
            Rotations rotations,
            Envelope envelope,
            String activeKek,
            VaultAudit audit,
            InstantSource clock) {
        this.records = records;
        this.serviceKeys = serviceKeys;
        this.rotations = rotations;
        this.envelope = envelope;
        this.activeKek = activeKek;
        this.audit = audit;
        this.clock = clock;
    }

    /** Begins a rotation that {@link #work} carries out, unless one is under way. */
    public RotateReply begin(RotatedPart what) {
        while (true) {
            Optional<Row> running = rotations.running();
            if (running.isPresent() && running.get().kekId().equals(activeKek)) {
                Rotation current = running.get().rotation();
                return current.what() == what
                        ? new RotationStarted(current.id())
                        : new OtherRotationUnderWay(current.id());
            }
            long now = clock.millis();
            running.ifPresent(other -> rotations.supersede(
                    other.rotation().id(),
                    "the active key-encryption key is " + activeKek + " now, no longer " + other.kekId(),
                    now));
            String id = UUID.randomUUID().toString();
            long total = switch (what) {
                case KEK -> records.countUnderOtherKeks(activeKek) + serviceKeys.countUnderOtherKeks(activeKek);
                case DEK -> records.countStoredBy(now) + ServiceKeys.count();
            };
            if (rotations.insert(id, what, activeKek, total, now)) {
                return new RotationStarted(id);
            }
        }
    }

    /** The last rotation, under way or ended. */
    public Optional<Rotation> last() {
        return rotations.last().map(Row::rotation);
    }

    /**
     * Carries out the rotation under way, to its end, if no other instance does. To be called now and then.
     *
     * @throws RecordsUnavailable when the database fails; the next call goes on
     */
    public void work() {
        Optional<Row> held = rotations.running().isPresent() ? claim() : Optional.empty();
        while (held.isPresent()) {
            held = step(held.get());
        }
    }

    /** The rotation under way, if no other instance holds it; from now on this one does. */
    Optional<Row> claim() {
        return rotations.claim(runner, activeKek, clock.millis(), clock.millis() + HELD_MILLIS);
    }

    /** One step; where the rotation is then, or nothing when it has ended or another instance holds it. */
    Optional<Row> step(Row at) {
        Rotation rotation = at.rotation();
        List<KeyRecord> next = rotation.what() == RotatedPart.KEK
                ? records.underOtherKeks(activeKek, at.position(), BATCH)
                : records.storedBy(rotation.startedAt(), at.position(), BATCH);
        if (next.isEmpty()) {
            return passEnded(at);
        }
        List<Change> changes = new ArrayList<>();
        for (KeyRecord record : next) {
            resealed(record, rotation.what()).ifPresent(changes::add);
        }
        Row reached = new Row(
                progressed(rotation, changes.size(), next.size() - changes.size()),
                at.kekId(),
                at.pass(),
                next.getLast().recordId());
        return rotations.step(reached, runner, clock.millis() + HELD_MILLIS, changes)
                ? Optional.of(reached)
                : Optional.empty();
    }

    private Optional<Change> resealed(KeyRecord record, RotatedPart what) {
        boolean freshDek = what == RotatedPart.DEK;
        long version = freshDek ? record.version() + 1 : record.version();
        Renewal renewal = freshDek
                ? envelope.renew(
                        record.binding(),
                        record.sealed(),
                        Binding.ofKey(record.owner(), record.provider(), record.recordId(), version))
                : envelope.rewrap(record.binding(), record.sealed());
        return switch (renewal) {
            case Renewal.Renewed(Envelope.Sealed sealed) ->
                Optional.of(KeyRecords.reseal(record, version, sealed, clock.millis()));
            case Renewal.Corrupt(Envelope.Reason reason) -> {
                record(record.owner(), record.provider(), record.fingerprint(), Outcome.CORRUPT, reason.name());
                yield Optional.empty();
            }
        };
    }

    private Optional<Row> passEnded(Row at) {
        Rotation rotation = at.rotation();
        long left = rotation.what() == RotatedPart.KEK ? records.countUnderOtherKeks(activeKek) : 0;
        if (left > rotation.failed() && at.pass() < PASSES_MAX) {
            Row again = new Row(without(rotation), at.kekId(), at.pass() + 1, "");
            return rotations.step(again, runner, clock.millis() + HELD_MILLIS, List.of())
                    ? Optional.of(again)
                    : Optional.empty();
        }
        ServiceKeys.Renewals own = serviceKeys.renewals(activeKek, rotation.what() == RotatedPart.DEK);
        Rotation last = progressed(rotation, own.changes().size(), own.corrupt());
        String reason = reason(last.failed(), left - rotation.failed());
        Rotation ended = new Rotation(
                last.id(),
                last.what(),
                reason.isEmpty() ? RotationState.DONE : RotationState.FAILED,
                last.total(),
                last.done(),
                last.failed(),
                reason,
                last.startedAt(),
                null);
        if (rotations.finish(ended, runner, clock.millis(), own.changes())) {
            record(
                    Owner.gateway(),
                    null,
                    null,
                    reason.isEmpty() ? Outcome.DONE : Outcome.CORRUPT,
                    last.what() + " under " + activeKek + ": " + last.done() + " records made new"
                            + (reason.isEmpty() ? "" : "; " + reason));
        }
        return Optional.empty();
    }

    private static String reason(long failed, long left) {
        List<String> reasons = new ArrayList<>();
        if (failed > 0) {
            reasons.add(failed + " records do not open; the audit names them (vault.rotate)");
        }
        if (left > 0) {
            reasons.add(left + " records were stored under other key-encryption keys meanwhile; make the same key"
                    + " active on every instance and rotate again");
        }
        return String.join("; ", reasons);
    }

    private static Rotation progressed(Rotation rotation, int done, int failed) {
        return counted(rotation, rotation.done() + done, rotation.failed() + failed);
    }

    /** What failed is counted anew in another pass. */
    private static Rotation without(Rotation rotation) {
        return counted(rotation, rotation.done(), 0);
    }

    private static Rotation counted(Rotation rotation, long done, long failed) {
        return new Rotation(
                rotation.id(),
                rotation.what(),
                rotation.state(),
                rotation.total(),
                done,
                failed,
                rotation.reason(),
                rotation.startedAt(),
                rotation.finishedAt());
    }

    private void record(
            Owner owner, @Nullable String provider, @Nullable String fingerprint, Outcome outcome, String reason) {
        audit.record(
                new Entry(Action.ROTATE, owner, provider, fingerprint, outcome, reason, ServiceRole.VAULT, runner));
    }
}
