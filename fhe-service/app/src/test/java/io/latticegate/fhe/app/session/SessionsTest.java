package io.latticegate.fhe.app.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.config.FheConfig;
import io.latticegate.common.config.HostPort;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.app.scheme.Schemes;
import io.latticegate.fhe.app.store.Folder;
import io.latticegate.fhe.core.backend.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionsTest {
    private static final Schemes SCHEMES = new Schemes(Backends.cpu());
    private static final Scheme S13 = SCHEMES.require("S13");
    private static final Duration TTL = Duration.ofHours(24);
    private static final Duration GRACE = Duration.ofMinutes(30);
    private static final String OWNER = "0199f0a0-0000-7000-8000-000000000001";

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-21T12:00:00Z"));

    @TempDir
    private Path dir;

    private Sessions sessions;

    @BeforeEach
    void open() throws IOException {
        sessions = pod();
    }

    private Sessions pod() throws IOException {
        return new Sessions(new Folder(dir.resolve("fhe"), new SecureRandom()), config(), now::get);
    }

    private FheConfig config() {
        return new FheConfig(
                true,
                new HostPort("127.0.0.1", 0),
                List.of(),
                dir,
                TTL,
                GRACE,
                1L << 30,
                new FheConfig.Uploads(1, Duration.ofMinutes(1), 1),
                new FheConfig.Queue(1, 16L << 20, 1, Duration.ofSeconds(1)),
                new FheConfig.Quota(2, 1L << 20),
                new FheConfig.Heads(1, 1L << 20),
                new FheConfig.Indexes(1, 1L << 20, 1),
                new FheConfig.Cache(1L << 20, Duration.ofMinutes(1)),
                new FheConfig.Accelerator(FheConfig.Accelerator.Kind.CPU, 0, 1L << 30));
    }

    private void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }

    private static void refused(ThrowingCallable call, int status, String code) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Refusal.class, refusal -> {
            assertThat(refusal.status()).isEqualTo(status);
            assertThat(refusal.code()).isEqualTo(code);
        });
    }

    @Test
    void anEpochEndsWithGraceThenATombstoneThenNothing() throws IOException {
        Session session = sessions.create(OWNER, S13, null);
        assertThat(sessions.requireActive(OWNER, session.id())).isEqualTo(session);

        pass(TTL);
        assertThat(sessions.requireUsable(OWNER, session.id()).state(now.get())).isEqualTo(Session.State.GRACE);
        refused(() -> sessions.requireActive(OWNER, session.id()), 409, "key_epoch_expired");

        pass(GRACE);
        refused(() -> sessions.requireUsable(OWNER, session.id()), 410, "key_epoch_expired");
        refused(() -> sessions.requireActive(OWNER, session.id()), 410, "key_epoch_expired");

        pass(Duration.ofDays(7));
        refused(() -> sessions.requireUsable(OWNER, session.id()), 404, "not_found");
        assertThat(sessions.list(OWNER)).isEmpty();
    }

    @Test
    void aSessionIsItsOwnersOnAnyPodThatSharesTheFolder() throws IOException {
        Session session = sessions.create(OWNER, S13, null);
        assertThat(pod().require(OWNER, session.id())).isEqualTo(session);
        for (String id : List.of(session.id(), "0".repeat(32), "../" + session.id(), "", session.id() + "/")) {
            refused(() -> sessions.require("another", id), 404, "not_found");
        }
        assertThatThrownBy(() -> sessions.create("../other", S13, null)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSuccessorCountsOnAndLeavesTheOldOneItsGrace() throws IOException {
        Session first = sessions.create(OWNER, S13, null);
        pass(Duration.ofHours(1));
        Session second = sessions.create(OWNER, S13, first.id());
        assertThat(second.epoch()).isEqualTo(2);
        assertThat(sessions.require(OWNER, first.id()).state(now.get())).isEqualTo(Session.State.GRACE);
        pass(GRACE);
        refused(() -> sessions.requireUsable(OWNER, first.id()), 410, "key_epoch_expired");
        assertThat(sessions.requireActive(OWNER, second.id()).epoch()).isEqualTo(2);

        refused(() -> sessions.create(OWNER, SCHEMES.require("S14"), second.id()), 422, "preset_mismatch");
        refused(() -> sessions.create("another", S13, second.id()), 404, "not_found");
    }

    @Test
    void anOwnerHasAQuota() throws IOException {
        Session first = sessions.create(OWNER, S13, null);
        sessions.create(OWNER, S13, null);
        refused(() -> sessions.create(OWNER, S13, null), 429, "quota_exceeded");
        sessions.create("another", S13, null);
        sessions.delete(OWNER, first.id());
        refused(() -> sessions.require(OWNER, first.id()), 404, "not_found");
        sessions.create(OWNER, S13, null);
    }

    @Test
    void aSweepLeavesATombstoneAndNoLeftovers() throws IOException {
        Session session = sessions.create(OWNER, S13, null);
        Path folder = dir.resolve("fhe").resolve(sessions.path(session));
        Path unnamed = Files.writeString(folder.resolve("galois-0.keys"), "x");
        Path draft = Files.writeString(folder.resolve("killed.draft"), "x");
        Path orphan = Files.createDirectories(folder.resolveSibling("f".repeat(32)));
        for (Path old : List.of(unnamed, draft, orphan)) {
            Files.setLastModifiedTime(old, FileTime.from(now.get().minus(Duration.ofHours(2))));
        }
        Path recent = Files.writeString(folder.resolve("galois-1.keys"), "x");
        Files.setLastModifiedTime(recent, FileTime.from(now.get()));

        sessions.sweep();
        assertThat(names(folder)).containsExactlyInAnyOrder("session.json", "galois-1.keys");
        assertThat(orphan).doesNotExist();

        pass(TTL.plus(GRACE));
        sessions.sweep();
        assertThat(names(folder)).containsExactly("session.json");

        pass(Duration.ofDays(7));
        sessions.sweep();
        assertThat(folder).doesNotExist();
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }
}
