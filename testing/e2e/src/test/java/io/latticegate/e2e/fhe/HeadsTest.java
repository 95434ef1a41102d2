package io.latticegate.e2e.fhe;

import static io.latticegate.e2e.fhe.FheCaller.code;
import static io.latticegate.e2e.fhe.FheCaller.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.Allowance;
import io.latticegate.e2e.LocalStack;
import io.latticegate.fhe.core.client.head.HeadScores;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.wire.Compression;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
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

@TestInstance(Lifecycle.PER_CLASS)
class HeadsTest {
    private static final int INPUT = 16;
    private static final int HIDDEN = 8;
    private static final int OUTPUTS = 3;
    private static final String HEADS = "/v1/fhe/heads/";

    private final FheParty party = new FheParty(Preset.S14);
    private final HeadSample sample = new HeadSample(1, 0.25, INPUT, HIDDEN, OUTPUTS);
    private final double[] vector = HeadSample.unit(new Random(2), INPUT);
    private LocalStack stack;
    private String project;
    private FheCaller caller;
    private JsonObject head;
    private String session;

    @BeforeAll
    void start() throws Exception {
        stack = LocalStack.start();
        project = stack.project("heads");
        caller = new FheCaller(stack.fheUrl(), stack.token(project, Allowance.WITHOUT_LIMIT));
        head = put(caller, "sample", sample.json());
        session = sessionWithKeys(caller);
    }

    @AfterAll
    void stop() {
        caller.close();
        stack.close();
    }

    private static JsonObject put(FheCaller by, String name, JsonObject model) throws Exception {
        HttpResponse<byte[]> answer = by.putJson(HEADS + name, model.encode());
        assertThat(answer.statusCode()).as(FheCaller.text(answer)).isEqualTo(201);
        return json(answer);
    }

