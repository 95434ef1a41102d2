package io.latticegate.admin.manage;

import io.latticegate.admin.analytics.Kept;
import io.latticegate.admin.rules.RulesBook;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.service.AuditLog;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.store.Database;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Takes the calls under {@code /manage} from the management port. On the event loop a request is authenticated and its
 * body read, both bounded; everything else is sequential on a virtual thread: find the call, let it act, record how it
 * ended, and only then answer.
 */
public final class ManagementApi {
    private static final Log LOG = Log.of(ManagementApi.class);
    private static final int CALLS_AT_ONCE_MAX = 256;
    private static final int LOGIN_FAILURES_PER_MINUTE = 20;
    private static final int LOGIN_ADDRESSES_MAX = 10_000;
    private static final long DRAIN_POLL_MILLIS = 10;

    private final Vertx vertx;
    private final Executor executor;
    private final ManagementCredential credential;
    private final FailedLogins failedLogins;
    private final RequestReader reader;
    private final CallTable calls;
    private final AuditedCall.Trail trail;
    private final Counter refusedLogins;
    private final AtomicInteger inProgress = new AtomicInteger();

    private ManagementApi(
            Vertx vertx,
            Executor executor,
            ManagementCredential credential,
            FailedLogins failedLogins,
            CallTable calls,
            AuditedCall.Trail trail,
            MeterRegistry metrics) {
        this.vertx = vertx;
        this.executor = executor;
        this.credential = credential;
        this.failedLogins = failedLogins;
        this.reader = new RequestReader(vertx, new SecureRandom());
        this.calls = calls;
        this.trail = trail;
        this.refusedLogins = Counter.builder("management.logins.refused")
                .description("Management calls without the management token, or from an address with too many of them")
                .register(metrics);
    }

    /**
     * The API over the services of the mesh.
     *
     * @param database the audit store
     * @param rules what may be changed at run time
     * @param executor starts a virtual thread per task
     */
    public static ManagementApi of(ServiceContext context, Database database, RulesBook rules, Executor executor) {
        LatticegateConfig config = context.config();
        MeshBus bus = context.bus();
        Durability durability = Durability.valueOf(config.audit().durability().name());
        ProviderKeys keys = new ProviderKeys(bus);
        var configuration = new ConfigCalls(rules);
        var projects = new ProjectCalls(bus, keys, configuration::providersWithKeys);
        return new ManagementApi(
                context.vertx(),
                executor,
                new ManagementCredential(config.management().managementToken().require()),
                new FailedLogins(LOGIN_FAILURES_PER_MINUTE, LOGIN_ADDRESSES_MAX, System::nanoTime),
                new CallTable(List.of(
                        projects,
                        new KeyCalls(projects, keys),
                        new TokenCalls(bus, new SecureRandom(), config.tokens()),
                        new AuditCalls(database),
                        new CacheCalls(bus, config.cache()),
                        configuration,
                        new PrivacyCalls(bus),
                        new AnalyticsCalls(database, bus, Kept.of(config.analytics()), context.clock()),
                        new RequestCalls(database),
                        new WalletUsageCalls(database))),
                new AuditedCall.Trail(
                        context.journal(), new AuditLog(context.journal(), durability), durability, context.clock()),
                context.metrics());
    }

    /** Adds the routes. {@code /admin} is reserved for a user interface and answers 404 until there is one. */
    public void mount(Router router) {
        router.route("/manage/*").handler(this::handle);
        router.route("/admin/*")
                .handler(context ->
                        write(context.request(), "", Refused.notFound("path").answer()));
    }

    /** Completes when no call is in progress. */
    public Future<Void> drain() {
        Promise<Void> drained = Promise.promise();
        awaitIdle(drained);
        return drained.future();
    }

    private void awaitIdle(Promise<Void> idle) {
        if (inProgress.get() == 0) {
            idle.complete();
        } else {
            vertx.setTimer(DRAIN_POLL_MILLIS, timer -> awaitIdle(idle));
        }
    }

    private void handle(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        inProgress.incrementAndGet();
        routing.response().exceptionHandler(gone -> {});
        ManageRequest head = reader.head(request);
        long wait = failedLogins.waitSeconds(head.clientIp());
        if (wait > 0) {
            refusedLogins.increment();
            done(
                    request,
                    head.requestId(),
                    Refused.denied(
                                    429,
                                    "too many failed authentications from this address; try again in " + wait + " s",
                                    "Retry-After",
                                    Long.toString(wait))
                            .answer());
        } else if (credential.admits(request.headers().getAll("Authorization"))) {
            Map<String, String> query;
            try {
                query = reader.query(request);
            } catch (Refused refused) {
                refuse(request, head, refused);
                return;
            }
            reader.body(request, CallTable.bodyBytesMax(head.segments()))
                    .onSuccess(body -> conduct(request, head.with(query, body)))
                    .onFailure(fault -> refuse(request, head, fault));
        } else {
            refuseLogin(request, head);
        }
    }

