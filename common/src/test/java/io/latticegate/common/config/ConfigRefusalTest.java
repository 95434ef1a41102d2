package io.latticegate.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused, and what the message says. */
class ConfigRefusalTest {
    @Test
    void namesPathLineAndNearestKeyForAnUnknownKey() {
        assertThat(Configs.refusal("profile: x\nserver:\n  prot: 1\n"))
                .contains("server.prot (text:3): unknown key; did you mean server.port?");
    }

    @Test
    void doesNotRepeatAKeyThatIsNoWordSinceItMayBeASecretInTheWrongPlace() {
        assertThat(Configs.refusal("providers:\n  openai:\n    sk-proj-0123456789abcdef: 1\n"))
                .contains("providers.openai.(not a plain word) (text:3): unknown key")
                .doesNotContain("sk-proj");
    }

    @Test
    void listsTheKnownKeysWhereNoneIsNear() {
        assertThat(Configs.refusal("fhe: { quantum: 1 }")).contains("known here are enabled, listen");
    }

    @Test
    void saysThatAKeyIsNotAvailableInThisVersion() {
        assertThat(Configs.refusal("audit:\n  hash_chain: true\n"))
                .contains("audit.hash_chain (text:2): audit.hash_chain is not available in this version");
        assertThat(Configs.refusal("providers: { openai: { capabilities: [chat] } }"))
                .contains("providers.openai.capabilities is not available in this version");
    }

    @Test
    void refusesAlertsAndExportsThatAreOutOfBounds() {
        assertThat(Configs.refusal("audit: { retention: 36h }")).contains("audit.retention", "whole days");
        assertThat(Configs.refusal("audit: { retention: 4000d }")).contains("audit.retention");
        assertThat(Configs.refusal("audit: { export: { webhook: { url: 'http://127.0.0.1/x' } } }"))
                .contains("audit.export.webhook.url", "http");
        assertThat(Configs.refusal("audit: { export: { webhook: { url: 'https://169.254.169.254/x' } } }"))
                .contains("audit.export.webhook.url");
        assertThat(Configs.refusal("audit: { export: { syslog: { certificate: /c.pem } } }"))
                .contains("audit.export.syslog.key", "together with certificate");
        assertThat(Configs.refusal("audit: { export: { otlp: { url: 'http://127.0.0.1:4318', allow_http: true } } }"))
                .contains("audit.export.otlp.url", "allow_private: true");
        assertThat(Configs.refusal("audit: { export: { otlp: { url: 'https://10.0.0.1' } } }"))
                .contains("audit.export.otlp.url");
        assertThat(Configs.refusal("audit: { export: { otlp: {} } }")).contains("audit.export.otlp.url");
        assertThat(Configs.refusal("audit: { export: { otlp: { url: 'https://c.example.com', headers: 'none' } } }"))
                .contains("audit.export.otlp.headers", "must read name=value");
        assertThat(Configs.refusal(
                        "audit: { export: { otlp: { url: 'https://c.example.com', service_name: 'a b' } } }"))
                .contains("audit.export.otlp.service_name");
        assertThat(Configs.refusal("alerts: { rules: { own: { kind: error_rate, threshold: 2 } } }"))
                .contains("alerts.rules.own.threshold", "share");
        assertThat(Configs.refusal("alerts: { rules: { own: { window: 90s } } }"))
                .contains("alerts.rules.own.window", "whole minutes");
        assertThat(Configs.refusal("alerts: { webhooks: { p: { url: 'https://x.example.com', secret: short } } }"))
                .contains("alerts.webhooks.p.secret", "16 bytes");
    }

    @Test
    void reportsEveryMistakeAtOnce() {
        assertThat(Configs.refusal(
                        "server: { port: abc, hots: x }\nfhe: { enabled: maybe }\nstorage: { pool_size: 0 }"))
                .contains("server.port", "server.hots", "fhe.enabled", "storage.pool_size");
    }

