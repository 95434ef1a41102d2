package io.latticegate.admin.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.audit.AuditStore;
import io.latticegate.admin.export.SignedWebhook;
import io.latticegate.admin.export.WebhookReceiver;
import io.latticegate.admin.retention.WorkLease;
import io.latticegate.admin.subject.ClientAddresses;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.admin.subject.Subject;
import io.latticegate.admin.subject.SubjectErasure;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.bus.MeshVertx;
import io.latticegate.common.bus.SignedExchange;
import io.latticegate.common.config.AlertsConfig;
import io.latticegate.common.config.AlertsConfig.Kind;
import io.latticegate.common.config.AlertsConfig.Rule;
import io.latticegate.common.config.AlertsConfig.Severity;
import io.latticegate.common.contract.ConditionApi;
import io.latticegate.common.contract.FheApi;
import io.latticegate.common.crypto.MeshAuthority;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditDecoder;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.journal.Journal;
import io.latticegate.common.journal.JournalOptions;
import io.latticegate.common.service.AuditLog;
import io.latticegate.common.store.Database;
import io.latticegate.common.value.Secret;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.testing.Await;
import io.latticegate.testing.FakeTime;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What alerts promise on every database; the bus, the journal and the webhook are real. */
abstract class AlertWatchContract {
    private static final String NODE = "5f0c1c8e-0000-4000-8000-000000000001";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private final FakeTime time = new FakeTime();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final Vertx vertx = MeshVertx.standalone();
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final SecureRandom random = new SecureRandom();
    private final MeshAuthority authority = MeshAuthority.create("test", time, random);
    private Database database;
    private Sealing sealing;
    private AuditStore store;
    private Journal journal;
    private WebhookReceiver receiver;
    private long sequence;

    abstract Database emptyDatabase();

    @BeforeEach
    void open() throws IOException {
        database = emptyDatabase();
        sealing = new Sealing(Secret.owning(new byte[32]), database.dialect(), random);
        store = new AuditStore(time, sealing);
        journal = Journal.open(
                folder.resolve("journal"), JournalOptions.defaults().withSizes(128 << 10, 3 * (128L << 10)));
        receiver = new WebhookReceiver(0);
    }

    @AfterEach
    void close() throws IOException {
        receiver.close();
        journal.close();
        sealing.close();
        database.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        executor.close();
    }

    private MeshBus bus(ServiceRole role) {
        return MeshBus.on(vertx, new SignedExchange(authority.issue(role, "test"), time, random));
    }

    private AlertWatch watch(Kind kind, String threshold, String holder) {
        AlertsConfig config = new AlertsConfig(
                Map.of("rule", new Rule(kind, new BigDecimal(threshold), Duration.ofHours(1), Severity.CRITICAL, true)),
                Map.of("pager", receiver.config()));
        return new AlertWatch(
                database,
                sealing,
                config,
                bus(ServiceRole.ADMIN),
                new AuditLog(journal, Durability.PROCESS),
                time,
                new WorkLease(database, time, "alerts", holder, AlertWatch.LEASE));
    }

    private AlertDelivery delivery() {
        return new AlertDelivery(
                database,
                Map.of("pager", new SignedWebhook(vertx, receiver.config(), time)),
                time,
                new WorkLease(database, time, "alerts.delivery", "one", AlertWatch.LEASE),
                metrics);
    }

    /** On a virtual thread, as in the service. */
    private void run(Runnable work) {
        CompletableFuture.runAsync(work, executor).join();
    }

    private void requests(int count, String project, AuditOutcome outcome, long costMicroUsd) {
        List<byte[]> entries = new ArrayList<>();
        for (int at = 0; at < count; at++) {
            entries.add(AuditEncoder.bytes(AuditRecord.builder(
                            AuditPhase.END, "proxy_request", time.instant().toEpochMilli() * 1_000)
                    .projectId(project)
                    .outcome(outcome)
                    .costMicroUsd(costMicroUsd)
                    .build()));
        }
        long first = sequence + 1;
        sequence += count;
        var unused = database.inTransaction(connection -> store.append(connection, NODE, first, entries));
    }

