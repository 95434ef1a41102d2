package io.latticegate.common.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.LeaseKey;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.crypto.MeshAuthority;
import io.latticegate.common.crypto.MeshIdentity;
import io.latticegate.common.value.SealedSecret;
import io.latticegate.common.value.Secret;
import io.latticegate.common.value.ServiceRole;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SignedExchangeTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-21T12:00:00Z"));
    private final InstantSource clock = now::get;
    private final SecureRandom random = new SecureRandom();
    private final MeshAuthority authority = MeshAuthority.create("test", clock, random);
    private final MeshIdentity vaultIdentity = authority.issue(ServiceRole.VAULT, "vault-0");
    private final SignedExchange proxy = exchange(authority.issue(ServiceRole.PROXY, "proxy-0"));
    private final SignedExchange vault = exchange(vaultIdentity);
    private final LeaseKey question = new LeaseKey(Owner.project("p"), "openai");

    @Test
    void tellsTheVaultWhoAsks() {
        var verified = vault.verifyQuestion(
                VaultApi.LEASE_KEY, proxy.sign(VaultApi.LEASE_KEY, question).question());

        assertThat(verified.question()).isEqualTo(question);
        assertThat(verified.asker().role()).isEqualTo(ServiceRole.PROXY);
        assertThat(verified.asker().node()).isEqualTo("proxy-0");
    }

    @Test
    void refusesAnAskerOfAnotherMesh() {
        MeshAuthority foreign = MeshAuthority.create("test", clock, random);
        SignedExchange rogue = exchange(foreign.issue(ServiceRole.PROXY, "proxy-0"));

        assertThatThrownBy(() -> vault.verifyQuestion(
                        VaultApi.LEASE_KEY,
                        rogue.sign(VaultApi.LEASE_KEY, question).question()))
                .isInstanceOf(SignedExchange.NotPermitted.class);
    }

    @Test
    void refusesARoleThatTheEndpointDoesNotAdmit() {
        SignedExchange admin = exchange(authority.issue(ServiceRole.ADMIN, "admin-0"));

        assertThatThrownBy(() -> vault.verifyQuestion(
                        VaultApi.LEASE_KEY,
                        admin.sign(VaultApi.LEASE_KEY, question).question()))
                .isInstanceOf(SignedExchange.NotPermitted.class)
                .hasMessageContaining("admin-service");
    }

    @Test
    void refusesAQuestionAskedTwiceOrTooLate() {
        SignedQuestion signed = proxy.sign(VaultApi.LEASE_KEY, question).question();
        assertThat(vault.verifyQuestion(VaultApi.LEASE_KEY, signed).question()).isEqualTo(question);

        assertThatThrownBy(() -> vault.verifyQuestion(VaultApi.LEASE_KEY, signed))
                .isInstanceOf(SignedExchange.NotPermitted.class)
                .hasMessageContaining("before");
        SignedQuestion late = proxy.sign(VaultApi.LEASE_KEY, question).question();
        now.set(now.get().plus(Duration.ofSeconds(31)));
        assertThatThrownBy(() -> vault.verifyQuestion(VaultApi.LEASE_KEY, late))
                .isInstanceOf(SignedExchange.NotPermitted.class)
                .hasMessageContaining("31000 ms old");
    }

    @Test
    void refusesAQuestionWhoseSealingKeyWasExchanged() {
        SignedQuestion honest = proxy.sign(VaultApi.LEASE_KEY, question).question();
        byte[] own = exchangeKey();
        SignedQuestion stolen = new SignedQuestion(
                honest.question(), honest.certificate(), own, honest.issuedAt(), honest.nonce(), honest.signature());

        assertThatThrownBy(() -> vault.verifyQuestion(VaultApi.LEASE_KEY, stolen))
                .isInstanceOf(SignedExchange.NotPermitted.class);
    }

    @Test
    void refusesAQuestionSentToAnotherAddress() {
        SignedQuestion signed = proxy.sign(VaultApi.TRANSPORT_KEY, new VaultApi.TransportKeyRequest())
                .question();

        assertThatThrownBy(() -> vault.verifyQuestion(VaultApi.STORE_KEY, signed))
                .isInstanceOf(SignedExchange.NotPermitted.class);
    }

    @Test
    void believesAnAnswerOnlyFromTheVault() {
        var prepared = proxy.sign(VaultApi.LEASE_KEY, question);
        SignedReply honest = vault.signReply(VaultApi.LEASE_KEY, prepared.questionHash(), new VaultApi.NoSuchKey());
        assertThat(proxy.verifyReply(VaultApi.LEASE_KEY, prepared, honest)).isEqualTo(new VaultApi.NoSuchKey());

        SignedReply byPeer = exchange(authority.issue(ServiceRole.PROXY, "proxy-1"))
                .signReply(VaultApi.LEASE_KEY, prepared.questionHash(), new VaultApi.NoSuchKey());
        SignedReply toOther = vault.signReply(VaultApi.LEASE_KEY, new byte[32], new VaultApi.NoSuchKey());
        SignedReply changed = new SignedReply(byPeer.reply(), honest.certificate(), byPeer.signature());
        for (SignedReply forged : new SignedReply[] {byPeer, toOther, changed}) {
            assertThatThrownBy(() -> proxy.verifyReply(VaultApi.LEASE_KEY, prepared, forged))
                    .isInstanceOfSatisfying(
                            BusFault.class, fault -> assertThat(fault.kind()).isEqualTo(BusFault.Kind.UNTRUSTED_REPLY));
        }
    }

    @Test
    void opensASealedSecretOnlyAsTheAskerOfThatQuestion() {
        var prepared = proxy.sign(VaultApi.LEASE_KEY, question);
        Asker asker =
                vault.verifyQuestion(VaultApi.LEASE_KEY, prepared.question()).asker();
        SealedSecret sealed = asker.seal(Secret.ofText("sk-canary"));

        assertThat(proxy.open(prepared.questionHash(), sealed)).isEqualTo(Secret.ofText("sk-canary"));
        SignedExchange other = exchange(authority.issue(ServiceRole.PROXY, "proxy-1"));
        assertThatThrownBy(() -> other.open(prepared.questionHash(), sealed)).isInstanceOf(BusFault.class);
        assertThatThrownBy(() -> proxy.open(new byte[32], sealed)).isInstanceOf(BusFault.class);
    }

    private byte[] exchangeKey() {
        return authority.issue(ServiceRole.PROXY, "proxy-9").sealing().publicKey();
    }

    private SignedExchange exchange(MeshIdentity identity) {
        return new SignedExchange(identity, clock, random);
    }
}
