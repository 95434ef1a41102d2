package io.latticegate.e2e.fhe;

import static io.latticegate.e2e.fhe.FheCaller.code;
import static io.latticegate.e2e.fhe.FheCaller.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.e2e.LocalStack;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.wire.Compression;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** The end of a key epoch, brought about by a successor. */
class FheEpochTest {
    private static final JsonObject NEGATE = new JsonObject()
            .put(
                    "steps",
                    new JsonArray().add(new JsonObject().put("op", "negate").put("a", 0)))
            .put("outputs", new JsonArray().add(1));

    private final FheParty party = new FheParty(Preset.S12);

    private static String replace(FheCaller caller, String old) throws Exception {
        var created = caller.post(
                "/v1/fhe/sessions", new JsonObject().put("preset", "S12").put("replaces", old));
        assertThat(json(created).getInteger("epoch")).isEqualTo(2);
        return json(created).getString("id");
    }

    @Test
    void inItsGraceAnEpochComputesWithAWarningAndTakesNoKeys() throws Exception {
        try (LocalStack stack = LocalStack.start();
                FheCaller caller = new FheCaller(stack.fheUrl(), stack.token())) {
            String old = caller.session("S12");
            String path = "/v1/fhe/sessions/" + old;
            var before = caller.ops(old, NEGATE, party.encrypt(1));
            assertThat(before.headers().firstValue("Warning")).isEmpty();

            String successor = replace(caller, old);

            var answer = caller.ops(old, NEGATE, party.encrypt(1));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Warning"))
                    .hasValueSatisfying(text -> assertThat(text).startsWith("299 - \"key epoch expired"));
            assertThat(answer.headers().firstValue("X-Latticegate-Key-Epoch")).contains("1; grace");
            assertThat(json(caller.get(path)).getString("state")).isEqualTo("grace");
            assertThat(code(caller.put(path + "/keys/relin", party.relinearisation(Compression.NONE))))
                    .isEqualTo("409 key_epoch_expired");
            assertThat(caller.ops(successor, NEGATE, party.encrypt(1)).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void withoutGraceAnEpochIsGoneAndSaysWhatToDo() throws Exception {
        try (LocalStack stack = LocalStack.with().setting("fhe.grace", "0s").start();
                FheCaller caller = new FheCaller(stack.fheUrl(), stack.token())) {
            String old = caller.session("S12");
            replace(caller, old);

            var answer = caller.ops(old, NEGATE, party.encrypt(1));
            assertThat(code(answer)).isEqualTo("410 key_epoch_expired");
            assertThat(json(answer).getJsonObject("error").getString("message")).contains("\"replaces\"");
            assertThat(code(caller.put(
                            "/v1/fhe/sessions/" + old + "/keys/relin", party.relinearisation(Compression.NONE))))
                    .isEqualTo("410 key_epoch_expired");
            assertThat(json(caller.get("/v1/fhe/sessions")).getJsonArray("sessions"))
                    .hasSize(2);
        }
    }
}
