package io.latticegate.vault.kms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.config.ConfiguredSecret;
import io.latticegate.common.config.EncryptionConfig;
import io.latticegate.common.config.EncryptionKey;
import io.latticegate.common.value.Secret;
import java.io.IOException;
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

    @Test
    void unwrapsOnlyWhatItWrappedForTheSameRecord() {
        StaticKek kek = kek("k1");
        byte[] dek = bytes(32);
        byte[] wrapped = kek.wrap(dek, AAD);
        assertThat(kek.unwrap(wrapped, AAD)).contains(dek);
        assertThat(kek.unwrap(wrapped, new byte[0])).isEmpty();
        assertThat(kek.unwrap(new byte[5], AAD)).isEmpty();
        assertThat(kek("k1").unwrap(wrapped, AAD)).isEmpty();
        for (int at = 0; at < wrapped.length; at++) {
            byte[] changed = wrapped.clone();
            changed[at] ^= 1;
            assertThat(kek.unwrap(changed, AAD)).as("byte %d", at).isEmpty();
        }
    }

    @Test
    void refusesWhatIsNot32Bytes() {
        assertThatThrownBy(() -> StaticKek.of("k1", Secret.owning(new byte[31]), random))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the key-encryption key k1 has 31 bytes, not 32");
    }

    @Test
    void makesAKeyFileOnceAndForItsOwnerOnly(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("data/vault.kek");
        StaticKek.createFileIfMissing(file, random);
        String text = Files.readString(file);
        assertThat(Base64.getDecoder().decode(text)).hasSize(32);
        StaticKek.createFileIfMissing(file, random);
        assertThat(Files.readString(file)).isEqualTo(text);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void doesNotStartWithoutAKey() {
        assertThatThrownBy(() -> KekRing.configured(new EncryptionConfig(List.of(), ""), random))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("VAULT_KEY_PATH")
                .hasMessageContaining("encryption.keys");
        EncryptionKey unreadable = new EncryptionKey("k1", "env:VAULT_KEY", ConfiguredSecret.unset());
        assertThatThrownBy(() -> KekRing.configured(new EncryptionConfig(List.of(unreadable), "k1"), random))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void wrapsWithTheActiveKeyAndUnwrapsWithAnyConfiguredOne() {
        KekRing ring = KekRing.configured(new EncryptionConfig(List.of(key("old"), key("new")), "new"), random);
        assertThat(ring.active().id()).isEqualTo("new");
        assertThat(ring.ids()).containsExactlyInAnyOrder("old", "new");
        assertThat(ring.find("old")).isPresent();
        assertThat(ring.find("other")).isEmpty();
    }

    @Test
    void leavesTheConfigurationsKeyAloneWhenItIsClosed() {
        EncryptionKey key = key("k1");
        StaticKek kek = (StaticKek) KekRing.configured(new EncryptionConfig(List.of(key), "k1"), random)
                .active();
        byte[] wrapped = kek.wrap(bytes(32), AAD);
        kek.close();
        assertThatThrownBy(() -> kek.unwrap(wrapped, AAD)).isInstanceOf(IllegalStateException.class);
        assertThat(KekRing.configured(new EncryptionConfig(List.of(key), "k1"), random)
                        .active()
                        .unwrap(wrapped, AAD))
                .isPresent();
    }

    @Test
    void refusesTwoKeysOfOneIdAndBadIds() {
        assertThatThrownBy(() -> new KekRing(kek("k1"), List.of(kek("k1"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("twice");
        assertThatThrownBy(() -> new KekRing(kek("a b"), List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    private StaticKek kek(String id) {
        return StaticKek.of(id, Secret.owning(bytes(32)), random);
    }

    private EncryptionKey key(String id) {
        return new EncryptionKey(id, "env:VAULT_KEY", ConfiguredSecret.of(Secret.owning(bytes(32))));
    }

    private byte[] bytes(int length) {
        byte[] drawn = new byte[length];
        random.nextBytes(drawn);
        return drawn;
    }
}
