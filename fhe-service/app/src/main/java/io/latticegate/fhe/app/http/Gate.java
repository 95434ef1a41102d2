package io.latticegate.fhe.app.http;

import io.latticegate.common.telemetry.LogKey;
import io.latticegate.fhe.app.audit.Deed;
import io.latticegate.fhe.app.auth.Admission;
import io.latticegate.fhe.core.ring.BackendUnavailableException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of every request: its route, its caller, the begin of its audit, a thread. Routes come from families of endpoints,
 * which know nothing of each other. Confined to one event loop.
 */
public final class Gate {
    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
    private static final Pattern GONE = Pattern.compile("/v1/(?:fhe/)?(?:encrypt|decrypt|keys/generate)");
    private static final String GONE_MESSAGE =
            "The service never holds a secret key or a plaintext; keys are made, and vectors encrypted and decrypted,"
                    + " by the client alone";
    private static final int PATH_MAX = 1_024;

    private final List<Route> routes;
    private final Admission admission;
    private final WorkPool control;
    private final WorkPool transfer;
    private final Deed.Book book;
    private final Duration bodyLimit;
    private final RequestNames names;
    private final MeterRegistry metrics;
    private int inProgress;
    private boolean draining;

    private Gate(
            List<Route> routes,
            Admission admission,
            WorkPool control,
            WorkPool transfer,
            Deed.Book book,
            Duration bodyLimit,
            RequestNames names,
            MeterRegistry metrics) {
        this.routes = List.copyOf(routes);
        this.admission = admission;
        this.control = control;
        this.transfer = transfer;
        this.book = book;
        this.bodyLimit = bodyLimit;
        this.names = names;
        this.metrics = metrics;
    }

    /**
     * A gate to these routes.
     *
     * @param control threads for calls with short bodies
     * @param transfer threads for calls with long bodies
     * @param bodyLimit until a body has arrived
     */
    public static Gate of(
            List<Route> routes,
            Admission admission,
            WorkPool control,
            WorkPool transfer,
            Deed.Book book,
            Duration bodyLimit,
            SecureRandom random,
            MeterRegistry metrics) {
        return new Gate(routes, admission, control, transfer, book, bodyLimit, new RequestNames(random), metrics);
    }

    /** Calls that are not over. */
    public int inProgress() {
        return inProgress;
    }

    /** Refuses new calls from now on. */
    public void drain() {
        draining = true;
    }

    /** Takes a request on its event loop, that of {@code context}. */
    public void take(HttpServerRequest request, Context context) {
        request.pause();
        if (!Call.hasBody(request)) {
            request.resume();
        }
        RequestName id = names.name(request.getHeader("X-Request-ID"));
        inProgress++;
        if (draining) {
            refuse(request, context, id, "none", Refusal.overloaded("The service is stopping"));
            return;
        }
        try {
            route(request, context, id);
        } catch (Refusal refusal) {
            refuse(request, context, id, "none", refusal);
        }
    }

    private void route(HttpServerRequest request, Context context, RequestName id) {
        String path = request.path();
        if (path == null || path.length() > PATH_MAX || !path.startsWith("/")) {
            throw Refusal.notFound("path");
        }
        if (GONE.matcher(path).matches()) {
            throw Refusal.of(410, "gone", GONE_MESSAGE);
        }
        List<String> segments = segments(path);
        TreeSet<String> methods = new TreeSet<>();
        for (Route route : routes) {
            Map<String, String> values = route.match(segments);
            if (values == null) {
                continue;
            }
            if (route.method().equals(request.method().name())) {
                admit(request, context, id, route, values);
                return;
            }
            methods.add(route.method());
        }
        if (methods.isEmpty()) {
            throw Refusal.notFound("path");
        }
        throw Refusal.of(405, "method_not_allowed", "This path takes " + String.join(", ", methods));
    }

    private static List<String> segments(String path) {
        List<String> segments = new ArrayList<>();
        for (String segment : path.substring(1).split("/", -1)) {
            try {
                segments.add(URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8));
            } catch (IllegalArgumentException malformed) {
                throw Refusal.notFound("path");
            }
        }
        return segments;
    }

    private void admit(
            HttpServerRequest request, Context context, RequestName id, Route route, Map<String, String> values) {
        if (route.access() == Access.OPEN) {
            start(request, context, id, route, values, null);
            return;
        }
        boolean counts = route.access() == Access.COUNTED;
        admission.admit(request.getHeader("Authorization"), counts, new Admission.Outcome() {
            @Override
            public void admitted(Admission.Admitted admitted) {
                start(request, context, id, route, values, admitted);
            }

            @Override
            public void refused(Refusal refusal) {
                refuse(request, context, id, route.template(), refusal);
            }
        });
    }

    private void start(
            HttpServerRequest request,
            Context context,
            RequestName id,
            Route route,
            Map<String, String> values,
            Admission.@Nullable Admitted admitted) {
        Deed deed = admitted == null || route.audited().isEmpty()
                ? null
                : book.open(route.audited(), admitted.caller(), facts(request, id));
        Call call = new Call(
                request,
                context,
                id.echoed(),
                values,
                bodyLimit,
                admitted,
                deed,
                over -> count(over, route.template()));
        try {
            String owner = admitted == null ? "" : admitted.caller().projectId();
            (route.body() ? transfer : control).execute(owner, () -> run(route, call, deed));
        } catch (Refusal full) {
            call.refuse(full);
        }
    }

    private static Deed.Request facts(HttpServerRequest request, RequestName id) {
        String agent = request.getHeader("User-Agent");
        return new Deed.Request(
                id.id(),
                id.correlation(),
                request.method().name(),
                String.valueOf(request.path()),
                request.remoteAddress().hostAddress(),
                agent == null ? "" : agent);
    }

    private static void run(Route route, Call call, @Nullable Deed deed) {
        try {
            if (deed != null) {
                deed.begin();
            }
            route.endpoint().handle(call);
        } catch (Refusal refusal) {
            call.refuse(refusal);
        } catch (ClientGone gone) {
            LOG.debug("client gone", LogKey.REQUEST_ID.of(call.requestId()));
        } catch (IOException fault) {
            LOG.error("the store failed", LogKey.REQUEST_ID.of(call.requestId()), fault);
            call.refuse(Refusal.storeUnavailable());
        } catch (BackendUnavailableException busy) {
            LOG.warn("a call found no room, or no device", LogKey.REQUEST_ID.of(call.requestId()), busy);
            call.refuse(Refusal.overloaded("The computation found no room, or its device failed; try again"));
        } catch (RuntimeException bug) {
            LOG.error("a call failed", LogKey.REQUEST_ID.of(call.requestId()), bug);
            call.refuse(internal());
        }
    }

    /** What a client is told of a fault of ours; the log has the rest. */
    public static Refusal internal() {
        return Refusal.of(500, "internal_error", "The service failed; the request's id is in X-Request-ID");
    }

    private void refuse(HttpServerRequest request, Context context, RequestName id, String template, Refusal refusal) {
        new Call(request, context, id.echoed(), Map.of(), bodyLimit, null, null, over -> count(over, template))
                .refuse(refusal);
    }

    private void count(Call call, String template) {
        inProgress--;
        Timer.builder("fhe.request.duration")
                .description("Time from the head of a request to the end of its answer")
                .tag("route", template)
                .tag("status", Integer.toString(call.status()))
                .register(metrics)
                .record(call.elapsedNanos(), TimeUnit.NANOSECONDS);
    }
}
