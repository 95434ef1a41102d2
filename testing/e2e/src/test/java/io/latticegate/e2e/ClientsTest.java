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

/** The client libraries of others, unmodified, get from the gateway what they get from the provider itself. */
final class ClientsTest {
    private static final Duration DEADLINE = Duration.ofSeconds(90);
    private static NodeClients clients;
    private static LocalStack stack;
    private static String token;

    @BeforeAll
    static void start() {
        clients = NodeClients.ready();
        stack = LocalStack.with().yaml("""
                        models:
                          gpt-failing:
                            targets:
                              - { provider: openai, upstream_model: gpt-4.1-mini+status=500 }
                              - { provider: openai, upstream_model: gpt-4.1-mini }
                          claude-failing:
                            targets:
                              - { provider: anthropic, upstream_model: claude-opus-4-1+status=529 }
                              - { provider: anthropic, upstream_model: claude-opus-4-1 }
                        """).start();
        token = stack.token();
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    /** Models differ, as a rate limit that one suite has asked the provider for parks the model for the next. */
    @ParameterizedTest(name = "{0} with {1} at {2}")
    @CsvSource({
        "openai.test.mjs, gpt-4o-mini, openai, 'embeddings,completions,models'",
        "openai.test.mjs, claude-sonnet-4-5, anthropic, none",
        "openai.test.mjs, gpt-failing, openai, none",
        "anthropic.test.mjs, claude-failing, anthropic, none",
        "anthropic.test.mjs, claude-haiku-4-5, anthropic, none",
        "anthropic.test.mjs, gpt-4o, openai, none",
        "langchain.test.mjs, gpt-4.1, openai, none"
    })
    void aClientGetsItsOwnDialectFromEitherProvider(String suite, String model, String provider, String features) {
        FakeProvider behind = provider.equals("openai") ? stack.openai() : stack.anthropic();
        Map<String, String> environment = environment(behind);
        environment.put("LG_MODEL", model);
        environment.put("LG_FEATURES", features);

        NodeClients.Result result = clients.run(suite, environment, DEADLINE);

        assertThat(result.good()).as(result.output()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"openai, 'embeddings,completions'", "anthropic, none"})
    void callsOfTheSameProtocolPassByteForByte(String dialect, String features) {
        FakeProvider behind = dialect.equals("openai") ? stack.openai() : stack.anthropic();
        Map<String, String> environment = environment(behind);
        environment.put("LG_DIALECT", dialect);
        environment.put("LG_FEATURES", features);
        environment.put("LG_DIRECT_URL", behind.url());
        environment.put("LG_DIRECT_KEY", dialect.equals("openai") ? LocalStack.OPENAI_KEY : LocalStack.ANTHROPIC_KEY);
        environment.put("LG_IGNORE_HEADERS", "x-provider-request-id");

        NodeClients.Result result = clients.run("bytes.mjs", environment, DEADLINE);

        assertThat(result.good()).as(result.output()).isTrue();
    }

    @Test
    void walletsSignWithBothMajorVersionsOfEthers() {
        stack.openai().acceptOnly(LocalStack.OPENAI_KEY, "sk-relay-test-key");

        NodeClients.Result result = clients.run("relay.test.mjs", environment(stack.openai()), DEADLINE);

        assertThat(result.good()).as(result.output()).isTrue();
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
