package io.latticegate.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.Durability;
import io.latticegate.common.value.Secret;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Per record: the documented defaults, and a mapping in which no value is the default. */
class ConfigRecordsTest {
    private static final ConfiguredSecret UNSET = ConfiguredSecret.unset();

    static ConfiguredSecret secret(String text) {
        return ConfiguredSecret.of(Secret.ofText(text));
    }

    @Nested
    class Security {
        @Test
        void hasTheDocumentedDefaults() {
            assertThat(Configs.of("").security())
                    .isEqualTo(new SecurityConfig(
                            new SecurityConfig.Cors(true, List.of(), Duration.ofHours(1)), GuardsConfig.NONE));
        }

        @Test
        void takesEveryValueFromTheFile() {
            assertThat(Configs.of("""
                security:
                  cors:
                    enabled: false
                    origins: [https://app.example.com, "http://[::1]:3000", chrome-extension://abc]
                    max_age: 5m
                """).security())
                    .isEqualTo(new SecurityConfig(
                            new SecurityConfig.Cors(
                                    false,
                                    List.of("https://app.example.com", "http://[::1]:3000", "chrome-extension://abc"),
                                    Duration.ofMinutes(5)),
                            GuardsConfig.NONE));
        }
    }

    @Nested
    class Privacy {
        @Test
        void hasTheDocumentedDefaults() {
            assertThat(Configs.of("").privacy())
                    .isEqualTo(new PrivacyConfig(
                            new BigDecimal("0.1"),
                            new BigDecimal("10.0"),
                            new BigDecimal("0.00001"),
                            PrivacyConfig.Composition.SUM));
        }

        @Test
        void takesEveryValueFromTheFile() {
            PrivacyConfig read = Configs.of("""
                privacy:
                  epsilon_per_query: 0.25
                  epsilon_budget: 4
                  delta: 1e-6
                  composition: zcdp
                """).privacy();
            assertThat(read.epsilonPerQuery()).isEqualByComparingTo("0.25");
            assertThat(read.epsilonBudget()).isEqualByComparingTo("4");
            assertThat(read.delta()).isEqualByComparingTo("0.000001");
            assertThat(read.composition()).isEqualTo(PrivacyConfig.Composition.ZCDP);
        }
    }

    @Nested
    class Server {
        @Test
        void hasTheDocumentedDefaults() {
            assertThat(Configs.of("").server())
                    .isEqualTo(new ServerConfig(
                            "0.0.0.0",
                            8080,
                            10 * 1024 * 1024,
                            100,
                            new ServerConfig.Uploads(26 << 20, 8, Duration.ofMinutes(2)),
                            new ServerConfig.Timeouts(
                                    Duration.ofSeconds(5),
                                    Duration.ofSeconds(30),
                                    Duration.ofSeconds(60),
                                    Duration.ofSeconds(60),
                                    Duration.ofSeconds(10)),
                            List.of()));
        }

        @Test
        void takesEveryValueFromTheFile() {
            assertThat(Configs.of("""
                server:
                  host: 127.0.0.1
                  port: 9000
                  max_request_size: 64KiB
                  max_concurrent_requests: 7
                  uploads: { max_size: 1MiB, max_concurrent: 3, timeout: 9s }
                  timeouts: { connect: 1s, response_header: 2500, first_token: 3s, stream_idle: 4m, drain: 0s }
                  trusted_proxies: [10.0.0.0/8, "::1"]
                """).server())
                    .isEqualTo(new ServerConfig(
                            "127.0.0.1",
                            9000,
                            65_536,
                            7,
                            new ServerConfig.Uploads(1 << 20, 3, Duration.ofSeconds(9)),
                            new ServerConfig.Timeouts(
                                    Duration.ofSeconds(1),
                                    Duration.ofMillis(2_500),
                                    Duration.ofSeconds(3),
                                    Duration.ofMinutes(4),
                                    Duration.ZERO),
                            List.of(CidrBlock.parse("10.0.0.0/8"), CidrBlock.parse("::1"))));
        }
    }

