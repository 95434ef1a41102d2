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
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Indexes of a project's own rows, searched by that project. */
@TestInstance(Lifecycle.PER_CLASS)
class SearchServiceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int DIMENSION = 384;

    /** Far above the deviation of a score's error, and far below the distances of neighbours. */
    private static final double ERROR_MAX = 1e-4;

    private final FheParty party = new FheParty(Preset.S12);
    private final float[][] rows = Rows.random(1, 2_000, DIMENSION);
    private LocalStack stack;
    private FheCaller caller;
    private String session;
    private String token;

    @BeforeAll
    void start() throws Exception {
        stack = LocalStack.with().setting("fhe.queue.workers", 1).start();
        token = stack.token();
        caller = new FheCaller(stack.fheUrl(), token);
        session = caller.session("S12");
        assertThat(caller.putIndex("rows", rows, "S12").statusCode()).isEqualTo(201);
    }

    @AfterAll
    void stop() {
        caller.close();
        stack.close();
    }

    private FheParty.Searcher searcher() throws Exception {
        return party.searcher(caller.index("rows"));
    }

    @ParameterizedTest
    @CsvSource({"S12, 2", "S13, 3"})
    void scoresAndBestRowsAreThoseOfAPlaintextScan(Preset preset, int seed) throws Exception {
        String name = "recall-" + preset.name().toLowerCase(java.util.Locale.ROOT);
        HttpResponse<byte[]> put = caller.putIndex(name, rows, preset.name());
        assertThat(put.statusCode()).as(text(put)).isEqualTo(201);
        assertThat(json(put).getInteger("version")).isEqualTo(1);
        FheParty someone = new FheParty(preset);
        FheParty.Searcher searcher = someone.searcher(caller.index(name));
        String epoch = caller.session(preset.name());
        for (float[] query : Rows.random(seed, 3, DIMENSION)) {
            HttpResponse<byte[]> answer = caller.search(name, epoch, searcher.query(query));
            double[] scores = searcher.scores(blocks(answer));
            double[] exact = Rows.scan(rows, query);
            assertThat(scores).hasSize(rows.length);
            for (int row = 0; row < rows.length; row++) {
                assertThat(scores[row]).isBetween(exact[row] - ERROR_MAX, exact[row] + ERROR_MAX);
            }
            double last = exact[Rows.best(exact, 10).getLast()];
            assertThat(Rows.best(scores, 10)).allMatch(row -> exact[row] >= last - 2 * ERROR_MAX);
            JsonObject head = FheCaller.frames(answer.body()).getFirst().json();
            assertThat(head.getInteger("blocks")).isEqualTo(blocks(answer).size());
            assertThat(head.getInteger("rows")).isEqualTo(2_000);
        }
    }

    @Test
    void aReplacedIndexIsANewVersionAndADeletedOneIsGone() throws Exception {
        assertThat(caller.putIndex("versions", Rows.random(4, 40, 16), "S12").statusCode())
                .isEqualTo(201);
        float[][] newer = Rows.random(5, 60, 16);
        HttpResponse<byte[]> second = caller.putIndex("versions", newer, "S12");
        assertThat(json(second).getInteger("version")).isEqualTo(2);
        FheParty.Searcher searcher = party.searcher(caller.index("versions"));
        HttpResponse<byte[]> answer = caller.search("versions", session, searcher.query(newer[7]));
        assertThat(Rows.best(searcher.scores(blocks(answer)), 1)).containsExactly(7);
        assertThat(json(caller.get("/v1/fhe/indexes")).getJsonArray("indexes").toString())
                .contains("\"versions\"");

        byte[][] query = searcher.query(newer[7]);
        assertThat(caller.delete("/v1/fhe/indexes/versions").statusCode()).isEqualTo(204);
        assertThat(code(caller.get("/v1/fhe/indexes/versions"))).isEqualTo("404 not_found");
        assertThat(code(caller.search("versions", session, query))).isEqualTo("404 not_found");
        assertThat(code(caller.delete("/v1/fhe/indexes/versions"))).isEqualTo("404 not_found");
    }

    @Test
    void anotherProjectFindsNothing() throws Exception {
        String project = stack.project("stranger");
        String own = own();
        byte[][] query = searcher().query(rows[0]);
        try (FheCaller other = new FheCaller(stack.fheUrl(), stack.token(project, Allowance.WITHOUT_LIMIT))) {
            for (String name : List.of("rows", own + "~rows", "nobody~rows", "..", "%2e%2e~rows", "A")) {
                assertThat(code(other.get("/v1/fhe/indexes/" + name))).isEqualTo("404 not_found");
                assertThat(code(other.delete("/v1/fhe/indexes/" + name))).isEqualTo("404 not_found");
                assertThat(code(other.search(name, session, query))).isEqualTo("404 not_found");
            }
            assertThat(json(other.get("/v1/fhe/indexes")).getJsonArray("indexes"))
                    .isEmpty();
            assertThat(other.putIndex("mine", Rows.random(1, 4, 4), "S12").statusCode())
                    .isEqualTo(201);
            FheParty.Searcher mine = party.searcher(other.index("mine"));
            assertThat(code(other.search("mine", session, mine.query(1, 0, 0, 0))))
                    .isEqualTo("404 not_found");
        }
    }

    /** The id of the project that the stack's token is of. */
    private String own() throws Exception {
        HttpResponse<byte[]> answer = caller.search("rows", session, searcher().query(rows[0]));
        String qualified = FheCaller.frames(answer.body()).getFirst().json().getString("index");
        return qualified.substring(0, qualified.indexOf('~'));
    }

    @Test
    void malformedRowsAreRefused() throws Exception {
        String path = "/v1/fhe/indexes/bad?rows=2&dimension=4";
        float[][] good = {{1, 0, 0, 0}, {0, 1, 0, 0}};
        float[][] notANumber = {{1, 0, 0, 0}, {0, Float.NaN, 0, 0}};
        float[][] tooLong = {{2, 0, 0, 0}, {0, 1, 0, 0}};
        assertThat(code(caller.putIndex("bad", notANumber, "S12"))).isEqualTo("422 invalid_rows");
        HttpResponse<byte[]> norm = caller.putIndex("bad", tooLong, "S12");
        assertThat(code(norm)).isEqualTo("422 invalid_rows");
        assertThat(text(norm)).contains("row 0 has norm 2.0");
        assertThat(code(caller.put(path, new byte[31]))).isEqualTo("422 invalid_rows");
        assertThat(code(caller.put(path, new byte[33]))).isEqualTo("422 invalid_rows");
        assertThat(code(caller.put("/v1/fhe/indexes/bad?rows=1000000000000&dimension=384", new byte[4])))
                .isEqualTo("422 invalid_rows");
        assertThat(code(caller.put("/v1/fhe/indexes/bad?rows=10000001&dimension=384", new byte[4])))
                .isEqualTo("422 invalid_rows");
        assertThat(code(caller.put("/v1/fhe/indexes/bad?rows=0&dimension=4", new byte[0])))
                .isEqualTo("422 invalid_rows");
        assertThat(code(caller.send(
                        "PUT",
                        "/v1/fhe/indexes/bad?rows=10000000&dimension=4096",
                        "application/octet-stream",
                        BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[4])))))
                .isEqualTo("429 quota_exceeded");
        assertThat(code(caller.put("/v1/fhe/indexes/bad?rows=-1&dimension=4", new byte[4])))
                .isEqualTo("400 invalid_request");
        assertThat(code(caller.put("/v1/fhe/indexes/bad?dimension=4", new byte[4])))
                .isEqualTo("400 invalid_request");
        assertThat(code(caller.putIndex("Bad", good, "S12"))).isEqualTo("400 invalid_request");
        assertThat(code(caller.putIndex("bad", good, "S15"))).isEqualTo("422 preset_mismatch");
        assertThat(code(caller.get("/v1/fhe/indexes/bad"))).isEqualTo("404 not_found");
        assertThat(caller.putIndex("bad", good, "S12").statusCode()).isEqualTo(201);
        assertThat(caller.delete("/v1/fhe/indexes/bad").statusCode()).isEqualTo(204);
    }

    @Test
    void optionsAreChecked() throws Exception {
        float[][] good = {{1, 0, 0, 0}};
        for (String options : List.of(
                "[]",
                "{",
                "{\"readers\":[\"../x\"]}",
                "{\"readers\":\"x\"}",
                "{\"unknown\":1}",
                "{\"privacy\":{\"epsilon_per_query\":0}}",
                "{\"privacy\":3}")) {
            assertThat(code(caller.putIndex("options", good, "S12", "X-Latticegate-Index-Options", options)))
                    .as(options)
                    .isEqualTo("400 invalid_request");
        }
        assertThat(code(caller.putIndex(
                        "options", good, "S12", "X-Latticegate-Index-Options", "{\"readers\":[\"somebody\"]}")))
                .isEqualTo("422 invalid_request");
    }

    @Test
    void queriesThatDoNotFitAreRefused() throws Exception {
        FheParty.Searcher searcher = searcher();
        byte[][] query = searcher.query(rows[0]);
        assertThat(code(caller.search("rows", session, Arrays.copyOf(query, query.length - 1))))
                .isEqualTo("400 invalid_request");
        byte[][] more = Arrays.copyOf(query, query.length + 1);
        more[query.length] = query[0];
        assertThat(caller.search("rows", session, more).statusCode()).isIn(400, 413);

        FheParty other = new FheParty(Preset.S13);
        String s13 = caller.session("S13");
        assertThat(code(caller.search("rows", s13, query))).isEqualTo("422 preset_mismatch");
        assertThat(code(caller.search("rows", session, with(query, other.encrypt(1)))))
                .isIn("422 preset_mismatch", "413 body_too_large");
        JsonObject otherScale = caller.index("rows");
        otherScale.getJsonObject("query").put("scale", 0x1p27);
        byte[] scaled = party.searcher(otherScale).query(rows[0])[0];
        assertThat(code(caller.search("rows", session, with(query, scaled)))).isEqualTo("422 invalid_ciphertext");
        byte[] broken = query[0].clone();
        Arrays.fill(broken, broken.length / 2, broken.length / 2 + 16, (byte) 0xff);
        assertThat(code(caller.search("rows", session, with(query, broken)))).isEqualTo("422 invalid_ciphertext");
        assertThat(code(caller.search("rows", session, with(query, party.secretKey()))))
                .isEqualTo("422 secret_key_refused");
        byte[][] transparent = searcher.expandedQuery(rows[0]);
        Arrays.fill(transparent[0], transparent[0].length / 2, transparent[0].length, (byte) 0);
        assertThat(code(caller.search("rows", session, transparent))).isEqualTo("422 invalid_ciphertext");
        assertThat(code(caller.search("rows", "0".repeat(32), query))).isEqualTo("404 not_found");
        assertThat(code(caller.search(
                        "rows", new JsonObject().put("session", session).put("more", 1), query)))
                .isEqualTo("400 invalid_request");
        assertThat(code(caller.send("POST", "/v1/fhe/indexes/rows/search", "text/plain", BodyPublishers.ofString("x"))))
                .isEqualTo("415 unsupported_media_type");
    }

    private static byte[][] with(byte[][] query, byte[] last) {
        byte[][] changed = query.clone();
        changed[changed.length - 1] = last;
        return changed;
    }

    @Test
    void searchesThatWaitRunInOnePass() throws Exception {
        FheParty.Searcher searcher = searcher();
        List<byte[][]> queries = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            queries.add(searcher.query(rows[i]));
        }
        List<Future<HttpResponse<byte[]>>> answers = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (byte[][] query : queries) {
                Callable<HttpResponse<byte[]>> one = () -> caller.search("rows", session, query);
                answers.add(clients.submit(one));
            }
        }
        for (int i = 0; i < answers.size(); i++) {
            assertThat(Rows.best(searcher.scores(blocks(answers.get(i).get())), 1))
                    .containsExactly(i);
        }
        JsonObject status = json(caller.get("/v1/fhe/status"));
        assertThat(status.getJsonObject("batch").getInteger("largest")).isBetween(2, 16);
        assertThat(status.getInteger("open_indexes")).isPositive();
    }

    @Test
    void aReplyWithATagIsKeptForItsSessionAndVersion() throws Exception {
        assertThat(caller.putIndex("tagged", rows, "S12").statusCode()).isEqualTo(201);
        FheParty.Searcher searcher = party.searcher(caller.index("tagged"));
        String[] tag = {"X-Latticegate-Cache-Tag", "A".repeat(43)};
        HttpResponse<byte[]> first = caller.search("tagged", session, searcher.query(rows[0]), tag);
        HttpResponse<byte[]> second = caller.search("tagged", session, searcher.query(rows[0]), tag);
        assertThat(first.headers().firstValue("X-Cache")).contains("MISS");
        assertThat(second.headers().firstValue("X-Cache")).contains("HIT");
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(caller.search("tagged", session, searcher.query(rows[0]))
                        .headers()
                        .firstValue("X-Cache"))
                .isEmpty();
        HttpResponse<byte[]> otherSession =
                caller.search("tagged", caller.session("S12"), searcher.query(rows[0]), tag);
        assertThat(otherSession.headers().firstValue("X-Cache")).contains("MISS");
        assertThat(caller.putIndex("tagged", rows, "S12").statusCode()).isEqualTo(201);
        HttpResponse<byte[]> otherVersion = caller.search("tagged", session, searcher.query(rows[0]), tag);
        assertThat(otherVersion.headers().firstValue("X-Cache")).contains("MISS");
        tag[1] = "A".repeat(42);
        assertThat(code(caller.search("tagged", session, searcher.query(rows[0]), tag)))
                .isEqualTo("400 invalid_request");
    }

    @Test
    void aClientThatLeavesCancelsItsSearch() throws Exception {
        byte[] body = FheCaller.framed(
                new JsonObject().put("session", session).put("job", "left-search"),
                searcher().query(rows[0]));
        URI root = URI.create(stack.fheUrl());
        try (Socket socket = new Socket(root.getHost(), root.getPort())) {
            String head = "POST /v1/fhe/indexes/rows/search HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                    + token + "\r\nContent-Type: " + FheCaller.FRAMES + "\r\nContent-Length: " + body.length
                    + "\r\n\r\n";
            socket.setSoLinger(true, 0);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            socket.getOutputStream().flush();
            Await.until(
                    PATIENCE,
                    "the search to be taken",
                    () -> !state("left-search").isEmpty());
        }
        Await.until(
                PATIENCE,
                "the search to end",
                () -> List.of("cancelled", "done").contains(state("left-search")));
        assertThat(caller.search("rows", session, searcher().query(rows[0])).statusCode())
                .isEqualTo(200);
    }

    private String state(String job) {
        try {
            HttpResponse<byte[]> answer = caller.get("/v1/fhe/jobs/" + job);
            return answer.statusCode() == 200 ? json(answer).getString("state") : "";
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    @Test
    void theServiceSaysWhatAQueryNeeds() throws Exception {
        JsonObject query = caller.index("rows").getJsonObject("query");
        assertThat(query.getJsonArray("elements")).isEqualTo(new JsonArray());
        assertThat(query.getJsonArray("keys")).isEqualTo(new JsonArray());
        assertThat(query.getInteger("level")).isZero();
        assertThat(query.getDouble("scale")).isEqualTo(0x1p28);
        assertThat(query.getString("packing")).startsWith("coefficients/");
        JsonObject capabilities = json(caller.get("/v1/fhe/capabilities"));
        assertThat(capabilities.getJsonArray("operations")).contains("search");
        assertThat(capabilities.getJsonArray("not_encrypted").toString()).contains("rows of indexes");
    }
}
