package io.latticegate.e2e.fhe;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.e2e.LocalStack;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.testing.SealWitness;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A client that has Microsoft SEAL (node-seal) and nothing of ours. */
class FheSealTest {
    @Test
    void whatTheServiceComputesIsWhatSealComputes() throws Exception {
        try (LocalStack stack = LocalStack.start();
                FheCaller caller = new FheCaller(stack.fheUrl(), stack.token());
                SealWitness seal = SealWitness.start()) {
            seal.ask("context", caller.get("/v1/fhe/params/S13?format=seal").body());
            seal.ask("relin");
            seal.ask("galois 1");
            String session = caller.session("S13");
            String keys = "/v1/fhe/sessions/" + session + "/keys/";
            for (String kind : List.of("relin", "galois")) {
                byte[] zstd = seal.ask("save " + kind + " zstd").bytes();
                assertThat(caller.put(keys + kind, zstd).statusCode()).isEqualTo(201);
            }
            encrypt(seal, "x", 1.5, -2, 3);
            encrypt(seal, "y", 4, 0.5, -1);

            JsonArray steps = new JsonArray()
                    .add(step("multiply", 0).put("b", 1))
                    .add(step("relinearise", 2))
                    .add(step("rescale", 3))
                    .add(step("rotate", 4).put("by", 1));
            var answer = caller.ops(
                    session,
                    new JsonObject().put("steps", steps).put("outputs", new JsonArray().add(5)),
                    seal.save("x"),
                    seal.save("y"));
            assertThat(answer.statusCode()).as(FheCaller.text(answer)).isEqualTo(200);
            byte[] ours = FheCaller.frames(answer.body()).get(1).payload();

            seal.ask("evaluate multiply a x y");
            seal.ask("evaluate relinearize b a");
            seal.ask("evaluate rescale c b");
            seal.ask("evaluate rotate d c 1");
            assertThat(ours).isEqualTo(seal.save("d"));
            seal.ask("load ciphertext ours", ours);
            assertThat(seal.decrypt("ours")).startsWith(seal.decrypt("d")[0]);
        }
    }

    private static JsonObject step(String op, int a) {
        return new JsonObject().put("op", op).put("a", a);
    }

    private static void encrypt(SealWitness seal, String name, double... values) {
        seal.encode(name + "P", Preset.S13.scale(), values);
        seal.ask("encrypt " + name + " " + name + "P");
    }
}
