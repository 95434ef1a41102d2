package io.latticegate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.client.error.LocalStoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SeedFileTest {
    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("seed");
    }

    private SeedFile open() {
        return SeedFile.open(file(), new SecureRandom());
    }

    @Test
    void isMadeOnceForItsOwnerOnly() throws IOException {
        open().close();
        byte[] first = Files.readAllBytes(file());
        open().close();

        assertThat(first).hasSize(64).isNotEqualTo(new byte[64]);
        assertThat(Files.readAllBytes(file())).isEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(file());
        }
    }

    @Test
    void refusesAFileThatOthersCanReadOrThatIsNoSeed() throws IOException {
        open().close();
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(this::open).isInstanceOf(LocalStoreException.class).hasMessageContaining("rw-r-----");

        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-------"));
        Files.write(file(), new byte[63]);
        assertThatThrownBy(this::open).isInstanceOf(LocalStoreException.class).hasMessageContaining("64 bytes");

        Files.delete(file());
        Files.write(folder.resolve("elsewhere"), new byte[64]);
        Files.createSymbolicLink(file(), folder.resolve("elsewhere"));
        assertThatThrownBy(this::open).isInstanceOf(LocalStoreException.class).hasMessageContaining("64 bytes");
    }

    @Test
    void noEpochIsGivenTwiceAlsoByAnotherProcess() {
        Set<Integer> given = ConcurrentHashMap.newKeySet();
        try (SeedFile one = open();
                SeedFile other = open()) {
            Stream.of(one, other, one, other).parallel().forEach(file -> {
                for (int i = 0; i < 10; i++) {
                    given.add(file.nextEpoch());
                }
            });
        }
        try (SeedFile later = open()) {
            given.add(later.nextEpoch());
        }

        assertThat(given).hasSize(41).contains(1, 41);
    }

    @Test
    void saysNothingOfTheSeed() {
        try (SeedFile seed = open()) {
            assertThat(seed).hasToString("SeedFile(****)");
        }
    }
}
