package io.latticegate.e2e.fhe;

import static io.latticegate.e2e.fhe.FheCaller.code;
import static io.latticegate.e2e.fhe.FheCaller.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.value.Allowance;
import io.latticegate.e2e.LocalStack;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.testing.Await;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@TestInstance(Lifecycle.PER_CLASS)
class FheServiceTest {
    /** What the planner's worst-case bound for these steps stays far below. */
    private static final double ERROR_MAX = 1e-4;

    private static final JsonObject PRODUCT_ROTATED = ops(
            5,
            step("multiply", 0).put("b", 1),
            step("relinearise", 2),
            step("rescale", 3),
            step("rotate", 4).put("by", 1));

    private static final Logger LOG = LoggerFactory.getLogger(FheServiceTest.class);

    private final FheParty party = new FheParty(Preset.S13);
    private LocalStack stack;
    private FheCaller caller;

    @BeforeAll
    void start() {
        stack = LocalStack.start();
        caller = new FheCaller(stack.fheUrl(), stack.token());
    }

    @AfterAll
    void stop() {
        caller.close();
        stack.close();
    }

    private static JsonObject step(String op, int a) {
        return new JsonObject().put("op", op).put("a", a);
    }

    private static JsonObject ops(int output, JsonObject... steps) {
        return new JsonObject()
                .put("steps", new JsonArray(Arrays.asList(steps)))
                .put("outputs", new JsonArray().add(output));
    }

    private String sessionWithKeys() throws Exception {
        String session = caller.session("S13");
        assertThat(caller.put("/v1/fhe/sessions/" + session + "/keys/relin", party.relinearisation(Compression.NONE))
                        .statusCode())
                .isEqualTo(201);
        assertThat(caller.put("/v1/fhe/sessions/" + session + "/keys/galois", party.galois(Compression.ZLIB, 1, 2))
                        .statusCode())
                .isEqualTo(201);
        return session;
    }

    @Test
    void multipliesAndRotatesWhatItCannotRead() throws Exception {
        String session = sessionWithKeys();
        var answer = caller.ops(session, PRODUCT_ROTATED, party.encrypt(1.5, -2, 3), party.encrypt(4, 0.5, -1));

        assertThat(answer.statusCode()).as(FheCaller.text(answer)).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains(FheCaller.FRAMES);
        List<FheCaller.Frame> frames = FheCaller.frames(answer.body());
        assertThat(frames).extracting(FheCaller.Frame::type).containsExactly(1, 2, 3);
        JsonObject output = frames.getFirst().json().getJsonArray("outputs").getJsonObject(0);
        assertThat(output.getInteger("level")).isZero();
        assertThat(output.getInteger("polynomials")).isEqualTo(2);
        assertThat(frames.getLast().json().getInteger("frames")).isEqualTo(2);
        double[] result = party.decrypt(frames.get(1).payload());
        assertThat(result[0]).isCloseTo(-1, within(ERROR_MAX));
        assertThat(result[1]).isCloseTo(-3, within(ERROR_MAX));
        assertThat(result[result.length - 1]).isCloseTo(6, within(ERROR_MAX));

        JsonObject job =
                json(caller.get("/v1/fhe/jobs/" + frames.getFirst().json().getString("job")));
        assertThat(job.getString("state")).isEqualTo("done");
    }

