package io.latticegate.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code validate-config} says everything that is wrong, where, and what is allowed. */
class ValidateConfigMainTest {
    @TempDir
    private Path folder;

    private record Outcome(int status, String out) {}

    private Outcome run(Map<String, String> environment, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int status = ValidateConfigMain.run(
                arguments, folder.resolve("config"), environment, new PrintStream(out, true, StandardCharsets.UTF_8));
        return new Outcome(status, out.toString(StandardCharsets.UTF_8));
    }

    private String file(String yaml) throws IOException {
        return Files.writeString(folder.resolve("own.yaml"), yaml).toString();
    }

    @Test
    void acceptsDefaults() {
        Outcome accepted = run(Map.of());
        assertThat(accepted.status()).isZero();
        assertThat(accepted.out()).contains("The configuration is accepted");
    }

    @Test
    void namesEveryProblemWithItsLineAndWhatIsAllowed() throws Exception {
        String file = file("""
                server:
                  prot: 8080
                  max_concurrent_requests: 0
                routing:
                  strategy: best
                """);
        Outcome refused = run(Map.of("GATEWAY_PORT", "eighty"), "--config", file);

        assertThat(refused.status()).isEqualTo(ValidateConfigMain.REFUSED);
        assertThat(refused.out().lines())
                .anySatisfy(line -> assertThat(line)
                        .isEqualTo("error: GATEWAY_PORT (environment GATEWAY_PORT): is \"eighty\", not a whole number"))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("error: server.prot (" + file + ":2)")
                        .contains("did you mean server.port?"))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("error: server.max_concurrent_requests (" + file + ":3)")
                        .contains("allowed are 1 to 100000"))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("error: routing.strategy (" + file + ":5)")
                        .contains("weighted"))
                .last()
                .asString()
                .isEqualTo("The configuration is refused: 4 problems.");
    }

    @Test
    void saysWhatAServiceWouldNeed() {
        Outcome refused = run(Map.of(), "--service", "auth-service");
        assertThat(refused.status()).isEqualTo(ValidateConfigMain.REFUSED);
        assertThat(refused.out()).contains("error: auth.token_pepper: is not set; auth-service hashes tokens with it");
        assertThat(run(Map.of(), "--service", "proxy-service").status()).isZero();
    }

    @Test
    void refusesYamlThatCannotBeReadAndFilesThatAreNotThere() throws Exception {
        assertThat(run(Map.of(), "--config", file("a: [\n")).out()).contains("own.yaml", "is not valid YAML");
        assertThat(run(Map.of(), "--config", folder.resolve("none").toString()).out())
                .contains("there is no such file");
    }

    @Test
    void neverPrintsASecret() throws Exception {
        String file = file("providers: { openai: { api_key: sk-canary-0001, retry_count: 99 } }");
        assertThat(run(Map.of("MANAGEMENT_TOKEN", "canary"), "--config", file).out())
                .contains("providers.openai.retry_count")
                .doesNotContain("canary");
    }

    @Test
    void saysHowItIsUsed() {
        assertThat(run(Map.of(), "--strict").status()).isEqualTo(ValidateConfigMain.MISUSED);
        assertThat(run(Map.of(), "--config").out()).contains("--config needs a value");
        assertThat(run(Map.of(), "--service", "nobody").out()).contains("there is no service nobody", "vault-service");
    }
}
