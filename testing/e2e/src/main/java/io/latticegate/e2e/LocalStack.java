package io.latticegate.e2e;

import io.latticegate.admin.AdminService;
import io.latticegate.admin.audit.AuditEvent;
import io.latticegate.admin.audit.AuditFilter;
import io.latticegate.admin.audit.AuditQuery;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.admin.subject.SealingKey;
import io.latticegate.auth.AuthService;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.config.ConfigLoader;
import io.latticegate.common.config.LoadedConfig;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.Endpoint;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.crypto.Hpke;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.service.Service;
import io.latticegate.common.service.ServiceProcess;
import io.latticegate.common.service.Stores;
import io.latticegate.common.store.Database;
import io.latticegate.common.value.AccessToken;
import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.SealedSecret;
import io.latticegate.common.value.Secret;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.fhe.app.FheService;
import io.latticegate.proxy.ProxyService;
import io.latticegate.testing.Await;
import io.latticegate.testing.FakeProvider;
import io.latticegate.vault.VaultService;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Every service in this JVM, on free ports of 127.0.0.1 and with a folder of its own, in front of three {@link FakeProvider}s
 * that take nothing but the gateway's own keys. Logs are not part of it: the JVM decides where they go.
 */
public final class LocalStack implements AutoCloseable {
    /** The gateway's key for the provider {@code openai}. */
    public static final String OPENAI_KEY = "sk-gateway-openai-0001";

    /** The gateway's key for the provider {@code anthropic}. */
    public static final String ANTHROPIC_KEY = "sk-ant-gateway-0001";

    /** The gateway's key for the provider {@code gemini}. */
    public static final String GEMINI_KEY = "AIzaGatewayGemini0001";

    /** Bearer token of the management port. */
    public static final String MANAGEMENT_TOKEN = "management-token-of-the-local-stack";

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long TOKEN_MINUTES = 60;

    private final Path folder;
    private final boolean folderIsOurs;
    private final FakeProvider openai;
    private final FakeProvider anthropic;
    private final FakeProvider gemini;
    private final ProxyService proxy;
    private final FheService fhe;
    private final ServiceProcess process;
    private final Database audit;
    private final Sealing sealing;
    private final SecureRandom random = new SecureRandom();

    private LocalStack(
            Path folder,
            boolean folderIsOurs,
            FakeProvider openai,
            FakeProvider anthropic,
            FakeProvider gemini,
            LoadedConfig loaded,
            ProxyService proxy,
            FheService fhe,
            ServiceProcess process) {
        this.folder = folder;
        this.folderIsOurs = folderIsOurs;
        this.openai = openai;
        this.anthropic = anthropic;
        this.gemini = gemini;
        this.proxy = proxy;
        this.fhe = fhe;
        this.process = process;
        this.audit = Database.open("audit", Stores.location(loaded.config().storage()));
        try (Secret key = SealingKey.of(loaded.config(), random)) {
            this.sealing = new Sealing(key, audit.dialect(), random);
        }
    }

    /** Starts with the defaults. */
    public static LocalStack start() {
        return with().start();
    }

    /** What differs from the defaults. */
    public static Builder with() {
        return new Builder();
    }

    /** Collects settings; everything not set is a default that suits tests. */
    public static final class Builder {
        private final Map<String, Object> settings = new LinkedHashMap<>();
        private String yaml = "";
        private @Nullable Path folder;

        private Builder() {}

        /** YAML that wins over the defaults of the stack. */
        public Builder yaml(String text) {
            yaml = text;
            return this;
        }

        /** One setting by its dotted path, above everything else. */
        public Builder setting(String path, Object value) {
            settings.put(path, value);
            return this;
        }

        /** A folder that outlives the stack, so that a second one finds the first one's data. */
        public Builder folder(Path kept) {
            folder = kept;
            return this;
        }

