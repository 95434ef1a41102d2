package io.latticegate.e2e.fhe;

import static io.latticegate.e2e.fhe.FheCaller.code;
import static io.latticegate.e2e.fhe.FheCaller.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.e2e.LocalStack;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.testing.Await;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
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

/** One worker, and room for one job that waits. */
@TestInstance(Lifecycle.PER_CLASS)
class FheOverloadTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int STEPS = 64;

    private final FheParty party = new FheParty(Preset.S14);
    private final byte[] ciphertext = party.encrypt(1);
    private LocalStack stack;
    private FheCaller caller;
    private String token;
    private String session;

    @BeforeAll
    void start() throws Exception {
        stack = LocalStack.with()
                .setting("fhe.queue.workers", 1)
                .setting("fhe.queue.size", 1)
                .start();
        token = stack.token();
        caller = new FheCaller(stack.fheUrl(), token);
        session = caller.session("S14");
        assertThat(caller.put("/v1/fhe/sessions/" + session + "/keys/galois", party.galois(Compression.NONE, 1))
                        .statusCode())
                .isEqualTo(201);
    }

    @AfterAll
    void stop() {
        caller.close();
        stack.close();
    }

    /** A job of as many rotations as are allowed, which takes its worker about a second. */
    private static JsonObject longJob() {
        JsonArray steps = new JsonArray();
        for (int i = 0; i < STEPS; i++) {
            steps.add(new JsonObject().put("op", "rotate").put("a", i).put("by", 1));
        }
        return new JsonObject().put("steps", steps).put("outputs", new JsonArray().add(STEPS));
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
    void whatDoesNotFitIsRefusedAtOnce() throws Exception {
        List<Future<HttpResponse<byte[]>>> answers = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 6; i++) {
                Callable<HttpResponse<byte[]>> one = () -> caller.ops(session, longJob(), ciphertext);
                answers.add(clients.submit(one));
            }
        }
        List<Integer> statuses = new ArrayList<>();
        for (Future<HttpResponse<byte[]>> answer : answers) {
            statuses.add(answer.get().statusCode());
            if (answer.get().statusCode() == 503) {
                assertThat(code(answer.get())).isEqualTo("503 overloaded");
                assertThat(answer.get().headers().firstValue("Retry-After")).isPresent();
            }
        }
        assertThat(statuses).contains(200, 503).containsOnly(200, 503);
    }

    @Test
    void aClientThatLeavesCancelsItsJob() throws Exception {
        JsonObject job = longJob().put("job", "left-alone");
        byte[] body = FheCaller.framed(job, ciphertext);
        URI root = URI.create(stack.fheUrl());
        try (Socket socket = new Socket(root.getHost(), root.getPort())) {
            String head = "POST /v1/fhe/sessions/" + session + "/ops HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                    + token + "\r\nContent-Type: " + FheCaller.FRAMES + "\r\nContent-Length: " + body.length
                    + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            socket.getOutputStream().flush();
            Await.until(PATIENCE, "the job to run", () -> state("left-alone").equals("running"));
        }
        Await.until(
                PATIENCE, "the job to be cancelled", () -> state("left-alone").equals("cancelled"));
    }

    @Test
    void aJobCanBeCancelledByName() throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var answer = clients.submit(() -> caller.ops(session, longJob().put("job", "unwanted"), ciphertext));
            Await.until(PATIENCE, "the job to run", () -> state("unwanted").equals("running"));
            caller.delete("/v1/fhe/jobs/unwanted");
            assertThat(code(answer.get())).isEqualTo("409 cancelled");
        }
        assertThat(state("unwanted")).isEqualTo("cancelled");
    }

    @Test
    void aDeadlineIsKept() throws Exception {
        assertThat(code(caller.ops(session, longJob().put("deadline_ms", 1), ciphertext)))
                .isEqualTo("504 deadline_exceeded");
    }

    @Test
    void bodiesHaveBounds() throws Exception {
        String path = "/v1/fhe/sessions/" + session;
        byte[] tooLong = FheCaller.framed(longJob(), new byte[4 << 20]);
        assertThat(code(caller.send("POST", path + "/ops", FheCaller.FRAMES, BodyPublishers.ofByteArray(tooLong))))
                .isEqualTo("413 body_too_large");
        assertThat(code(caller.send("POST", path + "/ops", "text/plain", BodyPublishers.ofByteArray(tooLong))))
                .isEqualTo("415 unsupported_media_type");
        assertThat(code(caller.post("/v1/fhe/sessions", new JsonObject().put("preset", "x".repeat(1 << 17)))))
                .isEqualTo("413 body_too_large");
    }
}
