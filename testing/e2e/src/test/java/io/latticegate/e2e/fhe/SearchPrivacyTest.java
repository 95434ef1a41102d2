package io.latticegate.e2e.fhe;

import static io.latticegate.e2e.fhe.FheCaller.blocks;
import static io.latticegate.e2e.fhe.FheCaller.code;
import static io.latticegate.e2e.fhe.FheCaller.json;
import static io.latticegate.e2e.fhe.FheCaller.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import io.latticegate.e2e.LocalStack;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.testing.Await;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Indexes that another project searches, with noise and a budget. */
@TestInstance(Lifecycle.PER_CLASS)
class SearchPrivacyTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Five deviations of the variance of 8,000 samples, as a share. */
    private static final double VARIANCE_TOLERANCE = 5 * Math.sqrt(2.0 / 8_000);

    private final FheParty party = new FheParty(Preset.S12);
    private final float[][] rows = Rows.random(6, 2_000, 64);
    private LocalStack stack;
    private FheCaller owner;
    private FheCaller reader;
    private String ownerId;
    private String readerId;
    private String session;

    @BeforeAll
    void start() throws Exception {
        stack = LocalStack.with().setting("fhe.queue.workers", 2).start();
        ownerId = stack.project("owner");
        readerId = stack.project("reader");
        owner = new FheCaller(stack.fheUrl(), stack.token(ownerId, Allowance.WITHOUT_LIMIT));
        reader = new FheCaller(stack.fheUrl(), stack.token(readerId, Allowance.WITHOUT_LIMIT));
        session = reader.session("S12");
        HttpResponse<byte[]> key = reader.put("/v1/fhe/sessions/" + session + "/keys/public", party.publicKey());
        assertThat(key.statusCode()).as(text(key)).isEqualTo(201);
        assertThat(json(key).getString("kind")).isEqualTo("public");
    }

    @AfterAll
    void stop() {
        owner.close();
        reader.close();
        stack.close();
    }

    private String[] terms(double perQuery, double budget, boolean ownerToo) {
        return new String[] {
            "X-Latticegate-Index-Options",
            new JsonObject()
                    .put("readers", new JsonArray().add(readerId))
                    .put(
                            "privacy",
                            new JsonObject()
                                    .put("epsilon_per_query", perQuery)
                                    .put("epsilon_budget", budget)
                                    .put("delta", 1e-5)
                                    .put("apply_to_owner", ownerToo))
                    .encode()
        };
    }

    private String shared(String name, double perQuery, double budget) throws Exception {
        HttpResponse<byte[]> put = owner.putIndex(name, rows, "S12", terms(perQuery, budget, false));
        assertThat(put.statusCode()).as(text(put)).isEqualTo(201);
        return ownerId + "~" + name;
    }

    private JsonObject budget(String index) {
        try {
            for (Object one : json(reader.get("/v1/privacy/budget")).getJsonArray("budgets")) {
                if (one instanceof JsonObject budget && index.equals(budget.getString("index"))) {
                    return budget;
                }
            }
            return new JsonObject();
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return new JsonObject();
        }
    }

    @Test
    void aReaderSeesTheStatedNoiseAndTheOwnerNone() throws Exception {
        String index = shared("noise", 1, 10);
        JsonObject described = reader.index(index);
        assertThat(described.getJsonArray("readers")).isNull();
        assertThat(described.getJsonObject("query").getJsonArray("keys")).containsExactly("public");
        double sigma = described.getJsonObject("scores").getDouble("sigma");
        assertThat(sigma).isBetween(8.9, 9.3);
        FheParty.Searcher searcher = party.searcher(described);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < 4; i++) {
            double[] scores = searcher.scores(blocks(reader.search(index, session, searcher.query(rows[i]))));
            double[] exact = Rows.scan(rows, rows[i]);
            for (int row = 0; row < rows.length; row++) {
                sum += scores[row] - exact[row];
                squares += (scores[row] - exact[row]) * (scores[row] - exact[row]);
            }
        }
        int samples = 4 * rows.length;
        assertThat(sum / samples / sigma).isBetween(-5 / Math.sqrt(samples), 5 / Math.sqrt(samples));
        assertThat(squares / samples / sigma / sigma).isBetween(1 - VARIANCE_TOLERANCE, 1 + VARIANCE_TOLERANCE);

        FheParty.Searcher own = party.searcher(owner.index("noise"));
        double[] exact = own.scores(blocks(owner.search("noise", owner.session("S12"), own.query(rows[3]))));
        assertThat(exact[3]).isBetween(0.9999, 1.0001);
    }

    @Test
    void theBudgetEndsExactlyHoweverManySearchAtOnce() throws Exception {
        String index = shared("counted", 1, 7.5);
        FheParty.Searcher searcher = party.searcher(reader.index(index));
        byte[][] query = searcher.query(rows[0]);
        List<Future<HttpResponse<byte[]>>> answers = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                Callable<HttpResponse<byte[]>> one = () -> reader.search(index, session, query);
                answers.add(clients.submit(one));
            }
        }
        int whole = 0;
        for (Future<HttpResponse<byte[]>> answer : answers) {
            if (answer.get().statusCode() == 200) {
                assertThat(blocks(answer.get())).isNotEmpty();
                whole++;
            } else {
                assertThat(code(answer.get())).isEqualTo("429 privacy_budget_exhausted");
            }
        }
        assertThat(whole).isEqualTo(7);
        JsonObject budget = budget(index);
        assertThat(budget.getInteger("queries")).isEqualTo(7);
        assertThat(budget.getInteger("remaining_queries")).isZero();
        assertThat(budget.getDouble("epsilon_spent")).isEqualTo(7.0);

        assertThat(owner.delete("/v1/fhe/indexes/counted").statusCode()).isEqualTo(204);
        shared("counted", 1, 7.5);
        assertThat(code(reader.search(index, session, query)))
                .as("a new index of the same name")
                .isEqualTo("429 privacy_budget_exhausted");
        shared("counted", 2, 8);
        HttpResponse<byte[]> differ = reader.search(
                index, session, party.searcher(reader.index(index)).query(rows[0]));
        assertThat(code(differ)).isEqualTo("409 privacy_terms_differ");
    }

    @Test
    void aSearchThatFailsBeforeItIsSentIsGivenBack() throws Exception {
        String index = shared("refunded", 1, 3);
        FheParty.Searcher searcher = party.searcher(reader.index(index));
        byte[][] query = searcher.query(rows[0]);
        JsonObject named = new JsonObject().put("session", session).put("job", "refunded");
        assertThat(blocks(reader.search(index, named, query))).isNotEmpty();
        for (int i = 0; i < 6; i++) {
            assertThat(code(reader.search(index, named, query)))
                    .as("a name of a job that is known, after the search was paid")
                    .isEqualTo("400 invalid_request");
            Await.until(
                    PATIENCE,
                    "the search to be given back",
                    () -> budget(index).getInteger("queries", -1).equals(1));
        }
        for (int i = 1; i < 3; i++) {
            assertThat(blocks(reader.search(index, session, query))).isNotEmpty();
        }
        assertThat(code(reader.search(index, session, query))).isEqualTo("429 privacy_budget_exhausted");
    }

    @Test
    void aKeptReplyIsFreeAndNeverNewNoise() throws Exception {
        String index = shared("kept", 1, 2);
        FheParty.Searcher searcher = party.searcher(reader.index(index));
        String[] tag = {"X-Latticegate-Cache-Tag", "_".repeat(42) + "8"};
        HttpResponse<byte[]> first = reader.search(index, session, searcher.query(rows[0]), tag);
        for (int i = 0; i < 4; i++) {
            HttpResponse<byte[]> again = reader.search(index, session, searcher.query(rows[0]), tag);
            assertThat(again.headers().firstValue("X-Cache")).contains("HIT");
            assertThat(again.body()).isEqualTo(first.body());
        }
        assertThat(budget(index).getInteger("queries")).isEqualTo(1);
    }

    @Test
    void aReaderNeedsAPublicKeyAndSeededQueries() throws Exception {
        String index = shared("masked", 1, 2);
        FheParty.Searcher searcher = party.searcher(reader.index(index));
        String bare = reader.session("S12");
        HttpResponse<byte[]> missing = reader.search(index, bare, searcher.query(rows[0]));
        assertThat(code(missing)).isEqualTo("409 keys_missing");
        assertThat(text(missing)).contains("public");
        assertThat(code(reader.search(index, session, searcher.expandedQuery(rows[0]))))
                .isEqualTo("422 invalid_ciphertext");
        String keys = "/v1/fhe/sessions/" + bare + "/keys/public";
        assertThat(code(reader.put(keys, party.secretKey()))).isEqualTo("422 secret_key_refused");
        assertThat(code(reader.put(keys, new FheParty(Preset.S13).publicKey())))
                .isIn("422 preset_mismatch", "413 body_too_large");
        assertThat(reader.put(keys, party.publicKey()).statusCode()).isEqualTo(201);
        assertThat(json(reader.get("/v1/fhe/sessions/" + bare + "/keys")).encode())
                .contains("\"public\"");
        assertThat(blocks(reader.search(index, bare, searcher.query(rows[0])))).isNotEmpty();
        assertThat(reader.delete(keys).statusCode()).isEqualTo(204);
        assertThat(code(reader.search(index, bare, searcher.query(rows[0])))).isEqualTo("409 keys_missing");
        assertThat(budget(index).getInteger("queries")).isEqualTo(1);
    }

    @Test
    void aReaderReadsNothingElseAndChangesNothing() throws Exception {
        String index = shared("own", 1, 2);
        assertThat(code(reader.delete("/v1/fhe/indexes/" + index))).isEqualTo("404 not_found");
        assertThat(code(reader.get("/v1/fhe/indexes/own"))).isEqualTo("404 not_found");
        assertThat(json(reader.get("/v1/fhe/indexes")).getJsonArray("indexes")).isEmpty();
        HttpResponse<byte[]> alone = owner.putIndex("own", rows, "S12");
        assertThat(json(alone).getInteger("version")).isEqualTo(2);
        assertThat(code(reader.get("/v1/fhe/indexes/" + index))).isEqualTo("404 not_found");
    }

    @Test
    void anOwnerMayBindItself() throws Exception {
        assertThat(owner.putIndex("bound", rows, "S12", terms(100, 100, true)).statusCode())
                .isEqualTo(201);
        FheParty.Searcher searcher = party.searcher(owner.index("bound"));
        String epoch = owner.session("S12");
        owner.put("/v1/fhe/sessions/" + epoch + "/keys/public", party.publicKey());
        double[] scores = searcher.scores(blocks(owner.search("bound", epoch, searcher.query(rows[5]))));
        assertThat(Math.abs(scores[5] - 1)).isGreaterThan(1e-6);
        assertThat(code(owner.search("bound", epoch, searcher.query(rows[5]))))
                .isEqualTo("429 privacy_budget_exhausted");
    }

    @Test
    void termsWhoseNoiseDoesNotFitAreRefusedWithTheRows() throws Exception {
        assertThat(code(owner.put(
                        "/v1/fhe/indexes/tiny?rows=10000000&dimension=384", new byte[4], terms(0.001, 10, false))))
                .isEqualTo("422 invalid_request");
    }
}