        /** Starts the providers and all services. */
        public LocalStack start() {
            FakeProvider openai = FakeProvider.start().acceptOnly(OPENAI_KEY);
            FakeProvider anthropic = FakeProvider.start().acceptOnly(ANTHROPIC_KEY);
            FakeProvider gemini = FakeProvider.start().acceptOnly(GEMINI_KEY);
            Path data = folder == null ? temporaryFolder() : folder;
            ServiceProcess process = null;
            try {
                LoadedConfig loaded = load(data, openai, anthropic, gemini);
                loaded.config().validateFor(ServiceRole.values());
                ProxyService proxy = new ProxyService();
                FheService fhe = new FheService();
                List<Service> services = List.of(new AdminService(), new VaultService(), new AuthService(), fhe, proxy);
                process = ServiceProcess.start(loaded.config(), services, InstantSource.system());
                return new LocalStack(data, folder == null, openai, anthropic, gemini, loaded, proxy, fhe, process);
            } catch (RuntimeException failure) {
                if (process != null) {
                    process.close();
                }
                openai.close();
                anthropic.close();
                gemini.close();
                throw failure;
            }
        }

        private LoadedConfig load(Path data, FakeProvider openai, FakeProvider anthropic, FakeProvider gemini) {
            ConfigLoader loader = ConfigLoader.in(data.resolve("config"))
                    .fallback("profile", "standalone")
                    .fallback("server.host", "127.0.0.1")
                    .fallback("server.port", 0)
                    .fallback("server.timeouts.drain", "2s")
                    .fallback("management.listen", "127.0.0.1:0")
                    .fallback("fhe.listen", "127.0.0.1:0")
                    .fallback("storage.dir", data.toString())
                    .fallback("auth.token_pepper", secret("pepper"))
                    .fallback("management.management_token", MANAGEMENT_TOKEN)
                    .fallback("encryption.keys", List.of(Map.of("id", "local", "source", "file:" + keyFile(data))))
                    .fallback("audit.sealing_key", "file:" + keyFile(data))
                    .fallback("providers.openai.base_url", openai.url() + "/v1")
                    .fallback("providers.openai.allow_http", true)
                    .fallback("providers.openai.allow_private", true)
                    .fallback("providers.openai.api_key", OPENAI_KEY)
                    .fallback("providers.anthropic.base_url", anthropic.url())
                    .fallback("providers.anthropic.allow_http", true)
                    .fallback("providers.anthropic.allow_private", true)
                    .fallback("providers.anthropic.api_key", ANTHROPIC_KEY)
                    .fallback("providers.gemini.base_url", gemini.url() + "/v1beta")
                    .fallback("providers.gemini.allow_http", true)
                    .fallback("providers.gemini.allow_private", true)
                    .fallback("providers.gemini.api_key", GEMINI_KEY)
                    .fallback("providers.echo.enabled", true);
            settings.forEach(loader::override);
            return (yaml.isEmpty() ? loader : loader.yaml(yaml)).load();
        }
    }

    /** Root of the data port, without a path. */
    public String url() {
        return "http://127.0.0.1:" + port();
    }

    public URI uri(String path) {
        return URI.create(url() + path);
    }

    /** The data port. */
    public int port() {
        return proxy.port();
    }

    /** Root of the data port of encrypted compute. */
    public String fheUrl() {
        return "http://127.0.0.1:" + fhe.port();
    }

    /** Root of the management port. */
    public String managementUrl() {
        return "http://127.0.0.1:" + process.managementPort();
    }

    public FakeProvider openai() {
        return openai;
    }

    public FakeProvider anthropic() {
        return anthropic;
    }

    public FakeProvider gemini() {
        return gemini;
    }

    public ServiceProcess process() {
        return process;
    }

    /** Holds stores and journal. */
    public Path folder() {
        return folder;
    }

    /** A project and a token of it that may do everything. */
    public String token() {
        return token(project("tests"), Allowance.WITHOUT_LIMIT);
    }

    /** Creates a project and gives its id. */
    public String project(String name) {
        return switch (ask(AuthApi.CREATE_PROJECT, new AuthApi.CreateProject(name))) {
            case AuthApi.ProjectReply.Found(AuthApi.Project project) -> project.id();
            case AuthApi.ProjectReply.NotFound _, AuthApi.ProjectReply.ProjectChanged _ ->
                throw new AssertionError("no project was created");
        };
    }

    /** Creates a token that lives an hour. */
    public String token(String projectId, Allowance limits) {
        try (AccessToken token = AccessToken.create(random)) {
            AuthApi.TokenReply reply = ask(
                    AuthApi.CREATE_TOKEN,
                    new AuthApi.CreateToken(projectId, token.digest(), token.obfuscated(), TOKEN_MINUTES, limits));
            if (!(reply instanceof AuthApi.TokenReply.Found)) {
                throw new AssertionError("no token was created: " + reply);
            }
            return token.expose(text -> new String(text, StandardCharsets.US_ASCII));
        }
    }