    @Nested
    class Management {
        @Test
        void hasTheDocumentedDefaults() {
            assertThat(Configs.of("").management())
                    .isEqualTo(new ManagementConfig(
                            new HostPort("0.0.0.0", 8081),
                            UNSET,
                            new ManagementConfig.Metrics(true, "/metrics", 50),
                            false,
                            new AdminUiConfig(true, null, AdminUiConfig.DataPort.NEVER),
                            new OidcConfig(
                                    null,
                                    "",
                                    UNSET,
                                    List.of("openid", "profile", "email"),
                                    "roles",
                                    new OidcConfig.Roles(List.of(), List.of(), List.of()))));
        }

        @Test
        void takesEveryValueFromTheFile() {
            assertThat(Configs.of("""
                                    management:
                                      listen: "[::1]:9001"
                                      management_token: 0123456789abcdef
                                      metrics: { enabled: false, path: /prometheus, wallets: 7 }
                                      private_providers: true
                                      admin_ui: { enabled: true, origin: "https://gate.example:8443", data_port: loopback }
                                      oidc:
                                        issuer: "https://id.example/realms/one"
                                        client_id: gateway
                                        client_secret: s3cret-of-the-client
                                        scopes: [openid, groups]
                                        role_claim: realm_access.roles
                                        roles: { viewer: [everyone], operator: [on-call, sre], admin: [platform] }
                                    """).management())
                    .isEqualTo(new ManagementConfig(
                            new HostPort("::1", 9001),
                            secret("0123456789abcdef"),
                            new ManagementConfig.Metrics(false, "/prometheus", 7),
                            true,
                            new AdminUiConfig(
                                    true, URI.create("https://gate.example:8443"), AdminUiConfig.DataPort.LOOPBACK),
                            new OidcConfig(
                                    URI.create("https://id.example/realms/one"),
                                    "gateway",
                                    secret("s3cret-of-the-client"),
                                    List.of("openid", "groups"),
                                    "realm_access.roles",
                                    new OidcConfig.Roles(
                                            List.of("everyone"), List.of("on-call", "sre"), List.of("platform")))));
        }
    }

    @Nested
    class Tracing {
        @Test
        void hasTheDocumentedDefaults() {
            assertThat(Configs.of("").tracing()).isEqualTo(new TracingConfig(null, UNSET, 0.1, 100, "", true));
            assertThat(Configs.of("").tracing().active()).isFalse();
        }

        @Test
        void takesEveryValueFromTheFile() {
            TracingConfig read = Configs.of("""
                                    tracing:
                                      otlp: http://collector.example.com:4318
                                      allow_http: true
                                      headers: "x-key=a b, other=c=d"
                                      sampling: 0.25
                                      client_traces_per_second: 7
                                      service_name: edge.blue
                                      to_provider: false
                                    """).tracing();
            assertThat(read)
                    .isEqualTo(new TracingConfig(
                            URI.create("http://collector.example.com:4318/v1/traces"),
                            secret("x-key=a b, other=c=d"),
                            0.25,
                            7,
                            "edge.blue",
                            false));
            assertThat(read.headersByName()).isEqualTo(Map.of("x-key", "a b", "other", "c=d"));
        }

        @Test
        void keepsAPathThatTheCollectorHas() {
            assertThat(Configs.of("tracing: {otlp: 'https://c.example.com/otlp/v1/traces'}")
                            .tracing()
                            .otlp())
                    .hasToString("https://c.example.com/otlp/v1/traces");
        }
    }

    @Nested
    class Mesh {
        @Test
        void hasTheDocumentedDefaults() {
            assertThat(Configs.of("").mesh())
                    .isEqualTo(new MeshConfig(
                            "default",
                            new MeshConfig.Discovery(MeshConfig.DiscoveryMode.NONE, List.of(), null),
                            new MeshConfig.EventBus(new HostPort("0.0.0.0", 7800), null, null),
                            5701));
        }

