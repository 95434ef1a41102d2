package io.latticegate.e2e.fhe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.latticegate.client.FheClient;
import io.latticegate.client.Program;
import io.latticegate.client.SeedFile;
import io.latticegate.client.Session;
import io.latticegate.client.error.PrivacyBudgetExhaustedException;
import io.latticegate.client.error.ServiceRefusalException;
import io.latticegate.common.value.Allowance;
import io.latticegate.e2e.LocalStack;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.testing.Await;
import io.latticegate.testing.FakeTime;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The Java client against the whole service: keys, circuits, and keys that change while it works. */
@TestInstance(Lifecycle.PER_CLASS)
final class JavaClientTest {
    /** What the planner's worst-case bound for these steps stays far below. */
    private static final double ERROR_MAX = 1e-4;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private LocalStack stack;
    private String token;
    private SeedFile seed;

    @BeforeAll
    void start(@TempDir Path folder) {
        stack = LocalStack.start();
        token = stack.token();
        seed = SeedFile.open(folder.resolve("seed"), new SecureRandom());
    }

    @AfterAll
    void stop() {
        seed.close();
        stack.close();
    }

    private FheClient.Builder client(LocalStack of, String with) {
        return FheClient.to(URI.create(of.fheUrl()), () -> with, seed);
    }

    /** x·y, and what it is one slot further. */
    private static Program productRotated(Preset preset) {
        Program.Builder program = Program.of(preset);
        Program.Value x = program.input();
        Program.Value y = program.input();
        Program.Value product = program.rescale(program.relinearise(program.multiply(x, y)));
        return program.output(product).output(program.rotate(product, 1)).build();
    }

    private static void computeAndCheck(Session session, Program program, double x) {
        var slots = session.compute(program, List.of(new double[] {x, -2, 3}, new double[] {4, 0.5, -1}));

        assertThat(slots.getFirst().real()[0]).isCloseTo(4 * x, within(ERROR_MAX));
        assertThat(slots.getFirst().real()[1]).isCloseTo(-1, within(ERROR_MAX));
        assertThat(slots.getLast().real()[0]).isCloseTo(-1, within(ERROR_MAX));
        assertThat(slots.getLast().real()[1]).isCloseTo(-3, within(ERROR_MAX));
    }

    private static List<JsonObject> sessions(LocalStack of, String with) throws Exception {
        try (FheCaller caller = new FheCaller(of.fheUrl(), with)) {
            JsonArray all = FheCaller.json(caller.get("/v1/fhe/sessions")).getJsonArray("sessions");
            return all.stream().map(JsonObject.class::cast).toList();
        }
    }

    @Test
    void multipliesAndRotatesInEverySetThatTravelsInContainersOfSeal() {
        try (FheClient client = client(stack, token).build()) {
            for (Preset preset : List.of(Preset.S13, Preset.S14)) {
                computeAndCheck(client.session(preset), productRotated(preset), 1.5);
            }
        }
    }

    @Test
    void laterKeysJoinThoseThatAreThereInOneSession() throws Exception {
        String own = stack.token();
        try (FheClient client = client(stack, own).build()) {
            Session session = client.session(Preset.S13);
            computeAndCheck(session, productRotated(Preset.S13), 1);
            String id = session.id().orElseThrow();
            Program.Builder program = Program.of(Preset.S13);
            Program.Value x = program.input();
            Program further =
                    program.output(program.conjugate(program.rotate(x, -3))).build();

            double[] rotated = session.compute(further, List.of(new double[] {7}))
                    .getFirst()
                    .real();

            assertThat(rotated[3]).isCloseTo(7, within(ERROR_MAX));
            computeAndCheck(session, productRotated(Preset.S13), 2);
            assertThat(session.id()).hasValue(id);
            assertThat(sessions(stack, own)).hasSize(1);
        }
        assertThat(sessions(stack, own)).as("a closed client leaves no session").isEmpty();
    }

    @Test
    void keysThatAreDueGiveWayToThoseOfTheNextEpoch() throws Exception {
        String own = stack.token();
        FakeTime time = new FakeTime();
        try (FheClient client = client(stack, own).clock(time).build()) {
            Session session = client.session(Preset.S13);
            computeAndCheck(session, productRotated(Preset.S13), 1);
            String first = session.id().orElseThrow();
            time.advance(Duration.ofHours(23));
            computeAndCheck(session, productRotated(Preset.S13), 2);
            assertThat(session.id()).hasValue(first);

            time.advance(Duration.ofMinutes(51));
            computeAndCheck(session, productRotated(Preset.S13), 3);

            String second = session.id().orElseThrow();
            assertThat(second).isNotEqualTo(first);
            assertThat(sessions(stack, own))
                    .anySatisfy(old -> {
                        assertThat(old.getString("id")).isEqualTo(first);
                        assertThat(old.getString("state")).isEqualTo("grace");
                    })
                    .anySatisfy(young -> {
                        assertThat(young.getString("id")).isEqualTo(second);
                        assertThat(young.getInteger("epoch")).isEqualTo(2);
                        assertThat(young.getString("state")).isEqualTo("active");
                    });
        }
    }

