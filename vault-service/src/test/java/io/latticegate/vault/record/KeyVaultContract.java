package io.latticegate.vault.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.KeyDescription;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.contract.VaultApi.TransportKey;
import io.latticegate.common.value.Secret;
import io.latticegate.vault.envelope.Envelope.Reason;
import io.latticegate.vault.kms.KekRing;
import io.latticegate.vault.kms.StaticKek;
import io.latticegate.vault.record.KeyVault.Lease;
import io.latticegate.vault.record.KeyVault.Storing;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a vault does on every database; an implementation supplies an empty, migrated one. */
abstract class KeyVaultContract {
    static final Owner ALICE = Owner.wallet("0x00000000000000000000000000000000000000aa");
    static final Owner BOB = Owner.wallet("0x00000000000000000000000000000000000000bb");
    static final Owner PROJECT = Owner.project("proj_1");

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-21T10:00:00Z"));
    private final SecureRandom random = new SecureRandom();
    private final StaticKek kek = newKek();
    private final Lifetimes lifetimes =
            new Lifetimes(Duration.ofSeconds(5), true, Duration.ofSeconds(60), Duration.ofSeconds(30));
    private DataSource database;
    private KeyVault vault;

    /** A migrated database without rows. */
    abstract DataSource database();

    @BeforeEach
    void openVault() {
        database = database();
        vault = open(new KekRing(kek, List.of()));
    }

    @Test
    void leasesToEachOwnerItsOwnKey() {
        vault.store(ALICE, "openai", Secret.ofText("sk-alice"), 100L);
        vault.store(BOB, "openai", Secret.ofText("sk-bob"), 100L);
        vault.store(ALICE, "anthropic", Secret.ofText("sk-ant"), 100L);
        assertThat(leased(ALICE, "openai")).isEqualTo("sk-alice");
        assertThat(leased(BOB, "openai")).isEqualTo("sk-bob");
        assertThat(leased(ALICE, "anthropic")).isEqualTo("sk-ant");
        assertThat(vault.lease(BOB, "anthropic")).isEmpty();
    }

    @Test
    void aWalletsKeyIsForOneRequestAndAProjectsForTheLeaseTime() {
        vault.store(ALICE, "openai", Secret.ofText("sk-alice"), 100L);
        vault.store(PROJECT, "openai", Secret.ofText("sk-project"), null);
        assertThat(held(ALICE, "openai").validForMillis()).isZero();
        assertThat(held(PROJECT, "openai").validForMillis()).isEqualTo(30_000);
    }

    @Test
    void aNewerSignatureReplacesAndAnOlderOrEqualOneDoesNot() {
        vault.store(ALICE, "openai", Secret.ofText("sk-one"), 100L);
        assertThat(vault.store(ALICE, "openai", Secret.ofText("sk-old"), 99L)).isEqualTo(new Storing.NotNewer(100));
        assertThat(vault.store(ALICE, "openai", Secret.ofText("sk-again"), 100L))
                .isEqualTo(new Storing.NotNewer(100));
        assertThat(leased(ALICE, "openai")).isEqualTo("sk-one");
        assertThat(vault.store(ALICE, "openai", Secret.ofText("sk-two"), 101L)).isInstanceOf(Storing.Stored.class);
        assertThat(leased(ALICE, "openai")).isEqualTo("sk-two");
    }

    @Test
    void aProjectsKeyIsReplacedAtAnyTime() {
        vault.store(PROJECT, "openai", Secret.ofText("sk-one"), null);
        vault.store(PROJECT, "openai", Secret.ofText("sk-two"), null);
        assertThat(leased(PROJECT, "openai")).isEqualTo("sk-two");
    }

    @Test
    void useKeepsAWalletsKeyAliveAndIdlenessEndsIt() {
        vault.store(ALICE, "openai", Secret.ofText("sk-used"), 100L);
        vault.store(ALICE, "anthropic", Secret.ofText("sk-idle"), 100L);
        passSeconds(4);
        assertThat(leased(ALICE, "openai")).isEqualTo("sk-used");
        passSeconds(4);
        assertThat(leased(ALICE, "openai")).isEqualTo("sk-used");
        assertThat(vault.lease(ALICE, "anthropic")).isEmpty();
    }