    private static List<Integer> elements(JsonObject described) {
        JsonArray array = described.getJsonArray("elements");
        List<Integer> elements = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            elements.add(array.getInteger(i));
        }
        return elements;
    }

    private String sessionWithKeys(FheCaller by) throws Exception {
        String opened = by.session("S14");
        String keys = "/v1/fhe/sessions/" + opened + "/keys/";
        assertThat(by.put(keys + "relin", party.relinearisation(Compression.NONE))
                        .statusCode())
                .isEqualTo(201);
        assertThat(by.put(keys + "galois", party.galois(Compression.NONE, elements(head)))
                        .statusCode())
                .isEqualTo(201);
        return opened;
    }

    private byte[] encrypted() {
        return party.encrypt(party.encode(head, vector));
    }

    private JsonObject in(String id) {
        return new JsonObject().put("session", id);
    }

    /** The version that an answer names; its scores are those of the model. */
    private int requireScores(HttpResponse<byte[]> answer, HeadSample... versions) throws IOException {
        assertThat(answer.statusCode()).as(FheCaller.text(answer)).isEqualTo(200);
        List<FheCaller.Frame> frames = FheCaller.frames(answer.body());
        assertThat(frames).extracting(FheCaller.Frame::type).containsExactly(1, 2, 3);
        int version = frames.getFirst().json().getInteger("version");
        HeadScores scores = party.scores(frames.get(1).payload(), OUTPUTS);
        double[] expected = versions[version - 1].model().scores(vector);
        for (int i = 0; i < OUTPUTS; i++) {
            assertThat(scores.values()[i]).isCloseTo(expected[i], within(head.getDouble("error_bound")));
        }
        return version;
    }

    @Test
    void scoresWhatItCannotRead() throws Exception {
        HttpResponse<byte[]> answer = caller.infer("sample", in(session), encrypted());

        assertThat(head.getDouble("error_bound")).isBetween(0.0, 1e-3);
        assertThat(head.getInteger("version")).isEqualTo(1);
        requireScores(answer, sample);
        JsonObject said = FheCaller.frames(answer.body()).getFirst().json();
        assertThat(said.getString("head")).isEqualTo("sample");
        assertThat(said.getJsonArray("labels")).containsExactly("label 0", "label 1", "label 2");
        double[] slots = party.decrypt(FheCaller.frames(answer.body()).get(1).payload());
        for (int slot = OUTPUTS; slot < slots.length; slot++) {
            assertThat(slots[slot]).isCloseTo(0, within(head.getDouble("error_bound")));
        }
        assertThat(caller.infer("sample", in(session), encrypted()).body()).hasSameSizeAs(answer.body());
        assertThat(json(caller.get("/v1/fhe/jobs/" + said.getString("job"))).getString("kind"))
                .isEqualTo("head");

        AuditRecord end =
                stack.auditEnd(answer.headers().firstValue("X-Request-ID").orElseThrow());
        assertThat(end.action()).isEqualTo("fhe.head.infer");
        assertThat(end.metadata()).containsEntry("head", "sample").containsEntry("version", "1");
    }

    @Test
    void describesWithoutWeights() throws Exception {
        JsonObject described = json(caller.get(HEADS + "sample"));

        assertThat(described).isEqualTo(head);
        assertThat(described.fieldNames()).doesNotContain("layers", "weights");
        assertThat(json(caller.get("/v1/fhe/heads")).getJsonArray("heads")).contains(described);
        JsonObject capabilities = json(caller.get("/v1/fhe/capabilities"));
        assertThat(capabilities.getJsonArray("operations")).contains("head");
        assertThat(capabilities.getJsonArray("encrypted").encode()).contains("head");
        assertThat(capabilities.getJsonArray("not_encrypted").encode()).contains("weights");
    }

    @Test
    void onlyReadersFindWhatAnotherProjectHas() throws Exception {
        String reader = stack.project("reader");
        put(caller, "shared", sample.json().put("readers", new JsonArray().add(reader)));
        String shared = project + "~shared";
        try (FheCaller stranger = new FheCaller(stack.fheUrl(), stack.token());
                FheCaller allowed = new FheCaller(stack.fheUrl(), stack.token(reader, Allowance.WITHOUT_LIMIT))) {
            String own = sessionWithKeys(allowed);
            requireScores(allowed.infer(shared, in(own), encrypted()), sample);
            JsonObject described = json(allowed.get(HEADS + shared));
            assertThat(described.getString("name")).isEqualTo(shared);
            assertThat(described.fieldNames()).doesNotContain("readers");
            assertThat(code(allowed.infer(project + "~sample", in(own), encrypted())))
                    .isEqualTo("404 not_found");
            assertThat(code(allowed.infer("shared", in(own), encrypted()))).isEqualTo("404 not_found");
            assertThat(code(allowed.infer(shared, in(session), encrypted()))).isEqualTo("404 not_found");
            assertThat(code(allowed.delete(HEADS + shared))).isEqualTo("404 not_found");
            assertThat(code(allowed.putJson(HEADS + shared, sample.json().encode())))
                    .isEqualTo("400 invalid_request");

            assertThat(code(stranger.get(HEADS + shared))).isEqualTo("404 not_found");
            assertThat(code(stranger.get(HEADS + "shared"))).isEqualTo("404 not_found");
            assertThat(code(stranger.get(HEADS + "..%2F" + project + "~shared")))
                    .isEqualTo("404 not_found");
            assertThat(code(stranger.infer(shared, in(own), encrypted()))).isEqualTo("404 not_found");
            assertThat(json(stranger.get("/v1/fhe/heads")).getJsonArray("heads"))
                    .isEmpty();
        }
        assertThat(caller.delete(HEADS + "shared").statusCode()).isEqualTo(204);
        assertThat(code(caller.get(HEADS + "shared"))).isEqualTo("404 not_found");
        assertThat(code(caller.infer("shared", in(session), encrypted()))).isEqualTo("404 not_found");
    }

    @Test
    void namesTheKeysThatAreMissing() throws Exception {
        String bare = caller.session("S14");
        HttpResponse<byte[]> none = caller.infer("sample", in(bare), encrypted());
        assertThat(code(none)).isEqualTo("409 keys_missing");
        assertThat(json(none).encode()).contains("the relin keys and the Galois keys of elements");

        List<Integer> all = elements(head);
        int missing = all.getLast();
        caller.put(
                "/v1/fhe/sessions/" + bare + "/keys/galois",
                party.galois(Compression.NONE, all.subList(0, all.size() - 1)));
        caller.put("/v1/fhe/sessions/" + bare + "/keys/relin", party.relinearisation(Compression.NONE));
        HttpResponse<byte[]> one = caller.infer("sample", in(bare), encrypted());
        assertThat(code(one)).isEqualTo("409 keys_missing");
        assertThat(json(one).getJsonObject("error").getString("message"))
                .contains("The session lacks the Galois keys of elements " + missing + ";");
    }

    @Test
    void refusesWhatTheHeadDoesNotTake() throws Exception {
        byte[] good = encrypted();
        int top = Preset.S14.parameters().topLevel();
        assertThat(code(caller.infer("sample", in(caller.session("S13")), good)))
                .isEqualTo("422 preset_mismatch");
        assertThat(code(caller.infer("sample", in("0".repeat(32)), good))).isEqualTo("404 not_found");
        assertThat(code(caller.infer("sample", in(session), new FheParty(Preset.S13).encrypt(1))))
                .isEqualTo("422 preset_mismatch");
        assertThat(code(caller.infer("sample", in(session), party.secretKey()))).isEqualTo("422 secret_key_refused");
        assertThat(code(caller.infer("sample", in(session), Arrays.copyOf(good, good.length - 1))))
                .isEqualTo("422 invalid_ciphertext");
        assertThat(code(caller.infer("sample", in(session)))).isEqualTo("400 invalid_request");
        assertThat(code(caller.infer("sample", in(session), good, good))).isEqualTo("400 invalid_request");
        assertThat(code(caller.infer("sample", in(session).put("x", 1), good))).isEqualTo("400 invalid_request");
        int level = head.getInteger("input_level");
        assertThat(level).isLessThan(top);
        var otherScale = party.encoder().encode(vector, level, Preset.S14.scale() / 2);
        assertThat(code(caller.infer("sample", in(session), party.encrypt(otherScale))))
                .isEqualTo("422 invalid_ciphertext");
        var otherLevel = party.encoder().encode(vector, level - 1, Preset.S14.scale());
        HttpResponse<byte[]> refused = caller.infer("sample", in(session), party.encrypt(otherLevel));
        assertThat(code(refused)).isEqualTo("422 preset_mismatch");
        assertThat(json(refused).encode()).contains("level of " + level + " primes");
        assertThat(code(caller.infer("sample", in(session), party.encrypt(vector))))
                .isEqualTo("422 preset_mismatch");
        requireScores(caller.infer("sample", in(session), good), sample);
    }

    @Test
    void stopsAtTheDeadline() throws Exception {
        assertThat(code(caller.infer("sample", in(session).put("deadline_ms", 1), encrypted())))
                .isEqualTo("504 deadline_exceeded");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "\"input\":16|\"input\":NaN|400 invalid_request",
                "\"input\":16|\"input\":1000000000|422 circuit_refused",
                "\"input\":16|\"input\":16,\"input\":16|400 invalid_request",
                "\"input\":16|\"input\":17|422 circuit_refused",
                "\"bias\":[|\"bias\":[1e400,|422 circuit_refused",
                "\"bias\":[|\"bias\":[[[[[[[[[[|400 invalid_request",
                "\"weights\":[[|\"weights\":[[1],[|422 circuit_refused",
                "\"weights\":[[|\"weights\":{}},[[|400 invalid_request",
                "\"square\"|\"relu\"|400 invalid_request",
                "\"label 1\",||400 invalid_request"
            })
    void refusesHostileModels(String good, String bad, String expected) throws Exception {
        String body = sample.json().encode();
        assertThat(body).contains(good);

        HttpResponse<byte[]> answer = caller.putJson(HEADS + "hostile", body.replace(good, bad == null ? "" : bad));
        assertThat(code(answer)).isEqualTo(expected);
        assertThat(code(caller.get(HEADS + "hostile"))).isEqualTo("404 not_found");
    }

    @Test
    void refusesBodiesThatAreTooLongOrOfAnotherType() throws Exception {
        String row = "1,".repeat(1 << 20);
        String endless = "{\"input\":1,\"labels\":[" + ("\"" + " ".repeat(200) + "\",").repeat(500) + row.repeat(20);
        assertThat(code(caller.putJson(HEADS + "hostile", endless))).isIn("413 body_too_large", "400 invalid_request");
        assertThat(code(caller.putJson(HEADS + "hostile", " ".repeat((32 << 20) + 1))))
                .isEqualTo("413 body_too_large");
        assertThat(code(caller.put(HEADS + "hostile", new byte[10]))).isEqualTo("415 unsupported_media_type");
        assertThat(code(caller.putJson(HEADS + "NAME", sample.json().encode()))).isEqualTo("400 invalid_request");
        var tooDeep = new HeadSample(3, 0, 4, 4, 2).json();
        JsonArray layers = tooDeep.getJsonArray("layers");
        for (int i = 0; i < 2; i++) {
            layers.getJsonObject(i)
                    .put("activation", "polynomial")
                    .put("coefficients", new JsonArray(List.of(0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1)));
        }
        HttpResponse<byte[]> refused = caller.putJson(HEADS + "hostile", tooDeep.encode());
        assertThat(code(refused)).isEqualTo("422 circuit_refused");
        assertThat(json(refused).encode()).contains("the layers take 8 levels; allowed are the 5");
    }

    @Test
    void everyAnswerIsOfTheVersionThatItNames() throws Exception {
        HeadSample[] versions = new HeadSample[4];
        for (int i = 0; i < versions.length; i++) {
            versions[i] = new HeadSample(10 + i, i, INPUT, HIDDEN, OUTPUTS);
        }
        put(caller, "moving", versions[0].json());
        List<Integer> named = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(2)) {
            List<Future<Integer>> answers = new ArrayList<>();
            Callable<Integer> ask = () -> requireScores(caller.infer("moving", in(session), encrypted()), versions);
            for (int i = 1; i <= versions.length; i++) {
                for (int asked = 0; asked < 4; asked++) {
                    answers.add(clients.submit(ask));
                }
                answers.get(answers.size() - 3).get();
                if (i < versions.length) {
                    assertThat(put(caller, "moving", versions[i].json()).getInteger("version"))
                            .isEqualTo(i + 1);
                }
            }
            for (Future<Integer> answer : answers) {
                named.add(answer.get());
            }
        }
        assertThat(named).contains(1, versions.length);
        assertThat(requireScores(caller.infer("moving", in(session), encrypted()), versions))
                .isEqualTo(versions.length);
    }

    @Test
    void auditsWhoPutAndWhoDeleted() throws Exception {
        HttpResponse<byte[]> made =
                caller.putJson(HEADS + "brief", sample.json().encode());
        HttpResponse<byte[]> deleted = caller.delete(HEADS + "brief");

        for (HttpResponse<byte[]> answer : List.of(made, deleted)) {
            String id = answer.headers().firstValue("X-Request-ID").orElseThrow();
            AuditRecord end = stack.auditEnd(id);
            assertThat(end.metadata()).containsEntry("head", "brief");
            assertThat(end.action()).isEqualTo(answer.statusCode() == 201 ? "fhe.head.put" : "fhe.head.delete");
            assertThat(end.outcome()).isEqualTo(AuditOutcome.SUCCESS);
        }
    }
}