    /** The only token of a project, with its counters. */
    public AuthApi.Token tokenOf(String projectId) {
        return ask(AuthApi.LIST_TOKENS, new AuthApi.ListTokens(projectId, false, null))
                .tokens()
                .getFirst();
    }

    /** Puts a project's provider key into the vault, as the management API does. */
    public void storeKey(String projectId, String provider, String key) {
        storeKey(projectId, provider, VaultApi.DEFAULT_KEY, 1, key);
    }

    /** Puts one of several provider keys of a project into the vault, as the management API does. */
    public void storeKey(String projectId, String provider, String name, int weight, String key) {
        VaultApi.Owner owner = VaultApi.Owner.project(projectId);
        MeshBus bus = process.bus(ServiceRole.ADMIN);
        VaultApi.TransportKey transport = await(
                        bus.askSigned(VaultApi.TRANSPORT_KEY, new VaultApi.TransportKeyRequest()))
                .reply();
        SealedSecret sealed;
        try (Secret secret = Secret.ofText(key)) {
            sealed = Hpke.seal(
                    transport.publicKey(),
                    VaultApi.storeContext(owner, provider).getBytes(StandardCharsets.UTF_8),
                    new byte[0],
                    secret);
        }
        VaultApi.StoreKeyReply reply = await(bus.askSigned(
                        VaultApi.STORE_KEY,
                        new VaultApi.StoreKey(owner, provider, name, weight, transport.id(), sealed, null)))
                .reply();
        if (!(reply instanceof VaultApi.Stored)) {
            throw new AssertionError("the key was not stored: " + reply);
        }
    }

    /** Asks as proxy-service does. */
    public <Q extends Record, R> R ask(Endpoint<Q, R> endpoint, Q question) {
        return await(process.bus(ServiceRole.PROXY).ask(endpoint, question));
    }

    /** The stored entries about one request, oldest first, once its end is among them. */
    public List<AuditRecord> audit(String requestId) {
        return Await.value(PATIENCE, "the end of " + requestId + " in the audit", () -> {
            List<AuditRecord> records = auditEntries().stream()
                    .filter(entry -> entry.requestId().equals(requestId))
                    .toList();
            boolean ended = records.stream().anyMatch(entry -> entry.phase() == AuditPhase.END);
            return ended ? Optional.of(records) : Optional.empty();
        });
    }

    /** The end of a request as the audit has it. */
    public AuditRecord auditEnd(String requestId) {
        return audit(requestId).stream()
                .filter(entry -> entry.phase() == AuditPhase.END)
                .findFirst()
                .orElseThrow();
    }

    /** The ends of all requests that have reached the audit, oldest first. */
    public List<AuditRecord> auditEnds() {
        return auditEntries().stream()
                .filter(entry -> entry.phase() == AuditPhase.END)
                .toList();
    }

    /** Every entry that has reached the audit, oldest first. */
    public List<AuditRecord> auditEntries() {
        return audit.read(connection -> {
            List<AuditEvent> events = new java.util.ArrayList<>();
            for (int page = 1; ; page++) {
                var found = AuditQuery.list(connection, sealing, AuditFilter.ALL.page(page, AuditFilter.MAX_PAGE_SIZE));
                events.addAll(found.events());
                if (!found.hasNext()) {
                    return events.reversed().stream().map(AuditEvent::record).toList();
                }
            }
        });
    }

    /** Drains and stops everything, and deletes the folder unless it was given. */
    @Override
    public void close() {
        process.close();
        audit.close();
        sealing.close();
        openai.close();
        anthropic.close();
        gemini.close();
        if (folderIsOurs) {
            delete(folder);
        }
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    private static String secret(String purpose) {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return purpose + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Path keyFile(Path data) {
        Path file = data.resolve("vault-key");
        try {
            Files.createDirectories(data);
            if (!Files.exists(file)) {
                byte[] key = new byte[32];
                new SecureRandom().nextBytes(key);
                Files.writeString(file, Base64.getEncoder().encodeToString(key) + "\n");
                Files.setPosixFilePermissions(
                        file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
            }
            return file;
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot write " + file, fault);
        }
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("latticegate-stack-");
        } catch (IOException fault) {
            throw new UncheckedIOException("no temporary folder", fault);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot delete " + folder, fault);
        }
    }
}
