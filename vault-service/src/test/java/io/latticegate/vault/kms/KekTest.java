package io.latticegate.vault.kms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.value.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KekTest {
    private static final byte[] AAD = "aad".getBytes(UTF_8);

    private final SecureRandom random = new SecureRandom();
    private final String base64 = Base64.getEncoder().encodeToString(bytes(32));

    @Test
    void unwrapsOnlyWhatItWrappedForTheSameRecord() {
        StaticKek kek = StaticKek.ofBase64(base64, "test", random);
        byte[] dek = bytes(32);
        byte[] wrapped = kek.wrap(dek, AAD);
        assertThat(kek.unwrap(wrapped, AAD)).contains(dek);
        assertThat(kek.unwrap(wrapped, new byte[0])).isEmpty();
        assertThat(kek.unwrap(new byte[5], AAD)).isEmpty();
        assertThat(StaticKek.of(Secret.owning(bytes(32)), random).unwrap(wrapped, AAD))
                .isEmpty();
        for (int at = 0; at < wrapped.length; at++) {
            byte[] changed = wrapped.clone();
            changed[at] ^= 1;
            assertThat(kek.unwrap(changed, AAD)).as("byte %d", at).isEmpty();
        }
    }

    @Test
    void theSameKeyHasTheSameIdWhereverItComesFrom(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("kek"), base64 + "\n");
        StaticKek fromFile = StaticKek.read(file, random);
        assertThat(fromFile.id())
                .matches("static-[0-9a-f]{12}")
                .isEqualTo(StaticKek.ofBase64(" " + base64, "VAULT_KEY", random).id());
        assertThat(fromFile.toString()).doesNotContain(base64);
    }

    @Test
    void refusesWhatIsNot32BytesAndSaysWhere(@TempDir Path folder) throws IOException {
        for (String bad : List.of("", "secret", Base64.getEncoder().encodeToString(bytes(31)), base64 + "AAAA")) {
            assertThatThrownBy(() -> StaticKek.ofBase64(bad, "VAULT_KEY", random))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("VAULT_KEY must hold 32 bytes in base64");
        }
        Path large = Files.write(folder.resolve("large"), new byte[1_000]);
        assertThatThrownBy(() -> StaticKek.read(large, random))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("large");
        assertThatThrownBy(() -> StaticKek.read(folder.resolve("none"), random))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("none");
    }

    @Test
    void makesAKeyFileOnceAndForItsOwnerOnly(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("data/vault.kek");
        String id = StaticKek.readOrCreate(file, random).id();
        assertThat(StaticKek.readOrCreate(file, random).id()).isEqualTo(id);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void doesNotStartWithoutAKeyOrWithTwo(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("kek"), base64);
        assertThatThrownBy(() -> KekRing.configured(null, null, List.of(), random))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("VAULT_KEY_PATH")
                .hasMessageContaining("VAULT_KEY");
        assertThatThrownBy(() -> KekRing.configured(file, base64, List.of(), random))
                .isInstanceOf(IllegalStateException.class);
        assertThat(KekRing.configured(file, null, List.of(), random).active().id())
                .isEqualTo(KekRing.configured(null, base64, List.of(), random)
                        .active()
                        .id());
    }

    @Test
    void aRingFindsActiveAndPreviousKeysOnly(@TempDir Path folder) throws IOException {
        Path previous =
                Files.writeString(folder.resolve("old"), Base64.getEncoder().encodeToString(bytes(32)));
        KekRing ring = KekRing.configured(null, base64, List.of(previous), random);
        String old = StaticKek.read(previous, random).id();
        assertThat(ring.ids()).containsExactlyInAnyOrder(ring.active().id(), old);
        assertThat(ring.active().id()).isNotEqualTo(old);
        assertThat(ring.find(old)).isPresent();
        assertThat(ring.find("static-000000000000")).isEmpty();
        assertThatThrownBy(() -> KekRing.configured(null, base64, List.of(previous, previous), random))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("twice");
    }

    private byte[] bytes(int length) {
        byte[] drawn = new byte[length];
        random.nextBytes(drawn);
        return drawn;
    }
}