    private List<Alert> alerts() {
        return database.read(connection -> AlertBook.latest(connection, FakeTime.START, 100));
    }

    private List<String> recorded() throws IOException {
        journal.force();
        return journal.read(0, 100, 1 << 20).payloads().stream()
                .map(AuditDecoder::decode)
                .map(AuditRecord::action)
                .toList();
    }

    @Test
    void spendFiresOnceTellsTheWebhookAndResolvesAlsoAfterARestart() throws IOException {
        requests(3, "p1", AuditOutcome.SUCCESS, 4_000_000);
        requests(3, "p2", AuditOutcome.SUCCESS, 1_000_000);
        AlertWatch watch = watch(Kind.SPEND, "10", "one");
        run(watch::run);
        run(watch::run);
        assertThat(alerts()).singleElement().satisfies(alert -> {
            assertThat(alert.state()).isEqualTo("firing");
            assertThat(alert.labels()).isEqualTo(Map.of("project_id", "p1"));
            assertThat(alert.summary()).contains("12.00 USD");
        });
        assertThat(recorded()).containsExactly("alert.firing");

        receiver.status.set(503);
        AlertDelivery delivery = delivery();
        run(delivery::run);
        assertThat(receiver.deliveries).isEmpty();
        receiver.status.set(200);
        run(delivery::run);
        assertThat(receiver.deliveries).as("it waits before the next attempt").isEmpty();
        time.advance(Duration.ofSeconds(3));
        run(delivery()::run);
        run(delivery()::run);
        assertThat(receiver.deliveries).hasSize(1);
        JsonObject told = new JsonObject(receiver.deliveries.getFirst().body());
        assertThat(told.getString("state")).isEqualTo("firing");
        assertThat(told.getString("severity")).isEqualTo("critical");

        time.advance(Duration.ofHours(2));
        AlertWatch restarted = watch(Kind.SPEND, "10", "two");
        run(restarted::run);
        assertThat(alerts().getFirst().state()).isEqualTo("firing");
        time.advance(AlertWatch.QUIET);
        run(restarted::run);
        run(restarted::run);
        assertThat(alerts())
                .singleElement()
                .satisfies(alert -> assertThat(alert.state()).isEqualTo("resolved"));
        assertThat(recorded()).containsExactly("alert.firing", "alert.resolved");
        run(delivery()::run);
        assertThat(new JsonObject(receiver.deliveries.getLast().body()).getString("state"))
                .isEqualTo("resolved");
        assertThat(receiver.deliveries.getLast().id())
                .isNotEqualTo(receiver.deliveries.getFirst().id());
    }

    @Test
    void errorsFireByTheirShareOfEnoughRequests() {
        AlertWatch watch = watch(Kind.ERROR_RATE, "0.5", "one");
        requests(19, "p1", AuditOutcome.FAILURE, 0);
        run(watch::run);
        assertThat(alerts()).isEmpty();
        requests(20, "p1", AuditOutcome.SUCCESS, 0);
        run(watch::run);
        assertThat(alerts()).as("19 of 39").isEmpty();
        requests(1, "p1", AuditOutcome.ERROR, 0);
        run(watch::run);
        assertThat(alerts()).hasSize(1);
        assertThat(alerts().getFirst().summary()).contains("20 of 40");
    }

    @Test
    void aBurstOfTenTimesTheAverageMinuteFiresWithinTheMinute() {
        for (int minute = 0; minute < 60; minute++) {
            requests(15, "p1", AuditOutcome.SUCCESS, 0);
            requests(2, "p2", AuditOutcome.SUCCESS, 0);
            time.advance(Duration.ofMinutes(1));
        }
        AlertWatch watch = watch(Kind.BURST, "10", "one");
        time.advance(Duration.ofMinutes(2));
        requests(110, "p1", AuditOutcome.SUCCESS, 0);
        requests(110, "p2", AuditOutcome.SUCCESS, 0);
        run(watch::run);
        assertThat(alerts())
                .extracting(alert -> alert.labels().get("project_id"))
                .containsExactly("p2");
        requests(50, "p1", AuditOutcome.SUCCESS, 0);
        run(watch::run);
        assertThat(alerts()).hasSize(2);
    }

