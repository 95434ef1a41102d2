package io.latticegate.proxy.edge;

import io.latticegate.common.trace.TraceContext;
import io.latticegate.common.trace.TraceSpan;
import io.latticegate.common.trace.Tracing;
import io.latticegate.proxy.relay.ErrorType;
import io.latticegate.proxy.relay.Exchange;
import io.latticegate.proxy.relay.Outcome;
import io.latticegate.proxy.relay.RequestFacts;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Locale;

/** Continues the trace that a client's request belongs to, or begins one, and ends its span with the request. */
final class RequestTracing {
    private static final int SERVER_ERROR = 500;

    private final Tracing tracing;

    RequestTracing(Tracing tracing) {
        this.tracing = tracing;
    }

    /** Lets {@code exchange} be traced, whose endpoint is known. */
    void begin(HttpServerRequest request, Exchange exchange) {
        List<String> lines = request.headers().contains(TraceContext.HEADER)
                ? request.headers().getAll(TraceContext.HEADER)
                : List.of();
        if (!tracing.on() && lines.isEmpty()) {
            return;
        }
        TraceContext client = TraceContext.read(lines);
        RequestFacts facts = exchange.facts();
        TraceSpan span = tracing.request(facts.method + " " + facts.route, client)
                .set("http.request.method", facts.method)
                .set("http.route", facts.route)
                .set("latticegate.surface", facts.surface.label())
                .set("latticegate.request_id", facts.requestId);
        String own = span == TraceSpan.NONE ? client == null ? null : client.header() : span.traceparent();
        exchange.trace(span, tracing.tellsProviders() ? own : null);
    }

    /** Ends the span of a request that has ended, and counts the request as a part of its trace. */
    void end(Exchange exchange, EdgeMetrics metrics) {
        TraceSpan span = exchange.span();
        RequestFacts facts = exchange.facts();
        if (span == TraceSpan.NONE) {
            metrics.count(facts);
            return;
        }
        tracing.exemplars().measure(span, () -> metrics.count(facts));
        span.set("http.response.status_code", facts.status)
                .set("latticegate.outcome", facts.outcome.name().toLowerCase(Locale.ROOT))
                .set("latticegate.provider", facts.provider)
                .set("latticegate.project", facts.projectId)
                .set("latticegate.token", facts.tokenId)
                .set("latticegate.attempts", facts.attempts)
                .set("latticegate.cache", facts.cache.name().toLowerCase(Locale.ROOT))
                .set("latticegate.cost_micro_usd", facts.costMicroUsd);
        if (facts.outcome == Outcome.ERROR || facts.status >= SERVER_ERROR) {
            span.failed(ErrorType.of(facts.reason));
        }
        span.end();
    }
}
