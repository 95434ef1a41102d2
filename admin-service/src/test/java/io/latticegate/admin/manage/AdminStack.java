package io.latticegate.admin.manage;

import io.latticegate.admin.AdminService;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.bus.MeshVertx;
import io.latticegate.common.bus.SignedExchange;
import io.latticegate.common.config.ConfigLoader;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.crypto.MeshAuthority;
import io.latticegate.common.journal.Journal;
import io.latticegate.common.journal.JournalOptions;
import io.latticegate.common.service.Health;
import io.latticegate.common.service.JournalDelivery;
import io.latticegate.common.service.ManagementServer;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.testing.FakeTime;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** admin-service on a real port, over a real bus and journal, with fakes of auth-service and vault-service. */
final class AdminStack implements AutoCloseable {
    static final String TOKEN = "management-token-of-the-tests";

    final FakeTime time = new FakeTime();
    final Health health = new Health();
    final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    final FakeAuth auth;
    final FakeVault vault;
    final FakeFhe fhe;
    final FakeNodes nodes;
    final Journal journal;
    final int port;

    private final Vertx vertx = MeshVertx.standalone();
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client = HttpClient.newBuilder().build();
    private final AdminService service = new AdminService();
    private final JournalDelivery delivery;
    private final boolean delivering;

    /** An answer as the client sees it. */
    record Reply(HttpResponse<String> response) {
        int status() {
            return response.statusCode();
        }

        String text() {
            return response.body();
        }

        JsonObject object() {
            return new JsonObject(text());
        }

        JsonArray array() {
            return new JsonArray(text());
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        String error() {
            return object().getString("error");
        }
    }

    AdminStack(Path directory) {
        this(directory, true);
    }

    /** @param delivering whether the journal reaches the audit store */
    AdminStack(Path directory, boolean delivering) {
        this(directory, delivering, "");
    }

    /** @param settings further ones of the section management, a line each, not indented */
    AdminStack(Path directory, boolean delivering, String settings) {
        this(directory, delivering, settings, "");
    }

    /** @param yaml further sections */
    AdminStack(Path directory, boolean delivering, String settings, String yaml) {
        SecureRandom random = new SecureRandom();
        LatticegateConfig config = ConfigLoader.in(directory.resolve("none"))
                .yaml("""
                        management:
                          listen: 127.0.0.1:0
                          management_token: %s
                        %sstorage:
                          dir: %s
                        %s""".formatted(TOKEN, settings.indent(2), directory, yaml))
                .load()
                .config();
        MeshAuthority authority = MeshAuthority.create("test", time, random);
        MeshBus adminBus = bus(authority, ServiceRole.ADMIN, random);
        auth = new FakeAuth(bus(authority, ServiceRole.AUTH, random), executor, time);
        vault = new FakeVault(bus(authority, ServiceRole.VAULT, random), executor, time);
        fhe = new FakeFhe(bus(authority, ServiceRole.FHE, random), executor);
        nodes = new FakeNodes(bus(authority, ServiceRole.PROXY, random));
        try {
            journal = Journal.open(
                    directory.resolve("journal"), JournalOptions.defaults().withSizes(128 << 10, 3 * (128L << 10)));
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
        ManagementServer management = new ManagementServer(vertx, config.management(), health, metrics, time);
        await(service.start(new ServiceContext(vertx, config, adminBus, journal, health, management, metrics, time)));
        this.delivering = delivering;
        delivery = new JournalDelivery(vertx, adminBus, journal);
        if (delivering) {
            delivery.start();
        }
        port = await(management.listen());
        health.started();
    }

    Reply get(String path) {
        return send(request(path).GET());
    }

    Reply post(String path, String json) {
        return send(jsonRequest(path).POST(BodyPublishers.ofString(json)));
    }

    Reply patch(String path, String json) {
        return send(jsonRequest(path).method("PATCH", BodyPublishers.ofString(json)));
    }

    Reply put(String path, String json) {
        return send(jsonRequest(path).PUT(BodyPublishers.ofString(json)));
    }

    Reply delete(String path) {
        return send(request(path).DELETE());
    }

    /** A request with the management token. */
    HttpRequest.Builder request(String path) {
        return anonymous(path).header("Authorization", "Bearer " + TOKEN);
    }

    /** A request with the management token that announces JSON. */
    HttpRequest.Builder jsonRequest(String path) {
        return request(path).header("Content-Type", "application/json");
    }

    HttpRequest.Builder anonymous(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    Reply send(HttpRequest.Builder request) {
        try {
            return new Reply(client.send(request.build(), HttpResponse.BodyHandlers.ofString()));
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    /** The id of a new project with a key. */
    String project(String name) {
        return post("/manage/projects", "{\"name\":\"" + name + "\",\"api_key\":\"sk-proj-abcdefghijklmnop\"}")
                .object()
                .getString("id");
    }

    /** What the token's holder is told when it is made. */
    JsonObject token(String projectId) {
        return post("/manage/tokens", "{\"project_id\":\"" + projectId + "\",\"duration_minutes\":60}")
                .object();
    }

    /** Completes when everything recorded so far is in the audit store. */
    void deliverAudit() {
        await(delivery.flush(5_000));
        if (journal.acknowledged() < journal.lastSequence()) {
            throw new AssertionError("the journal was not delivered within 5 s");
        }
    }

    /** Fills the journal until it refuses. */
    void fillJournal() {
        byte[] filler = new byte[8 * 1024];
        long sequence = 1;
        while (sequence > 0) {
            sequence = journal.tryAppend(filler, 0, filler.length);
        }
        byte[] crumb = new byte[64];
        sequence = 1;
        while (sequence > 0) {
            sequence = journal.tryAppend(crumb, 0, crumb.length);
        }
    }

    @Override
    public void close() {
        await(service.drain());
        await(delivery.flush(delivering ? 2_000 : 0));
        delivery.stop();
        await(service.stop());
        client.close();
        await(vertx.close());
        executor.close();
        try {
            journal.close();
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }

    private MeshBus bus(MeshAuthority authority, ServiceRole role, SecureRandom random) {
        return MeshBus.on(vertx, new SignedExchange(authority.issue(role, "test"), time, random));
    }

    static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }
}
