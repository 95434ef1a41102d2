package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.NodeClients;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cohere's own client before every provider, and the clients of others before Cohere. */
final class CohereClientsTest {
    private static final String KEY = "co-gateway-0001";
    private static final Duration DEADLINE = Duration.ofSeconds(90);
    private static NodeClients clients;
    private static FakeProvider cohere;
    private static LocalStack stack;
    private static String token;

    @BeforeAll
    static void start() {
        clients = NodeClients.ready();
        cohere = FakeProvider.start().acceptOnly(KEY);
        stack = LocalStack.with()
                .setting("providers.cohere.base_url", cohere.url())
                .setting("providers.cohere.allow_http", true)
                .setting("providers.cohere.allow_private", true)
                .setting("providers.cohere.api_key", KEY)
                .start();
        token = stack.token();
    }

    @AfterAll
    static void stop() {
        stack.close();
        cohere.close();
    }

    /** Models differ, as a rate limit that one suite has asked the provider for parks the model for the next. */
    @ParameterizedTest(name = "{0} with {1}")
    @CsvSource({
        "cohere.test.mjs, command-a-03-2025, 'embeddings,rerank,thinking'",
        "cohere.test.mjs, gpt-4o-mini, embeddings",
        "cohere.test.mjs, claude-sonnet-4-5, thinking",
        "cohere.test.mjs, gemini-2.5-flash, none",
        "openai.test.mjs, command-r-08-2024, none",
        "anthropic.test.mjs, command-r7b-12-2024, none",
        "gemini.test.mjs, command-a-vision-07-2025, none",
        "langchain.test.mjs, command-a-plus, none"
    })
    void aClientGetsItsOwnDialectFromEitherProvider(String suite, String model, String features) {
        Map<String, String> environment = environment(behind(model));
        environment.put("LG_MODEL", model);
        environment.put("LG_FEATURES", features);
        if (model.startsWith("gpt-")) {
            environment.put("LG_EMBEDDING_MODEL", "gpt-embedding");
        }

        NodeClients.Result result = clients.run(suite, environment, DEADLINE);

        assertThat(result.good()).as(result.output()).isTrue();
    }

    @Test
    void callsOfTheSameProtocolPassByteForByte() {
        Map<String, String> environment = environment(cohere);
        environment.put("LG_DIALECT", "cohere");
        environment.put("LG_FEATURES", "none");
        environment.put("LG_DIRECT_URL", cohere.url());
        environment.put("LG_DIRECT_KEY", KEY);

        NodeClients.Result result = clients.run("bytes.mjs", environment, DEADLINE);

        assertThat(result.good()).as(result.output()).isTrue();
    }

    private static FakeProvider behind(String model) {
        return model.startsWith("gpt-")
                ? stack.openai()
                : model.startsWith("claude-")
                        ? stack.anthropic()
                        : model.startsWith("gemini-") ? stack.gemini() : cohere;
    }

    private static Map<String, String> environment(FakeProvider behind) {
        Map<String, String> environment = new HashMap<>();
        environment.put("LG_BASE_URL", stack.url());
        environment.put("LG_TOKEN", token);
        environment.put("LG_WRONG_TOKEN", "sk-wrong");
        environment.put("LG_PROVIDER_URL", behind.url());
        return environment;
    }
}
