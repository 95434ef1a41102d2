package io.latticegate.e2e.fhe;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import io.latticegate.e2e.LocalStack;
import io.latticegate.testing.NodeClients;
import io.latticegate.testing.SealWitness.Release;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The JavaScript client of encrypted compute, with node-seal 6 on this machine's Node and node-seal 7 on Node 24. */
@TestInstance(Lifecycle.PER_CLASS)
class FheJsTest {
    private static final Logger LOG = LoggerFactory.getLogger(FheJsTest.class);
    private static final Duration DEADLINE = Duration.ofMinutes(3);

    private LocalStack stack;

    @BeforeAll
    void start() {
        stack = LocalStack.with().setting("fhe.grace", "0s").start();
    }

    @AfterAll
    void stop() {
        stack.close();
    }

    private static Map<String, String> library(Release release) {
        return Map.of("LG_NODE_SEAL", release == Release.SEVEN ? "7" : "6");
    }

    private static void requireGood(NodeClients.Result result) {
        assertThat(result.good()).as(result.output()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Release.class)
    void refusesServicesThatLie(Release release) {
        NodeClients client = NodeClients.fhe(release);
        for (String suite : List.of("client", "parts", "search")) {
            requireGood(client.run("test/" + suite + ".test.mjs", library(release), DEADLINE));
        }
    }

    @Test
    void theExampleOfTheReadmeRuns() {
        NodeClients.Result result = NodeClients.fhe(Release.SIX)
                .run("example/product.mjs", Map.of("LG_FHE_URL", stack.fheUrl(), "LG_TOKEN", stack.token()), DEADLINE);

        requireGood(result);
        assertThat(result.output()).contains("[ '6.000', '-1.000', '-3.000' ]", "[ '-1.000', '-3.000' ]");
    }

    @ParameterizedTest
    @EnumSource(Release.class)
    void computesWithTheService(Release release) {
        Map<String, String> environment = Map.of(
                "LG_FHE_URL", stack.fheUrl(),
                "LG_TOKEN", stack.token(),
                "LG_OTHER_TOKEN", stack.token(stack.project("another-" + release), Allowance.WITHOUT_LIMIT),
                "LG_NODE_SEAL", library(release).get("LG_NODE_SEAL"));

        for (String suite : List.of("service", "heads", "search")) {
            NodeClients.Result result =
                    NodeClients.fhe(release).run("e2e/" + suite + ".test.mjs", environment, DEADLINE);
            requireGood(result);
            result.output()
                    .lines()
                    .filter(line -> line.contains("greatest error"))
                    .forEach(line -> LOG.info("{}: {}", release, line));
        }
    }
}