    @Test
    void openBreakersFireAndResolveWhenTheProxySaysSoOrSaysNothingMore() {
        AlertWatch watch = watch(Kind.BREAKER, "1", "one");
        MeshBus proxy = bus(ServiceRole.PROXY);
        proxy.publish(ConditionApi.BREAKERS, new ConditionApi.BreakerReport("n1", Map.of("openai", 2)));
        Await.until(PATIENCE, "the alert", () -> {
            run(watch::run);
            return !alerts().isEmpty();
        });
        assertThat(alerts().getFirst().labels()).isEqualTo(Map.of("provider", "openai"));
        time.advance(Duration.ofMinutes(1));
        run(watch::run);
        assertThat(alerts().getFirst().state()).isEqualTo("resolved");
    }

    @Test
    void aJournalThatRefusesOrFillsOrSkipsFires() {
        AlertWatch watch = watch(Kind.JOURNAL, "0.5", "one");
        MeshBus bus = bus(ServiceRole.AUTH);
        bus.publish(ConditionApi.JOURNAL, new ConditionApi.JournalReport("refusing", false, 0.1));
        bus.publish(ConditionApi.JOURNAL, new ConditionApi.JournalReport("filling", true, 0.6));
        bus.publish(ConditionApi.JOURNAL, new ConditionApi.JournalReport("fine", true, 0.4));
        sequence = 5;
        requests(1, "p1", AuditOutcome.SUCCESS, 0);
        Await.until(PATIENCE, "the alerts", () -> {
            run(watch::run);
            return alerts().size() == 3;
        });
        assertThat(alerts())
                .extracting(alert -> alert.labels().get("node"))
                .containsExactlyInAnyOrder("refusing", "filling", NODE);
    }

    @Test
    void aVaultThatDoesNotAnswerFiresAtTheThirdQuestion() {
        AlertWatch watch = watch(Kind.VAULT, "1", "one");
        run(watch::run);
        run(watch::run);
        assertThat(alerts()).isEmpty();
        run(watch::run);
        assertThat(alerts())
                .singleElement()
                .satisfies(alert -> assertThat(alert.summary()).contains("vault-service"));
    }

    @Test
    void aPrivacyBudgetThatIsNearlySpentFiresAndSilenceOfItsServiceChangesNothing() {
        AlertWatch watch = watch(Kind.PRIVACY, "0.9", "one");
        run(watch::run);
        assertThat(alerts()).isEmpty();
        MeshBus fhe = bus(ServiceRole.FHE);
        fhe.serveSigned(
                FheApi.PRIVACY_BUDGETS,
                executor,
                (question, asker) -> new FheApi.Budgets(List.of(
                        new FheApi.Budget("reader", "owner~a", 1, "sum", 0.1, 10, 9.5, 0, 95, 5, 0),
                        new FheApi.Budget("reader", "owner~b", 1, "sum", 0.1, 10, 5, 0, 50, 50, 0))));
        run(watch::run);
        assertThat(alerts())
                .singleElement()
                .satisfies(alert ->
                        assertThat(alert.labels()).isEqualTo(Map.of("project_id", "reader", "index", "owner~a")));
        fhe.leave().toCompletionStage().toCompletableFuture().join();
        time.advance(Duration.ofHours(1));
        run(watch::run);
        assertThat(alerts().getFirst().state()).isEqualTo("firing");
    }

    private void acts(AuditActor.Kind kind, String id, String address) {
        acts(kind, id, address, AuditOutcome.SUCCESS);
    }

    private void acts(AuditActor.Kind kind, String id, String address, AuditOutcome outcome) {
        append(List.of(deed(kind, id, address, outcome)));
    }

