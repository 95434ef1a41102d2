package io.latticegate.admin.manage;

import io.latticegate.admin.LevelBook;
import io.latticegate.admin.analytics.Kept;
import io.latticegate.admin.analytics.RollupWriter;
import io.latticegate.admin.manage.Authentication.Admission;
import io.latticegate.admin.rules.RulesBook;
import io.latticegate.admin.session.Accounts;
import io.latticegate.admin.session.OidcProvider;
import io.latticegate.admin.session.Sessions;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.admin.subject.SubjectErasure;
import io.latticegate.admin.tree.TransparencyLog;
import io.latticegate.admin.ui.StaticFiles;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.config.AdminUiConfig;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.config.OidcConfig;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.service.AuditLog;
import io.latticegate.common.service.Background;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.store.Database;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Takes the calls under {@code /manage} from the management port. On the event loop a request is authenticated and its
 * body read, both bounded; everything else is sequential on a virtual thread: find the call, let it act, record how it
 * ended, and only then answer.
 */
public final class ManagementApi {
    private static final Log LOG = Log.of(ManagementApi.class);
    private static final int LOGIN_FAILURES_PER_MINUTE = 20;
    private static final int LOGIN_ADDRESSES_MAX = 10_000;
    private static final long SETTLE_MILLIS = 5_000;

    private final Responses responses;
    private final RequestReader reader;
    private final Authentication authentication;
    private final CallTable calls;
    private final AuditedCall.Trail trail;
    private final RepeatedReads repeatedReads;
    private final @Nullable WebInterface web;
    private final Counter refusedLogins;

    /** What browsers use beside the calls. */
    private record WebInterface(SessionRoutes sessions, StaticFiles files) {}

    private ManagementApi(
            Responses responses,
            RequestReader reader,
            Authentication authentication,
            CallTable calls,
            AuditedCall.Trail trail,
            @Nullable WebInterface web,
            MeterRegistry metrics) {
        this.responses = responses;
        this.reader = reader;
        this.authentication = authentication;
        this.calls = calls;
        this.trail = trail;
        this.repeatedReads = new RepeatedReads(trail);
        this.web = web;
        this.refusedLogins = Counter.builder("management.logins.refused")
                .description("Management calls without the management token, or from an address with too many of them")
                .register(metrics);
    }

    /**
     * The API over the services of the mesh.
     *
     * @param database the audit store
     * @param sealing opens what it holds
     * @param usage adds up what it says of usage
     * @param log proofs over it
     * @param rules what may be changed at run time
     * @param levels what is logged
     * @param executor starts a virtual thread per task
     */
    public static ManagementApi of(
            ServiceContext context,
            Database database,
            Sealing sealing,
            RollupWriter usage,
            TransparencyLog log,
            RulesBook rules,
            LevelBook levels,
            ExecutorService executor) {
        LatticegateConfig config = context.config();
        MeshBus bus = context.bus();
        Durability durability = Durability.valueOf(config.audit().durability().name());
        var trail = new AuditedCall.Trail(
                context.journal(), new AuditLog(context.journal(), durability), durability, context.clock());
        ProviderKeys keys = new ProviderKeys(bus);
        NodeRoll roll = new NodeRoll(bus, System::nanoTime);
        var configuration = new ConfigCalls(rules);
        var projects = new ProjectCalls(bus, keys, configuration::providersWithKeys);
        var random = new SecureRandom();
        var accounts = new Accounts(database, context.clock());
        var calls = new CallTable(List.of(
                projects,
                new KeyCalls(projects, keys),
                new TokenCalls(bus, new SecureRandom(), config.tokens()),
                new TreeCalls(log),
                new AuditCalls(database, sealing),
                new ExportCalls(database, sealing),
                new SubjectCalls(new SubjectErasure(database, sealing, context.clock())),
                new AlertCalls(database, config.alerts(), context.clock()),
                new CacheCalls(bus, config.cache()),
                configuration,
                new PrincipalCalls(accounts, random, context.clock()),
                new PrivacyCalls(bus),
                new VaultCalls(bus, roll),
                new OperationCalls(roll, rules),
                new ModelCalls(rules),
                new EffectiveConfigCalls(config, rules),
                new LoggingCalls(levels, config.logging()),
                new AnalyticsCalls(database, usage, bus, Kept.of(config.analytics()), context.clock()),
                new RequestCalls(database),
                new WalletUsageCalls(database)));
        var responses = new Responses(context.vertx(), executor);
        var reader = new RequestReader(context.vertx(), random);
        var credential =
                new ManagementCredential(config.management().managementToken().require());
        OidcConfig oidc = config.management().oidc();
        AdminUiConfig ui = config.management().adminUi();
        var sessions = new Sessions(database, context.clock(), random, credential.digest(), OidcProvider.binding(oidc));
        var authentication =
                new Authentication(credential, accounts, sessions, logins(), logins(), ui.enabled(), ui.origin());
        WebInterface web = ui.enabled()
                ? new WebInterface(
                        new SessionRoutes(
                                responses,
                                reader,
                                authentication,
                                sessions,
                                trail,
                                oidc.enabled() && ui.origin() != null
                                        ? new OidcProvider(oidc, ui.origin(), context.clock())
                                        : null),
                        new StaticFiles())
                : null;
        var api = new ManagementApi(responses, reader, authentication, calls, trail, web, context.metrics());
        Background.every(
                context.vertx(),
                SETTLE_MILLIS,
                executor,
                "recording how often pages repeated reads",
                api.repeatedReads::settle);
        return api;
    }

