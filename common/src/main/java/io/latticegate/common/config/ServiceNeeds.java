package io.latticegate.common.config;

import static io.latticegate.common.value.ServiceRole.ADMIN;
import static io.latticegate.common.value.ServiceRole.AUTH;
import static io.latticegate.common.value.ServiceRole.FHE;
import static io.latticegate.common.value.ServiceRole.VAULT;

import io.latticegate.common.value.ServiceRole;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** What a service cannot start without, beyond values that are well formed. */
final class ServiceNeeds {
    private final LatticegateConfig config;
    private final Set<ServiceRole> roles;
    private final List<ConfigProblem> problems = new ArrayList<>();

    private ServiceNeeds(LatticegateConfig config, Set<ServiceRole> roles) {
        this.config = config;
        this.roles = roles;
    }

    static List<ConfigProblem> unmet(LatticegateConfig config, Set<ServiceRole> roles) {
        ServiceNeeds needs = new ServiceNeeds(config, roles);
        needs.checkSecrets();
        if (config.mesh().clustered()) {
            needs.checkClustered();
        }
        return needs.problems;
    }

    private void checkSecrets() {
        if (roles.contains(AUTH)) {
            require(config.auth().tokenPepper(), "auth.token_pepper", "auth-service hashes tokens with it");
        }
        if (roles.contains(ADMIN)) {
            require(
                    config.management().managementToken(),
                    "management.management_token",
                    "admin-service refuses every management request without it");
            ConfiguredSecret client = config.management().oidc().clientSecret();
            if (!client.equals(ConfiguredSecret.unset())) {
                require(client, "management.oidc.client_secret", "admin-service exchanges sign-ins with it");
            }
            requireAuditSecrets();
        }
        if (roles.contains(VAULT)) {
            if (config.encryption().keys().isEmpty()) {
                problem(
                        "encryption.keys",
                        "is empty; vault-service never stores a provider key unencrypted, so set a key here, or by"
                                + " VAULT_KEY, VAULT_KEY_PATH or ENCRYPTION_KEY");
            }
            for (EncryptionKey key : config.encryption().keys()) {
                require(key.material(), "encryption.keys." + key.id(), "vault-service may need it to open a record");
            }
        }
        if (stores()
                && config.storage().driver() == StorageConfig.Driver.POSTGRESQL
                && !config.storage().password().why().isEmpty()
                && !config.storage().password().equals(ConfiguredSecret.unset())) {
            require(config.storage().password(), "storage.password", "PostgreSQL asks for it");
        }
        if (roles.contains(ServiceRole.PROXY) && config.cache().shared()) {
            require(config.redis().url(), "redis.url", "cache.backend is redis");
            require(config.cache().key(), "cache.key", "proxy-service encrypts kept answers with it");
        }
        if (roles.contains(ServiceRole.PROXY)) {
            config.security().guards().policies().forEach((name, policy) -> {
                if (policy.webhook() != null) {
                    require(
                            policy.webhook().secret(),
                            "security.guards.policies." + name + ".webhook.secret",
                            "proxy-service signs what it asks the webhook with it");
                }
            });
        }
        for (ProviderConfig provider : config.providers().values()) {
            String path = "providers." + provider.name();
            requireWhereWritten(provider, provider.apiKey(), path + ".api_key");
            for (ProviderConfig.NamedKey key : provider.apiKeys()) {
                requireWhereWritten(provider, key.key(), path + ".api_keys." + key.name());
            }
        }
    }

    private void requireWhereWritten(ProviderConfig provider, ConfiguredSecret key, String path) {
        if (roles.contains(ServiceRole.PROXY)
                && provider.enabled()
                && !key.isSet()
                && !key.equals(ConfiguredSecret.unset())) {
            require(key, path, "proxy-service calls the provider with it");
        }
    }

    private void requireAuditSecrets() {
        AuditConfig audit = config.audit();
        boolean shared = config.storage().driver() == StorageConfig.Driver.POSTGRESQL;
        if (shared || !audit.sealingKey().equals(ConfiguredSecret.unset())) {
            require(
                    audit.sealingKey(),
                    "audit.sealing_key",
                    "admin-service seals personal data in the audit with it, and every instance that shares the store"
                            + " needs the same");
        }
        AuditExportConfig.Webhook webhook = audit.export().webhook();
        if (webhook != null) {
            require(webhook.to().secret(), "audit.export.webhook.secret", "what is sent is signed with it");
        }
        OtlpLogsConfig otlp = audit.export().otlp();
        if (otlp != null && !otlp.headers().equals(ConfiguredSecret.unset())) {
            require(otlp.headers(), "audit.export.otlp.headers", "they are sent to the collector with the audit");
        }
        config.alerts()
                .webhooks()
                .forEach((name, alerted) -> require(
                        alerted.secret(), "alerts.webhooks." + name + ".secret", "what is sent is signed with it"));
    }

    private boolean stores() {
        return !Collections.disjoint(roles, Set.of(AUTH, VAULT, ADMIN, FHE));
    }

    private void checkClustered() {
        if (roles.contains(AUTH)) {
            require(
                    config.redis().url(),
                    "redis.url",
                    "the mesh is clustered (mesh.discovery.mode), and without a shared store each process would count"
                            + " and accept nonces for itself");
        }
        if (stores() && config.storage().driver() != StorageConfig.Driver.POSTGRESQL) {
            problem(
                    "storage.driver",
                    "is sqlite, but the mesh is clustered (mesh.discovery.mode); a SQLite file belongs to one process,"
                            + " so instances would each see other tokens, keys, audit entries and budgets; use"
                            + " postgresql");
        }
        MeshConfig.Tls tls = config.mesh().eventBus().tls();
        if (tls == null) {
            problem(
                    "mesh.event_bus.tls",
                    "is not set, but the mesh is clustered (mesh.discovery.mode); without mutual TLS whoever reaches"
                            + " the port could ask and answer on the event bus; give ca, cert and key");
            return;
        }
        requireFile("mesh.event_bus.tls.ca", tls.ca());
        requireFile("mesh.event_bus.tls.cert", tls.cert());
        requireFile("mesh.event_bus.tls.key", tls.key());
    }

    private void require(ConfiguredSecret secret, String path, String because) {
        if (!secret.isSet()) {
            problem(path, secret.why() + "; " + because);
        }
    }

    private void requireFile(String path, Path file) {
        if (!Files.isReadable(file)) {
            problem(path, "names the file " + file + ", which cannot be read");
        }
    }

    private void problem(String path, String message) {
        problems.add(new ConfigProblem(path, "", message));
    }
}
