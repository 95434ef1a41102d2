package io.latticegate.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Other people's clients work with the stand-in itself, so that what fails behind a proxy is the proxy's fault. */
final class NodeClientsTest {
    private static NodeClients clients;
    private static FakeProvider provider;

    @BeforeAll
    static void start() {
        clients = NodeClients.ready();
        provider = FakeProvider.start().acceptOnly("sk-right");
    }

    @AfterAll
    static void stop() {
        provider.close();
    }

    @ParameterizedTest
    @CsvSource({
        "openai.test.mjs, openai, 19",
        "anthropic.test.mjs, anthropic, 15",
        "gemini.test.mjs, gemini, 18",
        "cohere.test.mjs, cohere, 18",
        "langchain.test.mjs, openai, 4",
        "responses.test.mjs, openai, 24",
        "bytes.mjs, openai, 34",
        "bytes.mjs, anthropic, 11",
        "bytes.mjs, cohere, 14"
    })
    void clientsAcceptTheStandInAsTheProviderItself(String file, String dialect, int tests) {
        NodeClients.Result result = clients.run(
                file,
                Map.of(
                        "LG_BASE_URL",
                        provider.url(),
                        "LG_TOKEN",
                        "sk-right",
                        "LG_WRONG_TOKEN",
                        "sk-wrong",
                        "LG_PROVIDER_URL",
                        provider.url(),
                        "LG_DIALECT",
                        dialect,
                        "LG_DIRECT_URL",
                        provider.url(),
                        "LG_DIRECT_KEY",
                        "sk-right"),
                Duration.ofSeconds(60));

        assertThat(result.good()).as(result.output()).isTrue();
        assertThat(result.tests()).as(result.output()).isEqualTo(tests);
    }
}