    private void refuseLogin(HttpServerRequest request, ManageRequest head) {
        refusedLogins.increment();
        boolean last = failedLogins.failed(head.clientIp());
        Refused refused = Refused.denied(
                401, "a valid management token is required", "WWW-Authenticate", "Bearer realm=\"latticegate\"");
        String reason = last ? "no valid management token; the address has to wait" : "no valid management token";
        run(request, head, () -> {
            new AuditedCall(trail, "admin.login", AuditActor.ANONYMOUS, head)
                    .end(refused.status(), AuditOutcome.DENIED, reason);
            return refused.answer();
        });
    }

    private void refuse(HttpServerRequest request, ManageRequest head, Throwable fault) {
        if (fault instanceof Refused refused) {
            CallTable.Call refusing = new CallTable.Call(
                    calls.find(head.method(), head.segments()).action(), Role.VIEWER, (unread, audited) -> {
                        throw refused;
                    });
            run(request, head, () -> answer(refusing, Principal.MANAGEMENT, head));
        } else {
            // The client is gone: there is nobody to answer and nothing was begun.
            inProgress.decrementAndGet();
        }
    }

    private void conduct(HttpServerRequest request, ManageRequest whole) {
        run(request, whole, () -> {
            try {
                return answer(calls.find(whole.method(), whole.segments()), Principal.MANAGEMENT, whole);
            } finally {
                Arrays.fill(whole.body(), (byte) 0);
            }
        });
    }

    /** The answer, after how the call ended is recorded; an entry that cannot be made turns any answer into 503. */
    private Answer answer(CallTable.Call call, Principal principal, ManageRequest request) {
        AuditedCall audited = new AuditedCall(trail, call.action(), principal.actor(), request);
        Answer answer;
        try {
            if (inProgress.get() > CALLS_AT_ONCE_MAX) {
                throw Refused.unavailable("more than " + CALLS_AT_ONCE_MAX + " management calls at once");
            }
            if (!principal.role().may(call.role())) {
                throw Refused.denied(
                        403,
                        "this call needs the role " + call.role().wireName() + "; yours is "
                                + principal.role().wireName());
            }
            answer = call.work().answer(request, audited);
        } catch (Refused refused) {
            audited.end(refused.status(), refused.outcome(), refused.error());
            return refused.answer();
        } catch (RuntimeException bug) {
            LOG.error("a management call failed", bug, LogKey.REQUEST_ID.of(request.requestId()));
            audited.end(
                    500, AuditOutcome.ERROR, "internal fault " + bug.getClass().getSimpleName());
            return internalFault(request);
        }
        audited.end(answer.status(), AuditOutcome.SUCCESS, "");
        return answer;
    }

    /** Every way out of {@code work}, an interruption at shutdown included, ends in an answer. */
    private void run(HttpServerRequest request, ManageRequest head, Supplier<Answer> work) {
        Context loop = vertx.getOrCreateContext();
        executor.execute(() -> {
            AtomicReference<Answer> given = new AtomicReference<>(internalFault(head));
            try {
                given.set(work.get());
            } catch (Refused refused) {
                given.set(refused.answer());
            } finally {
                loop.runOnContext(nothing -> done(request, head.requestId(), given.get()));
            }
        });
    }

    private static Answer internalFault(ManageRequest head) {
        return Answer.json(
                500,
                new JsonObject()
                        .put("error", "internal fault; the log has it under request id " + head.requestId())
                        .put("code", "internal_error"));
    }

    private void done(HttpServerRequest request, String requestId, Answer answer) {
        write(request, requestId, answer);
        inProgress.decrementAndGet();
    }

    private static void write(HttpServerRequest request, String requestId, Answer answer) {
        HttpServerResponse response = request.response();
        if (response.closed() || response.ended()) {
            return;
        }
        response.setStatusCode(answer.status())
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff");
        if (!requestId.isEmpty()) {
            response.putHeader("X-Request-ID", requestId);
        }
        for (Map.Entry<String, String> header : answer.headers().entrySet()) {
            response.putHeader(header.getKey(), header.getValue());
        }
        if (!request.isEnded() && request.version() != HttpVersion.HTTP_2) {
            response.putHeader("Connection", "close");
        }
        if (answer.body() == null) {
            response.end();
        } else {
            response.putHeader("Content-Type", answer.contentType()).end(answer.body());
        }
    }
}
