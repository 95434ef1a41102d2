package io.latticegate.fhe.app.session;

import io.latticegate.common.config.FheConfig;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.app.store.Folder;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The sessions in a {@link Folder}: {@code owners/<project>/sessions/<id>/session.json}, and beside it the session's keys.
 * Whoever is not the owner looks in another folder, and finds nothing. What a session is allowed follows from its times, so
 * that pods that share the folder agree without asking each other.
 */
public final class Sessions {
    /** How long an expired session is told from one that never was. */
    static final Duration TOMBSTONE = Duration.ofDays(7);

    private static final Duration ORPHAN = Duration.ofHours(1);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,63}");
    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
    private static final Path OWNERS = Path.of("owners");
    private static final String FILE = "session.json";
    private static final String LOCK = "sessions.lock";
    private static final int KEPT_MAX = 1_000;

    private final Folder folder;
    private final FheConfig config;
    private final InstantSource clock;

    public Sessions(Folder folder, FheConfig config, InstantSource clock) {
        this.folder = folder;
        this.config = config;
        this.clock = clock;
    }

    /** Counts and changes something of an owner while no other thread or node does. */
    <T> T changing(String owner, Folder.Change<T> change) throws IOException {
        return folder.changing(OWNERS.resolve(name(owner)).resolve(LOCK), change);
    }

    Path path(Session session) {
        return path(session.owner(), session.id());
    }

    private static Path path(String owner, String id) {
        return OWNERS.resolve(name(owner)).resolve("sessions").resolve(id);
    }

    private static String name(String owner) {
        if (!NAME.matcher(owner).matches()) {
            throw new IllegalArgumentException("a project's id is no name of a folder");
        }
        return owner;
    }

    /**
     * Opens a session.
     *
     * @param replaces the id of a session of the same owner and preset whose epoch ends now, or null
     * @throws Refusal 404 where there is no such session, 422 where it has another preset, 429 where there are too many
     */
    public Session create(String owner, Scheme scheme, @Nullable String replaces) throws IOException {
        return changing(owner, () -> {
            Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
            Session old = replaces == null ? null : require(owner, replaces);
            if (old != null && !old.preset().equals(scheme.name())) {
                throw Refusal.of(
                        422,
                        "preset_mismatch",
                        "The session to replace has preset " + old.preset() + "; allowed is the same");
            }
            List<Session> known = list(owner);
            forgetEldest(known, now);
            long live = known.stream()
                    .filter(session -> session.state(now) != Session.State.EXPIRED)
                    .count();
            if (live >= config.quota().sessions()) {
                throw Refusal.quota("The project has " + live + " sessions that have not expired; allowed are "
                        + config.quota().sessions());
            }
            Session created = new Session(
                    folder.freshName(),
                    owner,
                    scheme.name(),
                    old == null ? 1 : old.epoch() + 1,
                    now,
                    now.plus(config.keyTtl()),
                    now.plus(config.keyTtl()).plus(config.grace()));
            write(created);
            if (old != null && old.state(now) == Session.State.ACTIVE) {
                write(new Session(
                        old.id(), owner, old.preset(), old.epoch(), old.createdAt(), now, now.plus(config.grace())));
            }
            return created;
        });
    }

    /** Keeps the number of tombstones bounded, however often an owner replaces sessions. */
    private void forgetEldest(List<Session> known, Instant now) throws IOException {
        int surplus = known.size() - KEPT_MAX;
        for (Session session : known) {
            if (surplus-- >= 0 && session.state(now) == Session.State.EXPIRED) {
                folder.deleteTree(path(session));
            }
        }
    }

    private void write(Session session) throws IOException {
        folder.write(path(session).resolve(FILE), session.toJson());
    }

    /** A session whatever its state. @throws Refusal 404 where the owner has none of this id */
    public Session require(String owner, String id) throws IOException {
        Session session = find(owner, id);
        if (session == null || !clock.instant().isBefore(session.graceUntil().plus(TOMBSTONE))) {
            throw Refusal.notFound("session");
        }
        return session;
    }

    private @Nullable Session find(String owner, String id) throws IOException {
        if (!ID.matcher(id).matches()) {
            return null;
        }
        JsonObject json = folder.read(path(owner, id).resolve(FILE));
        return json == null ? null : Session.from(json);
    }

    /**
     * A session that computes, perhaps with a warning.
     *
     * @throws Refusal 404, or 410 where its epoch has expired
     */
    public Session requireUsable(String owner, String id) throws IOException {
        Session session = require(owner, id);
        if (session.state(clock.instant()) == Session.State.EXPIRED) {
            throw Refusal.of(
                    410,
                    "key_epoch_expired",
                    "Epoch " + session.epoch() + " of these keys ended at " + session.expiresAt() + " and its grace at "
                            + session.graceUntil() + "; the keys are deleted. Make new keys, open a session with"
                            + " \"replaces\" and upload them");
        }
        return session;
    }

    /**
     * A session that takes keys.
     *
     * @throws Refusal 404, 409 in the grace period, 410 after it
     */
    public Session requireActive(String owner, String id) throws IOException {
        Session session = requireUsable(owner, id);
        if (session.state(clock.instant()) != Session.State.ACTIVE) {
            throw Refusal.of(
                    409,
                    "key_epoch_expired",
                    "Epoch " + session.epoch() + " of these keys ended at " + session.expiresAt() + "; until "
                            + session.graceUntil()
                            + " it computes but takes no keys. Open a session with \"replaces\"");
        }
        return session;
    }

    /** The owner's sessions, expired ones too, in the order of their creation. */
    public List<Session> list(String owner) throws IOException {
        List<Session> found = new ArrayList<>();
        for (String id : folder.names(path(owner, "").normalize())) {
            Session session = find(owner, id);
            if (session != null && clock.instant().isBefore(session.graceUntil().plus(TOMBSTONE))) {
                found.add(session);
            }
        }
        found.sort((a, b) -> a.createdAt().compareTo(b.createdAt()));
        return found;
    }

    /** Deletes a session with its keys and without a tombstone. @throws Refusal 404 */
    public void delete(String owner, String id) throws IOException {
        changing(owner, () -> {
            Session session = require(owner, id);
            folder.deleteFile(path(session).resolve(FILE));
            folder.deleteTree(path(session));
            return session;
        });
    }

    /** How many sessions there are in all, those included whose folders wait for {@link #sweep}. */
    public long count() throws IOException {
        return countBelowOwners("sessions");
    }

    /** How many indexes there are in all. */
    public long countIndexes() throws IOException {
        return countBelowOwners("indexes");
    }

    private long countBelowOwners(String kind) throws IOException {
        long count = 0;
        for (String owner : folder.names(OWNERS)) {
            count += folder.names(OWNERS.resolve(owner).resolve(kind)).size();
        }
        return count;
    }

    /** Takes the keys of expired sessions, old tombstones and what killed processes have left off the disk. */
    public void sweep() throws IOException {
        Instant now = clock.instant();
        Instant drafts = now.minus(ORPHAN.plus(config.uploads().timeout()));
        for (String owner : folder.names(OWNERS)) {
            Path sessions = OWNERS.resolve(owner).resolve("sessions");
            for (String id : folder.names(sessions)) {
                sweep(owner, id, now, drafts);
            }
        }
    }

    private void sweep(String owner, String id, Instant now, Instant drafts) throws IOException {
        Path path = OWNERS.resolve(owner).resolve("sessions").resolve(id);
        Session session = find(owner, id);
        if (session == null) {
            Instant changed = folder.changedAt(path);
            if (changed != null && changed.isBefore(drafts)) {
                folder.deleteTree(path);
            }
            return;
        }
        if (!now.isBefore(session.graceUntil().plus(TOMBSTONE))) {
            folder.deleteTree(path);
        } else if (session.state(now) == Session.State.EXPIRED) {
            for (String name : folder.names(path)) {
                if (!name.equals(FILE)) {
                    folder.deleteFile(path.resolve(name));
                }
            }
        } else {
            KeyFiles.deleteUnnamed(folder, path, drafts);
        }
        folder.deleteDrafts(path, drafts);
    }
}
