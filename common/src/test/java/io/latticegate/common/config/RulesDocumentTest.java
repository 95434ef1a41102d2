package io.latticegate.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.latticegate.common.config.RulesDocument.Difference;
import io.latticegate.common.config.RulesDocument.Format;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What may change at run time is read with the checks of a start, and holds no secret and no reference. */
class RulesDocumentTest {
    private static RulesDocument json(String text) {
        return RulesDocument.read(Format.JSON, "body", text.getBytes(StandardCharsets.UTF_8));
    }

    private static RulesDocument patch(RulesDocument document, String patch) {
        return document.patched(Format.JSON, "body", patch.getBytes(StandardCharsets.UTF_8));
    }

    private static String refusal(LatticegateConfig config, RulesDocument document) {
        ConfigException refused = catchThrowableOfType(ConfigException.class, () -> config.with(document));
        assertThat(refused).as("not refused").isNotNull();
        return String.valueOf(refused.getMessage());
    }

    @Test
    void whatTheFileSaysIsTheFirstDocumentWithoutSecretsAndWithReferencesResolved() {
        LatticegateConfig config =
                Configs.of("""
                server: { port: 9000 }
                providers:
                  openai: { baseUrl: "${URL}", api_key: "${KEY}", retry_count: 1 }
                models: { "gpt-4.1": { provider: openai, price_in: 2.50, aliases: [best] } }
                routing: { retry_budget: null, strategy: weighted }
                security: { cors: { origins: ["https://app.example.com"] } }
                """, Map.of("URL", "https://api.example.com/v1", "KEY", "sk-canary-0001"));

        assertThat(config.changeable().document().json())
                .isEqualTo(
                        "{\"providers\":{\"openai\":{\"base_url\":\"https://api.example.com/v1\",\"retry_count\":1}},"
                                + "\"models\":{\"gpt-4.1\":{\"provider\":\"openai\",\"price_in\":2.50,\"aliases\":[\"best\"]}},"
                                + "\"routing\":{\"strategy\":\"weighted\"},"
                                + "\"security\":{\"cors\":{\"origins\":[\"https://app.example.com\"]}}}");
    }

    @Test
    void theFilesOwnDocumentMeansWhatTheFileMeans() {
        LatticegateConfig config = Configs.of("""
                providers:
                  openai: { api_key: sk-canary-0001, timeout: 1500, allowed_endpoints: [/v1/items/*] }
                  local: { base_url: "http://127.0.0.1:11434", allow_http: true, allow_private: true }
                models: { llama*: { provider: local }, b: { targets: [ { provider: openai, weight: 3 } ] } }
                security: { cors: { enabled: false } }
                """);

        assertThat(config.with(config.changeable().document())).isEqualTo(config);
        assertThat(config.with(config.changeable().document()).providers().get("openai"))
                .satisfies(provider -> assertThat(provider.apiKey().isSet()).isTrue());
    }

    @Test
    void aChangeTakesEffectAndEverythingElseStays() {
        LatticegateConfig config = Configs.of("server: { port: 9000, timeouts: { response_header: 7s } }");
        LatticegateConfig changed =
                config.with(json("{\"providers\":{\"second\":{\"baseUrl\":\"https://api.example.com\"}},"
                        + "\"security\":{\"cors\":{\"origins\":[\"https://a.example\"]}}}"));

        assertThat(changed.server()).isEqualTo(config.server());
        assertThat(changed.providers())
                .hasEntrySatisfying(
                        "second", added -> assertThat(added.timeout()).isEqualTo(Duration.ofSeconds(7)));
        assertThat(changed.security().cors().origins()).containsExactly("https://a.example");
        assertThat(changed.changeable()).isEqualTo(config.changeable());
    }

    @Test
    void everyProblemIsNamedAtOnceWithItsPlace() {
        String refusal = refusal(Configs.of(""), json("""
                { "providers": { "other": { "retry_count": 11, "basurl": "x" },
                                 "Bad Name": {} },
                  "models": { "m": { "provider": "opnai" } },
                  "routing": { "strategy": "best" },
                  "server": { "port": 1 },
                  "security": { "api_key_header": "X" } }
                """));

        assertThat(refusal)
                .contains("providers.other.basurl (body:1): unknown key; did you mean providers.other.base_url?")
                .contains("providers.other.retry_count")
                .contains("allowed are 0 to 10")
                .contains("a provider's name has 1 to 40")
                .contains("did you mean openai?")
                .contains("routing.strategy (body:4)")
                .contains(
                        "server (body:5): unknown key; known here are providers, models, projects, routing, security");
    }

    @Test
    void aPrefixOfTheFileMayNotLoseItsProvider() {
        LatticegateConfig config = Configs.of(
                "{ providers: { mine: { base_url: 'https://a.example' } }, relay: { provider_prefixes: { m-: mine } } }");

        assertThat(refusal(config, RulesDocument.EMPTY))
                .contains("relay.provider_prefixes.m-")
                .contains("names the provider \"mine\", which is not under providers");
    }

