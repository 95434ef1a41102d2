package io.latticegate.admin.subject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.admin.audit.AuditEvent;
import io.latticegate.admin.audit.AuditFeed;
import io.latticegate.admin.audit.AuditFilter;
import io.latticegate.admin.audit.AuditQuery;
import io.latticegate.admin.audit.AuditStore;
import io.latticegate.admin.audit.StoredBatch;
import io.latticegate.admin.audit.UsageQuery;
import io.latticegate.admin.audit.UsageScope;
import io.latticegate.admin.export.EventFormat;
import io.latticegate.common.crypto.Sha256;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.store.Database;
import io.latticegate.common.value.Secret;
import io.latticegate.testing.FakeTime;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What sealing and erasing promise on every database. */
abstract class AuditRecordsContract {
    static final String NODE = "5f0c1c8e-0000-4000-8000-000000000001";
    static final String WALLET = "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826";
    private static final String OTHER_WALLET = "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf";
    private static final String TOKEN = "0190c0de-0000-7000-8000-00000000cafe";
    private static final String PROJECT = "0190c0de-0000-7000-8000-000000000042";

    final FakeTime time = new FakeTime();
    Database database;
    Sealing sealing;
    AuditStore store;
    SubjectErasure erasure;
    private long sequence;

    abstract Database emptyDatabase();

    @BeforeEach
    void open() {
        database = emptyDatabase();
        sealing = new Sealing(Secret.owning(new byte[32]), database.dialect(), new SecureRandom());
        store = new AuditStore(time, sealing);
        erasure = new SubjectErasure(database, sealing, time);
        sequence = 0;
    }

    @AfterEach
    void close() {
        sealing.close();
        database.close();
    }

    /** An ended request of a wallet, with a canary in every field that tells of it. */
    AuditRecord.Builder walletRequest(String wallet, String ip, String canary) {
        return AuditRecord.builder(
                        AuditPhase.END, "proxy_request", time.instant().toEpochMilli() * 1_000)
                .actor(new AuditActor(AuditActor.Kind.WALLET, wallet))
                .clientIp(ip)
                .userAgent("agent-" + canary)
                .reason("reason-" + canary)
                .metadata(Map.of("note", "meta-" + canary))
                .requestId("req_" + (sequence + 1))
                .projectId(PROJECT)
                .method("POST")
                .path("/v1/chat/completions")
                .model("gpt-4o")
                .status(200)
                .outcome(AuditOutcome.SUCCESS)
                .tokensIn(10)
                .costMicroUsd(5);
    }

    StoredBatch append(AuditRecord... records) {
        List<byte[]> entries = new ArrayList<>();
        for (AuditRecord record : records) {
            entries.add(AuditEncoder.bytes(record));
        }
        StoredBatch batch = database.inTransaction(connection -> store.append(connection, NODE, sequence + 1, entries))
                .batch();
        sequence += records.length;
        return batch;
    }

    AuditEvent event(long number) {
        return database.read(connection -> AuditQuery.find(connection, sealing, NODE + "-" + number))
                .orElseThrow();
    }

    List<Long> matching(AuditFilter.Field field, String value) {
        return database
                .read(connection -> AuditQuery.list(connection, sealing, AuditFilter.ALL.with(field, value)))
                .events()
                .stream()
                .map(AuditEvent::sequence)
                .sorted()
                .toList();
    }

