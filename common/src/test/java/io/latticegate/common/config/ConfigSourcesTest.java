package io.latticegate.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.value.ServiceRole;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where values come from: layers, variables, references, and what each service needs of them. */
class ConfigSourcesTest {
    private static final String KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    @TempDir
    Path folder = Path.of("");

    private Path write(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private static String text(ConfiguredSecret secret) {
        return secret.require().expose(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    @Test
    void laterLayersWin() throws IOException {
        write("default.yaml", "server: { host: h1, port: 1, max_concurrent_requests: 1 }\nmesh: { name: m1 }");
        write("staging.yaml", "server: { port: 2, max_concurrent_requests: 2 }");
        Path named = write("own.yaml", "profile: staging\nserver: { max_concurrent_requests: 3 }");
        LoadedConfig loaded = ConfigLoader.in(folder)
                .file(named)
                .fallback("server.host", "h0")
                .fallback("storage.dir", "/generated")
                .environment(Map.of("LOG_LEVEL", "warn"))
                .override("mesh.name", "m9")
                .load();
        LatticegateConfig config = loaded.config();
        assertThat(config.server().host()).isEqualTo("h1");
        assertThat(config.server().port()).isEqualTo(2);
        assertThat(config.server().maxConcurrentRequests()).isEqualTo(3);
        assertThat(config.storage().dir()).isEqualTo(Path.of("/generated"));
        assertThat(config.logging().level()).isEqualTo(LoggingConfig.Level.WARN);
        assertThat(config.mesh().name()).isEqualTo("m9");
        assertThat(loaded.description().printChanged())
                .contains(
                        "server.port = 2   (" + folder.resolve("staging.yaml") + ":1)",
                        "logging.level = warn   (environment LOG_LEVEL)",
                        "storage.dir = /generated   (generated)",
                        "mesh.name = m9   (command line)")
                .doesNotContain("fhe.enabled");
    }

    @Test
    void aFallbackProfileChoosesItsFile() throws IOException {
        write("laptop.yaml", "server: { port: 4 }");
        LatticegateConfig config =
                ConfigLoader.in(folder).fallback("profile", "laptop").load().config();
        assertThat(config.profile()).isEqualTo("laptop");
        assertThat(config.server().port()).isEqualTo(4);
    }

    @Test
    void nullTakesBackWhatALowerLayerSaid() throws IOException {
        write("default.yaml", "server: { port: 1 }\nproviders: { own: { kind: openai } }");
        LatticegateConfig config =
                ConfigLoader.in(folder).yaml("server: { port: null }").load().config();
        assertThat(config.server().port()).isEqualTo(8080);
        assertThat(config.providers()).containsKey("own");
    }

    @Test
    void takesCamelCaseForSnakeCaseButNotInNamesOfTheOperator() {
        LatticegateConfig config =
                Configs.of("server: { maxRequestSize: 2MiB }\nmodels: { myModel: { provider: openai, priceIn: 1 } }");
        assertThat(config.server().maxRequestSizeBytes()).isEqualTo(2 << 20);
        assertThat(config.models()).containsKey("myModel");
        assertThat(Configs.refusal("server: { maxRequestSize: 2MiB, max_request_size: 1MiB }"))
                .contains("given twice");
    }

    @Test
    void interpolatesVariables() {
        Map<String, String> environment = Map.of("HOST", "h", "EMPTY", "");
        assertThat(Configs.of("server: { host: '${HOST}.example' }", environment)
                        .server()
                        .host())
                .isEqualTo("h.example");
        assertThat(Configs.of("server: { host: '${EMPTY:-d}' }", environment)
                        .server()
                        .host())
                .isEqualTo("d");
        assertThat(Configs.of("server: { host: '${NOPE:-}' }", environment)
                        .server()
                        .host())
                .isEqualTo("0.0.0.0");
        assertThat(Configs.of("mesh: { event_bus: { public_host: '$${HOST}' } }", environment)
                        .mesh()
                        .eventBus()
                        .publicHost())
                .isEqualTo("${HOST}");
        assertThat(Configs.refusal("server: { host: '${NOPE}' }"))
                .contains("server.host (text:1): names the environment variable NOPE, which is not set");
        assertThat(Configs.refusal("server: { host: '${not closed' }")).contains("malformed reference");
    }

    @Test
    void neverInterpolatesWhatAVariableHolds() {
        LatticegateConfig config = Configs.of(
                "management: { management_token: '${TOKEN}' }",
                Map.of("TOKEN", "0123456789-${HOME}-file:/x", "OPENAI_API_KEY", "file:/etc/passwd"));
        assertThat(text(config.management().managementToken())).isEqualTo("0123456789-${HOME}-file:/x");
        ProviderConfig openai = config.providers().get("openai");
        assertThat(openai == null ? "" : text(openai.apiKey())).isEqualTo("file:/etc/passwd");
    }

    @Test
    void readsASecretFromAFileWithoutItsNewline() throws IOException {
        Path file = write("token", "0123456789abcdef\r\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        LoadedConfig loaded = Configs.load("management: { management_token: 'file:" + file + "' }", Map.of());
        assertThat(text(loaded.config().management().managementToken())).isEqualTo("0123456789abcdef");
        assertThat(loaded.warnings()).isEmpty();
        assertThat(loaded.description().print())
                .contains("management.management_token = ***   (text:1)")
                .doesNotContain("0123456789abcdef");
        assertThat(loaded.config().toString()).doesNotContain("0123456789abcdef");
    }

    @Test
    void warnsAboutASecretThatEveryoneMayReadAndAboutOneInTheFileItself() throws IOException {
        Path file = write("token", "0123456789abcdef");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(Configs.load("management: { management_token: 'file:" + file + "' }", Map.of())
                        .warnings())
                .singleElement()
                .asString()
                .contains("may be read by every user", "chmod 600");
        assertThat(Configs.load("management: { management_token: 0123456789abcdef }", Map.of())
                        .warnings())
                .singleElement()
                .asString()
                .contains("management.management_token (text:1): the secret stands in the file itself")
                .doesNotContain("0123456789abcdef");
    }

    @Test
    void takesARawKeyThatEndsWithANewline() throws IOException {
        Path file = folder.resolve("key");
        byte[] raw = new byte[32];
        raw[31] = '\n';
        Files.write(file, raw);
        EncryptionConfig encryption =
                Configs.of("", Map.of("VAULT_KEY_PATH", file.toString())).encryption();
        assertThat(encryption.active()).isEqualTo("k1");
        assertThat(encryption.keys().getFirst().material().require().expose(byte[]::clone))
                .isEqualTo(raw);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GATEWAY_PORT|9|server.port = 9",
                "PORT|9|server.port = 9",
                "LISTEN_ADDR|127.0.0.1:9|server.host = 127.0.0.1",
                "LISTEN_ADDR|:9|server.port = 9",
                "NODE_ENV|staging|profile = staging",
                "GATEWAY_ENV|staging|profile = staging",
                "API_ENV|staging|profile = staging",
                "APP_ENV|staging|profile = staging",
                "MAX_REQUEST_SIZE|5MiB|server.max_request_size = 5MiB",
                "MAX_CONCURRENT_REQUESTS|5|server.max_concurrent_requests = 5",
                "REQUEST_TIMEOUT|30000|server.timeouts.response_header = 30s",
                "REQUEST_TIMEOUT|45s|server.timeouts.response_header = 45s",
                "ADMIN_UI_LISTEN_ADDR|:8099|management.listen = 0.0.0.0:8099",
                "MANAGEMENT_TOKEN|0123456789abcdef|management.management_token = ***",
                "ENABLE_METRICS|false|management.metrics.enabled = false",
                "METRICS_PATH|/m|management.metrics.path = /m",
                "REDIS_URL|redis://:pw@r:1/0|redis.url = ***",
                "REDIS_ADDR|r:1|redis.url = ***",
                "DB_DRIVER|sqlite|storage.driver = sqlite",
                "DATABASE_PATH|/d/llm-proxy.db|storage.dir = /d",
                "DATABASE_PATH|/d|storage.dir = /d",
                "DATABASE_POOL_SIZE|4|storage.pool_size = 4",
                "DATABASE_URL|postgres://u:p%40w@db:5432/x|storage.url = postgresql://db:5432/x",
                "DATABASE_URL|postgres://u:p%40w@db:5432/x|storage.user = u",
                "DATABASE_URL|postgres://u:p%40w@db:5432/x|storage.driver = postgresql",
                "DATABASE_URL|postgres://u:p%40w@db:5432/x|storage.password = ***",
                "VAULT_KEY|" + KEY + "|encryption.keys[0].source = env:VAULT_KEY",
                "ENCRYPTION_KEY|" + KEY + "|encryption.keys[0].id = k1",
                "REQUIRE_ENCRYPTION_KEY|true|encryption.required = true",
                "OPENAI_API_KEY|k|providers.openai.api_key = ***",
                "OPENAI_API_URL|https://x.example/v1|providers.openai.base_url = https://x.example/v1",
                "ANTHROPIC_API_KEY|k|providers.anthropic.api_key = ***",
                "ANTHROPIC_API_URL|https://x.example|providers.anthropic.base_url = https://x.example",
                "GEMINI_API_KEY|k|providers.gemini.api_key = ***",
                "COHERE_API_KEY|k|providers.cohere.api_key = ***",
                "COHERE_API_URL|https://x.example|providers.cohere.base_url = https://x.example",
                "GEMINI_API_URL|https://x.example|providers.gemini.base_url = https://x.example",
                "LOG_LEVEL|DEBUG|logging.level = debug",
                "DEBUG|1|logging.level = debug",
                "LOG_FORMAT|text|logging.format = text",
                "FHE_PORT|8091|fhe.listen = 0.0.0.0:8091",
            })
    void honoursVariables(String name, String value, String shown) {
        assertThat(Configs.load("", Map.of(name, value)).description().printChanged())
                .contains(shown + "   (environment " + name + ")")
                .doesNotContain(KEY);
    }

    @ParameterizedTest
    @CsvSource({
        "REQUEST_TIMEOUT,abc",
        "PORT,http",
        "GATEWAY_PORT,99999",
        "LISTEN_ADDR,nowhere",
        "MAX_REQUEST_SIZE,big",
        "MAX_CONCURRENT_REQUESTS,many",
        "ADMIN_UI_LISTEN_ADDR,x",
        "ENABLE_METRICS,perhaps",
        "DB_DRIVER,mysql",
        "DATABASE_URL,mysql://x/y",
        "VAULT_KEY,too-short",
        "VAULT_KEY_PATH,relative",
        "REQUIRE_ENCRYPTION_KEY,false",
        "LOG_LEVEL,loud",
        "LOG_FORMAT,xml",
        "OPENAI_API_URL,http://insecure.example",
        "MANAGEMENT_TOKEN,short",
        "REDIS_URL,http://x",
        "FHE_PORT,x"
    })
    void stopsAtAMalformedVariableAndNamesIt(String name, String value) {
        assertThat(Configs.refusal("", Map.of(name, value))).contains("environment " + name);
    }

    @Test
    void firstOfTwoVariablesDecidesAndSaysSo() {
        LoadedConfig loaded = Configs.load("", Map.of("PORT", "1", "GATEWAY_PORT", "2"));
        assertThat(loaded.config().server().port()).isEqualTo(2);
        assertThat(loaded.warnings())
                .containsExactly("GATEWAY_PORT and PORT both set server.port; GATEWAY_PORT decides");
    }

    @Test
    void reportsAVariableWithoutEffect() {
        assertThat(Configs.load("", Map.of("FILE_EVENT_LOG", "true")).warnings())
                .singleElement()
                .asString()
                .contains("FILE_EVENT_LOG", "not available in this version");
    }

    @Test
    void refusesTwoSourcesOfTheVaultKey() {
        String file = "encryption: { keys: [ { id: a, source: 'env:VAULT_KEY' } ] }";
        assertThat(Configs.refusal(file, Map.of("VAULT_KEY", KEY))).contains("environment VAULT_KEY; keep one");
        assertThat(Configs.refusal("", Map.of("VAULT_KEY", KEY, "ENCRYPTION_KEY", KEY)))
                .contains("is set by VAULT_KEY and by ENCRYPTION_KEY; keep one");
    }

    @Test
    void aMissingSecretStopsOnlyTheServiceThatNeedsIt() {
        LatticegateConfig config = Configs.of("""
                management: { management_token: '${MANAGEMENT_TOKEN}' }
                encryption: { keys: [ { id: k1, source: 'file:/nonexistent/key' } ] }
                auth: { token_pepper: '${PEPPER}' }
                """, Map.of("PEPPER", "0123456789abcdef0123456789abcdef"));
        config.validateFor(ServiceRole.PROXY, ServiceRole.FHE, ServiceRole.AUTH);
        assertThatThrownBy(() -> config.validateFor(ServiceRole.ADMIN))
                .hasMessageContaining("management.management_token: names the environment variable MANAGEMENT_TOKEN")
                .hasMessageNotContaining("encryption");
        assertThatThrownBy(() -> config.validateFor(ServiceRole.VAULT))
                .hasMessageContaining("encryption.keys.k1: names the file /nonexistent/key, which cannot be read");
    }

    @Test
    void nothingStartsOpenByDefault() {
        LatticegateConfig config = Configs.of("");
        assertThatThrownBy(() -> config.validateFor(ServiceRole.values()))
                .hasMessageContaining("management.management_token")
                .hasMessageContaining("auth.token_pepper")
                .hasMessageContaining("encryption.keys");
    }

    @Test
    void aClusteredStartSaysWhyItNeedsRedisPostgresqlAndMutualTls() {
        LatticegateConfig config = Configs.of("""
                mesh: { discovery: { mode: tcp, members: ["127.0.0.1:5701"] } }
                auth: { token_pepper: 0123456789abcdef0123456789abcdef }
                """);
        assertThatThrownBy(() -> config.validateFor(ServiceRole.AUTH))
                .hasMessageContaining("redis.url: is not set; the mesh is clustered")
                .hasMessageContaining("storage.driver: is sqlite, but the mesh is clustered")
                .hasMessageContaining("mesh.event_bus.tls: is not set, but the mesh is clustered");
        assertThatThrownBy(() -> config.validateFor(ServiceRole.PROXY))
                .hasMessageContaining("mesh.event_bus.tls")
                .hasMessageNotContaining("redis.url");
    }

    @Test
    void overridesMayBeLists() {
        LatticegateConfig config = ConfigLoader.in(folder)
                .override("mesh.discovery.mode", "tcp")
                .override("mesh.discovery.members", List.of("127.0.0.1:1", "127.0.0.1:2"))
                .override("encryption.keys", List.of(Map.of("id", "local", "source", "env:K")))
                .environment(Map.of("K", KEY))
                .load()
                .config();
        assertThat(config.mesh().discovery().members()).hasSize(2);
        assertThat(config.encryption().active()).isEqualTo("local");
    }

    @Test
    void routesAModelByIdThenByLongestPrefix() {
        LatticegateConfig config = Configs.of("""
                models:
                  gpt-4: { provider: anthropic }
                  "gpt-*": { provider: echo }
                  "gpt-4*": { provider: openai }
                """);
        assertThat(config.route("gpt-4"))
                .get()
                .extracting(ModelConfig::provider)
                .isEqualTo("anthropic");
        assertThat(config.route("gpt-4o"))
                .get()
                .extracting(ModelConfig::provider)
                .isEqualTo("openai");
        assertThat(config.route("gpt-3"))
                .get()
                .extracting(ModelConfig::provider)
                .isEqualTo("echo");
        assertThat(config.route("claude-x"))
                .get()
                .extracting(ModelConfig::provider)
                .isEqualTo("anthropic");
        assertThat(config.route("gpt-*"))
                .get()
                .extracting(ModelConfig::provider)
                .isEqualTo("echo");
        assertThat(config.route("llama")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.openai.com/v1,/v1/chat/completions,/v1/chat/completions",
        "https://api.openai.com/v1/,/v1/models,/v1/models",
        "https://api.openai.com,/v1/models,/v1/models",
        "https://gw.example/openai/v1,/v1/models,/openai/v1/models",
        "https://gw.example/openai,/v1/models,/openai/v1/models",
        "https://gw.example/v1,/v1beta/x,/v1/v1beta/x"
    })
    void joinsPathsWithAndWithoutATrailingVersion(String base, String path, String joined) {
        ProviderConfig provider = Configs.of("providers: { openai: { base_url: '" + base + "' } }")
                .providers()
                .get("openai");
        assertThat(provider == null ? "" : provider.upstreamPath(path)).isEqualTo(joined);
    }
}
