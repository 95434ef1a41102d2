package io.latticegate.fhe.app.head;

import io.latticegate.common.config.FheConfig;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.store.Folder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
 * The heads in a {@link Folder}: {@code owners/<project>/heads/<name>.head}, each one file that is replaced in one move, so that
 * every node that mounts the folder serves every head. Who changes the heads of a project holds a lock in this JVM and one on
 * the file {@code heads/lock}: versions and quotas are exact on all nodes together.
 */
final class HeadStore {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final Pattern PROJECT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,63}");
    private static final String SUFFIX = ".head";
    private static final Duration ORPHAN = Duration.ofHours(1);

    private final Folder folder;
    private final FheConfig config;
    private final InstantSource clock;

    HeadStore(Folder folder, FheConfig config, InstantSource clock) {
        this.folder = folder;
        this.config = config;
        this.clock = clock;
    }

    private static Path heads(String owner) {
        if (!PROJECT.matcher(owner).matches()) {
            throw new IllegalArgumentException("a project's id is no name of a folder");
        }
        return Path.of("owners", owner, "heads");
    }

    private static Path file(String owner, String name) {
        return heads(owner).resolve(name + SUFFIX);
    }

    /** @throws Refusal 400 where heads cannot have this name */
    static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw Refusal.invalid("The name of a head has 1 to 64 lower-case letters, digits, dots, hyphens and"
                    + " underscores, and begins with a letter or digit");
        }
    }

    /** A project's head, or null; null too for names that no head can have. */
    @Nullable
    Head find(String owner, String name) throws IOException {
        if (!PROJECT.matcher(owner).matches() || !NAME.matcher(name).matches()) {
            return null;
        }
        try (InputStream in = Files.newInputStream(folder.resolve(file(owner, name)))) {
            return HeadFile.readHead(in);
        } catch (NoSuchFileException none) {
            return null;
        }
    }

    /** A head as it is now, with its weights, or null. */
    HeadFile.@Nullable Content load(String owner, String name) throws IOException {
        try (InputStream in = Files.newInputStream(folder.resolve(file(owner, name)))) {
            return HeadFile.read(in);
        } catch (NoSuchFileException none) {
            return null;
        }
    }

    /** A project's heads by name. */
    List<Head> list(String owner) throws IOException {
        List<Head> found = new ArrayList<>();
        for (String name : names(owner)) {
            Head head = find(owner, name);
            if (head != null) {
                found.add(head);
            }
        }
        return found;
    }

    private List<String> names(String owner) throws IOException {
        return folder.names(heads(owner)).stream()
                .filter(file -> file.endsWith(SUFFIX))
                .map(file -> file.substring(0, file.length() - SUFFIX.length()))
                .toList();
    }

    /**
     * Keeps a head, in place of what had its name.
     *
     * @throws Refusal 429 where the project has as many as it may
     */
    Head put(String owner, String name, HeadUpload upload, HeadShape shape) throws IOException {
        return change(owner, () -> {
            Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
            folder.deleteDrafts(heads(owner), now.minus(ORPHAN));
            Head old = find(owner, name);
            int kept = names(owner).size();
            if (old == null && kept >= config.heads().perProject()) {
                throw Refusal.quota("The project has " + kept + " heads; allowed are "
                        + config.heads().perProject());
            }
            Head head = new Head(
                    folder.freshName(),
                    owner,
                    name,
                    old == null ? 1 : Math.addExact(old.version(), 1),
                    now,
                    upload.labels(),
                    upload.readers(),
                    shape);
            try (Folder.Draft draft = folder.draft(heads(owner))) {
                HeadFile.write(head, upload.model(), Channels.newOutputStream(draft.channel()));
                draft.commit(file(owner, name));
            }
            return head;
        });
    }

    /** @throws Refusal 404 */
    Head delete(String owner, String name) throws IOException {
        return change(owner, () -> {
            Head head = find(owner, name);
            if (head == null) {
                throw Refusal.notFound("head");
            }
            folder.deleteFile(file(owner, name));
            return head;
        });
    }

    private <T> T change(String owner, Folder.Change<T> change) throws IOException {
        return folder.changing(heads(owner).resolve("lock"), change);
    }
}
