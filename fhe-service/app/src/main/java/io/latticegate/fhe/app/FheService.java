package io.latticegate.fhe.app;

import io.latticegate.common.config.FheConfig;
import io.latticegate.common.service.Health;
import io.latticegate.common.service.Service;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.fhe.app.privacy.PrivacyAccountant;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The data port of encrypted compute. This version evaluates nothing: {@code GET /v1/fhe/capabilities} says so, and every
 * other {@code /v1/fhe/*} path answers 501. It accepts no key, no plaintext and no ciphertext.
 */
public final class FheService implements Service {
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicReference<@Nullable HttpServer> server = new AtomicReference<>();
    private final AtomicReference<@Nullable PrivacyAccountant> privacy = new AtomicReference<>();

    @Override
    public ServiceRole role() {
        return ServiceRole.FHE;
    }

    @Override
    public Future<Void> start(ServiceContext context) {
        FheConfig config = context.config().fhe();
        context.health().check("fhe", Health.Finding::ok);
        return context.vertx()
                .executeBlocking(() -> {
                    PrivacyAccountant accountant = PrivacyAccountant.start(context, executor);
                    privacy.set(accountant);
                    return accountant;
                })
                .compose(started -> listen(context, config));
    }

    private Future<Void> listen(ServiceContext context, FheConfig config) {
        return context.vertx()
                .createHttpServer(new HttpServerOptions()
                        .setHost(
                                config.listen().host().isEmpty()
                                        ? "0.0.0.0"
                                        : config.listen().host())
                        .setPort(config.listen().port())
                        .setMaxHeaderSize(16 * 1024))
                .requestHandler(request -> {
                    if (!context.management().answerHealth(request)) {
                        answer(request);
                    }
                })
                .listen()
                .onSuccess(server::set)
                .mapEmpty();
    }

    @Override
    public Future<Void> drain() {
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> stop() {
        HttpServer bound = server.getAndSet(null);
        Future<Void> closed =
                bound == null ? Future.succeededFuture() : bound.close().mapEmpty();
        return closed.onComplete(done -> {
            executor.shutdown();
            PrivacyAccountant accountant = privacy.getAndSet(null);
            if (accountant != null) {
                accountant.close();
            }
        });
    }

    /** Answers a request to {@code /v1/fhe/*}; also used by a process that serves every port itself. */
    public static void answer(HttpServerRequest request) {
        FheAnswer answer = FheAnswer.to(request.method().name(), request.path());
        request.response()
                .setStatusCode(answer.status())
                .putHeader("Content-Type", "application/json")
                .putHeader("Connection", "close")
                .end(answer.body());
    }
}