    /** The client's clock stands still, so that only the service's 410 can tell it. */
    @Test
    void keysThatTheServiceTakesForExpiredAreReplacedAndTheCallIsRepeated() {
        try (LocalStack brief = LocalStack.with()
                        .setting("fhe.key_ttl", "1s")
                        .setting("fhe.grace", "0s")
                        .start();
                FheClient client =
                        client(brief, brief.token()).clock(new FakeTime()).build()) {
            Session session = client.session(Preset.S13);
            Program.Builder program = Program.of(Preset.S13);
            Program.Value x = program.input();
            Program negated = program.output(program.negate(x)).build();
            Set<String> ids = ConcurrentHashMap.newKeySet();

            Await.until(PATIENCE, "a third session", () -> {
                double[] slots = session.compute(negated, List.of(new double[] {5}))
                        .getFirst()
                        .real();
                assertThat(slots[0]).isCloseTo(-5, within(ERROR_MAX));
                ids.add(session.id().orElseThrow());
                return ids.size() == 3;
            });
        }
    }

    @Test
    void rotationDuringTrafficFailsNoRequest() throws Exception {
        try (LocalStack brief = LocalStack.with()
                        .setting("fhe.key_ttl", "4s")
                        .setting("fhe.grace", "20s")
                        .start();
                FheClient client = client(brief, brief.token()).build();
                ExecutorService callers = Executors.newFixedThreadPool(3)) {
            Session session = client.session(Preset.S13);
            Program program = productRotated(Preset.S13);
            Set<String> ids = ConcurrentHashMap.newKeySet();
            AtomicInteger done = new AtomicInteger();
            Callable<Boolean> traffic = () -> {
                long end = System.nanoTime() + PATIENCE.toNanos();
                while (ids.size() < 4 && System.nanoTime() < end) {
                    computeAndCheck(session, program, done.incrementAndGet() % 100);
                    session.id().ifPresent(ids::add);
                }
                return true;
            };
            List<Future<Boolean>> running = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                running.add(callers.submit(traffic));
            }
            for (Future<Boolean> caller : running) {
                assertThat(caller.get()).isTrue();
            }
            System.out.println(
                    "rotation during traffic: " + done + " requests over " + ids.size() + " key epochs, 0 failed");
            assertThat(ids).hasSizeGreaterThanOrEqualTo(4);
        }
    }

    /**
     * What comes back under a privacy budget is made fresh with the reader's public key, and near the truth: noise of this
     * budget has a standard deviation of 0.07, and the row itself is 0.5 ahead of all others.
     */
    @Test
    void aReaderOfAnothersIndexGetsScoresWithNoise() throws Exception {
        String ownerId = stack.project("owner of rows");
        String readerId = stack.project("reader of rows");
        String reader = stack.token(readerId, Allowance.WITHOUT_LIMIT);
        float[][] rows = Rows.random(4, 200, 64);
        try (FheCaller owner = new FheCaller(stack.fheUrl(), stack.token(ownerId, Allowance.WITHOUT_LIMIT));
                FheClient client = client(stack, reader).build()) {
            JsonObject options = new JsonObject()
                    .put("readers", new JsonArray().add(readerId))
                    .put(
                            "privacy",
                            new JsonObject().put("epsilon_per_query", 500).put("epsilon_budget", 1_000));
            assertThat(owner.putIndex("shared", rows, "S12", "X-Latticegate-Index-Options", options.encode())
                            .statusCode())
                    .isEqualTo(201);
            String name = ownerId + "~shared";

            assertThat(client.indexes().search(name, rows[17], 1).getFirst().row())
                    .isEqualTo(17);
            assertThat(client.indexes().search(name, rows[42], 1).getFirst().row())
                    .isEqualTo(42);
            assertThat(client.privacyBudgets())
                    .singleElement()
                    .satisfies(budget -> assertThat(budget.remainingQueries()).isZero());
            assertThatThrownBy(() -> client.indexes().search(name, rows[1], 1))
                    .isInstanceOf(PrivacyBudgetExhaustedException.class);
        }
    }

    @Test
    void aRefusalOfTheServiceHasItsCode() {
        try (FheClient client = client(stack, "sk-nobody").build()) {
            assertThatThrownBy(() -> client.session(Preset.S13).renew())
                    .isInstanceOfSatisfying(ServiceRefusalException.class, refusal -> {
                        assertThat(refusal.status()).isEqualTo(401);
                        assertThat(refusal.code()).isEqualTo("invalid_token");
                    });
            assertThat(client.capabilities().path("operations")).isNotEmpty();
        }
    }
}
