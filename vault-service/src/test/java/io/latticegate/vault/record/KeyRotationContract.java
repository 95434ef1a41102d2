package io.latticegate.vault.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.contract.VaultApi.RecordRow;
import io.latticegate.common.contract.VaultApi.RotatedPart;
import io.latticegate.common.contract.VaultApi.Rotation;
import io.latticegate.common.contract.VaultApi.RotationStarted;
import io.latticegate.common.contract.VaultApi.RotationState;
import io.latticegate.common.value.Secret;
import io.latticegate.vault.kms.KekRing;
import io.latticegate.vault.kms.StaticKek;
import io.latticegate.vault.record.VaultAudit.Action;
import io.latticegate.vault.record.VaultAudit.Entry;
import io.latticegate.vault.record.VaultAudit.Outcome;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How records are made new on every database; an implementation supplies an empty, migrated one. */
abstract class KeyRotationContract {
    private static final int RECORDS = KeyRotation.BATCH + 7;
    private static final int OWN = ServiceKeys.count();
    private static final Owner PROJECT = Owner.project("proj_1");

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-22T10:00:00Z"));
    private final SecureRandom random = new SecureRandom();
    private final StaticKek older = kek("k1");
    private final StaticKek newer = kek("k2");
    private final List<Entry> audited = new CopyOnWriteArrayList<>();
    private DataSource database;

    /** A migrated database without rows. */
    abstract DataSource database();

    @BeforeEach
    void prepare() {
        database = database();
        audited.clear();
    }

    @Test
    void wrapsEveryRecordWithTheActiveKeySoThatTheOldOneCanGo() {
        Map<Owner, String> keys = fill(vault(older), RECORDS);
        KeyVault vault = vault(newer, older);
        KeyRotation rotation = vault.rotation(audited::add);
        assertThat(vault.recordsByKek()).isEqualTo(Map.of("k1", (long) RECORDS + OWN));

        assertThat(rotation.begin(RotatedPart.KEK)).isInstanceOf(RotationStarted.class);
        rotation.work();

        Rotation last = rotation.last().orElseThrow();
        assertThat(last.state()).isEqualTo(RotationState.DONE);
        assertThat(last.total()).isEqualTo(RECORDS + OWN);
        assertThat(last.done()).isEqualTo(RECORDS + OWN);
        assertThat(last.failed()).isZero();
        assertThat(last.finishedAt()).isNotNull();
        assertThat(vault.recordsByKek()).isEqualTo(Map.of("k2", (long) RECORDS + OWN));
        assertOpens(vault(newer), keys);
        assertThat(audited)
                .filteredOn(entry -> entry.action() == Action.ROTATE)
                .extracting(Entry::outcome)
                .containsExactly(Outcome.DONE);
    }

    @Test
    void givesEveryRecordAnotherDataKeyAndVersion() {
        KeyVault vault = vault(older);
        Map<Owner, String> keys = fill(vault, RECORDS);
        KeyRecords records = new KeyRecords(database);
        Map<String, KeyRecord> before = byId(records);
        KeyRotation rotation = vault.rotation(audited::add);

        rotation.begin(RotatedPart.DEK);
        rotation.work();

        assertThat(rotation.last().orElseThrow().state()).isEqualTo(RotationState.DONE);
        assertThat(rotation.last().orElseThrow().done()).isEqualTo(RECORDS + OWN);
        Map<String, KeyRecord> after = byId(records);
        assertThat(after).hasSize(RECORDS);
        after.forEach((id, record) -> {
            assertThat(record.version()).isEqualTo(2);
            assertThat(content(record)).isNotEqualTo(content(Objects.requireNonNull(before.get(id))));
        });
        assertOpens(vault, keys);
        assertOpens(vault(older), keys);
    }

