package io.latticegate.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The records that say what requests are routed by: providers, models, routing. */
class RoutingRecordsTest {
    @Nested
    class Projects {
        @Test
        void areLimitedInNothingByDefault() {
            assertThat(Configs.of("").projects()).isEmpty();
            assertThat(Configs.of("projects: { p1: {} }").projects())
                    .containsExactly(Map.entry("p1", new ProjectConfig(List.of(), List.of(), List.of(), false)));
        }

        @Test
        void takeEveryValueFromTheFile() {
            assertThat(Configs.of("""
                                    auth: { mode: hybrid }
                                    projects:
                                      default: { models: ["gpt-4o*"] }
                                      0199a1c2-6f0e:
                                        providers: [openai, echo]
                                        credential_sources: [client, gateway, project]
                                        spill: true
                                    """).projects())
                    .containsOnly(
                            Map.entry(
                                    ProjectConfig.DEFAULT,
                                    new ProjectConfig(List.of(), List.of("gpt-4o*"), List.of(), false)),
                            Map.entry(
                                    "0199a1c2-6f0e",
                                    new ProjectConfig(
                                            List.of("openai", "echo"),
                                            List.of(),
                                            List.of(
                                                    ProjectConfig.CredentialSource.CLIENT,
                                                    ProjectConfig.CredentialSource.GATEWAY,
                                                    ProjectConfig.CredentialSource.PROJECT),
                                            true)));
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "providers: [opnai]|projects.p.providers|did you mean openai?",
                    "models: [\"*\"]|projects.p.models|behind at least one",
                    "credential_sources: [client]|projects.p.credential_sources|[project, gateway]",
                    "credential_sources: [gateway, gateway]|projects.p.credential_sources|once",
                    "{credential_sources: [gateway], spill: true}|projects.p.spill|project and gateway"
                })
        void areRefusedWithPlaceAndReason(String entry, String path, String reason) {
            assertThat(Configs.refusal(
                            "projects: { p: " + (entry.startsWith("{") ? entry : "{ " + entry + " }") + " }"))
                    .contains(path, reason);
        }
    }

    @Nested
    class Providers {
        @Test
        void haveTheDocumentedDefaults() {
            Map<String, ProviderConfig> providers = Configs.of("").providers();
            assertThat(providers).containsOnlyKeys("openai", "anthropic", "gemini", "cohere", "echo");
            assertThat(providers.get("openai"))
                    .isEqualTo(new ProviderConfig(
                            "openai",
                            true,
                            ProviderConfig.Kind.OPENAI,
                            URI.create("https://api.openai.com/v1"),
                            false,
                            ConfiguredSecret.unset(),
                            List.of(),
                            Duration.ofMillis(30_000),
                            3,
                            "2023-06-01",
                            List.of(),
                            Set.of("GET", "POST"),
                            20,
                            Duration.ofSeconds(90),
                            false,
                            ProviderConfig.Credential.BEARER,
                            Map.of(),
                            Set.of(),
                            10L << 20,
                            "us-east-1"));
            assertThat(providers.get("anthropic")).satisfies(anthropic -> {
                assertThat(anthropic.enabled()).isTrue();
                assertThat(anthropic.kind()).isEqualTo(ProviderConfig.Kind.ANTHROPIC);
                assertThat(anthropic.baseUrl()).hasToString("https://api.anthropic.com");
                assertThat(anthropic.allowedEndpoints()).isEmpty();
                assertThat(anthropic.allowPrivate()).isFalse();
            });
            assertThat(providers.get("gemini")).satisfies(gemini -> {
                assertThat(gemini.enabled()).isTrue();
                assertThat(gemini.kind()).isEqualTo(ProviderConfig.Kind.GEMINI);
                assertThat(gemini.baseUrl()).hasToString("https://generativelanguage.googleapis.com/v1");
            });
            assertThat(providers.get("cohere")).satisfies(cohere -> {
                assertThat(cohere.enabled()).isTrue();
                assertThat(cohere.kind()).isEqualTo(ProviderConfig.Kind.COHERE);
                assertThat(cohere.baseUrl()).hasToString("https://api.cohere.com");
            });
            assertThat(providers.get("echo")).satisfies(echo -> {
                assertThat(echo.enabled()).isFalse();
                assertThat(echo.kind()).isEqualTo(ProviderConfig.Kind.ECHO);
            });
        }

        @Test
        void takeEveryValueFromTheFile() {
            assertThat(Configs.of("""
                                    providers:
                                      local-1:
                                        enabled: false
                                        kind: generic
                                        base_url: http://127.0.0.1:9000/base/
                                        allow_http: true
                                        allow_private: true
                                        auth: { header: X-Key, scheme: none }
                                        param_allowlist: { model: [small, "tiny-*"], mode: fast }
                                        required_headers: [x-team]
                                        api_key: k
                                        api_keys: [ { name: second, key: k2, weight: 3 }, { name: third, key: k3 } ]
                                        timeout: 1500
                                        retry_count: 0
                                        version: 2024-01-01
                                        allowed_endpoints: [/v1/items, /v1/items/*]
                                        allowed_methods: [POST]
                                        region: eu-west-3
                                        max_body_size: 5GiB
                                        connection: { max_per_host: 3, idle: 7s }
                                    """).providers().get("local-1"))
                    .isEqualTo(new ProviderConfig(
                            "local-1",
                            false,
                            ProviderConfig.Kind.GENERIC,
                            URI.create("http://127.0.0.1:9000/base"),
                            true,
                            ConfigRecordsTest.secret("k"),
                            List.of(
                                    new ProviderConfig.NamedKey("second", ConfigRecordsTest.secret("k2"), 3),
                                    new ProviderConfig.NamedKey("third", ConfigRecordsTest.secret("k3"), 1)),
                            Duration.ofMillis(1_500),
                            0,
                            "2024-01-01",
                            List.of("/v1/items", "/v1/items/*"),
                            Set.of("POST"),
                            3,
                            Duration.ofSeconds(7),
                            true,
                            new ProviderConfig.Credential("X-Key", ""),
                            Map.of("model", List.of("small", "tiny-*"), "mode", List.of("fast")),
                            Set.of("x-team"),
                            5L << 30,
                            "eu-west-3"));
        }

        @Test
        void ofBedrockAreWhereTheirRegionIs() {
            assertThat(Configs.of("providers: { bedrock: { region: ap-southeast-2 } }")
                            .providers()
                            .get("bedrock"))
                    .satisfies(bedrock -> {
                        assertThat(bedrock.kind()).isEqualTo(ProviderConfig.Kind.BEDROCK);
                        assertThat(bedrock.baseUrl())
                                .hasToString("https://bedrock-runtime.ap-southeast-2.amazonaws.com");
                    });
            assertThat(Configs.refusal("providers: { bedrock: { region: evil.example } }"))
                    .contains("providers.bedrock.region", "us-east-1");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "groq, https://api.groq.com/openai/v1",
        "mistral, https://api.mistral.ai/v1",
        "deepseek, https://api.deepseek.com/v1",
        "xai, https://api.x.ai/v1",
        "together, https://api.together.xyz/v1",
        "openrouter, https://openrouter.ai/api/v1",
        "fireworks, https://api.fireworks.ai/inference/v1",
        "huggingface, https://router.huggingface.co/v1"
    })
    void aWellKnownProviderNeedsOnlyAKeyAndSpeaksOpenAisProtocol(String name, String address) {
        ProviderConfig provider = Configs.of("providers: { " + name + ": { api_key: k } }")
                .providers()
                .get(name);

        assertThat(provider).isNotNull().satisfies(own -> {
            assertThat(own.baseUrl()).hasToString(address);
            assertThat(own.kind().protocol()).isEqualTo(ProviderConfig.Kind.OPENAI);
        });
    }

    @Test
    void aProviderOnTheLaptopHasItsUsualPortAndStillWantsLeave() {
        ProviderConfig ollama = Configs.of("providers: { ollama: { allow_http: true, allow_private: true } }")
                .providers()
                .get("ollama");

        assertThat(ollama)
                .isNotNull()
                .satisfies(own -> assertThat(own.baseUrl()).hasToString("http://127.0.0.1:11434/v1"));
    }

    @Test
    void azureHasAnAddressOfItsOwnAndTheUndatedApi() {
        ProviderConfig azure = Configs.of("providers: { azure: { base_url: 'https://x.openai.azure.com' } }")
                .providers()
                .get("azure");

        assertThat(azure).isNotNull().satisfies(own -> {
            assertThat(own.version()).isEqualTo("v1");
            assertThat(own.kind().protocol()).isEqualTo(ProviderConfig.Kind.OPENAI);
        });
    }

    @Test
    void aProviderWaitsAsLongAsTheServerUnlessItSaysOtherwise() {
        LatticegateConfig config =
                Configs.of("providers: { anthropic: { timeout: 5s } }", Map.of("REQUEST_TIMEOUT", "45000"));
        assertThat(config.providers())
                .hasEntrySatisfying("openai", own -> assertThat(own.timeout()).isEqualTo(Duration.ofSeconds(45)))
                .hasEntrySatisfying(
                        "anthropic", own -> assertThat(own.timeout()).isEqualTo(Duration.ofSeconds(5)));
    }

    @Nested
    class Models {
        @Test
        void areNoneByDefault() {
            assertThat(Configs.of("").models()).isEmpty();
        }

        @Test
        void takeEveryValueFromTheFile() {
            assertThat(Configs.of("""
                                    models:
                                      gpt-4.1: { provider: openai, upstream_model: gpt-4.1-2026, price_in: 2.50, price_out: "10" }
                                    """).models())
                    .containsExactly(Map.entry(
                            "gpt-4.1",
                            new ModelConfig(
                                    "gpt-4.1",
                                    "openai",
                                    "gpt-4.1-2026",
                                    new BigDecimal("2.50"),
                                    new BigDecimal("10"))));
        }

        @Test
        void nameSeveralTargetsAndAliases() {
            ModelConfig fast = Configs.of("""
                                    models:
                                      fast:
                                        aliases: [quick]
                                        targets:
                                          - { provider: openai, upstream_model: gpt-4o-mini, weight: 3, price_in: 0.15 }
                                          - { provider: anthropic, upstream_model: claude-haiku-4-5 }
                                    """).route("quick").orElseThrow();

            assertThat(fast)
                    .isEqualTo(new ModelConfig(
                            "fast",
                            List.of(
                                    new ModelConfig.Target("openai", "gpt-4o-mini", 3, new BigDecimal("0.15"), null),
                                    new ModelConfig.Target("anthropic", "claude-haiku-4-5", 1, null, null)),
                            List.of("quick")));
        }
    }

    @Nested
    class Continuation {
        @Test
        void isAFlagOfTheModelAndAWayOfItsTargets() {
            ModelConfig steady = Configs.of("""
                                    models:
                                      steady:
                                        continuation: true
                                        targets:
                                          - { provider: openai, prefill: continue_final_message }
                                          - { provider: anthropic, prefill: assistant_turn }
                                          - { provider: gemini }
                                    """).route("steady").orElseThrow();

            assertThat(steady.continuation()).isTrue();
            assertThat(steady.targets())
                    .extracting(ModelConfig.Target::prefill)
                    .containsExactly(
                            ModelConfig.Prefill.CONTINUE_FINAL_MESSAGE,
                            ModelConfig.Prefill.ASSISTANT_TURN,
                            ModelConfig.Prefill.NONE);
        }

        @Test
        void needsATargetThatGoesOn() {
            assertThatThrownBy(() -> Configs.of("models: { m: { provider: anthropic, continuation: true } }"))
                    .hasMessageContaining("needs a target whose prefill says how");
            assertThatThrownBy(() -> Configs.of("models: { m: { provider: gemini, prefill: assistant_turn } }"))
                    .hasMessageContaining("of kind gemini");
            assertThatThrownBy(
                            () -> Configs.of("models: { m: { provider: anthropic, prefill: continue_final_message } }"))
                    .hasMessageContaining("of kind anthropic");
        }
    }

    @Nested
    class Routing {
        @Test
        void hasTheDocumentedDefaults() {
            assertThat(Configs.of("").routing())
                    .isEqualTo(new RoutingConfig(
                            RoutingConfig.Strategy.COST_OPTIMIZED,
                            true,
                            Duration.ofSeconds(30),
                            new RoutingConfig.CircuitBreaker(5, Duration.ofSeconds(30)),
                            new BigDecimal("0.1")));
            assertThat(Configs.of("").providers().values())
                    .allSatisfy(provider -> assertThat(provider.retryCount()).isEqualTo(3));
        }

        @Test
        void takesEveryValueFromTheFile() {
            assertThat(Configs.of("""
                                    routing:
                                      strategy: performance
                                      failover_enabled: false
                                      health_check_interval: 5s
                                      circuit_breaker: { failures: 2, cooldown: 1s }
                                      retry_budget: 0.25
                                    """).routing())
                    .isEqualTo(new RoutingConfig(
                            RoutingConfig.Strategy.PERFORMANCE,
                            false,
                            Duration.ofSeconds(5),
                            new RoutingConfig.CircuitBreaker(2, Duration.ofSeconds(1)),
                            new BigDecimal("0.25")));
        }
    }
}
