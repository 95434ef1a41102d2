package io.latticegate.proxy;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.TokenDigest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Questions that an edge asks before it is ready, so that the first client does not pay for connections, handshakes and
 * classes on both sides: on a busy machine that is longer than a lease's deadline. A service that does not answer within
 * {@link #LIMIT_MILLIS} is not waited for any longer.
 */
final class FirstQuestions {
    /** Longest wait for each service. */
    static final long LIMIT_MILLIS = 15_000;

    private static final Logger LOG = LoggerFactory.getLogger(FirstQuestions.class);
    private static final long PAUSE_MILLIS = 200;
    private static final TokenDigest NOBODY = new TokenDigest(0, 0, 0, 0);

    private final ServiceContext context;

    FirstQuestions(ServiceContext context) {
        this.context = context;
    }

    /** Completes when auth-service and vault-service have answered, or their time is over. */
    Future<Void> asked() {
        var lease = new AuthApi.LeaseRequest("first-question", NOBODY, new Allowance(1, 0, 0));
        return Future.all(
                        answered("auth-service", () -> context.bus().ask(AuthApi.LEASE, lease)),
                        answered(
                                "vault-service",
                                () -> context.bus()
                                        .askSigned(VaultApi.TRANSPORT_KEY, new VaultApi.TransportKeyRequest())))
                .mapEmpty();
    }

    private Future<Void> answered(String service, Supplier<Future<?>> question) {
        Promise<Void> done = Promise.promise();
        repeat(service, question, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LIMIT_MILLIS), done);
        return done.future();
    }

    private void repeat(String service, Supplier<Future<?>> question, long until, Promise<Void> done) {
        Vertx vertx = context.vertx();
        question.get().onComplete(answer -> {
            if (answer.succeeded()) {
                done.complete();
            } else if (System.nanoTime() - until > 0) {
                LOG.warn("{} does not answer yet: {}", service, answer.cause().getMessage());
                done.complete();
            } else {
                vertx.setTimer(PAUSE_MILLIS, timer -> repeat(service, question, until, done));
            }
        });
    }
}