    @Test
    void anUnusedKeyIsUnreadableAtTheMomentOfItsExpiryWithoutAPurge() {
        vault.store(ALICE, "openai", Secret.ofText("sk-alice"), 100L);
        passSeconds(5);
        assertThat(vault.lease(ALICE, "openai")).isEmpty();
        assertThat(vault.describe(ALICE)).isEmpty();
        assertThat(vault.fingerprintOf(ALICE, "openai", VaultApi.DEFAULT_KEY)).isEmpty();
        assertThat(vault.delete(ALICE, "openai", VaultApi.DEFAULT_KEY)).isFalse();
    }

    @Test
    void useDoesNotKeepAWalletsKeyAliveForEver() {
        vault.store(ALICE, "openai", Secret.ofText("sk-alice"), 100L);
        for (int second = 4; second < 60; second += 4) {
            passSeconds(4);
            assertThat(leased(ALICE, "openai")).isEqualTo("sk-alice");
        }
        passSeconds(4);
        assertThat(vault.lease(ALICE, "openai")).isEmpty();
    }

    @Test
    void useDoesNotRenewAKeyWhereThatIsSwitchedOff() {
        vault = open(
                new KekRing(kek, List.of()),
                new Lifetimes(Duration.ofSeconds(5), false, Duration.ofSeconds(60), Duration.ZERO));
        vault.store(ALICE, "openai", Secret.ofText("sk-alice"), 100L);
        passSeconds(4);
        assertThat(leased(ALICE, "openai")).isEqualTo("sk-alice");
        passSeconds(1);
        assertThat(vault.lease(ALICE, "openai")).isEmpty();
    }

    @Test
    void lookingAtKeysIsNoUse() {
        vault.store(ALICE, "openai", Secret.ofText("sk-alice"), 100L);
        passSeconds(4);
        vault.describe(ALICE);
        passSeconds(1);
        assertThat(vault.lease(ALICE, "openai")).isEmpty();
    }

    @Test
    void aProjectsKeyDoesNotExpire() {
        vault.store(PROJECT, "openai", Secret.ofText("sk-project"), null);
        passSeconds(1_000_000_000);
        assertThat(vault.purgeExpired()).isZero();
        assertThat(leased(PROJECT, "openai")).isEqualTo("sk-project");
    }

    @Test
    void theGatewaysKeyIsApartFromThatOfAProjectOfTheSameName() {
        vault.store(Owner.gateway(), "openai", Secret.ofText("sk-gateway"), null);
        vault.store(Owner.project("gateway"), "openai", Secret.ofText("sk-project"), null);
        passSeconds(1_000_000);
        assertThat(leased(Owner.gateway(), "openai")).isEqualTo("sk-gateway");
        assertThat(leased(Owner.project("gateway"), "openai")).isEqualTo("sk-project");
    }

    @Test
    void purgesOnlyWhatHasExpired() {
        vault.store(ALICE, "openai", Secret.ofText("sk-alice"), 100L);
        passSeconds(3);
        vault.store(BOB, "openai", Secret.ofText("sk-bob"), 100L);
        passSeconds(3);
        assertThat(vault.purgeExpired()).isEqualTo(1);
        assertThat(leased(BOB, "openai")).isEqualTo("sk-bob");
    }

    @Test
    void anExpiredKeyIsReplacedByANewerOneOnly() {
        vault.store(ALICE, "openai", Secret.ofText("sk-one"), 100L);
        passSeconds(6);
        assertThat(vault.store(ALICE, "openai", Secret.ofText("sk-replayed"), 100L))
                .isEqualTo(new Storing.NotNewer(100));
        assertThat(vault.store(ALICE, "openai", Secret.ofText("sk-two"), 106L)).isInstanceOf(Storing.Stored.class);
        assertThat(leased(ALICE, "openai")).isEqualTo("sk-two");
    }

