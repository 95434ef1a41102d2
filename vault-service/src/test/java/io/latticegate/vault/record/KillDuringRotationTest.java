package io.latticegate.vault.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.contract.VaultApi.RotatedPart;
import io.latticegate.common.contract.VaultApi.Rotation;
import io.latticegate.common.contract.VaultApi.RotationState;
import io.latticegate.common.value.Secret;
import io.latticegate.vault.kms.KekRing;
import io.latticegate.vault.kms.StaticKek;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rotates in a process of its own, which is killed (SIGKILL) again and again, until the rotation is done. Then every record opens
 * under the new key alone, and none was counted twice. {@code -Dlatticegate.rotation.records} and {@code
 * -Dlatticegate.rotation.kills} make it larger.
 */
class KillDuringRotationTest {
    private static final int RECORDS = Integer.getInteger("latticegate.rotation.records", 700);
    private static final int KILLS = Integer.getInteger("latticegate.rotation.kills", 3);

    @TempDir
    private Path folder;

    @Test
    void aRotationThatIsKilledAgainAndAgainIsFinished() throws IOException, InterruptedException {
        Path file = folder.resolve("vault.db");
        DataSource database = TestDatabases.sqlite(file);
        try (KeyVault vault = vault(database, "k1")) {
            for (int i = 0; i < RECORDS; i++) {
                vault.store(owner(i), "openai", Secret.ofText("sk-" + i), null);
            }
        }
        KeyVault vault = vault(database, "k2", "k1");
        KeyRotation rotation = vault.rotation(entry -> {});
        rotation.begin(RotatedPart.KEK);
        long seed = new Random().nextLong();
        Random moments = new Random(seed);
        List<Long> progress = new ArrayList<>();

        while (progress.size() < KILLS) {
            long before = done(rotation);
            Process worker = worker(file, progress.size());
            long share = before + 1 + moments.nextInt(Math.max(1, (RECORDS - (int) before) / (KILLS + 1)));
            while (worker.isAlive() && done(rotation) < share) {
                Thread.onSpinWait();
            }
            worker.destroyForcibly().waitFor();
            progress.add(done(rotation));
        }
        Process last = worker(file, progress.size());
        assertThat(last.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(last.exitValue()).isZero();

        Rotation ended = rotation.last().orElseThrow();
        assertThat(ended.state()).as("seed %d, killed at %s", seed, progress).isEqualTo(RotationState.DONE);
        assertThat(ended.done()).isEqualTo(RECORDS + ServiceKeys.count());
        assertThat(progress.getFirst()).as("killed in the middle").isBetween(1L, (long) RECORDS - 1);
        try (KeyVault after = vault(database, "k2")) {
            for (int i = 0; i < RECORDS; i++) {
                assertThat(KeyRotationContract.leased(after, owner(i))).isEqualTo("sk-" + i);
            }
        }
    }

    private static long done(KeyRotation rotation) {
        return rotation.last().orElseThrow().done();
    }

    private static Owner owner(int number) {
        return Owner.project("proj_" + number);
    }

    /** @param predecessors whose hold has run out by its clock */
    private static Process worker(Path file, int predecessors) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Worker.class.getName(),
                        file.toString(),
                        Integer.toString(predecessors))
                .inheritIO()
                .start();
    }

    private static KeyVault vault(DataSource database, String active, String... previous) {
        return vault(database, InstantSource.system(), active, previous);
    }

    private static KeyVault vault(DataSource database, InstantSource clock, String active, String... previous) {
        return KeyVault.open(
                database,
                new KekRing(
                        kek(active),
                        List.of(previous).stream()
                                .map(KillDuringRotationTest::kek)
                                .toList()),
                Lifetimes.DEFAULT,
                clock,
                new SecureRandom());
    }

    /** The same key in every process. */
    private static StaticKek kek(String id) {
        byte[] key = new byte[32];
        key[0] = (byte) id.charAt(1);
        return StaticKek.of(id, Secret.owning(key), new SecureRandom());
    }

    /** Goes on with the rotation, by a clock that is later with each predecessor, and ends when it has. */
    static final class Worker {
        public static void main(String[] arguments) {
            Duration later = Duration.ofMillis(2 * KeyRotation.HELD_MILLIS).multipliedBy(Long.parseLong(arguments[1]));
            InstantSource clock = () -> InstantSource.system().instant().plus(later);
            KeyVault vault = vault(TestDatabases.reopened(Path.of(arguments[0])), clock, "k2", "k1");
            KeyRotation rotation = vault.rotation(entry -> {});
            while (rotation.last().orElseThrow().state() == RotationState.RUNNING) {
                rotation.work();
                Thread.onSpinWait();
            }
        }

        private Worker() {}
    }
}