    /** The bytes that are stored of each entry, hashed. */
    private Map<String, String> hashes() {
        Map<String, String> hashes = new TreeMap<>();
        for (String table : List.of("audit_log", "audit_begin")) {
            database.read(connection -> {
                try (PreparedStatement select = connection.prepareStatement("SELECT node, seq, payload FROM " + table);
                        ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        hashes.put(
                                rows.getString(1) + "-" + rows.getLong(2),
                                HexFormat.of().formatHex(Sha256.of(rows.getBytes(3))));
                    }
                    return 0;
                }
            });
        }
        return hashes;
    }

    /** Every value of every table, as text. */
    String everything() {
        StringBuilder all = new StringBuilder();
        database.read(connection -> {
            for (String table : tables(connection)) {
                try (PreparedStatement select = connection.prepareStatement("SELECT * FROM " + table);
                        ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
                            Object value = rows.getObject(column);
                            all.append(
                                            value instanceof byte[] bytes
                                                    ? new String(bytes, StandardCharsets.ISO_8859_1)
                                                    : String.valueOf(value))
                                    .append('\n');
                        }
                    }
                }
            }
            return 0;
        });
        return all.toString().toLowerCase(Locale.ROOT);
    }

    private static List<String> tables(Connection connection) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (ResultSet found = connection.getMetaData().getTables(null, null, "%", new String[] {"TABLE"})) {
            while (found.next()) {
                String schema = found.getString("TABLE_SCHEM");
                if (schema == null || schema.equals("audit")) {
                    tables.add(found.getString("TABLE_NAME"));
                }
            }
        }
        assertThat(tables).contains("audit_log", "audit_begin", "audit_usage", "audit_subject");
        return tables;
    }

    private String exported() {
        StringBuilder lines = new StringBuilder();
        database.read(connection -> AuditFeed.after(connection, sealing, 0, AuditFeed.MAX_EVENTS))
                .forEach(one -> {
                    lines.append(EventFormat.JSONL.line(one.event())).append('\n');
                    lines.append(EventFormat.OCSF.line(one.event())).append('\n');
                });
        return lines.toString().toLowerCase(Locale.ROOT);
    }

    private static Subject wallet(String address) {
        return Subject.parse(Subject.Kind.WALLET, address);
    }

    @Test
    void storesNothingThatTellsOfSomebodyInTheBytesThatAreLogged() {
        AuditRecord request = walletRequest(WALLET, "203.0.113.77", "canary").build();
        append(request, request.toBuilder().phase(AuditPhase.BEGIN, 1).build());
        database.read(connection -> {
            for (String table : List.of("audit_log", "audit_begin")) {
                try (PreparedStatement select = connection.prepareStatement("SELECT payload FROM " + table);
                        ResultSet rows = select.executeQuery()) {
                    assertThat(rows.next()).isTrue();
                    String payload = new String(rows.getBytes(1), StandardCharsets.ISO_8859_1);
                    assertThat(payload)
                            .contains("gpt-4o", PROJECT)
                            .doesNotContain("canary", WALLET, "203.0.113.77", TOKEN);
                }
            }
            return 0;
        });
        assertThat(event(1).record()).isEqualTo(request);
        assertThat(event(1).erased()).isFalse();
        assertThat(matching(AuditFilter.Field.ACTOR, WALLET)).containsExactly(1L);
        assertThat(matching(AuditFilter.Field.CLIENT_IP, "203.0.113.77")).containsExactly(1L);
    }

    @Test
    void afterItsErasureAWalletIsFoundInNoTableAndNoExportWhileEveryHashStays() {
        append(
                walletRequest(WALLET, "203.0.113.77", "canary").build(),
                walletRequest(WALLET, "203.0.113.78", "canary")
                        .phase(AuditPhase.BEGIN, 1)
                        .build(),
                walletRequest(OTHER_WALLET, "203.0.113.79", "other").build(),
                AuditRecord.builder(AuditPhase.EVENT, "usage.show", 7)
                        .actor(new AuditActor(AuditActor.Kind.MANAGEMENT, ""))
                        .clientIp("198.51.100.9")
                        .path("/manage/usage/wallets/" + WALLET)
                        .metadata(Map.of("wallet", WALLET.toLowerCase(Locale.ROOT)))
                        .outcome(AuditOutcome.SUCCESS)
                        .build());
        Map<String, String> before = hashes();
        assertThat(everything()).contains("canary", WALLET.toLowerCase(Locale.ROOT));

        SubjectErasure.Erased erased = erasure.erase(wallet(WALLET));

        assertThat(erased.entries()).isEqualTo(2);
        assertThat(hashes()).isEqualTo(before);
        for (String gone : List.of("canary", WALLET.toLowerCase(Locale.ROOT), "203.0.113.77")) {
            assertThat(everything()).doesNotContain(gone);
            assertThat(exported()).doesNotContain(gone);
        }
        AuditEvent request = event(1);
        assertThat(request.erased()).isTrue();
        assertThat(request.record().actor()).isEqualTo(new AuditActor(AuditActor.Kind.WALLET, ""));
        assertThat(request.record().clientIp()).isEmpty();
        assertThat(request.record().metadata()).isEmpty();
        assertThat(request.record().costMicroUsd()).isEqualTo(5);
        assertThat(request.record().path()).isEqualTo("/v1/chat/completions");
        assertThat(event(3).record())
                .isEqualTo(event(3).record().toBuilder()
                        .actor(new AuditActor(AuditActor.Kind.WALLET, OTHER_WALLET))
                        .clientIp("203.0.113.79")
                        .reason("reason-other")
                        .build());
        AuditEvent look = event(4);
        assertThat(look.record().path()).isEmpty();
        assertThat(look.record().clientIp()).isEqualTo("198.51.100.9");
        assertThat(matching(AuditFilter.Field.ACTION, "usage.show")).containsExactly(4L);
        assertThat(matching(AuditFilter.Field.PROJECT_ID, PROJECT)).containsExactly(1L, 3L);
        assertThat(database.read(connection -> UsageQuery.total(connection, UsageScope.PROJECT, PROJECT))
                        .requests())
                .isEqualTo(2);
        assertThat(database.read(connection -> UsageQuery.total(connection, UsageScope.WALLET, WALLET))
                        .requests())
                .isZero();
        assertThat(database.read(connection -> UsageQuery.total(connection, UsageScope.WALLET, OTHER_WALLET))
                        .requests())
                .isEqualTo(1);
    }

    @Test
    void anAddressThatIsErasedTakesOnlyWhatItAloneTellsOf() {
        append(
                walletRequest(WALLET, "203.0.113.77", "kept").build(),
                AuditRecord.builder(AuditPhase.EVENT, "admin.login", 7)
                        .clientIp("203.0.113.77")
                        .userAgent("stranger")
                        .reason("no valid management token")
                        .outcome(AuditOutcome.DENIED)
                        .build());

        assertThat(erasure.erase(Subject.parse(Subject.Kind.CLIENT_IP, "203.0.113.77"))
                        .entries())
                .isEqualTo(2);

        assertThat(everything()).doesNotContain("203.0.113.77", "stranger");
        AuditRecord request = event(1).record();
        assertThat(request.actor().id()).isEqualTo(WALLET);
        assertThat(request.reason()).isEqualTo("reason-kept");
        assertThat(request.clientIp() + request.userAgent()).isEmpty();
        assertThat(event(2).record().reason()).isEmpty();
        assertThat(matching(AuditFilter.Field.ACTOR, WALLET)).containsExactly(1L);
    }

    @Test
    void aTokenIsErasedFromItsRequestsAndFromWhatWasDoneToIt() {
        append(
                walletRequest(WALLET, "203.0.113.77", "token")
                        .actor(new AuditActor(AuditActor.Kind.TOKEN, TOKEN))
                        .tokenId(TOKEN)
                        .build(),
                AuditRecord.builder(AuditPhase.END, "token.revoke", 7)
                        .actor(new AuditActor(AuditActor.Kind.MANAGEMENT, ""))
                        .clientIp("198.51.100.9")
                        .userAgent("curl")
                        .tokenId(TOKEN)
                        .path("/manage/tokens/" + TOKEN)
                        .outcome(AuditOutcome.SUCCESS)
                        .build());

        assertThat(erasure.erase(Subject.parse(Subject.Kind.TOKEN, TOKEN)).entries())
                .isEqualTo(2);

        assertThat(everything()).doesNotContain(TOKEN, "203.0.113.77");
        assertThat(event(2).record().clientIp()).isEqualTo("198.51.100.9");
        assertThat(event(2).record().action()).isEqualTo("token.revoke");
    }

    @Test
    void whatASubjectDoesAfterItsErasureIsReadableAndCanBeErasedAgain() {
        append(walletRequest(WALLET, "203.0.113.77", "first").build());
        erasure.erase(wallet(WALLET));
        append(walletRequest(WALLET, "203.0.113.77", "second").build());

        assertThat(event(1).record().actor().id()).isEmpty();
        assertThat(event(2).record().actor().id()).isEqualTo(WALLET);
        assertThat(erasure.erase(wallet(WALLET.toLowerCase(Locale.ROOT))).entries())
                .isEqualTo(1);
        assertThat(everything()).doesNotContain("second", WALLET.toLowerCase(Locale.ROOT));
    }

    @Test
    void findsASubjectThatAnEntrySpellsInItsOwnWay() {
        String odd = WALLET.toLowerCase(Locale.ROOT).replace('c', 'C');
        append(
                walletRequest(odd, "2001:DB8::7", "odd").build(),
                walletRequest(OTHER_WALLET, "2001:db8::7", "address").build());

        assertThat(erasure.erase(wallet(WALLET)).entries()).isEqualTo(1);
        assertThat(erasure.erase(Subject.parse(Subject.Kind.CLIENT_IP, "2001:db8:0::7"))
                        .entries())
                .isEqualTo(2);

        assertThat(everything())
                .doesNotContain(WALLET.toLowerCase(Locale.ROOT), "2001:db8")
                .contains("reason-address");
    }

    @Test
    void erasesOverMonthsAndWholeBatches() {
        for (int month = 0; month < 3; month++) {
            for (int batch = 0; batch < 2; batch++) {
                AuditRecord[] requests = new AuditRecord[110];
                for (int at = 0; at < requests.length; at++) {
                    requests[at] = walletRequest(WALLET, "203.0.113." + at % 7, "canary" + at)
                            .build();
                }
                append(requests);
            }
            time.advance(java.time.Duration.ofDays(31));
        }

        assertThat(erasure.erase(wallet(WALLET)).entries()).isEqualTo(660);

        assertThat(everything()).doesNotContain("canary", WALLET.toLowerCase(Locale.ROOT));
    }

    @Test
    void anErasureThatWasCutOffIsFinishedByWhoeverComesNext() {
        append(walletRequest(WALLET, "203.0.113.77", "canary").build());
        database.inTransaction(connection -> erasure.begin(connection, wallet(WALLET)));
        assertThat(everything()).contains("canary");
        assertThat(event(1).erased()).isTrue();
        assertThat(erasure.unfinished()).isTrue();

        assertThat(new SubjectErasure(database, sealing, time).finish()).isEqualTo(1);

        assertThat(everything()).doesNotContain("canary", WALLET.toLowerCase(Locale.ROOT));
        assertThat(erasure.unfinished()).isFalse();
    }

    @Test
    void aJournalThatRepeatsAnErasedEntryIsNoConflictAndOneThatAltersItIs() {
        AuditRecord request = walletRequest(WALLET, "203.0.113.77", "canary").build();
        append(request);
        assertThat(repeated(request).conflicts()).isZero();
        assertThat(repeated(request.toBuilder().reason("other").build()).conflicts())
                .isEqualTo(1);
        erasure.erase(wallet(WALLET));

        StoredBatch again = repeated(request);
        assertThat(again.conflicts()).isZero();
        assertThat(again.added()).isZero();
        assertThat(repeated(request.toBuilder().costMicroUsd(6).build()).conflicts())
                .isEqualTo(1);
        assertThat(event(1).erased()).isTrue();
    }

    private StoredBatch repeated(AuditRecord record) {
        return database.inTransaction(
                        connection -> store.append(connection, NODE, 1, List.of(AuditEncoder.bytes(record))))
                .batch();
    }

    @Test
    void anAlteredPayloadDoesNotOpenAndIsShownAsUnreadable() {
        append(walletRequest(WALLET, "203.0.113.77", "canary").build());
        database.inTransaction(connection -> {
            try (PreparedStatement select = connection.prepareStatement("SELECT payload FROM audit_log");
                    ResultSet rows = select.executeQuery();
                    PreparedStatement update = connection.prepareStatement("UPDATE audit_log SET payload = ?")) {
                rows.next();
                byte[] payload = rows.getBytes(1);
                payload[payload.length - 1] ^= 1;
                update.setBytes(1, payload);
                return update.executeUpdate();
            }
        });
        assertThat(event(1).record().action()).isEqualTo(AuditEvent.UNREADABLE);
    }

    @Test
    void aStoreTakesNothingUnderAnotherSealingKey() {
        append(walletRequest(WALLET, "203.0.113.77", "canary").build());
        byte[] other = new byte[32];
        other[0] = 1;
        Sealing foreign = new Sealing(Secret.owning(other), database.dialect(), new SecureRandom());
        AuditStore mistaken = new AuditStore(time, foreign);
        byte[] entry =
                AuditEncoder.bytes(walletRequest(WALLET, "203.0.113.77", "x").build());
        assertThatThrownBy(() -> database.inTransaction(
                        connection -> mistaken.append(connection, NODE, sequence + 1, List.of(entry))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("audit.sealing_key");
        assertThatThrownBy(() -> database.read(connection -> AuditQuery.list(connection, foreign, AuditFilter.ALL)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void entriesFromBeforeSealingAreReadableAndCanBeErased() {
        AuditRecord old = walletRequest(WALLET, "203.0.113.77", "ancient").build();
        append(old, old.toBuilder().phase(AuditPhase.BEGIN, 1).build());
        database.inTransaction(connection -> {
            for (String table : List.of("audit_log", "audit_begin")) {
                try (PreparedStatement update = connection.prepareStatement("UPDATE " + table + " SET payload = ?")) {
                    update.setBytes(
                            1,
                            AuditEncoder.bytes(
                                    table.equals("audit_log")
                                            ? old
                                            : old.toBuilder()
                                                    .phase(AuditPhase.BEGIN, 1)
                                                    .build()));
                    update.executeUpdate();
                }
            }
            try (PreparedStatement mark = connection.prepareStatement("INSERT INTO audit_unsealed (id) VALUES (1)")) {
                return mark.executeUpdate();
            }
        });
        assertThat(event(1).record()).isEqualTo(old);

        assertThat(erasure.erase(wallet(WALLET)).entries()).isEqualTo(1);

        assertThat(everything()).doesNotContain("ancient", WALLET.toLowerCase(Locale.ROOT), "203.0.113.77");
        assertThat(event(1).erased()).isTrue();
        assertThat(event(1).record().costMicroUsd()).isEqualTo(5);
    }

    @Test
    void concurrentBatchesOfOneSubjectAreSealedUnderOneKeyAndMissNoPosition() throws InterruptedException {
        List<Thread> nodes = new ArrayList<>();
        for (int node = 1; node <= 4; node++) {
            String name = "node-" + node;
            nodes.add(Thread.ofVirtual().start(() -> {
                for (int batch = 0; batch < 5; batch++) {
                    long first = batch * 10L + 1;
                    List<byte[]> entries = new ArrayList<>();
                    for (int at = 0; at < 10; at++) {
                        entries.add(AuditEncoder.bytes(
                                walletRequest(WALLET, "203.0.113.77", "same").build()));
                    }
                    database.inTransaction(connection -> store.append(connection, name, first, entries));
                }
            }));
        }
        for (Thread node : nodes) {
            node.join();
        }
        List<Long> positions =
                database.read(connection -> AuditFeed.after(connection, sealing, 0, AuditFeed.MAX_EVENTS)).stream()
                        .map(AuditFeed.Positioned::position)
                        .toList();
        assertThat(positions).hasSize(200);
        assertThat(positions.getFirst()).isEqualTo(1);
        assertThat(positions.getLast()).isEqualTo(200);
        assertThat(erasure.erase(wallet(WALLET)).entries()).isEqualTo(200);
        assertThat(everything()).doesNotContain("same");
    }
}