    @Test
    void aDeletedKeyIsGoneAndDeletingAgainChangesNothing() {
        vault.store(ALICE, "openai", Secret.ofText("sk-alice"), 100L);
        assertThat(vault.delete(BOB, "openai", VaultApi.DEFAULT_KEY)).isFalse();
        assertThat(vault.delete(ALICE, "openai", VaultApi.DEFAULT_KEY)).isTrue();
        assertThat(vault.delete(ALICE, "openai", VaultApi.DEFAULT_KEY)).isFalse();
        assertThat(vault.lease(ALICE, "openai")).isEmpty();
    }

    @Test
    void describesKeysWithoutRevealingThem() {
        vault.store(ALICE, "openai", Secret.ofText("sk-abcdefghijklmnop"), 100L);
        vault.store(ALICE, "gemini", Secret.ofText("twelve-chars"), 100L);
        List<KeyDescription> keys = vault.describe(ALICE);
        assertThat(keys).extracting(KeyDescription::provider).containsExactly("gemini", "openai");
        assertThat(keys).extracting(KeyDescription::obfuscated).containsExactly("...", "sk-abcde...mnop");
        assertThat(keys).allSatisfy(key -> {
            assertThat(key.fingerprint()).matches("[0-9a-f]{12}");
            assertThat(key.createdAt()).isEqualTo(now.get().toEpochMilli());
            assertThat(key.expiresAt()).isEqualTo(now.get().plusSeconds(5).toEpochMilli());
        });
        assertThat(vault.describe(BOB)).isEmpty();
    }

    @Test
    void theSameKeyHasTheSameFingerprintInEveryInstance() {
        vault.store(ALICE, "openai", Secret.ofText("sk-same"), 100L);
        vault.store(BOB, "openai", Secret.ofText("sk-same"), 100L);
        KeyVault other = open(new KekRing(kek, List.of()));
        assertThat(held(ALICE, "openai").fingerprint())
                .isEqualTo(held(BOB, "openai").fingerprint())
                .isEqualTo(other.fingerprintOf(Secret.ofText("sk-same")));
    }

    @Test
    void releasesNothingFromAFlippedRecord() {
        vault.store(ALICE, "openai", Secret.ofText("sk-alice"), 100L);
        TestDatabases.execute(database, "UPDATE vault_records SET version = version + 1");
        assertThat(vault.lease(ALICE, "openai").getFirst())
                .isInstanceOfSatisfying(
                        Lease.Broken.class,
                        broken -> assertThat(broken.reason()).isEqualTo(Reason.WRAPPED_KEY));
        assertThat(vault.describe(ALICE)).extracting(KeyDescription::obfuscated).containsExactly("...");
    }

    @Test
    void releasesNothingFromARecordMovedToAnotherOwner() {
        vault.store(ALICE, "openai", Secret.ofText("sk-alice"), 100L);
        TestDatabases.execute(database, "UPDATE vault_records SET owner_id = '" + BOB.id() + "'");
        assertThat(vault.lease(BOB, "openai").getFirst()).isInstanceOf(Lease.Broken.class);
    }

    @Test
    void releasesNothingFromSwappedCiphertexts() {
        vault.store(ALICE, "openai", Secret.ofText("sk-alice"), 100L);
        vault.store(BOB, "openai", Secret.ofText("sk-bob"), 100L);
        TestDatabases.execute(database, "CREATE TABLE before_swap AS SELECT owner_id, sealed FROM vault_records");
        TestDatabases.execute(
                database,
                "UPDATE vault_records SET sealed = (SELECT other.sealed FROM before_swap AS other"
                        + " WHERE other.owner_id <> vault_records.owner_id)");
        TestDatabases.execute(database, "DROP TABLE before_swap");
        assertThat(vault.lease(ALICE, "openai").getFirst()).isInstanceOf(Lease.Broken.class);
        assertThat(vault.lease(BOB, "openai").getFirst()).isInstanceOf(Lease.Broken.class);
    }

