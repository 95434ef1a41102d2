package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
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
                          text-embedding-3-small: { provider: openai }
                          gpt-failing:
                            targets:
                              - { provider: openai, upstream_model: gpt-4.1-mini+status=500 }
                              - { provider: openai, upstream_model: gpt-4.1-mini }
                          claude-failing:
                            targets:
                              - { provider: anthropic, upstream_model: claude-opus-4-1+status=529 }
                              - { provider: anthropic, upstream_model: claude-opus-4-1 }
                          steady-openai:
                            continuation: true
                            targets:
                              - { provider: openai, upstream_model: gpt-steady+cut=4 }
                              - { provider: anthropic, upstream_model: claude-steady-2, prefill: assistant_turn }
                          steady-anthropic:
                            continuation: true
                            targets:
                              - { provider: anthropic, upstream_model: claude-steady+cut=4 }
                              - { provider: openai, upstream_model: gpt-steady-2, prefill: continue_final_message }
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
        "openai.test.mjs, gpt-4o-mini, openai, 'embeddings,completions,models,responses'",
        "openai.test.mjs, claude-sonnet-4-5, anthropic, none",
        "openai.test.mjs, gpt-failing, openai, none",
        "anthropic.test.mjs, claude-failing, anthropic, none",
        "responses.test.mjs, gpt-5-mini, openai, kept_responses",
        "responses.test.mjs, claude-sonnet-4, anthropic, none",
        "anthropic.test.mjs, claude-haiku-4-5, anthropic, 'count_tokens,models'",
        "anthropic.test.mjs, gpt-4o, openai, none",
        "openai.test.mjs, gemini-2.5-pro, gemini, none",
        "anthropic.test.mjs, gemini-2.0-flash, gemini, none",
        "gemini.test.mjs, gemini-2.5-flash, gemini, 'embeddings,count_tokens,models'",
        "gemini.test.mjs, gpt-4.1-nano, openai, embeddings",
        "gemini.test.mjs, claude-opus-4-5, anthropic, none",
        "langchain.test.mjs, gpt-4.1, openai, none",
        "langchain.test.mjs, gemini-1.5-flash, gemini, none"
    })
    void aClientGetsItsOwnDialectFromEitherProvider(String suite, String model, String provider, String features) {
        FakeProvider behind = provider(provider);
        Map<String, String> environment = environment(behind);
        environment.put("LG_MODEL", model);
        environment.put("LG_FEATURES", features);
        if (features.contains("kept_responses")) {
            environment.put("LG_TOKEN", ownAccount());
        }
        if (provider.equals("openai")) {
            environment.put("LG_EMBEDDING_MODEL", "text-embedding-3-small");
        }

        NodeClients.Result result = clients.run(suite, environment, DEADLINE);

        assertThat(result.good()).as(result.output()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"openai, 'embeddings,completions,responses'", "anthropic, count_tokens", "gemini, none"})
    void callsOfTheSameProtocolPassByteForByte(String dialect, String features) {
        FakeProvider behind = provider(dialect);
        Map<String, String> environment = environment(behind);
        environment.put("LG_DIALECT", dialect);
        environment.put("LG_FEATURES", features);
        if (features.contains("responses")) {
            environment.put("LG_TOKEN", ownAccount());
        }
        environment.put("LG_DIRECT_URL", behind.url());
        environment.put(
                "LG_DIRECT_KEY",
                switch (dialect) {
                    case "openai" -> LocalStack.OPENAI_KEY;
                    case "anthropic" -> LocalStack.ANTHROPIC_KEY;
                    default -> LocalStack.GEMINI_KEY;
                });
        environment.put("LG_IGNORE_HEADERS", "x-provider-request-id");

        NodeClients.Result result = clients.run("bytes.mjs", environment, DEADLINE);

        assertThat(result.good()).as(result.output()).isTrue();
    }

    @ParameterizedTest(name = "{0} at {1}")
    @CsvSource({"gpt-4o-mini, openai", "claude-sonnet-4-5, anthropic"})
    void aBrowserReadsTokensAsAgentaryDoes(String model, String provider) {
        Map<String, String> environment = environment(provider.equals("openai") ? stack.openai() : stack.anthropic());
        environment.put("LG_MODEL", model);
        environment.put("LG_PROVIDER", provider);

        NodeClients.Result result = clients.run("agentary.test.mjs", environment, DEADLINE);

        assertThat(result.good()).as(result.output()).isTrue();
    }

    @Test
    void mediaFilesAndBatchesPassForAProjectWithAKeyOfItsOwn() {
        Map<String, String> environment = environment(stack.openai());
        environment.put("LG_TOKEN", ownAccount());

        NodeClients.Result result = clients.run("openai-media.test.mjs", environment, DEADLINE);

        assertThat(result.good()).as(result.output()).isTrue();
    }

    /** A token of a project that has a key of its own for OpenAI. */
    private static String ownAccount() {
        String project = stack.project("own account");
        stack.storeKey(project, "openai", LocalStack.OPENAI_KEY);
        return stack.token(project, Allowance.WITHOUT_LIMIT);
    }

    @Test
    void walletsSignWithBothMajorVersionsOfEthers() {
        stack.openai().acceptOnly(LocalStack.OPENAI_KEY, "sk-relay-test-key");

        NodeClients.Result result = clients.run("relay.test.mjs", environment(stack.openai()), DEADLINE);

        assertThat(result.good()).as(result.output()).isTrue();
    }

    @Test
    void aStreamThatIsGoneOnWithIsOneWholeStream() {
        Map<String, String> environment = environment(stack.openai());
        environment.put("LG_MODEL", "steady");

        NodeClients.Result result = clients.run("continuation.test.mjs", environment, DEADLINE);

        assertThat(result.good()).as(result.output()).isTrue();
    }

    private static FakeProvider provider(String name) {
        return switch (name) {
            case "openai" -> stack.openai();
            case "anthropic" -> stack.anthropic();
            case "gemini" -> stack.gemini();
            default -> throw new IllegalArgumentException("no provider " + name);
        };
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
