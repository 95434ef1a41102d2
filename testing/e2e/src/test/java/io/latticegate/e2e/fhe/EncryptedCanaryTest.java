package io.latticegate.e2e.fhe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.latticegate.e2e.HeapDump;
import io.latticegate.e2e.TcpTap;
import io.latticegate.e2e.WindowScan;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.testing.ChildProcess;
import io.latticegate.testing.JavaProcess;
import io.latticegate.testing.Ports;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * A client embeds a marked text, encrypts the embedding and has it computed with; then text, tokens, embedding and secret key
 * are looked for in everything that has left the client: all traffic, the service's heap while it computes, and its files.
 */
final class EncryptedCanaryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int OUTPUTS = 4;
    private static final int ROWS = 2_000;

    @TempDir
    private Path folder;

    @Test
    void nothingOfTheTextLeavesTheClient(TestReporter report) throws Exception {
        int management = Ports.free();
        int fhe = Ports.free();
        Path data = folder.resolve("data");
        Path log = folder.resolve("log");
        Path traffic = folder.resolve("traffic");
        CanaryClient client = new CanaryClient();
        Path config = Files.writeString(folder.resolve("config.yaml"), """
                        server: {port: 0}
                        management: {listen: "127.0.0.1:%d"}
                        fhe: {enabled: true, listen: "127.0.0.1:%d"}
                        """.formatted(management, fhe));
        try (ChildProcess service = JavaProcess.of("io.latticegate.standalone.StandaloneMain")
                        .arguments("up", "--config", config.toString(), "--data", data.toString())
                        .jvm("-Xmx768m", "--add-modules", "jdk.incubator.vector")
                        .directory(folder)
                        .output(log)
                        .start();
                TcpTap tap = TcpTap.before(fhe, traffic)) {
            service.awaitLine("^ready (http://\\S+)", PATIENCE);
            String token = token("http://127.0.0.1:" + management + "/manage", data);
            Path dump;
            try (FheCaller caller = new FheCaller("http://127.0.0.1:" + tap.port(), token)) {
                dump = dumpWhileComputing(service, caller, client);
            }
            Path own = dumpOwnHeap();
            WindowScan scan = client.scan();

            requireThatItFinds(scan, own);
            assertThat(tap.bytes()).as("traffic").isGreaterThan(10L << 20);
            assertThat(scan.files(traffic)).as("traffic").isEmpty();
            assertThat(scan.file(dump)).as("heap while computing").isEmpty();
            report.publishEntry(
                    "looked for " + scan.windows() + " windows of "
                            + scan.names().size() + " forms",
                    "in " + tap.bytes() + " bytes of traffic, " + Files.size(dump) + " of heap");
            service.terminate(PATIENCE);
            assertThat(scan.files(data, log)).as("files and log").isEmpty();
        } finally {
            Reference.reachabilityFence(client);
        }
    }

    /** Runs everything that the service computes, and dumps its heap while it does. */
    private Path dumpWhileComputing(ChildProcess service, FheCaller caller, CanaryClient client) throws Exception {
        HeadSample sample = new HeadSample(5, 0.5, CanaryClient.DIMENSION, 16, OUTPUTS);
        HttpResponse<byte[]> put =
                caller.putJson("/v1/fhe/heads/canary", sample.json().encode());
        assertThat(put.statusCode()).as(FheCaller.text(put)).isEqualTo(201);
        JsonObject head = FheCaller.json(put);
        String session = sessionWithKeys(caller, client, head);
        byte[] vector = client.party().encrypt(client.encode(head));
        float[][] rows = Rows.random(7, ROWS, CanaryClient.DIMENSION);
        assertThat(caller.putIndex("canary", rows, "S12").statusCode()).isEqualTo(201);
        FheParty.Searcher searcher = client.searcher(caller.index("canary"));
        double[] nearness = Rows.scan(rows, client.embedding());
        String searching = caller.session("S12");
        AtomicBoolean stop = new AtomicBoolean();
        try (ExecutorService background = Executors.newSingleThreadExecutor()) {
            Future<Integer> computed = background.submit(() -> {
                int rounds = 0;
                do {
                    requireScores(caller, client, session, head, sample, vector);
                    requireProduct(caller, client, session);
                    requireNearness(caller, searching, searcher, client, nearness);
                    rounds++;
                } while (!stop.get());
                return rounds;
            });
            requireScores(caller, client, session, head, sample, vector);
            requireNearness(caller, searching, searcher, client, nearness);
            try {
                return HeapDump.all(service, folder);
            } finally {
                stop.set(true);
                assertThat(computed.get()).isPositive();
            }
        }
    }

    private static String sessionWithKeys(FheCaller caller, CanaryClient client, JsonObject head) throws Exception {
        String session = caller.session("S14");
        List<Integer> elements = new ArrayList<>();
        JsonArray needed = head.getJsonArray("elements");
        for (int i = 0; i < needed.size(); i++) {
            elements.add(needed.getInteger(i));
        }
        String keys = "/v1/fhe/sessions/" + session + "/keys/";
        assertThat(caller.put(keys + "relin", client.party().relinearisation(Compression.NONE))
                        .statusCode())
                .isEqualTo(201);
        assertThat(caller.put(keys + "galois", client.party().galois(Compression.NONE, elements))
                        .statusCode())
                .isEqualTo(201);
        return session;
    }

    private static void requireScores(
            FheCaller caller, CanaryClient client, String session, JsonObject head, HeadSample sample, byte[] vector)
            throws Exception {
        HttpResponse<byte[]> answer = caller.infer("canary", new JsonObject().put("session", session), vector);
        assertThat(answer.statusCode()).as(FheCaller.text(answer)).isEqualTo(200);
        double[] expected = sample.model().scores(client.vector());
        double[] scores = client.party()
                .scores(FheCaller.frames(answer.body()).get(1).payload(), OUTPUTS)
                .values();
        for (int i = 0; i < OUTPUTS; i++) {
            assertThat(scores[i]).isCloseTo(expected[i], within(head.getDouble("error_bound")));
        }
    }

    /** The square of the embedding. */
    private static void requireProduct(FheCaller caller, CanaryClient client, String session) throws Exception {
        JsonArray steps = new JsonArray()
                .add(new JsonObject().put("op", "square").put("a", 0))
                .add(new JsonObject().put("op", "relinearise").put("a", 1))
                .add(new JsonObject().put("op", "rescale").put("a", 2));
        JsonObject ops = new JsonObject().put("steps", steps).put("outputs", new JsonArray().add(3));
        HttpResponse<byte[]> answer = caller.ops(session, ops, client.party().encrypt(client.vector()));
        assertThat(answer.statusCode()).as(FheCaller.text(answer)).isEqualTo(200);
        double[] squares =
                client.party().decrypt(FheCaller.frames(answer.body()).get(1).payload());
        for (int i = 0; i < CanaryClient.DIMENSION; i++) {
            assertThat(squares[i]).isCloseTo(client.vector()[i] * client.vector()[i], within(1e-6));
        }
    }

    /** A search with the embedding as its query. */
    private static void requireNearness(
            FheCaller caller, String session, FheParty.Searcher searcher, CanaryClient client, double[] expected)
            throws Exception {
        HttpResponse<byte[]> answer = caller.search("canary", session, searcher.query(client.embedding()));
        assertThat(answer.statusCode()).as(FheCaller.text(answer)).isEqualTo(200);
        double[] scores = searcher.scores(FheCaller.blocks(answer));
        assertThat(scores).hasSize(expected.length);
        for (int row = 0; row < expected.length; row++) {
            assertThat(scores[row]).isCloseTo(expected[row], within(1e-4));
        }
    }

    /** Every form is found in a planted copy, and those that the client has in its own heap are found there. */
    private void requireThatItFinds(WindowScan scan, Path own) throws IOException {
        Path planted = folder.resolve("planted");
        scan.plant(planted);
        assertThat(WindowScan.names(scan.file(planted))).isEqualTo(scan.names());
        Files.delete(planted);
        assertThat(WindowScan.names(scan.file(own)))
                .contains(
                        "text in UTF-8",
                        "master seed",
                        "token ids as int (big-endian)",
                        "embedding as float (big-endian)",
                        "embedding as double (big-endian)",
                        "encoded embedding (big-endian)",
                        "secret key's residues of heads (big-endian)",
                        "secret key's residues of searches (big-endian)");
        Files.delete(own);
    }

    /** This JVM's heap, before anything to look for is put together. */
    private Path dumpOwnHeap() throws IOException {
        Path file = folder.resolve("own.hprof");
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(file.toString(), true);
        return file;
    }

    private static String token(String manage, Path data) throws Exception {
        String secret = Files.readString(data.resolve("management-token")).strip();
        try (FheCaller manager = new FheCaller(manage, secret)) {
            JsonObject named = new JsonObject().put("name", "canary").put("api_key", "sk-of-no-provider-0123456789");
            JsonObject project = made(manager.post("/projects", named));
            JsonObject token =
                    new JsonObject().put("project_id", project.getString("id")).put("duration_minutes", 60);
            return made(manager.post("/tokens", token)).getString("token");
        }
    }

    private static JsonObject made(HttpResponse<byte[]> answer) {
        assertThat(answer.statusCode()).as(FheCaller.text(answer)).isIn(200, 201);
        return FheCaller.json(answer);
    }
}
