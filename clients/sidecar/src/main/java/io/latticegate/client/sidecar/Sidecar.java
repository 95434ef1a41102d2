package io.latticegate.client.sidecar;

import io.latticegate.client.FheClient;
import io.latticegate.client.SeedFile;
import io.latticegate.common.config.SidecarConfig;
import io.latticegate.common.embeddings.MiniLm;
import io.latticegate.common.value.Secret;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running sidecar: its parts, made in order and closed in the reverse one. */
public final class Sidecar implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sidecar.class);

    private final Deque<Runnable> closing = new ArrayDeque<>();
    private final LocalKey key;
    private int port;

    private Sidecar(LocalKey key) {
        this.key = key;
        closing.push(key::close);
    }

    /**
     * Opens the folder and listens.
     *
     * @throws IllegalArgumentException where the configuration has no token
     * @throws IOException where the folder cannot be used or the port is taken
     */
    public static Sidecar start(SidecarConfig config) throws IOException {
        Secret token = config.token()
                .find()
                .orElseThrow(() -> new IllegalArgumentException("sidecar.token " + config.token()
                        + ": the sidecar needs the project's token, such as file:/path"));
        SecureRandom random = new SecureRandom();
        LocalKey key =
                config.key().find().map(Secret::copy).map(LocalKey::new).orElseGet(() -> LocalKey.generate(random));
        Sidecar sidecar = new Sidecar(key);
        boolean started = false;
        try {
            sidecar.open(config, token, random);
            started = true;
            return sidecar;
        } finally {
            if (!started) {
                sidecar.close();
            }
        }
    }

    private void open(SidecarConfig config, Secret token, SecureRandom random) throws IOException {
        PrivateFiles.folder(config.dir());
        InstantSource clock = InstantSource.system();
        SeedFile seed = SeedFile.open(config.dir().resolve("seed"), random);
        closing.push(seed::close);
        FheClient.Builder builder = FheClient.to(
                config.fheUrl(), () -> token.expose(bytes -> new String(bytes, StandardCharsets.US_ASCII)), seed);
        FheClient client = (config.allowHttp() ? builder.allowHttp() : builder).build();
        closing.push(client::close);
        MiniLm model = new MiniLm();
        closing.push(model::close);
        LocalIds ids = new LocalIds(random);
        LocalFiles files = new LocalFiles(config.dir().resolve("files"), ids, clock);
        VectorStores stores = new VectorStores(config.dir().resolve("stores"), client, ids, clock);
        closing.push(stores::close);
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        closing.push(
                () -> vertx.close().toCompletionStage().toCompletableFuture().join());
        SidecarServer server = new SidecarServer(
                vertx,
                key,
                new Gateway(vertx, config.gatewayUrl(), token),
                new LocalEmbeddings(model),
                files,
                stores,
                new StoreCalls(stores, files, model, clock),
                config.maxFile());
        closing.push(server::close);
        try {
            port = server.listen(config.port())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException failed) {
            throw new IOException(
                    "the sidecar cannot listen on 127.0.0.1:" + config.port() + ": "
                            + (failed.getCause() == null ? failed : failed.getCause()).getMessage(),
                    failed);
        }
    }

    /** Where OpenAI's clients find it. */
    public String baseUrl() {
        return "http://127.0.0.1:" + port + "/v1";
    }

    /** What applications present. */
    public String key() {
        return key.reveal();
    }

    @Override
    public void close() {
        while (!closing.isEmpty()) {
            try {
                closing.pop().run();
            } catch (RuntimeException fault) {
                LOG.warn("a part of the sidecar did not close", fault);
            }
        }
    }
}
