package io.latticegate.vault.record;

import static io.latticegate.vault.record.KeyVaultContract.ALICE;
import static io.latticegate.vault.record.KeyVaultContract.BOB;
import static io.latticegate.vault.record.KeyVaultContract.PROJECT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.contract.VaultApi.RotatedPart;
import io.latticegate.common.crypto.Hpke;
import io.latticegate.common.crypto.SealingKeyPair;
import io.latticegate.common.value.SealedSecret;
import io.latticegate.common.value.Secret;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.vault.kms.KekRing;
import io.latticegate.vault.kms.StaticKek;
import io.latticegate.vault.record.VaultAudit.Action;
import io.latticegate.vault.record.VaultAudit.Entry;
import io.latticegate.vault.record.VaultAudit.Outcome;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultFlowTest {
    private static final byte[] INFO = "latticegate/vault/reply/v1".getBytes(UTF_8);
    private static final byte[] QUESTION = "the signed question".getBytes(UTF_8);
    private static final byte[] NOTHING = {};

    private final SecureRandom random = new SecureRandom();
    private final InstantSource clock = InstantSource.fixed(Instant.parse("2026-11-21T10:00:00Z"));
    private final List<Entry> audited = new ArrayList<>();
    private final List<String> order = new ArrayList<>();
    private final List<VaultApi.Changed> changed = new ArrayList<>();
    private final AtomicBoolean auditFails = new AtomicBoolean();
    private final TestAsker edge = new TestAsker(ServiceRole.PROXY);
    private final TestAsker admin = new TestAsker(ServiceRole.ADMIN);

    @TempDir
    private Path folder;

    private DataSource database;
    private VaultFlow flow;
    private KeyVault vault;

    /** Seals as the bus does. */
    private final class TestAsker implements Asker {
        private final ServiceRole role;
        private final SealingKeyPair pair = SealingKeyPair.generate(random);

        TestAsker(ServiceRole role) {
            this.role = role;
        }

        @Override
        public ServiceRole role() {
            return role;
        }

        @Override
        public String node() {
            return role.label() + "-0";
        }

        @Override
        public SealedSecret seal(Secret secret) {
            order.add("seal");
            return Hpke.seal(pair.publicKey(), INFO, QUESTION, secret);
        }
    }

    @BeforeEach
    void openVault() {
        database = TestDatabases.sqlite(folder.resolve("vault.db"));
        StaticKek kek = StaticKek.of("kek-1", Secret.owning(new byte[32]), random);
        vault = KeyVault.open(database, new KekRing(kek, List.of()), Lifetimes.DEFAULT, clock, random);
        flow = new VaultFlow(
                vault,
                entry -> {
                    if (auditFails.get()) {
                        throw new IllegalStateException("the audit is full");
                    }
                    order.add("audit");
                    audited.add(entry);
                },
                changed::add);
    }

    @Test
    void onlyAdminServiceRotatesAndSeesTheVaultAsAWhole() {
        RotationFlow rotations = rotations();
        assertThatThrownBy(() -> rotations.rotate(new VaultApi.Rotate(RotatedPart.DEK), edge))
                .isInstanceOf(NotPermitted.class);
        assertThatThrownBy(() -> rotations.describeVault(new VaultApi.DescribeVault(), edge))
                .isInstanceOf(NotPermitted.class);
        assertThatThrownBy(() -> rotations.listRecords(new VaultApi.ListRecords("", 10), edge))
                .isInstanceOf(NotPermitted.class);
        assertThat(audited)
                .extracting(Entry::outcome)
                .containsOnly(Outcome.REFUSED)
                .hasSize(3);
        assertThat(rotations.describeVault(new VaultApi.DescribeVault(), admin).rotation())
                .isNull();
    }

    @Test
    void aRotationIsAuditedBeforeItBeginsOrDoesNotBegin() {
        RotationFlow rotations = rotations();
        auditFails.set(true);
        assertThatThrownBy(() -> rotations.rotate(new VaultApi.Rotate(RotatedPart.DEK), admin))
                .isInstanceOf(IllegalStateException.class);
        auditFails.set(false);
        assertThat(rotations.describeVault(new VaultApi.DescribeVault(), admin).rotation())
                .isNull();
        audited.clear();

        assertThat(rotations.rotate(new VaultApi.Rotate(RotatedPart.DEK), admin))
                .isInstanceOf(VaultApi.RotationStarted.class);

        assertThat(audited).singleElement().satisfies(entry -> {
            assertThat(entry.action()).isEqualTo(Action.ROTATE);
            assertThat(entry.outcome()).isEqualTo(Outcome.BEGUN);
        });
        VaultApi.VaultDescription described = rotations.describeVault(new VaultApi.DescribeVault(), admin);
        assertThat(described.activeKek()).isEqualTo("kek-1");
        assertThat(described.keks()).containsExactly(new VaultApi.KekUse("kek-1", 2, true));
        assertThat(described.rotation()).isNotNull();
    }

    private RotationFlow rotations() {
        VaultAudit audit = entry -> {
            if (auditFails.get()) {
                throw new IllegalStateException("the audit is full");
            }
            audited.add(entry);
        };
        return new RotationFlow(vault, vault.rotation(audit), audit);
    }

    @Test
    void sealsALeasedKeyToTheAskerAfterAuditingIt() {
        VaultApi.StoreKeyReply stored = store(edge, ALICE, "sk-alice", 100L);
        audited.clear();
        order.clear();
        VaultApi.Leased leased = (VaultApi.Leased) flow.leaseKey(new VaultApi.LeaseKey(ALICE, "openai"), edge);
        assertThat(Hpke.open(edge.pair, INFO, QUESTION, leased.keys().getFirst().key()))
                .contains(Secret.ofText("sk-alice"));
        assertThat(Hpke.open(
                        admin.pair, INFO, QUESTION, leased.keys().getFirst().key()))
                .isEmpty();
        assertThat(leased.validForMillis()).isZero();
        assertThat(stored)
                .isEqualTo(new VaultApi.Stored(leased.keys().getFirst().fingerprint()));
        assertThat(order).containsExactly("audit", "seal");
        assertThat(audited)
                .containsExactly(new Entry(
                        Action.LEASE,
                        ALICE,
                        "openai",
                        leased.keys().getFirst().fingerprint(),
                        Outcome.RELEASED,
                        null,
                        ServiceRole.PROXY,
                        "proxy-service-0"));
    }

    @Test
    void releasesNothingWhenTheAuditFails() {
        store(edge, ALICE, "sk-alice", 100L);
        order.clear();
        auditFails.set(true);
        assertThatThrownBy(() -> flow.leaseKey(new VaultApi.LeaseKey(ALICE, "openai"), edge))
                .hasMessage("the audit is full");
        assertThatThrownBy(() -> flow.describeKeys(new VaultApi.DescribeKeys(ALICE), edge))
                .hasMessage("the audit is full");
        assertThat(order).isEmpty();
    }

    @Test
    void changesNothingWhenTheAuditFails() {
        store(edge, ALICE, "sk-alice", 100L);
        auditFails.set(true);
        assertThatThrownBy(() -> store(edge, ALICE, "sk-other", 101L)).hasMessage("the audit is full");
        assertThatThrownBy(() -> flow.deleteKey(new VaultApi.DeleteKey(ALICE, "openai", VaultApi.DEFAULT_KEY), edge))
                .hasMessage("the audit is full");
        assertThat(vault.fingerprintOf(ALICE, "openai", VaultApi.DEFAULT_KEY))
                .contains(vault.fingerprintOf(Secret.ofText("sk-alice")));
    }

    @Test
    void answersNoSuchKeyAndCorruptAndAuditsThem() {
        assertThat(flow.leaseKey(new VaultApi.LeaseKey(ALICE, "openai"), edge)).isEqualTo(new VaultApi.NoSuchKey());
        assertThat(audited).extracting(Entry::outcome).containsExactly(Outcome.NONE);
        store(edge, ALICE, "sk-alice", 100L);
        audited.clear();
        TestDatabases.execute(database, "UPDATE vault_records SET provider = 'gemini'");
        assertThat(flow.leaseKey(new VaultApi.LeaseKey(ALICE, "gemini"), edge)).isEqualTo(new VaultApi.Corrupt());
        assertThat(audited).extracting(Entry::outcome).containsExactly(Outcome.CORRUPT);
        assertThat(audited).extracting(Entry::reason).containsExactly("WRAPPED_KEY");
        assertThat(order).doesNotContain("seal");
    }

    @Test
    void lendsTheOtherKeysWhereOneIsDamaged() {
        for (String name : List.of("a", "b")) {
            vault.store(PROJECT, "openai", name, null, Secret.ofText("sk-" + name), null);
        }
        TestDatabases.execute(database, "UPDATE vault_records SET version = 9 WHERE key_name = 'a'");

        VaultApi.Leased leased = (VaultApi.Leased) flow.leaseKey(new VaultApi.LeaseKey(PROJECT, "openai"), edge);

        assertThat(leased.keys()).extracting(VaultApi.LentKey::name).containsExactly("b");
        assertThat(Hpke.open(edge.pair, INFO, QUESTION, leased.keys().getFirst().key()))
                .contains(Secret.ofText("sk-b"));
        assertThat(audited).extracting(Entry::outcome).containsExactly(Outcome.CORRUPT, Outcome.RELEASED);
    }

    @Test
    void onlyAdminWeighsKeysAndEdgesHearOfIt() {
        vault.store(PROJECT, "openai", "a", null, Secret.ofText("sk-a"), null);
        var question = new VaultApi.WeighKey(PROJECT, "openai", "a", 4);
        refused(Action.WEIGH, () -> flow.weighKey(question, edge));
        assertThat(changed).isEmpty();
        assertThat(flow.weighKey(question, admin)).isEqualTo(new VaultApi.WeighKeyReply(true));
        assertThat(changed).containsExactly(new VaultApi.Changed(PROJECT, "openai"));
        assertThat(vault.describe(PROJECT).getFirst().weight()).isEqualTo(4);
    }

    @Test
    void onlyTheEdgeLeases() {
        store(admin, PROJECT, "sk-project", null);
        for (ServiceRole role : ServiceRole.values()) {
            TestAsker asker = new TestAsker(role);
            if (role == ServiceRole.PROXY) {
                assertThat(flow.leaseKey(new VaultApi.LeaseKey(PROJECT, "openai"), asker))
                        .isInstanceOf(VaultApi.Leased.class);
            } else {
                refused(Action.LEASE, () -> flow.leaseKey(new VaultApi.LeaseKey(PROJECT, "openai"), asker));
            }
        }
    }

    @Test
    void eachRoleLooksAfterItsOwnKindOfOwner() {
        for (ServiceRole role : ServiceRole.values()) {
            TestAsker asker = new TestAsker(role);
            if (role != ServiceRole.PROXY) {
                refused(Action.STORE, () -> store(asker, ALICE, "sk-1", 100L));
                refused(
                        Action.DELETE,
                        () -> flow.deleteKey(new VaultApi.DeleteKey(ALICE, "openai", VaultApi.DEFAULT_KEY), asker));
                refused(Action.DESCRIBE, () -> flow.describeKeys(new VaultApi.DescribeKeys(ALICE), asker));
            }
            if (role != ServiceRole.ADMIN) {
                refused(Action.STORE, () -> store(asker, PROJECT, "sk-1", null));
                refused(
                        Action.DELETE,
                        () -> flow.deleteKey(new VaultApi.DeleteKey(PROJECT, "openai", VaultApi.DEFAULT_KEY), asker));
                refused(Action.DESCRIBE, () -> flow.describeKeys(new VaultApi.DescribeKeys(PROJECT), asker));
                refused(Action.STORE, () -> store(asker, Owner.gateway(), "sk-1", null));
            }
        }
        assertThat(vault.recordsByKek().values()).containsExactly(2L);
        assertThat(changed).isEmpty();
    }

    @Test
    void auditsAChangeBeforeAndAfterAndTellsOfIt() {
        store(edge, ALICE, "sk-alice", 100L);
        assertThat(flow.deleteKey(new VaultApi.DeleteKey(ALICE, "openai", VaultApi.DEFAULT_KEY), edge))
                .isEqualTo(new VaultApi.DeleteKeyReply(true));
        assertThat(flow.deleteKey(new VaultApi.DeleteKey(ALICE, "openai", VaultApi.DEFAULT_KEY), edge))
                .isEqualTo(new VaultApi.DeleteKeyReply(false));
        assertThat(audited)
                .extracting(Entry::action, Entry::outcome)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(Action.STORE, Outcome.BEGUN),
                        org.assertj.core.groups.Tuple.tuple(Action.STORE, Outcome.DONE),
                        org.assertj.core.groups.Tuple.tuple(Action.DELETE, Outcome.BEGUN),
                        org.assertj.core.groups.Tuple.tuple(Action.DELETE, Outcome.DONE),
                        org.assertj.core.groups.Tuple.tuple(Action.DELETE, Outcome.BEGUN),
                        org.assertj.core.groups.Tuple.tuple(Action.DELETE, Outcome.NONE));
        assertThat(audited.get(3).fingerprint()).isEqualTo(vault.fingerprintOf(Secret.ofText("sk-alice")));
        assertThat(changed).startsWith(new VaultApi.Changed(ALICE, "openai"), new VaultApi.Changed(ALICE, "openai"));
    }

    @Test
    void refusesAnOlderSignature() {
        store(edge, ALICE, "sk-alice", 100L);
        changed.clear();
        assertThat(store(edge, ALICE, "sk-older", 99L)).isEqualTo(new VaultApi.OlderThanStored(100));
        assertThat(audited.getLast().outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(changed).isEmpty();
    }

    @Test
    void refusesAKeySealedForAnotherOwnerOrProvider() {
        VaultApi.TransportKey transport = flow.transportKey(new VaultApi.TransportKeyRequest(), edge);
        SealedSecret forBob = sealed(transport, BOB, "openai", Secret.ofText("sk-bob"));
        for (String provider : List.of("openai", "gemini")) {
            assertThat(flow.storeKey(VaultApi.StoreKey.unnamed(ALICE, provider, transport.id(), forBob, 100L), edge))
                    .isInstanceOf(VaultApi.Unreadable.class);
        }
        assertThat(vault.describe(ALICE)).isEmpty();
        assertThat(audited).extracting(Entry::outcome).containsOnly(Outcome.REFUSED);
    }

    @Test
    void refusesAKeySealedToAReplacedTransportKey() {
        VaultApi.TransportKey before = flow.transportKey(new VaultApi.TransportKeyRequest(), edge);
        vault.rotateTransportKey();
        SealedSecret sealed = sealed(before, ALICE, "openai", Secret.ofText("sk-alice"));
        assertThat(flow.storeKey(VaultApi.StoreKey.unnamed(ALICE, "openai", before.id(), sealed, 100L), edge))
                .isEqualTo(new VaultApi.UnknownTransportKey());
    }

    @Test
    void refusesWhatIsNoKey() {
        for (String bad : List.of("a b", "line\r\nX-Evil: 1", "k\u00e4y", "tab\t", "\u007f", "nul\0")) {
            assertThat(store(edge, ALICE, bad, 100L)).as(bad).isInstanceOf(VaultApi.Unreadable.class);
        }
        assertThat(store(edge, ALICE, "x".repeat(8_192), 100L)).isInstanceOf(VaultApi.Stored.class);
    }

    @Test
    void printsNoKeyInAnyReplyOrAuditEntry() {
        String canary = "sk-canary-0123456789-abcdef";
        List<Object> told = new ArrayList<>();
        told.add(store(edge, ALICE, canary, 100L));
        told.add(flow.leaseKey(new VaultApi.LeaseKey(ALICE, "openai"), edge));
        told.add(flow.describeKeys(new VaultApi.DescribeKeys(ALICE), edge));
        told.addAll(audited);
        assertThat(told).allSatisfy(one -> assertThat(one.toString()).doesNotContain("canary", "0123456789"));
    }

    private void refused(Action action, Runnable question) {
        int before = audited.size();
        assertThatThrownBy(question::run).isInstanceOf(NotPermitted.class);
        assertThat(audited).hasSize(before + 1);
        assertThat(audited.getLast().action()).isEqualTo(action);
        assertThat(audited.getLast().outcome()).isEqualTo(Outcome.REFUSED);
    }

    private VaultApi.StoreKeyReply store(Asker asker, Owner owner, String key, @Nullable Long signedAtSeconds) {
        VaultApi.TransportKey transport = flow.transportKey(new VaultApi.TransportKeyRequest(), asker);
        SealedSecret sealed = sealed(transport, owner, "openai", Secret.ofText(key));
        return flow.storeKey(
                VaultApi.StoreKey.unnamed(owner, "openai", transport.id(), sealed, signedAtSeconds), asker);
    }

    private static SealedSecret sealed(VaultApi.TransportKey transport, Owner owner, String provider, Secret key) {
        byte[] info = VaultApi.storeContext(owner, provider).getBytes(UTF_8);
        return Hpke.seal(transport.publicKey(), info, NOTHING, key);
    }
}
