package io.latticegate.client.sidecar;

import io.latticegate.client.error.FheClientException;
import io.latticegate.common.config.ConfigException;
import io.latticegate.common.config.ConfigLoader;
import io.latticegate.common.config.LoadedConfig;
import io.latticegate.common.telemetry.LogSetup;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code latticegate sidecar [--config FILE]...}: runs until SIGTERM. Standard output has one line,
 * {@code ready URL}, followed by the local key where one was made; logs go to standard error.
 */
public final class SidecarMain {
    private static final Logger LOG = LoggerFactory.getLogger(SidecarMain.class);
    private static final int EXIT_CONFIG = 2;
    private static final int EXIT_START = 1;

    static void main(String[] args) {
        LoadedConfig loaded;
        try {
            loaded = load(args);
        } catch (ConfigException | IllegalArgumentException wrong) {
            LOG.error("cannot start: {}", wrong.getMessage());
            System.exit(EXIT_CONFIG);
            return;
        }
        LogSetup.apply(loaded.config().logging());
        loaded.warnings().forEach(LOG::warn);
        Sidecar sidecar;
        try {
            sidecar = Sidecar.start(loaded.config().sidecar());
        } catch (IOException | IllegalArgumentException | FheClientException refused) {
            LOG.error("cannot start: {}", refused.getMessage());
            LogSetup.flush();
            System.exit(EXIT_START);
            return;
        }
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            sidecar.close();
                            LogSetup.flush();
                            closed.countDown();
                        },
                        "shutdown"));
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        boolean made = !loaded.config().sidecar().key().isSet();
        out.println("ready " + sidecar.baseUrl() + (made ? " key " + sidecar.key() : ""));
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

    private SidecarMain() {}
}
