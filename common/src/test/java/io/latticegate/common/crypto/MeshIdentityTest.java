package io.latticegate.common.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.value.ServiceRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeshIdentityTest {
    private static final byte[] QUESTION = "vault.lease-key.v1".getBytes(UTF_8);

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-21T10:00:00Z"));
    private final InstantSource clock = now::get;
    private final SecureRandom random = new SecureRandom();
    private final MeshAuthority authority = MeshAuthority.create("prod-1", clock, random);

    @Test
    void aSignatureNamesItsSigner() {
        MeshIdentity proxy = authority.issue(ServiceRole.PROXY, "proxy-0");
        assertThat(authority.trust().verify(proxy.certificateDer(), QUESTION, proxy.sign(QUESTION)))
                .contains(new VerifiedPeer(ServiceRole.PROXY, "proxy-0", "prod-1"));
    }

    @Test
    void refusesAnotherMessageAnotherKeyAndGarbage() {
        MeshIdentity proxy = authority.issue(ServiceRole.PROXY, "proxy-0");
        MeshIdentity vault = authority.issue(ServiceRole.VAULT, "vault-0");
        MeshTrust trust = proxy.trust();
        assertThat(trust.verify(proxy.certificateDer(), new byte[] {1}, proxy.sign(QUESTION)))
                .isEmpty();
        assertThat(trust.verify(vault.certificateDer(), QUESTION, proxy.sign(QUESTION)))
                .isEmpty();
        assertThat(trust.verify(proxy.certificateDer(), QUESTION, new byte[0])).isEmpty();
        assertThat(trust.verify(new byte[] {1, 2, 3}, QUESTION, proxy.sign(QUESTION)))
                .isEmpty();
        assertThat(trust.verify(new byte[MeshTrust.CERTIFICATE_MAX_BYTES + 1], QUESTION, new byte[0]))
                .isEmpty();
    }

    @Test
    void refusesAnotherAuthorityEvenOfTheSameName() {
        MeshIdentity forged = MeshAuthority.create("prod-1", clock, random).issue(ServiceRole.VAULT, "vault-0");
        assertThat(authority.trust().peer(forged.certificate())).isEmpty();
    }

    @Test
    void refusesAnotherMeshOfTheSameAuthority() {
        MeshIdentity proxy = authority.issue(ServiceRole.PROXY, "proxy-0");
        MeshTrust other = new MeshTrust(authority.certificate(), "prod-2", clock);
        assertThat(other.peer(proxy.certificate())).isEmpty();
    }

    @Test
    void refusesTheAuthorityItselfAsAPeer() {
        assertThat(authority.trust().peer(authority.certificate())).isEmpty();
    }

    @Test
    void refusesEveryFlippedByteOfACertificate() {
        MeshIdentity proxy = authority.issue(ServiceRole.PROXY, "proxy-0");
        MeshTrust trust = authority.trust();
        byte[] der = proxy.certificateDer();
        for (int at = 0; at < der.length; at++) {
            byte[] changed = der.clone();
            changed[at] ^= 0x01;
            assertThat(trust.peer(changed)).as("byte %d", at).isEmpty();
        }
    }

    @Test
    void believesACertificateOnlyWhileItIsInDateAlsoWhenItIsRemembered() {
        MeshIdentity proxy = authority.issue(ServiceRole.PROXY, "proxy-0", Set.of(), Duration.ofHours(1));
        MeshTrust trust = authority.trust();
        assertThat(trust.peer(proxy.certificate())).isPresent();
        now.updateAndGet(before -> before.plusSeconds(3_601));
        assertThat(trust.peer(proxy.certificate())).isEmpty();
        assertThat(authority.trust().peer(proxy.certificate())).isEmpty();
        now.updateAndGet(before -> before.minus(Duration.ofHours(2)));
        assertThat(trust.peer(proxy.certificate())).isEmpty();
    }

    @Test
    void issuesNothingBeyondItsOwnEndNorBadNames() {
        assertThatThrownBy(() -> authority.issue(ServiceRole.PROXY, "proxy-0", Set.of(), Duration.ofDays(3_651)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> authority.issue(ServiceRole.PROXY, "a/vault-service/b"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MeshAuthority.create("UPPER", clock, random))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aCertificateServesBothSidesOfTlsOnLoopback() throws Exception {
        MeshIdentity vault = authority.issue(ServiceRole.VAULT, "vault-0");
        assertThat(vault.certificate().getExtendedKeyUsage())
                .containsExactlyInAnyOrder("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
        assertThat(vault.certificate().getSubjectAlternativeNames())
                .extracting(name -> String.valueOf(name.get(1)))
                .containsExactlyInAnyOrder(
                        "spiffe://latticegate/prod-1/vault-service/vault-0",
                        "localhost",
                        "127.0.0.1",
                        "0:0:0:0:0:0:0:1");
        assertThat(vault.certificate().getNotAfter().toInstant())
                .isEqualTo(now.get().plus(Duration.ofDays(365)));
    }

    @Test
    void survivesBeingWrittenAndRead(@TempDir Path folder) throws IOException {
        authority.write(folder.resolve("ca"));
        MeshAuthority read = MeshAuthority.read(folder.resolve("ca"), clock, random);
        MeshIdentity issued = read.issue(ServiceRole.ADMIN, "admin-0");
        issued.write(folder.resolve("admin"));
        MeshIdentity admin = MeshIdentity.read(folder.resolve("admin"), clock, random);
        assertThat(admin.role()).isEqualTo(ServiceRole.ADMIN);
        assertThat(admin.node()).isEqualTo("admin-0");
        assertThat(admin.mesh()).isEqualTo("prod-1");
        assertThat(authority.trust().verify(admin.certificateDer(), QUESTION, admin.sign(QUESTION)))
                .isPresent();
        for (String key : new String[] {"ca/ca.key", "admin/tls.key"}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(key))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void refusesAKeyThatIsAnothers(@TempDir Path folder) throws IOException {
        authority.issue(ServiceRole.ADMIN, "admin-0").write(folder.resolve("a"));
        authority.issue(ServiceRole.ADMIN, "admin-1").write(folder.resolve("b"));
        Files.copy(
                folder.resolve("b/tls.key"),
                folder.resolve("a/tls.key"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> MeshIdentity.read(folder.resolve("a"), clock, random))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tls.key");
    }

    @Test
    void aPrivateFileIsCreatedOnce(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("deep/kek");
        assertThat(PrivateFile.createIfMissing(file, new byte[] {1})).isTrue();
        assertThat(PrivateFile.createIfMissing(file, new byte[] {2})).isFalse();
        assertThat(file).hasBinaryContent(new byte[] {1});
        try (var files = Files.list(folder.resolve("deep"))) {
            assertThat(files).containsExactly(file);
        }
    }
}
