package io.latticegate.common.service;

import io.latticegate.common.config.ConfigException;
import io.latticegate.common.config.ConfigLoader;
import io.latticegate.common.config.LoadedConfig;
import io.latticegate.common.telemetry.LogSetup;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code main} of a service that runs as a process of its own: {@code --config FILE} (repeatable), then until SIGTERM. */
public final class ServiceMain {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceMain.class);
    private static final int EXIT_CONFIG = 2;
    private static final int EXIT_START = 1;

    /** Starts {@code service} and returns when the process was asked to end and has drained. */
    public static void run(String[] args, Service service) {
        LoadedConfig loaded;
        try {
            loaded = load(args);
            loaded.config().validateFor(service.role());
        } catch (ConfigException | IllegalArgumentException wrong) {
            LOG.error("{} does not start: {}", service.role().label(), wrong.getMessage());
            System.exit(EXIT_CONFIG);
            return;
        }
        runUntilSignal(
                loaded,
                List.of(service),
                process -> LOG.info(
                        "{} ready, management on port {}", service.role().label(), process.managementPort()));
    }

    /** Starts the services, reports through {@code ready}, and blocks until SIGTERM or SIGINT. */
    public static void runUntilSignal(LoadedConfig loaded, List<Service> services, Consumer<ServiceProcess> ready) {
        try {
            LogSetup.apply(loaded.config().logging());
        } catch (IllegalArgumentException wrong) {
            LOG.error("the log cannot be set up: {}", wrong.getMessage());
            System.exit(EXIT_CONFIG);
            return;
        }
        loaded.warnings().forEach(LOG::warn);
        LOG.info("configuration: {}", loaded.description().printChanged());
        ServiceProcess process;
        try {
            process = ServiceProcess.start(loaded.config(), services, InstantSource.system());
        } catch (ServiceProcess.StartFailed failed) {
            LOG.error("the start failed: {}", failed.getMessage(), failed);
            System.exit(EXIT_START);
            return;
        }
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            LOG.info("draining");
                            process.close();
                            LOG.info("stopped");
                            LogSetup.flush();
                            closed.countDown();
                        },
                        "shutdown"));
        ready.accept(process);
        try {
            closed.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static LoadedConfig load(String[] args) {
        ConfigLoader loader = ConfigLoader.in(Path.of("config")).environment(System.getenv());
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--config") && i + 1 < args.length) {
                loader.file(Path.of(args[++i]));
            } else {
                throw new IllegalArgumentException(
                        "unknown argument " + args[i] + "; allowed: --config FILE, repeatedly, later ones win");
            }
        }
        return loader.load();
    }

    private ServiceMain() {}
}