    @Test
    void aSecretIsRefusedAndNotRepeated() {
        assertThat(refusal(Configs.of(""), json("{\"providers\":{\"openai\":{\"api_key\":\"sk-canary-0001\"}}}")))
                .contains("providers.openai.api_key (body:1): is a secret")
                .doesNotContain("canary");
    }

    @Test
    void referencesArePlainText() {
        LatticegateConfig config = Configs.of("", Map.of("SECRET", "canary"));
        String refusal = refusal(
                config,
                json("{\"providers\":{\"x\":{\"base_url\":\"https://${SECRET}.example\"},"
                        + "\"y\":{\"base_url\":\"file:/etc/hostname\"}}}"));

        assertThat(refusal)
                .contains("providers.x.base_url", "providers.y.base_url")
                .doesNotContain("canary");
    }

    @Test
    void aMergePatchFollowsTheExamplesOfRfc7396() {
        for (List<String> example : List.of(
                List.of("{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"),
                List.of("{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"),
                List.of("{\"a\":\"b\"}", "{\"a\":null}", "{}"),
                List.of("{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"),
                List.of("{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"),
                List.of("{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"),
                List.of("{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"),
                List.of("{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"),
                List.of("{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"))) {
            assertThat(patch(json(example.get(0)), example.get(1)).json()).isEqualTo(example.get(2));
        }
    }

    @Test
    void scalarsComeBackAsTheyWereWritten() {
        String text = "{\"a\":true,\"b\":-1.50,\"c\":\"01\",\"d\":\"1e3\",\"e\":\"null\",\"f\":\"\",\"g\":[1,\"x\"]}";
        assertThat(json(text).json()).isEqualTo(text);
        assertThat(RulesDocument.stored(json(text).json())).isEqualTo(json(text));
    }

    @Test
    void differencesAreNamedByPointerAndLeadFromOneDocumentToTheOther() {
        RulesDocument older =
                json("{\"models\":{\"a/b~c\":{\"provider\":\"x\",\"aliases\":[\"p\",\"q\"]}},\"routing\":{}}");
        RulesDocument newer = json("{\"models\":{\"a/b~c\":{\"aliases\":[\"p\"],\"price_in\":1}},\"routing\":{}}");

        assertThat(older.differencesTo(newer))
                .containsExactly(
                        new Difference("/models/a~1b~0c/provider", "\"x\"", null),
                        new Difference("/models/a~1b~0c/aliases", "[\"p\",\"q\"]", "[\"p\"]"),
                        new Difference("/models/a~1b~0c/price_in", null, "1"));
        assertThat(older.differencesTo(older)).isEmpty();
        assertThat(older.differencesTo(newer)).extracting(Difference::summary).contains("- /models/a~1b~0c/provider");
    }

    @Test
    void hostileBodiesAreRefused() {
        String deep = "{\"a\":".repeat(200) + "1" + "}".repeat(200);
        String wide = "{\"a\":[" + "1,".repeat(30_000) + "1]}";
        String bomb = "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n";
        String large = "{\"a\":\"" + "x".repeat(800_000) + "\"}";
        String huge = "{\"a\":\"" + "x".repeat(1 << 20) + "\"}";

        assertThatThrownBy(() -> json(deep)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> json(wide)).hasMessageContaining("holds more than 20000 values");
        assertThatThrownBy(() -> json(large)).hasMessageContaining("allowed are 768KiB");
        assertThatThrownBy(() -> json(huge)).hasMessageContaining("is larger than 1MiB");
        assertThatThrownBy(() -> json("{\"a\":1,\"a\":2}")).hasMessageContaining("twice");
        assertThatThrownBy(() -> json("{\"aB\":1,\"a_b\":2}"))
                .hasMessageContaining("is given twice, once in camel case");
        assertThatThrownBy(() -> json("{} {}")).hasMessageContaining("goes on after");
        assertThatThrownBy(() -> json("[]")).hasMessageContaining("must hold a JSON object");
        assertThatThrownBy(() -> json("{\"a\":NaN}")).hasMessageContaining("is not valid JSON");
        assertThatThrownBy(() -> RulesDocument.read(Format.JSON, "body", new byte[] {'{', (byte) 0xff, '}'}))
                .hasMessageContaining("is not UTF-8");
        assertThatThrownBy(() -> RulesDocument.read(Format.YAML, "body", bomb.getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("anchor");
    }

    @Test
    void randomBytesAreReadOrRefusedButNeverAFault() {
        long seed = 20_251_121;
        SplittableRandom random = new SplittableRandom(seed);
        byte[] good = "{\"providers\":{\"a\":{\"x\":[1,true,null,\"\\u00e4\"]}},\"models\":{}}"
                .getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = good.clone();
            for (int flips = random.nextInt(1, 6); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Format format = random.nextBoolean() ? Format.JSON : Format.YAML;
            try {
                assertThat(RulesDocument.read(format, "body", bytes)).isNotNull();
            } catch (ConfigException refused) {
                assertThat(refused.problems())
                        .as("seed %d round %d", seed, round)
                        .isNotEmpty();
            }
        }
    }
}