    @Test
    void leasesAndStoresGoOnMeanwhile() throws ExecutionException, InterruptedException {
        Map<Owner, String> keys = fill(vault(older), RECORDS);
        KeyVault vault = vault(newer, older);
        KeyRotation rotation = vault.rotation(audited::add);
        Owner busy = keys.keySet().iterator().next();
        AtomicBoolean going = new AtomicBoolean(true);
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> leasing = executor.submit(() -> {
                int leased = 0;
                for (Random choice = new Random(7); going.get() || leased < 30; leased++) {
                    Owner owner = keys.keySet().stream()
                            .skip(choice.nextInt(keys.size()))
                            .findFirst()
                            .orElseThrow();
                    String key = leased(vault, owner);
                    assertThat(key).isNotEmpty();
                    if (!owner.equals(busy)) {
                        assertThat(key).isEqualTo(keys.get(owner));
                    }
                }
                return leased;
            });
            Future<String> storing = executor.submit(() -> {
                String last = "";
                for (int i = 0; going.get() || i < 20; i++) {
                    last = "sk-replaced-" + i;
                    vault.store(busy, "openai", Secret.ofText(last), null);
                }
                return last;
            });
            for (RotatedPart what : List.of(RotatedPart.KEK, RotatedPart.DEK, RotatedPart.DEK)) {
                rotation.begin(what);
                rotation.work();
                assertThat(rotation.last().orElseThrow().state()).isEqualTo(RotationState.DONE);
                now.updateAndGet(time -> time.plusSeconds(1));
            }
            going.set(false);
            assertThat(leasing.get()).isPositive();
            String lastStored = storing.get();
            assertThat(leased(vault, busy)).isEqualTo(lastStored);
        }
        assertThat(vault.recordsByKek()).isEqualTo(Map.of("k2", (long) RECORDS + OWN));
    }

    @Test
    void goesOnWhereAnotherInstanceStoppedAndCountsNothingTwice() {
        Map<Owner, String> keys = fill(vault(older), RECORDS);
        KeyRotation first = vault(newer, older).rotation(audited::add);
        first.begin(RotatedPart.KEK);
        Rotations rotations = new Rotations(new Statements(database));
        Rotations.Row held = rotations
                .claim(
                        "one that dies",
                        "k2",
                        now.get().toEpochMilli(),
                        now.get().toEpochMilli() + KeyRotation.HELD_MILLIS)
                .orElseThrow();
        KeyVault survivor = vault(newer, older);
        KeyRotation second = survivor.rotation(audited::add);

        second.work();
        assertThat(second.last().orElseThrow().done()).as("another holds it").isZero();
        assertThat(first.step(held)).as("only the holder makes steps").isEmpty();
        now.updateAndGet(time -> time.plusMillis(KeyRotation.HELD_MILLIS));
        second.work();

        assertThat(second.last().orElseThrow().state()).isEqualTo(RotationState.DONE);
        assertThat(second.last().orElseThrow().done()).isEqualTo(RECORDS + OWN);
        assertOpens(vault(newer), keys);
    }

    @Test
    void anInstanceThatLostTheRotationChangesNothingMore() {
        fill(vault(older), RECORDS);
        KeyVault vault = vault(newer, older);
        KeyRotation slow = vault.rotation(audited::add);
        slow.begin(RotatedPart.DEK);
        Rotations rotations = new Rotations(new Statements(database));
        long time = now.get().toEpochMilli();
        Rotations.Row seen = rotations.claim("slow", "k2", time, time + 1).orElseThrow();
        assertThat(rotations.claim("other", "k2", time + 1, time + 2)).isPresent();

        assertThat(rotations.step(seen, "slow", time + 9, List.of())).isFalse();
        assertThat(rotations.finish(seen.rotation(), "slow", time + 9, List.of()))
                .isFalse();
        assertThat(rotations.running()).isPresent();
    }

    @Test
    void namesRecordsThatDoNotOpenAndMakesTheOthersNew() {
        Map<Owner, String> keys = fill(vault(older), 5);
        TestDatabases.execute(
                database,
                "UPDATE vault_records SET provider = 'gemini' WHERE record_id = (SELECT MIN(record_id) FROM"
                        + " vault_records)");
        KeyVault vault = vault(newer, older);
        KeyRotation rotation = vault.rotation(audited::add);

        rotation.begin(RotatedPart.KEK);
        rotation.work();

        Rotation last = rotation.last().orElseThrow();
        assertThat(last.state()).isEqualTo(RotationState.FAILED);
        assertThat(last.failed()).isEqualTo(1);
        assertThat(last.done()).isEqualTo(4 + OWN);
        assertThat(last.reason()).contains("1 records do not open");
        assertThat(vault.recordsByKek()).isEqualTo(Map.of("k1", 1L, "k2", 4L + OWN));
        assertThat(audited)
                .filteredOn(entry -> entry.outcome() == Outcome.CORRUPT && entry.provider() != null)
                .singleElement()
                .satisfies(entry -> assertThat(entry.reason()).isEqualTo("WRAPPED_KEY"));
        assertThat(keys).hasSize(5);
    }

    @Test
    void makesAnotherPassForWhatOthersStoreUnderTheOldKeyMeanwhile() {
        fill(vault(older), RECORDS);
        KeyVault vault = vault(newer, older);
        KeyRotation rotation = vault.rotation(audited::add);
        rotation.begin(RotatedPart.KEK);
        Rotations.Row at = rotation.step(rotation.claim().orElseThrow()).orElseThrow();
        fill(vault(older, newer), 20);

        rotation.work();

        assertThat(at.pass()).isEqualTo(1);
        assertThat(rotation.last().orElseThrow().state()).isEqualTo(RotationState.DONE);
        assertThat(vault.recordsByKek()).isEqualTo(Map.of("k2", RECORDS + 20L + OWN));
    }

    @Test
    void givesUpWhereAnotherInstanceKeepsStoringUnderTheOldKey() {
        fill(vault(older), RECORDS);
        KeyVault stubborn = vault(older, newer);
        KeyRotation rotation = vault(newer, older).rotation(audited::add);
        rotation.begin(RotatedPart.KEK);
        long passes = 0;

        for (Optional<Rotations.Row> at = rotation.claim(); at.isPresent(); at = rotation.step(at.get())) {
            passes = at.get().pass();
            fill(stubborn, 20);
        }

        Rotation last = rotation.last().orElseThrow();
        assertThat(passes).isEqualTo(KeyRotation.PASSES_MAX);
        assertThat(last.state()).isEqualTo(RotationState.FAILED);
        assertThat(last.reason()).contains("make the same key active on every instance");
    }

    @Test
    void oneRotationRunsAtATime() {
        fill(vault(older), 3);
        KeyRotation rotation = vault(newer, older).rotation(audited::add);
        String id = ((RotationStarted) rotation.begin(RotatedPart.KEK)).id();

        assertThat(rotation.begin(RotatedPart.KEK)).isEqualTo(new RotationStarted(id));
        assertThat(rotation.begin(RotatedPart.DEK)).isEqualTo(new VaultApi.OtherRotationUnderWay(id));
        rotation.work();
        now.updateAndGet(time -> time.plusSeconds(1));
        assertThat(((RotationStarted) rotation.begin(RotatedPart.DEK)).id()).isNotEqualTo(id);
    }

    @Test
    void aRotationToAKeyThatIsNoLongerActiveIsReplaced() {
        fill(vault(older), 3);
        KeyRotation toNewer = vault(newer, older).rotation(audited::add);
        String id = ((RotationStarted) toNewer.begin(RotatedPart.KEK)).id();
        StaticKek newest = kek("k3");
        KeyVault vault = vault(newest, newer, older);
        KeyRotation toNewest = vault.rotation(audited::add);
        now.updateAndGet(time -> time.plusSeconds(1));

        toNewest.work();
        assertThat(vault.recordsByKek()).as("not its to do").containsOnlyKeys("k1");
        assertThat(((RotationStarted) toNewest.begin(RotatedPart.KEK)).id()).isNotEqualTo(id);
        toNewest.work();

        assertThat(vault.recordsByKek()).containsOnlyKeys("k3");
    }

    @Test
    void listsEveryRecordOnceWithItsKeyAndWhenItWasMadeNew() {
        Map<Owner, String> keys = fill(vault(older), 10);
        KeyVault vault = vault(newer, older);
        assertThat(vault.list("", 100).rows())
                .allSatisfy(row -> assertThat(row.rotatedAt()).isNull());
        KeyRotation rotation = vault.rotation(audited::add);
        rotation.begin(RotatedPart.KEK);
        rotation.work();

        Set<String> owners = new HashSet<>();
        String after = "";
        VaultApi.RecordRows page;
        do {
            page = vault.list(after, 3);
            for (RecordRow row : page.rows()) {
                assertThat(owners.add(row.ownerId())).isTrue();
                assertThat(row.kek()).isEqualTo("k2");
                assertThat(row.rotatedAt()).isEqualTo(now.get().toEpochMilli());
                assertThat(row.fingerprint()).hasSize(12);
                after = row.recordId();
            }
        } while (page.more());
        assertThat(owners).hasSameSizeAs(keys.keySet());
    }

    @Test
    void aKeyThatIsStoredAnewWasNotRotated() {
        KeyVault vault = vault(older);
        vault.store(PROJECT, "openai", Secret.ofText("sk-one"), null);
        KeyRotation rotation = vault.rotation(audited::add);
        rotation.begin(RotatedPart.DEK);
        rotation.work();
        assertThat(vault.list("", 1).rows().getFirst().rotatedAt()).isNotNull();
        vault.store(PROJECT, "openai", Secret.ofText("sk-two"), null);
        assertThat(vault.list("", 1).rows().getFirst().rotatedAt()).isNull();
    }

    private Map<Owner, String> fill(KeyVault vault, int records) {
        Map<Owner, String> keys = new HashMap<>();
        for (int i = 0; i < records; i++) {
            Owner owner = Owner.project("proj_" + i + "_" + random.nextInt(1_000_000));
            String key = "sk-" + random.nextLong();
            vault.store(owner, "openai", Secret.ofText(key), null);
            keys.put(owner, key);
        }
        return keys;
    }

    private static void assertOpens(KeyVault vault, Map<Owner, String> keys) {
        keys.forEach((owner, key) -> assertThat(leased(vault, owner)).isEqualTo(key));
    }

    static String leased(KeyVault vault, Owner owner) {
        KeyVault.Lease.Held held =
                (KeyVault.Lease.Held) vault.lease(owner, "openai").getFirst();
        try (Secret key = held.key()) {
            return key.expose(bytes -> new String(bytes, StandardCharsets.US_ASCII));
        }
    }

    private static Map<String, KeyRecord> byId(KeyRecords records) {
        Map<String, KeyRecord> all = new HashMap<>();
        records.storedBy(Long.MAX_VALUE, "", 10_000).forEach(record -> all.put(record.recordId(), record));
        return all;
    }

    /** What the data key protects. */
    private static List<Byte> content(KeyRecord record) {
        List<Byte> content = new ArrayList<>();
        for (int i = 5 + record.kekId().length() + 60; i < record.sealed().length; i++) {
            content.add(record.sealed()[i]);
        }
        return content;
    }

    private KeyVault vault(StaticKek active, StaticKek... previous) {
        Lifetimes lifetimes = new Lifetimes(Duration.ofHours(1), true, Duration.ofDays(1), Duration.ofSeconds(30));
        return KeyVault.open(database, new KekRing(active, List.of(previous)), lifetimes, now::get, random);
    }

    private StaticKek kek(String id) {
        byte[] key = new byte[32];
        random.nextBytes(key);
        return StaticKek.of(id, Secret.owning(key), random);
    }
}
