package io.latticegate.standalone;

import io.latticegate.admin.AdminService;
import io.latticegate.auth.AuthService;
import io.latticegate.common.config.ConfigException;
import io.latticegate.common.config.ConfigLoader;
import io.latticegate.common.config.LoadedConfig;
import io.latticegate.common.service.Service;
import io.latticegate.common.service.ServiceMain;
import io.latticegate.common.service.ServiceProcess;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.fhe.app.FheService;
import io.latticegate.proxy.ProxyService;
import io.latticegate.vault.VaultService;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code latticegate up}: every service in this process, stores and secrets in one folder, and a token to begin with.
 * What a person reads goes to standard output, its last line being {@code ready URL}; logs go to standard error.
 */
public final class StandaloneMain {
    private static final Logger LOG = LoggerFactory.getLogger(StandaloneMain.class);
    private static final int EXIT_CONFIG = 2;

    static void main(String[] args) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        SecureRandom random = new SecureRandom();
        DataFolder data;
        LoadedConfig loaded;
        try {
            UpArguments arguments = UpArguments.parse(args);
            data = new DataFolder(arguments.data(), random);
            loaded = load(arguments, data);
            loaded.config().validateFor(ServiceRole.values());
            if (loaded.config().mesh().clustered()) {
                throw new IllegalArgumentException(
                        "mesh.discovery.mode is set, but `up` runs all services in one process; start the services one"
                                + " by one, or use `up --mesh`");
            }
        } catch (ConfigException | IllegalArgumentException | IOException wrong) {
            LOG.error("cannot start: {}", wrong.getMessage());
            System.exit(EXIT_CONFIG);
            return;
        }
        ProxyService proxy = new ProxyService();
        List<Service> services = new ArrayList<>(List.of(new AdminService(), new VaultService(), new AuthService()));
        if (loaded.config().fhe().enabled()) {
            services.add(new FheService());
        }
        services.add(proxy);
        ServiceMain.runUntilSignal(loaded, services, process -> announce(out, loaded, data, process, proxy, random));
    }

    /** Secrets that the operator does not give are made once and kept in the data folder. */
    private static LoadedConfig load(UpArguments arguments, DataFolder data) throws IOException {
        ConfigLoader loader = ConfigLoader.in(Path.of("config"))
                .environment(System.getenv())
                .fallback("profile", "standalone")
                .fallback("server.host", "127.0.0.1")
                .fallback("management.listen", "127.0.0.1:8081")
                .fallback("management.admin_ui.data_port", "loopback")
                .fallback("fhe.listen", "127.0.0.1:8090")
                .fallback("storage.dir", data.path().toString())
                .fallback("auth.token_pepper", "file:" + data.secret("token-pepper"))
                .fallback("management.management_token", "file:" + data.secret("management-token"))
                .fallback("audit.sealing_key", "file:" + data.key("audit-key"))
                .fallback("encryption.keys", List.of(Map.of("id", "local", "source", "file:" + data.key("vault-key"))))
                .fallback("fhe.enabled", true)
                .fallback("providers.echo.enabled", true)
                .fallback("models.echo.provider", "echo");
        Path config = arguments.config();
        return (config == null ? loader : loader.file(config)).load();
    }

    private static void announce(
            PrintStream out,
            LoadedConfig loaded,
            DataFolder data,
            ServiceProcess process,
            ProxyService proxy,
            SecureRandom random) {
        String token;
        try {
            token = DemoToken.ready(data, process.bus(ServiceRole.ADMIN), random);
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
        String host = loaded.config().server().host().equals("0.0.0.0")
                ? "127.0.0.1"
                : loaded.config().server().host();
        String url = "http://" + host + ":" + proxy.port();
        out.println("Data and secrets: " + data.path());
        out.println("Management:       http://" + loaded.config().management().listen() + "/manage (token in "
                + data.file("management-token") + ")");
        if (loaded.config().management().adminUi().enabled()) {
            boolean here = loaded.config()
                    .management()
                    .adminUi()
                    .sharesDataPort(loaded.config().server().host());
            out.println("Web interface:    "
                    + (here ? url : "http://" + loaded.config().management().listen()) + "/admin (same token)");
        }
        FirstRequest.print(out, loaded.config(), url, token);
        out.println("ready " + url);
    }

    private StandaloneMain() {}
}