    @Test
    void storesOfOneKeyAtTheSameTimeLeaveTheNewest() throws InterruptedException, ExecutionException {
        List<Future<Storing>> stores = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (long signedAt = 1; signedAt <= 8; signedAt++) {
                long at = signedAt;
                stores.add(threads.submit(() -> vault.store(ALICE, "openai", Secret.ofText("sk-" + at), at)));
            }
        }
        for (Future<Storing> store : stores) {
            store.get();
        }
        assertThat(leased(ALICE, "openai")).isEqualTo("sk-8");
    }

    @Test
    void allInstancesShareOneTransportKeyUntilItIsReplaced() {
        TransportKey first = vault.transportKey();
        KeyVault other = open(new KekRing(kek, List.of()));
        assertThat(other.transportKey()).usingRecursiveComparison().isEqualTo(first);
        assertThat(other.transportPair(first.id())).isPresent();
        other.rotateTransportKey();
        TransportKey second = vault.transportKey();
        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(second.publicKey()).isNotEqualTo(first.publicKey());
        assertThat(vault.transportPair(first.id())).isEmpty();
        assertThat(vault.transportPair(second.id())).isPresent();
    }

    @Test
    void instancesThatStartAtTheSameTimeAgreeOnOneTransportKey() throws InterruptedException, ExecutionException {
        TestDatabases.execute(database, "DELETE FROM vault_service_keys");
        List<Future<KeyVault>> starts = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 6; i++) {
                starts.add(threads.submit(() -> open(new KekRing(kek, List.of()))));
            }
        }
        List<String> ids = new ArrayList<>();
        for (Future<KeyVault> start : starts) {
            ids.add(start.get().transportKey().id());
        }
        assertThat(ids).hasSize(6).containsOnly(ids.getFirst());
    }

    @Test
    void doesNotOpenWithoutTheKekOfItsRecords() {
        StaticKek other = newKek();
        assertThatThrownBy(() -> open(new KekRing(other, List.of())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(kek.id())
                .hasMessageContaining(other.id());
    }

    @Test
    void doesNotOpenWithAnotherKekOfTheSameId() {
        StaticKek impostor = StaticKek.of(kek.id(), Secret.owning(new byte[32]), random);
        assertThatThrownBy(() -> open(new KekRing(impostor, List.of())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("another one of the same id");
    }

    @Test
    void newRecordsUseTheActiveKekAndOldOnesStayReadable() {
        vault.store(ALICE, "openai", Secret.ofText("sk-old-kek"), 100L);
        StaticKek newer = newKek();
        KeyVault rotated = open(new KekRing(newer, List.of(kek)));
        rotated.store(BOB, "openai", Secret.ofText("sk-new-kek"), 100L);
        assertThat(rotated.lease(ALICE, "openai").getFirst()).isInstanceOf(Lease.Held.class);
        assertThat(rotated.recordsByKek())
                .containsEntry(kek.id(), 3L)
                .containsEntry(newer.id(), 1L)
                .hasSize(2);
    }

    @Test
    void refusesNamesThatItWouldNotFindAgain() {
        Secret key = Secret.ofText("sk-1");
        for (Owner owner : List.of(
                Owner.wallet("0x00000000000000000000000000000000000000AA"), Owner.wallet("0x1"), Owner.project(""))) {
            assertThatThrownBy(() -> vault.lease(owner, "openai")).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> vault.store(PROJECT, "Open AI", key, null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> vault.store(PROJECT, "openai", key, 1L)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> vault.store(ALICE, "openai", key, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> vault.store(PROJECT, "openai", Secret.ofText("a b"), null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anOwnerMayHaveSeveralKeysOfOneProviderByName() {
        vault.store(PROJECT, "openai", Secret.ofText("sk-unnamed"), null);
        vault.store(PROJECT, "openai", "b", 5, Secret.ofText("sk-b"), null);
        vault.store(PROJECT, "openai", "a", null, Secret.ofText("sk-a"), null);
        vault.store(PROJECT, "anthropic", "a", null, Secret.ofText("sk-other"), null);

        List<Lease.Held> held = heldAll(PROJECT, "openai");

        assertThat(held).extracting(Lease.Held::name).containsExactly("a", "b", VaultApi.DEFAULT_KEY);
        assertThat(held).extracting(Lease.Held::weight).containsExactly(1, 5, 1);
        assertThat(held).extracting(KeyVaultContract::text).containsExactly("sk-a", "sk-b", "sk-unnamed");
        assertThat(vault.describe(PROJECT))
                .extracting(KeyDescription::provider, KeyDescription::name, KeyDescription::weight)
                .containsExactly(
                        tuple("anthropic", "a", 1),
                        tuple("openai", "a", 1),
                        tuple("openai", "b", 5),
                        tuple("openai", VaultApi.DEFAULT_KEY, 1));
    }

    @Test
    void replacingAKeyKeepsItsWeightUnlessAnotherIsGiven() {
        vault.store(PROJECT, "openai", "b", 5, Secret.ofText("sk-b"), null);
        vault.store(PROJECT, "openai", "b", null, Secret.ofText("sk-c"), null);
        assertThat(heldAll(PROJECT, "openai")).extracting(Lease.Held::weight).containsExactly(5);
        assertThat(vault.weigh(PROJECT, "openai", "b", 7)).isTrue();
        assertThat(vault.weigh(PROJECT, "openai", "none", 7)).isFalse();
        Lease.Held held = heldAll(PROJECT, "openai").getFirst();
        assertThat(held.weight()).isEqualTo(7);
        assertThat(text(held)).isEqualTo("sk-c");
    }

    @Test
    void deletingOneKeyLeavesTheOthers() {
        vault.store(PROJECT, "openai", "a", null, Secret.ofText("sk-a"), null);
        vault.store(PROJECT, "openai", "b", null, Secret.ofText("sk-b"), null);
        assertThat(vault.delete(PROJECT, "openai", "a")).isTrue();
        assertThat(heldAll(PROJECT, "openai")).extracting(Lease.Held::name).containsExactly("b");
    }

    @Test
    void anOwnerHasAtMostSoManyKeysOfOneProvider() {
        for (int i = 0; i < VaultApi.KEYS_MAX; i++) {
            assertThat(vault.store(PROJECT, "openai", "key-" + i, null, Secret.ofText("sk-" + i), null))
                    .isInstanceOf(Storing.Stored.class);
        }
        assertThat(vault.store(PROJECT, "openai", "more", null, Secret.ofText("sk-more"), null))
                .isEqualTo(new Storing.TooMany());
        assertThat(vault.store(PROJECT, "openai", "key-0", null, Secret.ofText("sk-new"), null))
                .isInstanceOf(Storing.Stored.class);
        assertThat(vault.store(PROJECT, "gemini", "more", null, Secret.ofText("sk-more"), null))
                .isInstanceOf(Storing.Stored.class);
    }

    @Test
    void aWalletHasOneKeyOfAProvider() {
        assertThatThrownBy(() -> vault.store(ALICE, "openai", "second", null, Secret.ofText("sk-2"), 100L))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private List<Lease.Held> heldAll(Owner owner, String provider) {
        return vault.lease(owner, provider).stream().map(Lease.Held.class::cast).toList();
    }

    private static String text(Lease.Held held) {
        return held.key().expose(bytes -> new String(bytes, java.nio.charset.StandardCharsets.US_ASCII));
    }

    private KeyVault open(KekRing keks) {
        return open(keks, lifetimes);
    }

    private KeyVault open(KekRing keks, Lifetimes living) {
        return KeyVault.open(database, keks, living, now::get, random);
    }

    private StaticKek newKek() {
        byte[] key = new byte[32];
        random.nextBytes(key);
        return StaticKek.of("kek-" + HexFormat.of().formatHex(key, 0, 4), Secret.owning(key), random);
    }

    private void passSeconds(long seconds) {
        now.updateAndGet(before -> before.plusSeconds(seconds));
    }

    private Lease.Held held(Owner owner, String provider) {
        Lease lease = vault.lease(owner, provider).getFirst();
        assertThat(lease).isInstanceOf(Lease.Held.class);
        return (Lease.Held) lease;
    }

    private String leased(Owner owner, String provider) {
        try (Secret key = held(owner, provider).key()) {
            return key.expose(bytes -> new String(bytes, java.nio.charset.StandardCharsets.US_ASCII));
        }
    }
}