    @Test
    void neverShowsASecret() {
        assertThat(Configs.refusal("management: { management_token: short-canary }"))
                .contains("management.management_token (text:1): is shorter than 16 bytes")
                .doesNotContain("canary");
        assertThat(Configs.refusal("redis: { url: 'http://:canary@x' }")).doesNotContain("canary");
        assertThat(Configs.refusal("storage: { driver: postgresql, url: 'postgresql://u:canary@db/x' }"))
                .contains("must hold neither user nor password")
                .doesNotContain("canary");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tracing: { otlp: 'http://c.example.com' }|is http; write https, or say tracing.allow_http: true",
                "tracing: { otlp: 'ftp://c.example.com' }|must begin with https:// or http://",
                "tracing: { otlp: 'https://u:p@c.example.com' }|credentials go into tracing.headers",
                "tracing: { headers: 'no-value' }|must read name=value",
                "tracing: { sampling: 1.5 }|is 1.5; allowed are 0 to 1",
                "tracing: { service_name: 'a b' }|letters, digits, dots, dashes",
                "server: { port: 65536 }|server.port (text:1): is 65536; allowed are 0 to 65535",
                "server: { port: -1 }|server.port (text:1): is -1; allowed are 0 to 65535",
                "server: { max_request_size: 1MB2 }|not a size",
                "server: { max_request_size: 2GiB }|allowed are 1KiB to 1GiB",
                "server: { max_request_size: 999999999999GiB }|too large",
                "server: { max_concurrent_requests: 0 }|allowed are 1 to 100000",
                "server: { timeouts: { connect: 30 } }|server.timeouts.connect (text:1): is \"30\", not a duration",
                "server: { timeouts: { connect: 2h } }|allowed are 1ms to 1h",
                "server: { trusted_proxies: [10.0.0.0/33] }|not a block of addresses",
                "server: { trusted_proxies: [example.com] }|not a block of addresses",
                "server: { timeouts: 5s }|server.timeouts (text:1): must be a mapping",
                "server: { port: [1] }|must be a single value",
                "management: { listen: nowhere }|not host:port",
                "management: { metrics: { path: metrics } }|must begin with a slash",
                "management: { admin_ui: { path: /ui } }|management.admin_ui.path is not available in this version",
                "management: { admin_ui: { origin: 'http://gate.example' } }|must be an origin such as",
                "management: { admin_ui: { origin: 'https://gate.example/admin' } }|must be an origin such as",
                "management: { admin_ui: { origin: 'https://me@gate.example' } }|must be an origin such as",
                "management: { admin_ui: { data_port: always } }|allowed are never | loopback",
                "management: { oidc: { issuer: 'http://id.example', client_id: a, roles: { admin: [x] } } }|management.oidc.issuer",
                "management: { oidc: { issuer: 'https://id.example', roles: { admin: [x] } } }|management.oidc.client_id",
                "management: { oidc: { issuer: 'https://id.example', client_id: a } }|nobody could sign in",
                "management: { oidc: { scopes: [profile] } }|management.oidc.scopes",
                "management: { oidc: { issuer: 'https://id.example', client_id: a, roles: { admin: [x] } } }|management.admin_ui.origin",
                "auth: { admins: ['0x00'] }|auth.admins is not available in this version",
                "mesh: { discovery: { mode: gossip } }|allowed are none | tcp | kubernetes",
                "mesh: { discovery: { mode: tcp } }|mesh.discovery.members",
                "mesh: { discovery: { mode: kubernetes } }|headless service",
                "mesh: { event_bus: { tls: { ca: /a } } }|ca, cert and key are given together",
                "mesh: { name: 'a b' }|mesh.name",
                "storage: { driver: mysql }|allowed are sqlite | postgresql",
                "storage: { driver: postgresql }|storage.url",
                "storage: { driver: postgresql, url: 'postgresql://db/x?password=p' }|neither user nor password",
                "auth: { token_pepper: short }|shorter than 32 bytes",
                "relay: { nonce: { retention: 5s } }|could be replayed",
                "relay: { domain: { chain_ids: [] } }|relay.domain.chain_ids",
                "relay: { domain: { chain_ids: [0] } }|relay.domain.chain_ids",
                "relay: { nonce: { retention: 600s } }|could be replayed",
                "relay: { domain: { chain_ids: [1, 1] } }|different",
                "relay: { provider_prefixes: { x-: opnai } }|did you mean openai?",
                "encryption: { required: false }|never stored unencrypted",
                "encryption: { active: k1 }|encryption.keys is empty",
                "encryption: { keys: [ { id: a } ] }|encryption.keys[0].source",
                "encryption: { keys: [ { id: a, source: 'pkcs11:x' } ] }|pkcs11:, which is not available in this"
                        + " version",
                "encryption: { keys: [ { id: a, source: x } ] }|must begin with file: or env:",
                "tokens: { max_duration: 1h }|tokens.default_duration",
                "providers: { openai: { base_url: 'http://api.openai.com' } }|use https",
                "providers: { openai: { base_url: 'http://8.8.8.8', allow_http: true, allow_private: true } }|use"
                        + " https",
                "providers: { openai: { base_url: 'http://169.254.169.254', allow_http: true, allow_private: true }"
                        + " }|a cloud's metadata address",
                "providers: { openai: { base_url: 'https://127.0.0.1' } }|allow_private: true",
                "providers: { openai: { base_url: 'https://0x7f.1' } }|four decimal numbers",
                "providers: { openai: { base_url: 'https://ollama:11434' } }|allow_private: true",
                "providers: { openai: { base_url: 'http://127.0.0.1', allow_http: true } }|allow_private: true",
                "providers: { openai: { base_url: 'https://api.openai.com:22' } }|only 80 and 443",
                "providers: { tools: { kind: generic } }|base_url",
                "providers: { openai: { auth: { header: X-Key } } }|is for providers of kind generic",
                "providers: { openai: { param_allowlist: { model: [x] } } }|is for providers of kind generic",
                "providers: { openai: { required_headers: [x-team] } }|is for providers of kind generic",
                "providers: { t: { kind: generic, base_url: 'https://x.example', auth: { header: Host } } }|carries a"
                        + " key",
                "providers: { t: { kind: generic, base_url: 'https://x.example', allowed_endpoints: [/a/../b] }"
                        + " }|exact paths",
                "providers: { t: { kind: generic, base_url: 'https://x.example', allowed_endpoints: ['/a*'] } }|exact"
                        + " paths",
                "providers: { echo: { allowed_endpoints: [/v1/models] } }|no API of its own",
                "{ providers: { t: { kind: generic, base_url: 'https://x.example' } }, models: { m: { provider: t } }"
                        + " }|serves no models",
                "providers: { openai: { base_url: 'http://127.0.0.1' } }|allow_http: true",
                "providers: { openai: { base_url: 'https://u:p@x.example' } }|without user, query and fragment",
                "providers: { openai: { base_url: 'ftp://x' } }|https://",
                "providers: { openai: { kind: bard } }|allowed are openai | anthropic | gemini | cohere | azure |",
                "providers: { azure: { api_key: k } }|base_url",
                "providers: { azure: { base_url: 'https://x.openai.azure.com', version: 2023 } }|a date such as",
                "providers: { t: { kind: tgi } }|is needed for a provider of kind tgi",
                "providers: { ollama: { api_key: k } }|allow_http: true",
                "providers: { openai: { allowed_methods: [TRACE] } }|providers.openai.allowed_methods",
                "providers: { openai: { allowed_endpoints: ['*'] } }|exact paths",
                "providers: { 'Open AI': {} }|1 to 40 of a-z",
                "providers: { vault: { kind: openai } }|belongs to the wallet relay",
                "server: { uploads: { max_size: 1GiB } }|server.uploads.max_size",
                "server: { uploads: { max_concurrent: 0 } }|server.uploads.max_concurrent",
                "security: { cors: { origins: ['*'] } }|* is not taken",
                "security: { cors: { origins: ['null'] } }|security.cors.origins",
                "security: { cors: { origins: ['https://a.example/'] } }|without a path",
                "security: { cors: { origins: ['https://A.example'] } }|in lower case",
                "security: { cors: { max_age: 2d } }|security.cors.max_age",
                "cache: { backend: redis }|never stored there unencrypted",
                "cache: { backend: disk }|allowed are memory | redis",
                "cache: { backend: redis, max_object_bytes: 8MiB, key: 'env:C' }|at most 4MiB",
                "cache: { key: abc }|cache.key",
                "privacy: { epsilon_per_query: 0 }|privacy.epsilon_per_query",
                "privacy: { epsilon_per_query: 0.0010001 }|6 decimal places",
                "privacy: { epsilon_per_query: 20 }|allowed is at least privacy.epsilon_per_query",
                "privacy: { delta: 0.5 }|privacy.delta",
                "privacy: { delta: 1e5 }|not a decimal number",
                "privacy: { composition: renyi }|allowed are sum | zcdp",
                "privacy: { epsilon: 1 }|privacy.epsilon",
                "cache: { backend_timeout: 3s }|cache.backend_timeout",
                "cache: { semantic: { threshold: 0.5 } }|cache.semantic.threshold",
                "cache: { semantic: { queue: 0 } }|cache.semantic.queue",
                "security: { guards: x }|security.guards (text:1): must be a mapping",
                "security: { guards: { default: pii } }|names the policy \"pii\"; under policies are []",
                "security: { guards: { models: { m: pii }, policies: { pii: {} } } }|which is not under models",
                "security: { guards: { policies: { 1x: {} } } }|a policy's name has",
                "security: { guards: { policies: { p: { recognisers: { cards: block } } } } }|may name",
                "security: { guards: { policies: { p: { recognisers: { card: delete } } } } }|allowed are block",
                "security: { guards: { policies: { p: { window: 100 } } } }|256 to 8192",
                "security: { guards: { policies: { p: { check: [answer], injection: { action: block } } } } }|prompt",
                "security: { guards: { policies: { p: { patterns: [ { name: own } ] } } } }|1 to 500",
                "security: { guards: { policies: { p: { patterns: [ { name: card, regex: x } ] } } } }|built-in",
                "security: { guards: { policies: { p: { words: [ { name: own } ] } } } }|1 to 10000",
                "security: { guards: { policies: { p: { webhook: { url: 'http://a.example' } } } } }|https://",
                "security: { guards: { policies: { p: { webhook: { url: 'https://a.example', secret: short } } } }"
                        + " }|16 bytes",
                "models: { m: { provider: nobody } }|models.m",
                "models: { m: {} }|names no provider",
                "models: { 'a*b': { provider: openai } }|* only at its end",
                "models: { 'a*': { provider: openai, upstream_model: x } }|not a prefix",
                "models: { m: { provider: openai, price_in: -1 } }|not a decimal number",
                "providers: { openai: { retry_count: 11 } }|0 to 10",
                "models: { m: { targets: [] } }|allowed are 1 to 16",
                "models: { m: { targets: [ { provider: nobody } ] } }|models.m",
                "models: { m: { provider: openai, targets: [ { provider: openai } ] } }|beside targets",
                "models: { m: { targets: [ { provider: openai }, { provider: openai } ] } }|twice",
                "models: { m: { targets: [ { provider: openai }, { provider: echo } ] } }|stand alone",
                "models: { m: { targets: [ { provider: openai, weight: 0 } ] } }|1 to 1000",
                "models: { 'm*': { targets: [ { provider: openai }, { provider: anthropic } ] } }|not a prefix",
                "models: { m: { provider: openai, aliases: [n] }, n: { provider: openai } }|another model's name",
                "models: { m: { provider: openai, aliases: ['n*'] } }|different ids",
                "routing: { strategy: cheapest }|allowed are round_robin | weighted | performance",
                "routing: { health_check_interval: 10ms }|at least 1s",
                "routing: { circuit_breaker: { failures: 0 } }|1 to 1000",
                "routing: { circuit_breaker: { scope: provider } }|not available",
                "routing: { retry_budget: 2 }|0 to 1",
                "audit: { segment_size: 1MiB, max_size: 1MiB }|at least three segments",
                "audit: { segment_size: 1000000, max_size: 9MiB }|multiple of 4KiB",
                "relay: { nonce: { window: 32 } }|must be 64",
                "audit: { durability: hope }|allowed are process | disk",
                "logging: { level: loud }|allowed are trace | debug | info | warn | error | off",
                "profile: ../../etc/passwd|profile",
            })
    void refusesWithAReason(String yaml, String reason) {
        assertThat(Configs.refusal(yaml)).contains(reason);
    }
}