        @Test
        void takesEveryValueFromTheFile() {
            assertThat(Configs.of("""
                mesh:
                  name: blue
                  discovery: { mode: tcp, members: ["10.0.0.1:5701", "[fd00::1]:5702"], service_dns: mesh.svc }
                  event_bus:
                    listen: 127.0.0.1:7801
                    public_host: node-1
                    tls: { ca: /etc/ca.pem, cert: /etc/cert.pem, key: /etc/key.pem }
                  hazelcast: { port: 0 }
                """).mesh())
                    .isEqualTo(new MeshConfig(
                            "blue",
                            new MeshConfig.Discovery(
                                    MeshConfig.DiscoveryMode.TCP,
                                    List.of(new HostPort("10.0.0.1", 5701), new HostPort("fd00::1", 5702)),
                                    "mesh.svc"),
                            new MeshConfig.EventBus(
                                    new HostPort("127.0.0.1", 7801),
                                    "node-1",
                                    new MeshConfig.Tls(
                                            Path.of("/etc/ca.pem"), Path.of("/etc/cert.pem"), Path.of("/etc/key.pem"))),
                            0));
        }
    }

    @Nested
    class Stores {
        @Test
        void haveTheDocumentedDefaults() {
            assertThat(Configs.of("").redis()).isEqualTo(new RedisConfig(UNSET, false));
            assertThat(Configs.of("").storage())
                    .isEqualTo(new StorageConfig(Path.of("data"), StorageConfig.Driver.SQLITE, null, null, UNSET, 10));
        }

        @Test
        void takeEveryValueFromTheFile() {
            LatticegateConfig config = Configs.of("""
                redis: { url: "rediss://:pw@redis:6380/2", durable: true }
                storage:
                  dir: /var/lib/latticegate
                  driver: postgresql
                  url: postgresql://db:5433/lattice?sslmode=verify-full
                  user: lg
                  password: pw
                  pool_size: 3
                """);
            assertThat(config.redis().connectionString()).isEqualTo("rediss://:pw@redis:6380/2");
            assertThat(config.redis().durable()).isTrue();
            assertThat(config.storage())
                    .isEqualTo(new StorageConfig(
                            Path.of("/var/lib/latticegate"),
                            StorageConfig.Driver.POSTGRESQL,
                            "jdbc:postgresql://db:5433/lattice?sslmode=verify-full",
                            "lg",
                            secret("pw"),
                            3));
        }
    }

    @Nested
    class AuthAndTokens {
        @Test
        void haveTheDocumentedDefaults() {
            assertThat(Configs.of("").auth()).isEqualTo(new AuthConfig(AuthConfig.Mode.GATEWAY, UNSET));
            assertThat(Configs.of("").tokens())
                    .isEqualTo(new TokensConfig(Duration.ofMinutes(525_600), Duration.ofMinutes(1_440)));
        }

        @Test
        void takeEveryValueFromTheFile() {
            LatticegateConfig config = Configs.of("""
                auth: { mode: hybrid, token_pepper: 0123456789abcdef0123456789abcdef }
                tokens: { max_duration: 2h, default_duration: 90m }
                """);
            assertThat(config.auth())
                    .isEqualTo(new AuthConfig(AuthConfig.Mode.HYBRID, secret("0123456789abcdef0123456789abcdef")));
            assertThat(config.tokens()).isEqualTo(new TokensConfig(Duration.ofHours(2), Duration.ofMinutes(90)));
        }
    }

    @Nested
    class Relay {
        @Test
        void hasTheDocumentedDefaults() {
            assertThat(Configs.of("").relay())
                    .isEqualTo(new RelayConfig(
                            true,
                            new RelayConfig.Domain("LLM Relay Service", "1", List.of(1L)),
                            new RelayConfig.VaultDomain("LLM Relay Vault", "1"),
                            new RelayConfig.Nonce(RelayConfig.NonceMode.WINDOW, Duration.ofSeconds(3_600)),
                            Duration.ofSeconds(300),
                            Duration.ofSeconds(300),
                            10,
                            new RelayConfig.Vault(Duration.ofSeconds(86_400), true, true),
                            Map.of(
                                    "gpt-",
                                    "openai",
                                    "o1-",
                                    "openai",
                                    "o3-",
                                    "openai",
                                    "o4-",
                                    "openai",
                                    "claude-",
                                    "anthropic",
                                    "gemini-",
                                    "gemini",
                                    "command-",
                                    "cohere")));
        }

