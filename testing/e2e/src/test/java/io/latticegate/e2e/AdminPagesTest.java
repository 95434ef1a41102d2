package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.testing.NodeClients;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The web interface as a person uses it, in Chromium: {@code testing/browser} has the suites. Pictures of every page are left in
 * {@code target/screenshots}.
 */
final class AdminPagesTest {
    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static NodeClients browser;
    private LocalStack stack;

    @BeforeAll
    static void install() {
        browser = NodeClients.browser();
    }

    @BeforeEach
    void start() {
        stack = LocalStack.with().yaml("""
                        management:
                          admin_ui: { data_port: loopback }
                        routing: { health_check_interval: 0s }
                        fhe: { enabled: true }
                        models:
                          priced-model:
                            aliases: [quick]
                            targets:
                              - { provider: openai, upstream_model: gpt-4o-mini, price_in: 0.15, price_out: 0.60 }
                              - { provider: anthropic, upstream_model: claude-haiku-4-5, price_in: 1, price_out: 5, weight: 3 }
                        """).start();
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"person.test.mjs", "pages.test.mjs", "hostile.test.mjs", "modules.test.mjs"})
    void aPersonInABrowser(String suite) {
        NodeClients.Result result = browser.run(
                suite,
                Map.of(
                        "LG_UI_URL",
                        stack.url(),
                        "LG_MANAGEMENT_TOKEN",
                        LocalStack.MANAGEMENT_TOKEN,
                        "LG_PROVIDER_KEY",
                        LocalStack.OPENAI_KEY,
                        "LG_MODEL",
                        "gpt-4o-mini",
                        "LG_SCREENSHOTS",
                        Path.of("target", "screenshots").toAbsolutePath().toString()),
                DEADLINE);

        assertThat(result.good()).as(result.output()).isTrue();
    }
}