    private void append(List<byte[]> entries) {
        long first = sequence + 1;
        sequence += entries.size();
        var unused = database.inTransaction(connection -> store.append(connection, NODE, first, entries));
    }

    private byte[] deed(AuditActor.Kind kind, String id, String address, AuditOutcome outcome) {
        return AuditEncoder.bytes(AuditRecord.builder(
                        AuditPhase.EVENT, "project.list", time.instant().toEpochMilli() * 1_000)
                .actor(new AuditActor(kind, id))
                .clientIp(address)
                .outcome(outcome)
                .build());
    }

    @Test
    void aNewAddressOfATokenAWalletOrAManagerFiresAndResolves() throws IOException {
        AlertWatch watch = watch(Kind.NEW_ADDRESS, "1", "one");
        acts(AuditActor.Kind.TOKEN, "t1", "192.0.2.1");
        acts(AuditActor.Kind.TOKEN, "t2", "192.0.2.2");
        acts(AuditActor.Kind.WALLET, "0x" + "ab".repeat(20), "192.0.2.3");
        acts(AuditActor.Kind.MANAGEMENT, "", "2001:db8:0:1::1");
        acts(AuditActor.Kind.MANAGEMENT, "principal:ann", "192.0.2.4");
        run(watch::run);
        assertThat(alerts()).as("whoever is seen first has no address yet").isEmpty();

        acts(AuditActor.Kind.TOKEN, "t1", "192.0.2.1");
        acts(AuditActor.Kind.TOKEN, "t2", "192.0.2.9", AuditOutcome.DENIED);
        acts(AuditActor.Kind.MANAGEMENT, "", "2001:db8:0:1:ffff::2");
        acts(AuditActor.Kind.ANONYMOUS, "", "192.0.2.99");
        acts(AuditActor.Kind.SYSTEM, "", "192.0.2.98");
        run(watch::run);
        assertThat(alerts()).as("known, denied, of the same network, nobody").isEmpty();

        acts(AuditActor.Kind.TOKEN, "t2", "192.0.2.1");
        acts(AuditActor.Kind.WALLET, "0x" + "AB".repeat(20), "2001:db8:0:1::1");
        acts(AuditActor.Kind.MANAGEMENT, "", "2001:db8:0:2::1");
        acts(AuditActor.Kind.TOKEN, "t3", "192.0.2.7");
        run(watch::run);
        run(watch::run);
        assertThat(alerts())
                .extracting(alert -> alert.labels().get("actor_kind"))
                .containsExactlyInAnyOrder("token", "wallet", "management");
        assertThat(alerts())
                .filteredOn(alert -> alert.labels().containsKey("token_id"))
                .singleElement()
                .satisfies(alert -> {
                    assertThat(alert.summary()).startsWith("token t2 acted from an address not seen with it before");
                    assertThat(alert.labels()).containsEntry("event", NODE + "-11");
                });
        assertThat(alerts().toString()).doesNotContain("192.0.2", "2001:db8", "abab", "ABAB");
        assertThat(recorded()).containsExactly("alert.firing", "alert.firing", "alert.firing");

        time.advance(Duration.ofMinutes(61));
        run(watch::run);
        time.advance(AlertWatch.QUIET);
        run(watch::run);
        assertThat(alerts()).allMatch(alert -> alert.state().equals("resolved"));
        acts(AuditActor.Kind.TOKEN, "t2", "192.0.2.1");
        run(watch::run);
        assertThat(alerts()).as("it is known by now, also to another process").hasSize(3);
    }

