package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.NodeClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every protocol of clients against every protocol of providers, in eight cells each: text, stream, tools, both, image, JSON
 * schema, reasoning, error; and one for each kind of file that the client's protocol has, which the provider takes or the gateway
 * refuses. The official package of the client's protocol judges the answers.
 */
final class TranslationMatrixTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Pattern CELL = Pattern.compile("(?m)^(not ok|ok) \\d+ - ([A-Za-z ]+)$");
    private static final Pattern DROPPED = Pattern.compile("(?m)^# dropped ([A-Za-z ]+): (.*)$");

    /** The protocol of a provider: the model that it serves here. */
    private static final Map<String, String> MODELS = new TreeMap<>(Map.of(
            "openai", "gpt-4o-mini",
            "responses", "codex-mini",
            "anthropic", "claude-sonnet-4-5",
            "gemini", "gemini-2.5-flash",
            "cohere", "command-a-03-2025",
            "bedrock", "anthropic.claude-sonnet-4-5-v1:0"));

    private static final List<String> CLIENTS =
            List.of("openai", "responses", "anthropic", "gemini", "cohere", "bedrock");
    private static final int CELLS = 8;

    /** Further cells of a client: documents, and sound. */
    private static final Map<String, Integer> FILE_CELLS =
            Map.of("openai", 2, "responses", 1, "anthropic", 1, "gemini", 2, "cohere", 0, "bedrock", 1);

    private static final Map<String, String> report = new TreeMap<>();
    private static NodeClients clients;
    private static LocalStack stack;
    private static FakeProvider further;
    private static String token;

    @BeforeAll
    static void start() {
        clients = NodeClients.ready();
        further = FakeProvider.start();
        stack = LocalStack.with().yaml("""
                        routing: { circuit_breaker: { failures: 1000 }, health_check_interval: 0s }
                        providers:
                          openai: { retry_count: 0 }
                          anthropic: { retry_count: 0 }
                          gemini: { retry_count: 0 }
                          codex: { kind: openai_responses, base_url: %1$s/v1, allow_http: true, allow_private: true, api_key: sk-codex, retry_count: 0 }
                          cohere: { base_url: %1$s, allow_http: true, allow_private: true, api_key: co-key, retry_count: 0 }
                          bedrock: { base_url: %1$s, allow_http: true, allow_private: true, api_key: AKIDEXAMPLE:wJalrXUtnFEMI, retry_count: 0 }
                        models:
                          codex-mini*: { provider: codex }
                          command-a*: { provider: cohere }
                          anthropic.claude*: { provider: bedrock }
                        """.formatted(further.url())).start();
        token = stack.token();
    }

    @AfterAll
    static void stop() {
        stack.close();
        further.close();
        report.forEach((pair, cells) -> System.out.println("matrix " + pair + ": " + cells));
    }

    static Stream<Arguments> pairs() {
        return CLIENTS.stream()
                .flatMap(client -> MODELS.keySet().stream().map(provider -> Arguments.of(client, provider)));
    }

    @ParameterizedTest(name = "{0} at {1}")
    @MethodSource("pairs")
    void aClientsPackageIsServedByAProvider(String client, String provider) {
        FakeProvider behind = behind(provider);
        NodeClients.Result result = clients.run(
                "matrix.test.mjs",
                Map.of(
                        "LG_BASE_URL",
                        stack.url(),
                        "LG_TOKEN",
                        token,
                        "LG_DIALECT",
                        client,
                        "LG_MODEL",
                        MODELS.getOrDefault(provider, ""),
                        "LG_BEHIND",
                        provider,
                        "LG_PROVIDER_URL",
                        behind.url()),
                DEADLINE);

        List<String> passed = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        Matcher cells = CELL.matcher(result.output());
        while (cells.find()) {
            (cells.group(1).equals("ok") ? passed : failed).add(cells.group(2));
        }
        StringBuilder dropped = new StringBuilder();
        Matcher drops = DROPPED.matcher(result.output());
        while (drops.find()) {
            dropped.append("; ").append(drops.group(1)).append(" without ").append(drops.group(2));
        }
        report.put(client + " at " + provider, passed.size() + " of " + cells(client) + " " + failed + dropped);
        assertThat(failed).as(result.output()).isEmpty();
        assertThat(passed).as(result.output()).hasSize(cells(client));
    }

    private static int cells(String client) {
        return CELLS + FILE_CELLS.getOrDefault(client, 0);
    }

    private static FakeProvider behind(String provider) {
        return switch (provider) {
            case "anthropic" -> stack.anthropic();
            case "gemini" -> stack.gemini();
            case "openai" -> stack.openai();
            default -> further;
        };
    }
}
