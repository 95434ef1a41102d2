package io.latticegate.e2e.fhe;

import static io.latticegate.e2e.fhe.FheCaller.blocks;
import static io.latticegate.e2e.fhe.FheCaller.code;
import static io.latticegate.e2e.fhe.FheCaller.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.e2e.LocalMesh;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.testing.Await;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Two processes of encrypted compute with one folder and one ledger: together they spend a budget once, and no more. */
@TestInstance(Lifecycle.PER_CLASS)
class TwoPodsBudgetTest {
    private static final Logger LOG = LoggerFactory.getLogger(TwoPodsBudgetTest.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SEARCHES = 500;
    private static final int BUDGET = 200;
    private static final int KILLED_AFTER = 60;

    private enum Outcome {
        WHOLE,
        EXHAUSTED,
        LOST,
        OTHER
    }

    private final FheParty party = new FheParty(Preset.S12);
    private LocalMesh mesh;
    private LocalMesh.Node survivor;
    private LocalMesh.Node victim;

    @BeforeAll
    void start() {
        Map<ServiceRole, Integer> instances = new LinkedHashMap<>();
        instances.put(ServiceRole.AUTH, 1);
        instances.put(ServiceRole.FHE, 2);
        mesh = LocalMesh.start(instances);
        survivor = mesh.node("fhe-1");
        victim = mesh.node("fhe-2");
    }

    @AfterAll
    void stop() {
        mesh.close();
    }

    private static String root(LocalMesh.Node node) {
        return node.url("").toString();
    }

    @Test
    void aKilledProcessLosesSearchesAndNeverGivesMore() throws Exception {
        LocalMesh.Token owner = mesh.createToken(Allowance.WITHOUT_LIMIT);
        LocalMesh.Token reader = mesh.createToken(Allowance.WITHOUT_LIMIT);
        try (FheCaller own = new FheCaller(root(survivor), owner.secret());
                FheCaller first = new FheCaller(root(survivor), reader.secret());
                FheCaller second = new FheCaller(root(victim), reader.secret())) {
            JsonObject options = new JsonObject()
                    .put("readers", new JsonArray().add(reader.projectId()))
                    .put("privacy", new JsonObject().put("epsilon_per_query", 1).put("epsilon_budget", BUDGET));
            HttpResponse<byte[]> put = own.putIndex(
                    "shared", Rows.random(8, 500, 32), "S12", "X-Latticegate-Index-Options", options.encode());
            assertThat(put.statusCode()).as(text(put)).isEqualTo(201);
            String index = owner.projectId() + "~shared";
            String session = first.session("S12");
            Await.until(PATIENCE, "a lease of the token at the other process", () -> putKey(second, session));
            byte[][] query = party.searcher(second.index(index)).query(Rows.random(9, 1, 32)[0]);

            Queue<Outcome> atSurvivor = new ConcurrentLinkedQueue<>();
            Queue<Outcome> atVictim = new ConcurrentLinkedQueue<>();
            AtomicReference<String> odd = new AtomicReference<>("");
            try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < SEARCHES; i++) {
                    boolean even = i % 2 == 0;
                    clients.execute(() -> (even ? atSurvivor : atVictim)
                            .add(search(even ? first : second, index, session, query, odd)));
                }
                Await.until(
                        PATIENCE,
                        "replies of the process that is killed",
                        () -> value(atVictim, Outcome.WHOLE) >= KILLED_AFTER);
                victim.kill();
            }
            while (search(first, index, session, query, odd) == Outcome.WHOLE) {
                atSurvivor.add(Outcome.WHOLE);
            }

            Map<String, Integer> events = events();
            int whole = value(atSurvivor, Outcome.WHOLE) + value(atVictim, Outcome.WHOLE);
            int reserved = events.getOrDefault("reserved", 0);
            int released = events.getOrDefault("released", 0);
            LOG.info(
                    "{} searches over two processes, budget {}: {} whole at the one, {} at the one that was killed, {} lost"
                            + " with it; ledger {}",
                    SEARCHES,
                    BUDGET,
                    value(atSurvivor, Outcome.WHOLE),
                    value(atVictim, Outcome.WHOLE),
                    value(atVictim, Outcome.LOST),
                    events);
            assertThat(odd.get()).isEmpty();
            assertThat(value(atSurvivor, Outcome.LOST)).isZero();
            assertThat(reserved + released).as("paid and not given back").isEqualTo(BUDGET);
            assertThat(released).as("released").isLessThanOrEqualTo(BUDGET);
            assertThat(whole).as("whole replies").isLessThanOrEqualTo(released);
            assertThat(BUDGET - whole)
                    .as("paid, and lost with the process")
                    .isBetween(0, value(atVictim, Outcome.LOST));
        }
    }

    private static int value(Queue<Outcome> outcomes, Outcome which) {
        return (int) outcomes.stream().filter(which::equals).count();
    }

    /** Whether a session of one process takes a key at the other; not before that has joined and can check the token. */
    private boolean putKey(FheCaller caller, String session) {
        try {
            HttpResponse<byte[]> put = caller.put("/v1/fhe/sessions/" + session + "/keys/public", party.publicKey());
            assertThat(put.statusCode()).as(text(put)).isIn(201, 503);
            return put.statusCode() == 201;
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** One search, again while the service is full or cannot check the token. */
    private static Outcome search(
            FheCaller caller, String index, String session, byte[][] query, AtomicReference<String> odd) {
        try {
            while (true) {
                HttpResponse<byte[]> answer = caller.search(index, session, query);
                switch (answer.statusCode()) {
                    case 200 -> {
                        assertThat(blocks(answer)).isNotEmpty();
                        return Outcome.WHOLE;
                    }
                    case 429 -> {
                        assertThat(code(answer)).isEqualTo("429 privacy_budget_exhausted");
                        return Outcome.EXHAUSTED;
                    }
                    case 503 -> Thread.onSpinWait();
                    default -> {
                        odd.set(text(answer));
                        return Outcome.OTHER;
                    }
                }
            }
        } catch (IOException lost) {
            return Outcome.LOST;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Outcome.LOST;
        }
    }

    /** How many searches the ledger has in each state. */
    private Map<String, Integer> events() throws SQLException {
        Map<String, Integer> events = new LinkedHashMap<>();
        try (Connection connection = mesh.database();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT state, count(*) FROM privacy.privacy_events GROUP BY state")) {
            while (rows.next()) {
                events.put(rows.getString(1), rows.getInt(2));
            }
        }
        return events;
    }
}