    @Test
    void newAddressesAreCountedAndManySubjectsAreOneAlert() {
        AlertWatch watch = watch(Kind.NEW_ADDRESS, "3", "one");
        for (int address = 0; address < 3; address++) {
            acts(AuditActor.Kind.TOKEN, "t1", "192.0.2." + address);
        }
        run(watch::run);
        assertThat(alerts()).as("two of three are new").isEmpty();
        acts(AuditActor.Kind.TOKEN, "t1", "192.0.2.3");
        run(watch::run);
        assertThat(alerts())
                .singleElement()
                .satisfies(alert -> assertThat(alert.summary()).contains("3 addresses"));

        List<byte[]> many = new ArrayList<>();
        for (int token = 0; token <= AddressConditions.SUBJECTS_MAX; token++) {
            for (int address = 0; address < 4; address++) {
                many.add(deed(AuditActor.Kind.TOKEN, "many-" + token, "198.51.100." + address, AuditOutcome.SUCCESS));
            }
        }
        append(many);
        run(watch::run);
        assertThat(alerts()).hasSize(2);
        assertThat(alerts()).anySatisfy(alert -> assertThat(alert.summary()).startsWith("more than 50"));
    }

    @Test
    void whatIsOldOrErasedIsForgottenAndWhatWasStoredLongAgoIsOnlyLearnt() {
        acts(AuditActor.Kind.TOKEN, "t1", "192.0.2.1");
        acts(AuditActor.Kind.TOKEN, "t1", "192.0.2.2");
        time.advance(Duration.ofHours(2));
        AlertWatch watch = watch(Kind.NEW_ADDRESS, "1", "one");
        run(watch::run);
        assertThat(alerts()).as("stored before the window").isEmpty();

        assertThat(forget()).isZero();
        SubjectErasure erasure = new SubjectErasure(database, sealing, time);
        run(() -> {
            var unused = erasure.erase(new Subject(Subject.Kind.CLIENT_IP, "192.0.2.2"));
        });
        acts(AuditActor.Kind.TOKEN, "t1", "192.0.2.2");
        run(watch::run);
        assertThat(alerts()).as("an erased address is new again").hasSize(1);
        run(() -> {
            var unused = erasure.erase(new Subject(Subject.Kind.TOKEN, "t1"));
        });
        assertThat(forget()).isZero();
        acts(AuditActor.Kind.TOKEN, "t1", "192.0.2.3");
        time.advance(AlertWatch.QUIET);
        run(watch::run);
        run(watch::run);
        assertThat(alerts())
                .as("an erased token begins anew")
                .allMatch(alert -> alert.state().equals("resolved"));

        time.advance(ClientAddresses.KEPT.plusDays(2));
        assertThat(forget()).isEqualTo(1);
    }

    private int forget() {
        return database.inTransaction(connection -> ClientAddresses.forget(connection, time.instant()));
    }

    @Test
    void oneNodeLooksAndARuleThatIsGoneResolves() {
        requests(1, "p1", AuditOutcome.SUCCESS, 50_000_000);
        AlertWatch one = watch(Kind.SPEND, "10", "one");
        AlertWatch two = watch(Kind.SPEND, "1", "two");
        run(one::run);
        run(two::run);
        assertThat(alerts()).hasSize(1);
        AlertWatch without = new AlertWatch(
                database,
                sealing,
                new AlertsConfig(Map.of(), Map.of()),
                bus(ServiceRole.ADMIN),
                new AuditLog(journal, Durability.PROCESS),
                time,
                new WorkLease(database, time, "alerts", "one", AlertWatch.LEASE));
        run(without::run);
        assertThat(alerts())
                .singleElement()
                .satisfies(alert -> assertThat(alert.state()).isEqualTo("resolved"));
    }

    @Test
    void aMessageThatNobodyTakesForADayIsGivenUp() {
        requests(1, "p1", AuditOutcome.SUCCESS, 50_000_000);
        run(watch(Kind.SPEND, "10", "one")::run);
        receiver.status.set(500);
        AlertDelivery delivery = delivery();
        run(delivery::run);
        time.advance(AlertDelivery.KEPT.plusSeconds(1));
        run(delivery::run);
        receiver.status.set(200);
        time.advance(Duration.ofHours(1));
        run(delivery::run);
        assertThat(receiver.deliveries).isEmpty();
        assertThat(metrics.get("alerts.given.up").counter().count()).isEqualTo(1);
    }
}