    private static FailedLogins logins() {
        return new FailedLogins(LOGIN_FAILURES_PER_MINUTE, LOGIN_ADDRESSES_MAX, System::nanoTime);
    }

    /** Adds the routes; without the web interface, everything below {@code /admin} is 404. */
    public void mount(Router router) {
        router.route("/manage/*").handler(this::handle);
        router.route(RequestReader.CONFIG).handler(this::handle);
        WebInterface offered = web;
        if (offered != null) {
            offered.sessions().mount(router);
            router.route("/admin/*").handler(offered.files()::handle);
        }
        router.route("/admin/*")
                .handler(context -> Responses.write(
                        context.request(), "", Refused.notFound("path").answer()));
    }

    /** Completes when no call is in progress. */
    public Future<Void> drain() {
        return responses
                .idle()
                .compose(idle -> responses.aside(() -> {
                    repeatedReads.close();
                    return true;
                }))
                .<Void>mapEmpty()
                .onComplete(drained -> {
                    WebInterface offered = web;
                    if (offered != null) {
                        offered.sessions().close();
                    }
                });
    }

    private void handle(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        responses.open(request);
        ManageRequest head = reader.head(request);
        Credentials presented = Credentials.of(request);
        Optional<Admission.Denied> refusal = authentication.refusal(head, presented);
        if (refusal.isPresent()) {
            deny(request, head, refusal.get());
            return;
        }
        if (responses.full()) {
            responses.done(request, head.requestId(), tooMany().answer());
            return;
        }
        responses
                .aside(() -> authentication.admit(head, presented))
                .onSuccess(admission -> {
                    switch (admission) {
                        case Admission.Admitted(Principal principal) ->
                            read(request, head, principal, sessionOf(presented));
                        case Admission.Denied denied -> deny(request, head, denied);
                    }
                })
                .onFailure(fault -> {
                    if (!(fault instanceof Refused)) {
                        LOG.error("a principal could not be looked up", fault, LogKey.REQUEST_ID.of(head.requestId()));
                    }
                    responses.done(
                            request,
                            head.requestId(),
                            fault instanceof Refused refused
                                    ? refused.answer()
                                    : Responses.internalFault(head.requestId()));
                });
    }

    private static Refused tooMany() {
        return Refused.unavailable("more than " + Responses.AT_ONCE_MAX + " management calls at once");
    }

    /** What tells the session of a browser from others; empty: the call has a token of its own. */
    private static String sessionOf(Credentials presented) {
        return presented.authorization().isEmpty() ? presented.session().orElse("") : "";
    }

    private void read(HttpServerRequest request, ManageRequest head, Principal principal, String session) {
        Map<String, String> query;
        try {
            query = reader.query(request);
        } catch (Refused refused) {
            refuse(request, head, principal, refused);
            return;
        }
        reader.body(request, CallTable.bodyBytesMax(head.segments()))
                .onSuccess(body -> conduct(request, head.with(query, body), principal, session))
                .onFailure(fault -> {
                    if (fault instanceof Refused refused) {
                        refuse(request, head, principal, refused);
                    } else {
                        responses.abandon();
                    }
                });
    }

    private void deny(HttpServerRequest request, ManageRequest head, Admission.Denied denied) {
        refusedLogins.increment();
        Refused refused = denied.refused();
        if (!denied.recorded()) {
            responses.done(request, head.requestId(), refused.answer());
            return;
        }
        responses.run(request, head.requestId(), () -> {
            new AuditedCall(trail, denied.action(), denied.actor(), head)
                    .end(refused.status(), AuditOutcome.DENIED, denied.reason());
            return refused.answer();
        });
    }

    private void refuse(HttpServerRequest request, ManageRequest head, Principal principal, Refused refused) {
        CallTable.Call refusing = new CallTable.Call(
                calls.find(head.method(), head.segments()).action(), Role.VIEWER, (unread, audited) -> {
                    throw refused;
                });
        responses.run(request, head.requestId(), () -> answer(refusing, principal, head, ""));
    }

    private void conduct(HttpServerRequest request, ManageRequest whole, Principal principal, String session) {
        responses.run(request, whole.requestId(), () -> {
            try {
                return answer(calls.find(whole.method(), whole.segments()), principal, whole, session);
            } finally {
                Arrays.fill(whole.body(), (byte) 0);
            }
        });
    }

    /** The answer, after how the call ended is recorded; an entry that cannot be made turns any answer into 503. */
    private Answer answer(CallTable.Call call, Principal principal, ManageRequest request, String session) {
        AuditedCall audited = new AuditedCall(trail, call.action(), principal, request);
        Answer answer;
        try {
            if (responses.full()) {
                throw tooMany();
            }
            if (!principal.role().may(call.role())) {
                throw Refused.denied(
                        403,
                        "this call needs the role " + call.role().wireName() + "; yours is "
                                + principal.role().wireName());
            }
            answer = call.work().answer(request, audited);
            audited.requireWithinLimit();
        } catch (Refused refused) {
            audited.end(refused.status(), refused.outcome(), refused.error());
            return refused.answer();
        } catch (RuntimeException bug) {
            LOG.error("a management call failed", bug, LogKey.REQUEST_ID.of(request.requestId()));
            audited.end(
                    500, AuditOutcome.ERROR, "internal fault " + bug.getClass().getSimpleName());
            return Responses.internalFault(request.requestId());
        }
        if (request.method().equals("GET") && !session.isEmpty() && !audited.begun()) {
            audited.endRead(answer.status(), repeatedReads, RepeatedReads.key(session, request));
        } else {
            audited.end(answer.status(), AuditOutcome.SUCCESS, "");
        }
        return answer;
    }
}