        @Test
        void takesEveryValueFromTheFile() {
            assertThat(Configs.of("""
                relay:
                  enabled: false
                  domain: { name: A, version: "2", chain_ids: [1, 8453] }
                  vault_domain: { name: B, version: "3" }
                  nonce: { mode: strict, window: 64, retention: 2h }
                  timestamp_tolerance: 10s
                  future_tolerance: 60s
                  rate_limit_per_minute: 99
                  vault: { ttl: 5s, refresh_on_use: false, allow_legacy_store: false }
                  provider_prefixes: { "my-": anthropic }
                """).relay())
                    .isEqualTo(new RelayConfig(
                            false,
                            new RelayConfig.Domain("A", "2", List.of(1L, 8453L)),
                            new RelayConfig.VaultDomain("B", "3"),
                            new RelayConfig.Nonce(RelayConfig.NonceMode.STRICT, Duration.ofHours(2)),
                            Duration.ofSeconds(10),
                            Duration.ofSeconds(60),
                            99,
                            new RelayConfig.Vault(Duration.ofSeconds(5), false, false),
                            Map.of("my-", "anthropic")));
        }
    }

    @Nested
    class Encryption {
        private static final String KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

        @Test
        void hasNoKeysByDefault() {
            assertThat(Configs.of("").encryption()).isEqualTo(new EncryptionConfig(List.of(), ""));
        }

        @Test
        void takesEveryValueFromTheFile() {
            EncryptionConfig encryption = Configs.of(
                            """
                            encryption:
                              keys: [ { id: old, source: "env:OLD" }, { id: new, source: "env:NEW" } ]
                              active: new
                              required: true
                            """, Map.of("OLD", KEY, "NEW", KEY.replace('A', 'B').substring(0, 43)))
                    .encryption();
            assertThat(encryption.active()).isEqualTo("new");
            assertThat(encryption.keys()).extracting(EncryptionKey::id).containsExactly("old", "new");
            assertThat(encryption.keys()).extracting(EncryptionKey::source).containsExactly("env:OLD", "env:NEW");
            byte[] material = encryption.keys().getFirst().material().require().expose(byte[]::clone);
            assertThat(material).hasSize(32).startsWith(0, 1, 2).endsWith(30, 31);
        }
    }

    @Nested
    class Others {
        @Test
        void haveTheDocumentedDefaults() {
            LatticegateConfig config = Configs.of("");
            assertThat(config.profile()).isEqualTo("production");
            assertThat(config.audit())
                    .isEqualTo(new AuditConfig(
                            Path.of("data/journal"),
                            8L << 20,
                            1L << 30,
                            Duration.ofMillis(5),
                            Durability.PROCESS,
                            ConfiguredSecret.unset(),
                            Duration.ofDays(90),
                            new AuditExportConfig(null, null, null)));
            assertThat(config.logging())
                    .isEqualTo(new LoggingConfig(LoggingConfig.Level.INFO, LoggingConfig.Format.JSON, Map.of()));
            assertThat(config.fhe())
                    .isEqualTo(new FheConfig(
                            false,
                            new HostPort("0.0.0.0", 8090),
                            List.of(),
                            Path.of("data/fhe"),
                            Duration.ofHours(24),
                            Duration.ofMinutes(30),
                            1L << 30,
                            new FheConfig.Uploads(8, Duration.ofMinutes(15), 256),
                            new FheConfig.Queue(256, 512L << 20, 0, Duration.ofMinutes(5)),
                            new FheConfig.Quota(64, 8L << 30),
                            new FheConfig.Heads(32, 256L << 20),
                            new FheConfig.Indexes(64, 16L << 30, 32),
                            new FheConfig.Cache(64L << 20, Duration.ofMinutes(10)),
                            new FheConfig.Accelerator(FheConfig.Accelerator.Kind.CPU, 0, 8L << 30)));
        }

