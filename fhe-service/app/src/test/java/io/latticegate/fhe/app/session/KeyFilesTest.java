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
import io.latticegate.fhe.core.client.KeyGenerator;
import io.latticegate.fhe.core.client.MasterSeed;
import io.latticegate.fhe.core.key.SeededSwitchingKey;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.fhe.core.wire.MappedKeys;
import io.latticegate.fhe.core.wire.SealWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFilesTest {
    private static final Scheme S12 = new Schemes(Backends.cpu()).require("S12");
    private static final String OWNER = "0199f0a0-0000-7000-8000-000000000001";
    private static final long KEY_BYTES = MappedKeys.bytes(S12.parameters(), 1);

    @TempDir
    private Path dir;

    private Sessions sessions;
    private KeyFiles keys;
    private Session session;

    @BeforeEach
    void open() throws IOException {
        FheConfig config = new FheConfig(
                true,
                new HostPort("127.0.0.1", 0),
                List.of(),
                dir,
                Duration.ofHours(1),
                Duration.ZERO,
                2L << 20,
                new FheConfig.Uploads(1, Duration.ofMinutes(1), 1),
                new FheConfig.Queue(1, 16L << 20, 1, Duration.ofSeconds(1)),
                new FheConfig.Quota(10, 1L << 20),
                new FheConfig.Heads(1, 1L << 20),
                new FheConfig.Indexes(1, 1L << 20, 1),
                new FheConfig.Cache(1L << 20, Duration.ofMinutes(1)),
                new FheConfig.Accelerator(FheConfig.Accelerator.Kind.CPU, 0, 1L << 30));
        Folder folder = new Folder(dir, new SecureRandom());
        sessions = new Sessions(folder, config, InstantSource.system());
        keys = new KeyFiles(folder, sessions, config);
        session = sessions.create(OWNER, S12, null);
    }

    private static byte[] galois(int... elements) throws IOException {
        KeyGenerator generator =
                new KeyGenerator(S12.parameters(), S12.backend(), MasterSeed.generate(new SecureRandom()), 1);
        Map<Integer, SeededSwitchingKey> byElement = new HashMap<>();
        for (int element : elements) {
            byElement.put(element, generator.galoisKey(generator.secretKey(), element));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SealWriter.write(S12.objects().galoisContainer(byElement), out, Compression.NONE);
        return out.toByteArray();
    }

    private KeySet put(byte[] container) throws IOException {
        return keys.put(session, S12, KeyKind.GALOIS, new ByteArrayInputStream(container), null);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(dir.resolve(sessions.path(session)))) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aSecondUploadTakesThePlaceOfTheFirst() throws IOException {
        KeySet first = put(galois(3, 9));
        assertThat(first.elements()).containsExactly(3, 9);
        assertThat(first.storedBytes()).isEqualTo(2 * KEY_BYTES);
        KeySet second = put(galois(5));
        assertThat(keys.find(session, KeyKind.GALOIS)).isEqualTo(second);
        assertThat(files()).containsExactly(second.file(), "galois.json", "session.json");
        keys.delete(session, KeyKind.GALOIS);
        assertThat(files()).containsExactly("session.json");
        assertThatThrownBy(() -> keys.delete(session, KeyKind.GALOIS)).hasMessageContaining("no galois keys");
    }

    @Test
    void whatIsRefusedLeavesWhatWasThere() throws IOException {
        KeySet kept = put(galois(3));
        byte[] cut = Arrays.copyOf(galois(5), 90_000);
        assertThatThrownBy(() -> put(cut)).hasMessageContaining("Galois keys");
        assertThatThrownBy(
                        () -> keys.put(session, S12, KeyKind.GALOIS, new ByteArrayInputStream(galois(5)), new byte[32]))
                .hasMessageContaining("Content-Digest");
        InputStream broken = InputStream.nullInputStream();
        broken.close();
        assertThatThrownBy(() -> keys.put(session, S12, KeyKind.GALOIS, broken, null))
                .isInstanceOf(IOException.class);
        assertThat(files()).containsExactly(kept.file(), "galois.json", "session.json");
    }

    @Test
    void anOwnersKeysHaveAQuotaOverAllSessions() throws IOException {
        int[] most = {3, 5, 7, 9, 11};
        put(galois(most));
        session = sessions.create(OWNER, S12, null);
        assertThatThrownBy(() -> put(galois(most)))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo("quota_exceeded"));
        assertThat(files()).containsExactly("session.json");
        session = sessions.create("another", S12, null);
        put(galois(most));
    }

    @Test
    void aDeletedSessionTakesNoKeys() throws IOException {
        byte[] container = galois(3);
        InputStream deleting = new ByteArrayInputStream(container) {
            private boolean deleted;

            @Override
            public synchronized int read(byte[] to, int offset, int length) {
                if (!deleted) {
                    deleted = true;
                    sessionIsDeleted();
                }
                return super.read(to, offset, length);
            }
        };
        assertThatThrownBy(() -> keys.put(session, S12, KeyKind.GALOIS, deleting, null))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.status()).isEqualTo(404));
        assertThat(dir.resolve(sessions.path(session))).doesNotExist();
    }

    private void sessionIsDeleted() {
        try {
            sessions.delete(OWNER, session.id());
        } catch (IOException fault) {
            throw new AssertionError(fault);
        }
    }

    @Test
    void mappedKeysAreClosedWhenTheirLastHolderLetsGo() throws IOException {
        try (OpenKeyCache open = new OpenKeyCache(keys, 1)) {
            put(galois(3));
            OpenKeys first = Objects.requireNonNull(open.find(session, S12, KeyKind.GALOIS));
            assertThat(open.find(session, S12, KeyKind.GALOIS)).isSameAs(first);
            first.release();
            put(galois(5));
            OpenKeys second = Objects.requireNonNull(open.find(session, S12, KeyKind.GALOIS));
            assertThat(open.size()).isEqualTo(1);
            assertThat(second.galois().byElement()).containsOnlyKeys(5);
            assertThat(first.galois().byElement()).containsOnlyKeys(3);
            read(first);
            first.release();
            assertThatThrownBy(() -> read(first)).isInstanceOf(IllegalStateException.class);
            read(second);
            second.release();
            assertThat(open.find(sessions.create(OWNER, S12, null), S12, KeyKind.GALOIS))
                    .isNull();
        }
    }

    private static void read(OpenKeys keys) {
        keys.galois().byElement().values().forEach(key -> {
            var mask = key.digits().getFirst().mask();
            S12.backend().download(mask, new long[mask.base().words()], 0);
        });
    }
}
