package io.latticegate.fhe.app.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.core.head.Activation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HeadParserTest {
    private static final String GOOD = """
            {"labels":["cat","dog"],"layers":[
              {"bias":[0.5,-1e-3],"weights":[[1,2.5,-3],[0,0,1e2]],"activation":"polynomial","coefficients":[0,1,0.25]},
              {"weights":[[1,1],[1,-1]],"bias":[0,0]}],
             "readers":["0199f0a0-0000-7000-8000-000000000002"],"input":3}
            """;

    private static HeadUpload read(String json) throws IOException {
        return HeadParser.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void takesMembersInAnyOrder() throws IOException {
        HeadUpload upload = read(GOOD);

        assertThat(upload.labels()).containsExactly("cat", "dog");
        assertThat(upload.readers()).containsExactly("0199f0a0-0000-7000-8000-000000000002");
        assertThat(upload.model().input()).isEqualTo(3);
        assertThat(upload.model().layers().getFirst().weights()[1]).containsExactly(0, 0, 100);
        assertThat(upload.model().layers().getFirst().bias()).containsExactly(0.5, -0.001);
        assertThat(upload.model().layers().getFirst().activation())
                .isInstanceOfSatisfying(
                        Activation.Polynomial.class,
                        polynomial -> assertThat(polynomial.coefficients()).containsExactly(0, 1, 0.25));
        assertThat(upload.model().layers().getLast().activation()).isInstanceOf(Activation.None.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "[0.5,-1e-3]|[0.5,NaN]|400|malformed at line 2",
                "[0.5,-1e-3]|[0.5,1e400]|422|layers[0].bias[1] is Infinity",
                "[0.5,-1e-3]|[0.5]|422|layers[0].bias has 1 numbers; allowed are 2",
                "[0.5,-1e-3]|[0.5,\"1\"]|400|layers[0].bias[1] must be a number",
                "[0.5,-1e-3]|[0.5,null]|400|layers[0].bias[1] must be a number",
                "[0.5,-1e-3]|[0.5,[[[[1]]]]]|400|layers[0].bias[1] must be a number",
                "[0.5,-1e-3]|0.5|400|layers[0].bias must be a list",
                "[0,0,1e2]|[0,0]|422|layers[0].weights[1] has 2 numbers; allowed are 3",
                "[0,0,1e2]|7|400|layers[0].weights[1] must be a list",
                "\"input\":3|\"input\":1000000000|422|input has 10 digits",
                "\"input\":3|\"input\":1025|422|input is 1025; allowed are 1 to 1024",
                "\"input\":3|\"input\":-3|422|input is -3",
                "\"input\":3|\"input\":3.0|400|input must be a whole number",
                "\"input\":3|\"input\":3,\"input\":3|400|malformed",
                "\"input\":3|\"input\":3,\"x\":3|400|a member that is not known; allowed are input",
                "\"input\":3|\"labels\":[]|400|malformed",
                "\"bias\":[0,0]|\"bias\":[0,0],\"bias\":[0,0]|400|malformed",
                "\"bias\":[0,0]|\"b\":[0,0]|400|layers[1] has a member that is not known",
                "\"bias\":[0,0]|\"activation\":\"none\"|400|layers[1] lacks bias",
                "\"bias\":[0,0]|\"bias\":[0,0],\"activation\":\"relu\"|400|must be none, square or polynomial",
                "\"bias\":[0,0]|\"bias\":[0,0],\"coefficients\":[1]|400|only with it",
                ",\"coefficients\":[0,1,0.25]||400|go with the activation polynomial",
                "[0,1,0.25]|[0,1,0]|422|layers[0].coefficients: the magnitude of the last one",
                "[0,1,0.25]|[1,1,1,1,1,1,1,1,1]|422|layers[0].coefficients has more than 8 entries",
                "[\"cat\",\"dog\"]|[\"cat\"]|400|labels has 1 texts",
                "[\"cat\",\"dog\"]|[\"cat\",\"\\u0000\"]|400|labels[1] must have 1 to 128 characters",
                "[\"cat\",\"dog\"]|[\"cat\",7]|400|labels[1] must be a text",
                "0199f0a0-|../|400|readers[0] must be the id of a project",
                "0199f0a0-|a~|400|readers[0] must be the id of a project"
            })
    void refuses(String good, String bad, int status, String why) {
        assertThat(GOOD).contains(good);
        String hostile = GOOD.replace(good, bad == null ? "" : bad);

        assertThatThrownBy(() -> read(hostile)).isInstanceOfSatisfying(Refusal.class, refusal -> {
            assertThat(refusal.detail()).contains(why);
            assertThat(refusal.status()).isEqualTo(status);
        });
    }

    @Test
    void refusesWhatIsTooDeepTooLongOrNotAlone() {
        refused("[".repeat(1_000_000), 400, "The body must be an object");
        refused("{\"layers\":" + "[".repeat(1_000_000), 400, "layers[0] must be an object");
        refused("{\"x\":" + "{\"x\":".repeat(1_000_000), 400, "a member that is not known");
        refused("{\"layers\":[{\"weights\":[[" + "[".repeat(1_000_000), 400, "weights[0][0] must be a number");
        refused("{\"" + "a".repeat(1_000_000), 400, "malformed");
        refused("{\"labels\":[\"" + "a".repeat(1_000_000), 400, "malformed");
        refused("{\"layers\":[{\"bias\":[" + "1".repeat(1_000_000), 400, "malformed");
        refused("{\"layers\":[{\"bias\":[1e" + "9".repeat(60) + "]}]}", 400, "layers[0] lacks weights");
        refused(GOOD + "{}", 400, "Something follows");
        refused(GOOD.substring(0, GOOD.length() - 4), 400, "malformed");
        refused("", 400, "The body must be an object");
    }

    @Test
    void stopsAtTheFirstNumberTooMany() {
        refused("{\"layers\":[{\"weights\":[[" + "1,".repeat(2_000_000), 422, "weights[0] has more than 1024");
        refused("{\"layers\":[{\"weights\":[" + "[1],".repeat(2_000_000), 422, "weights has more than 512");
        refused("{\"layers\":[" + "{\"weights\":[[1]],\"bias\":[1]},".repeat(4), 422, "layers has more than 3");
        refused("{\"readers\":[" + "\"a\",".repeat(65), 400, "readers has more than 64");
    }

    private static void refused(String json, int status, String why) {
        assertThatThrownBy(() -> read(json)).isInstanceOfSatisfying(Refusal.class, refusal -> {
            assertThat(refusal.detail()).contains(why);
            assertThat(refusal.status()).isEqualTo(status);
        });
    }

    @Test
    void whateverComesIsReadOrRefused() throws IOException {
        long seed = 20261121;
        Random random = new Random(seed);
        byte[] good = GOOD.getBytes(StandardCharsets.UTF_8);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] changed = good.clone();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            InputStream in =
                    new ByteArrayInputStream(changed, 0, random.nextInt(changed.length / 2, changed.length + 1));
            try {
                HeadParser.read(in);
                read++;
            } catch (Refusal refusal) {
                assertThat(refusal.status()).as("seed %d, %d", seed, i).isIn(400, 422);
            }
        }
        assertThat(read).isPositive();
    }
}
