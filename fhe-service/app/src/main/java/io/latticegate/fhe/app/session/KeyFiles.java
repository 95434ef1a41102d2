package io.latticegate.fhe.app.session;

import io.latticegate.common.config.FheConfig;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.app.store.Folder;
import io.latticegate.fhe.core.wire.ContainerException;
import io.latticegate.fhe.core.wire.KeySwitchKeyReader;
import io.latticegate.fhe.core.wire.MappedKeys;
import io.latticegate.fhe.core.wire.PublicKeyReader;
import io.latticegate.fhe.core.wire.SealCiphertext;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys of sessions. A container passes from the network to a file of its own, every residue checked and every
 * seed expanded on the way; then {@code relin.json}, {@code galois.json} or {@code public.json} is written, which names the file. That one move
 * makes the keys known, so that readers see the old keys or the new ones. A file that no JSON names is a leftover.
 */
public final class KeyFiles {
    private static final String SUFFIX = ".keys";

    private final Folder folder;
    private final Sessions sessions;
    private final FheConfig config;

    public KeyFiles(Folder folder, Sessions sessions, FheConfig config) {
        this.folder = folder;
        this.sessions = sessions;
        this.config = config;
    }

    private Path json(Session session, KeyKind kind) {
        return sessions.path(session).resolve(kind.wireName() + ".json");
    }

    /** A session's keys of one kind, or null. */
    public @Nullable KeySet find(Session session, KeyKind kind) throws IOException {
        JsonObject json = folder.read(json(session, kind));
        return json == null ? null : KeySet.from(json);
    }

    /** All keys of a session. */
    public List<KeySet> list(Session session) throws IOException {
        List<KeySet> found = new ArrayList<>();
        for (KeyKind kind : KeyKind.values()) {
            KeySet keys = find(session, kind);
            if (keys != null) {
                found.add(keys);
            }
        }
        return found;
    }

    /** Where a key set lies. */
    Path path(Session session, KeySet keys) {
        return folder.resolve(sessions.path(session).resolve(keys.file()));
    }

    /** The most Galois keys that a session of this parameter set may have. */
    private int galoisMax(Scheme scheme) {
        long fitting = config.maxUploadBytes() / MappedKeys.bytes(scheme.parameters(), 1);
        return Math.clamp(fitting, 1, scheme.parameters().degree());
    }

    /** The longest container of a kind, compressed badly. */
    public long bytesMax(Scheme scheme, KeyKind kind) {
        long plain = switch (kind) {
            case RELIN -> KeySwitchKeyReader.relinearisation(scheme.chain()).bytesMax();
            case GALOIS ->
                KeySwitchKeyReader.galois(scheme.chain(), galoisMax(scheme)).bytesMax();
            case PUBLIC -> new PublicKeyReader(scheme.chain()).bytesMax();
        };
        return Math.min(config.maxUploadBytes(), plain + (plain >> 6) + 1_024);
    }

    private void read(Scheme scheme, KeyKind kind, InputStream container, ExpandedKeys to) throws IOException {
        switch (kind) {
            case RELIN -> KeySwitchKeyReader.relinearisation(scheme.chain()).read(container, to);
            case GALOIS ->
                KeySwitchKeyReader.galois(scheme.chain(), galoisMax(scheme)).read(container, to);
            case PUBLIC -> {
                SealCiphertext key = new PublicKeyReader(scheme.chain()).read(container);
                long[] residues = key.expanded(scheme.chain());
                to.digit(0, 0, key.shape()).accept(residues, residues.length);
            }
        }
    }

    /**
     * Reads and keeps a container, in place of what the session had of its kind.
     *
     * @param body bounded by {@link #bytesMax}
     * @param expected SHA-256 of the body, or null where the client did not say
     * @throws Refusal 422 where the container is refused, 400 where its digest differs, 429 beyond the owner's quota
     */
    public KeySet put(Session session, Scheme scheme, KeyKind kind, InputStream body, byte @Nullable [] expected)
            throws IOException {
        MessageDigest digest = sha256();
        Counted counted = new Counted(new DigestInputStream(body, digest));
        try (Folder.Draft draft = folder.draft(sessions.path(session))) {
            long left = config.quota().storageBytes() - stored(session, kind);
            ExpandedKeys expanded = new ExpandedKeys(draft.channel(), Math.min(left, config.maxUploadBytes()), left);
            try {
                read(scheme, kind, counted, expanded);
            } catch (ContainerException refused) {
                throw scheme.refusal(refused, "The " + kind.wireName() + " keys", "invalid_key");
            }
            expanded.flush();
            byte[] actual = digest.digest();
            if (expected != null && !MessageDigest.isEqual(expected, actual)) {
                throw Refusal.invalid("The body's SHA-256 is " + HexFormat.of().formatHex(actual)
                        + ", not what Content-Digest says; the keys are not kept");
            }
            KeySet keys = new KeySet(
                    kind,
                    counted.bytes(),
                    expanded.bytes(),
                    expanded.indices(),
                    HexFormat.of().formatHex(actual),
                    kind.wireName() + "-" + folder.freshName() + SUFFIX);
            commit(session, keys, draft);
            return keys;
        }
    }

    private void commit(Session session, KeySet keys, Folder.Draft draft) throws IOException {
        sessions.changing(session.owner(), () -> {
            sessions.requireActive(session.owner(), session.id());
            if (stored(session, keys.kind()) + keys.storedBytes()
                    > config.quota().storageBytes()) {
                throw overQuota(config.quota().storageBytes());
            }
            KeySet old = find(session, keys.kind());
            draft.commit(sessions.path(session).resolve(keys.file()));
            folder.write(json(session, keys.kind()), keys.toJson());
            if (old != null) {
                folder.deleteFile(sessions.path(session).resolve(old.file()));
            }
            return keys;
        });
    }

    static Refusal overQuota(long bytes) {
        return Refusal.quota("The project's evaluation keys would take more than " + bytes
                + " bytes; delete sessions or keys that are not needed");
    }

    /** What the owner's keys take, but for those of one kind of one session. */
    private long stored(Session session, KeyKind without) throws IOException {
        long bytes = 0;
        for (Session other : sessions.list(session.owner())) {
            for (KeySet keys : list(other)) {
                if (!other.id().equals(session.id()) || keys.kind() != without) {
                    bytes += keys.storedBytes();
                }
            }
        }
        return bytes;
    }

    /** @throws Refusal 404 where there are none */
    public void delete(Session session, KeyKind kind) throws IOException {
        sessions.changing(session.owner(), () -> {
            KeySet keys = find(session, kind);
            if (keys == null) {
                throw Refusal.notFound("key set: the session has no " + kind.wireName() + " keys");
            }
            folder.deleteFile(json(session, kind));
            folder.deleteFile(sessions.path(session).resolve(keys.file()));
            return keys;
        });
    }

    /** Deletes key files in a session's folder that no JSON has named since {@code limit}. */
    static void deleteUnnamed(Folder folder, Path session, Instant limit) throws IOException {
        Set<String> named = new HashSet<>();
        for (KeyKind kind : KeyKind.values()) {
            JsonObject json = folder.read(session.resolve(kind.wireName() + ".json"));
            if (json != null) {
                named.add(KeySet.from(json).file());
            }
        }
        for (String name : folder.names(session)) {
            Instant changed = folder.changedAt(session.resolve(name));
            if (name.endsWith(SUFFIX) && !named.contains(name) && changed != null && changed.isBefore(limit)) {
                folder.deleteFile(session.resolve(name));
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this JDK lacks SHA-256, which every JDK has", missing);
        }
    }
}