        @Test
        void takeEveryValueFromTheFile() {
            LatticegateConfig config = Configs.of("""
                    profile: staging
                    audit:
                      dir: /j
                      segment_size: 1MiB
                      max_size: 8MiB
                      sync_interval: 1s
                      durability: disk
                      retention: 0d
                      export:
                        syslog: { address: "siem.example.com:6514", ca: /ca.pem, format: jsonl, timeout: 3s }
                        webhook: { url: "https://siem.example.com/in", timeout: 2s }
                        otlp: { url: "https://collector.example.com", headers: "x-key=a b", service_name: audit, timeout: 4s }
                    logging: { level: debug, format: text, components: { io.latticegate.vault: trace } }
                    fhe:
                      enabled: true
                      listen: "127.0.0.1:0"
                      dir: /f
                      key_ttl: 1h
                      grace: 0s
                      max_upload: 2GiB
                      uploads: { max_concurrent: 2, timeout: 1m, open_keys: 3 }
                      queue: { size: 4, memory: 1GiB, workers: 5, max_deadline: 10s }
                      quota: { sessions: 6, storage: 3GiB }
                      heads: { per_project: 7, memory: 64MiB }
                      indexes: { per_project: 7, storage: 4GiB, open: 8 }
                      cache: { bytes: 2MiB, ttl: 30s }
                      accelerator: { kind: auto, device_id: 2, memory_limit: 4GiB }
                    """);
            assertThat(config.profile()).isEqualTo("staging");
            assertThat(config.audit())
                    .isEqualTo(new AuditConfig(
                            Path.of("/j"),
                            1L << 20,
                            8L << 20,
                            Duration.ofSeconds(1),
                            Durability.DISK,
                            ConfiguredSecret.unset(),
                            Duration.ZERO,
                            new AuditExportConfig(
                                    new AuditExportConfig.Syslog(
                                            new HostPort("siem.example.com", 6514),
                                            Path.of("/ca.pem"),
                                            null,
                                            null,
                                            AuditExportConfig.Format.JSONL,
                                            Duration.ofSeconds(3)),
                                    new AuditExportConfig.Webhook(
                                            new SignedWebhookConfig(
                                                    URI.create("https://siem.example.com/in"),
                                                    ConfiguredSecret.unset(),
                                                    Duration.ofSeconds(2),
                                                    false),
                                            AuditExportConfig.Format.OCSF),
                                    new OtlpLogsConfig(
                                            URI.create("https://collector.example.com/v1/logs"),
                                            ConfiguredSecret.of(Secret.ofText("x-key=a b")),
                                            "audit",
                                            Duration.ofSeconds(4),
                                            false))));
            assertThat(config.logging())
                    .isEqualTo(new LoggingConfig(
                            LoggingConfig.Level.DEBUG,
                            LoggingConfig.Format.TEXT,
                            Map.of("io.latticegate.vault", LoggingConfig.Level.TRACE)));
            assertThat(config.fhe())
                    .isEqualTo(new FheConfig(
                            true,
                            new HostPort("127.0.0.1", 0),
                            List.of(),
                            Path.of("/f"),
                            Duration.ofHours(1),
                            Duration.ZERO,
                            2L << 30,
                            new FheConfig.Uploads(2, Duration.ofMinutes(1), 3),
                            new FheConfig.Queue(4, 1L << 30, 5, Duration.ofSeconds(10)),
                            new FheConfig.Quota(6, 3L << 30),
                            new FheConfig.Heads(7, 64L << 20),
                            new FheConfig.Indexes(7, 4L << 30, 8),
                            new FheConfig.Cache(2L << 20, Duration.ofSeconds(30)),
                            new FheConfig.Accelerator(FheConfig.Accelerator.Kind.AUTO, 2, 4L << 30)));
        }

        @Test
        void journalFollowsTheStorageFolder() {
            assertThat(Configs.of("storage: { dir: /x }").audit().dir()).isEqualTo(Path.of("/x/journal"));
        }
    }
}