    @Test
    void aHundredRequestsAtATimeAreAnswered() throws Exception {
        String session = sessionWithKeys();
        byte[] x = party.encrypt(1.5, -2, 3);
        byte[] y = party.encrypt(4, 0.5, -1);
        List<Future<HttpResponse<byte[]>>> answers = new ArrayList<>();
        List<Long> millis = Collections.synchronizedList(new ArrayList<>());
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                answers.add(clients.submit(() -> {
                    long start = System.nanoTime();
                    HttpResponse<byte[]> answer = caller.ops(session, PRODUCT_ROTATED, x, y);
                    millis.add((System.nanoTime() - start) / 1_000_000);
                    return answer;
                }));
            }
        }
        byte[] first = answers.getFirst().get().body();
        for (Future<HttpResponse<byte[]>> answer : answers) {
            assertThat(answer.get().statusCode()).isEqualTo(200);
            assertThat(FheCaller.frames(answer.get().body()).get(1).payload())
                    .isEqualTo(FheCaller.frames(first).get(1).payload());
        }
        Collections.sort(millis);
        LOG.info(
                "100 requests at a time: p50 {} ms, p90 {} ms, last {} ms",
                millis.get(49),
                millis.get(89),
                millis.get(99));
    }

    @Test
    void anotherProjectFindsNothing() throws Exception {
        String session = sessionWithKeys();
        try (FheCaller other =
                new FheCaller(stack.fheUrl(), stack.token(stack.project("another"), Allowance.WITHOUT_LIMIT))) {
            assertThat(code(other.get("/v1/fhe/sessions/" + session))).isEqualTo("404 not_found");
            assertThat(code(other.delete("/v1/fhe/sessions/" + session))).isEqualTo("404 not_found");
            assertThat(code(other.put("/v1/fhe/sessions/" + session + "/keys/relin", new byte[100])))
                    .isEqualTo("404 not_found");
            assertThat(code(other.ops(session, PRODUCT_ROTATED, party.encrypt(1), party.encrypt(1))))
                    .isEqualTo("404 not_found");
            assertThat(json(other.get("/v1/fhe/sessions")).getJsonArray("sessions"))
                    .isEmpty();
        }
        assertThat(caller.get("/v1/fhe/sessions/" + session).statusCode()).isEqualTo(200);
    }

    @Test
    void refusesWhoHasNoToken() throws Exception {
        try (FheCaller nobody = new FheCaller(stack.fheUrl(), "")) {
            assertThat(code(nobody.get("/v1/fhe/sessions"))).isEqualTo("401 missing_token");
            assertThat(nobody.get("/v1/fhe/capabilities").statusCode()).isEqualTo(200);
            assertThat(nobody.get("/v1/fhe/params/S13?format=seal").statusCode())
                    .isEqualTo(200);
            assertThat(json(nobody.get("/v1/fhe/status")).getString("backend")).contains("cpu-");
        }
        try (FheCaller unknown = new FheCaller(stack.fheUrl(), "sk-0123456789012345678901")) {
            assertThat(code(unknown.get("/v1/fhe/sessions"))).isEqualTo("401 token_not_found");
        }
    }

    @Test
    void refusesARevokedTokenAndCountsRequestsOfALimitedOne() throws Exception {
        String project = stack.project("limited");
        Allowance two = new Allowance(2, Allowance.UNLIMITED, Allowance.UNLIMITED);
        try (FheCaller limited = new FheCaller(stack.fheUrl(), stack.token(project, two))) {
            String session = limited.session("S13");
            assertThat(code(limited.put("/v1/fhe/sessions/" + session + "/keys/relin", new byte[64])))
                    .isEqualTo("422 invalid_key");
            assertThat(code(limited.post("/v1/fhe/sessions", new JsonObject().put("preset", "S13"))))
                    .isEqualTo("429 rate_limit_exceeded");
            assertThat(limited.get("/v1/fhe/sessions/" + session).statusCode()).isEqualTo(200);

            stack.ask(
                    AuthApi.UPDATE_TOKEN,
                    new AuthApi.UpdateToken(stack.tokenOf(project).id(), false, null));
            Await.until(Duration.ofSeconds(5), "the revocation", () -> refused(limited, session));
        }
    }

    private static boolean refused(FheCaller caller, String session) {
        try {
            HttpResponse<byte[]> answer = caller.get("/v1/fhe/sessions/" + session);
            return answer.statusCode() == 401 && code(answer).equals("401 token_inactive");
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/encrypt", "/v1/decrypt", "/v1/keys/generate", "/v1/fhe/decrypt"})
    void holdsNoSecretsAndSaysSo(String path) throws Exception {
        assertThat(code(caller.post(path, new JsonObject()))).isEqualTo("410 gone");
        assertThat(code(caller.get(path))).isEqualTo("410 gone");
    }

    @Test
    void keysAreHashedAndKept() throws Exception {
        String session = caller.session("S13");
        byte[] keys = party.galois(Compression.NONE, 1, 4);
        var put = caller.put("/v1/fhe/sessions/" + session + "/keys/galois", keys);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(keys);

        assertThat(json(put).getString("sha256")).isEqualTo(HexFormat.of().formatHex(digest));
        assertThat(put.headers().firstValue("Content-Digest"))
                .contains("sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":");
        assertThat(json(put).getInteger("keys")).isEqualTo(2);
        assertThat(json(caller.get("/v1/fhe/sessions/" + session + "/keys")).getJsonArray("keys"))
                .hasSize(1);
        assertThat(code(caller.put(
                        "/v1/fhe/sessions/" + session + "/keys/galois",
                        keys,
                        "Content-Digest",
                        "sha-256=:" + Base64.getEncoder().encodeToString(new byte[32]) + ":")))
                .isEqualTo("400 invalid_request");
        assertThat(caller.delete("/v1/fhe/sessions/" + session + "/keys/galois").statusCode())
                .isEqualTo(204);
        assertThat(json(caller.get("/v1/fhe/sessions/" + session + "/keys")).getJsonArray("keys"))
                .isEmpty();
    }

    @Test
    void refusesKeysThatAreNone() throws Exception {
        String keys = "/v1/fhe/sessions/" + caller.session("S13") + "/keys/";
        byte[] good = party.relinearisation(Compression.NONE);

        assertThat(code(caller.put(keys + "relin", party.secretKey()))).isEqualTo("422 secret_key_refused");
        assertThat(code(caller.put(keys + "galois", party.secretKey()))).isEqualTo("422 secret_key_refused");
        assertThat(code(caller.put(keys + "relin", Arrays.copyOf(good, good.length - 9))))
                .isEqualTo("422 invalid_key");
        assertThat(code(caller.put(keys + "relin", Arrays.copyOf(good, good.length + 1))))
                .isEqualTo("422 invalid_key");
        assertThat(code(caller.put(keys + "relin", new FheParty(Preset.S14).relinearisation(Compression.ZLIB))))
                .isIn("422 preset_mismatch", "422 invalid_key", "413 body_too_large");
        assertThat(code(caller.put(keys + "relin", new byte[3 << 20]))).isIn("422 invalid_key", "413 body_too_large");
        assertThat(code(caller.put(keys + "relin", new byte[0]))).isEqualTo("422 invalid_key");
        assertThat(code(caller.put(keys + "other", good))).isEqualTo("404 not_found");
        assertThat(json(caller.get(keys.substring(0, keys.length() - 1))).getJsonArray("keys"))
                .isEmpty();
    }

    @Test
    void refusesCiphertextsThatAreNone() throws Exception {
        String session = sessionWithKeys();
        byte[] good = party.encrypt(1);
        JsonObject negate = ops(1, step("negate", 0));

        assertThat(code(caller.ops(session, negate, Arrays.copyOf(good, good.length - 1))))
                .isEqualTo("422 invalid_ciphertext");
        assertThat(code(caller.ops(session, negate, new FheParty(Preset.S12).encrypt(1))))
                .isEqualTo("422 preset_mismatch");
        assertThat(code(caller.ops(session, negate, party.secretKey()))).isEqualTo("422 secret_key_refused");
        byte[] large = good.clone();
        Arrays.fill(large, 200, 208, (byte) 0xff);
        assertThat(code(caller.ops(session, negate, large))).isEqualTo("422 invalid_ciphertext");
        assertThat(code(caller.ops(session, negate))).isEqualTo("400 invalid_request");
        assertThat(code(caller.ops(session, ops(2, step("add", 0).put("b", 2)), good)))
                .isEqualTo("400 invalid_request");
        assertThat(code(caller.ops(session, ops(1, step("decrypt", 0)), good))).isEqualTo("400 invalid_request");
        assertThat(code(caller.ops(session, ops(1, step("relinearise", 0)), good)))
                .isEqualTo("422 circuit_refused");
        assertThat(code(caller.ops(session, ops(1, step("rotate", 0).put("by", 7)), good)))
                .isEqualTo("409 keys_missing");
    }
}
