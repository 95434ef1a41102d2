package io.latticegate.proxy.relay;

import io.latticegate.common.trace.TraceContext;
import io.latticegate.common.trace.TraceSpan;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.provider.Provider;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * The spans of one call of a provider: the attempt, and inside it the HTTP request with what OpenTelemetry's conventions say
 * of a generation: provider, operation, model and tokens, never a word of prompt or answer.
 */
final class CallTrace {
    private static final CallTrace NONE = new CallTrace(TraceSpan.NONE, TraceSpan.NONE);
    private static final int NAME_LENGTH_MAX = 96;
    private static final double NANOS_PER_SECOND = 1e9;

    private final TraceSpan attempt;
    private final TraceSpan call;
    private final long began = System.nanoTime();
    private boolean over;

    private CallTrace(TraceSpan attempt, TraceSpan call) {
        this.attempt = attempt;
        this.call = call;
    }

    /** Begins both spans; costs nothing where the request is not traced. */
    static CallTrace of(Exchange exchange, Provider provider, HttpMethod method) {
        if (exchange.span() == TraceSpan.NONE) {
            return NONE;
        }
        exchange.stepOver();
        RequestFacts facts = exchange.facts();
        String operation = GenAi.operation(facts.route);
        TraceSpan attempt = exchange.span()
                .child("provider attempt")
                .set("latticegate.provider", provider.name())
                .set("latticegate.attempt", facts.attempts + 1L);
        URI base = provider.settings().baseUrl();
        boolean tls = "https".equalsIgnoreCase(base.getScheme());
        TraceSpan call = attempt.client(name(operation, facts.model, method))
                .set("http.request.method", method.name())
                .set("server.address", provider.host())
                .set("server.port", base.getPort() >= 0 ? base.getPort() : tls ? 443 : 80);
        if (operation != null) {
            call.set("gen_ai.operation.name", operation)
                    .set("gen_ai.provider.name", GenAi.provider(provider))
                    .set("gen_ai.request.model", facts.model);
        }
        return new CallTrace(attempt, call);
    }

    /** {@code {gen_ai.operation.name} {gen_ai.request.model}}, or the method where no model is asked. */
    private static String name(@Nullable String operation, @Nullable String model, HttpMethod method) {
        if (operation == null) {
            return method.name();
        }
        String name = model == null ? operation : operation + " " + model;
        return name.length() <= NAME_LENGTH_MAX ? name : name.substring(0, NAME_LENGTH_MAX);
    }

    /** Tells the provider which trace the request belongs to, as far as the configuration allows. */
    void tell(Exchange exchange, MultiMap headers) {
        String traceparent = exchange.traceparent(call);
        if (traceparent != null) {
            headers.set(TraceContext.HEADER, traceparent);
        }
    }

    /** {@code inner}, with this call ended when it says so. */
    Aftermath around(Aftermath inner, UpstreamCall upstream) {
        return this == NONE ? inner : new Watched(inner, upstream);
    }

    /**
     * Ends both spans; only the first time counts.
     *
     * @param status the provider's, 0 when it gave none
     * @param reason why it did not succeed, or null
     */
    void end(int status, @Nullable String reason, Consumption consumed) {
        if (over || this == NONE) {
            return;
        }
        over = true;
        if (status > 0) {
            call.set("http.response.status_code", status);
        }
        count("gen_ai.usage.input_tokens", consumed.usage().input());
        count("gen_ai.usage.output_tokens", consumed.usage().output());
        count("gen_ai.usage.cache_read.input_tokens", consumed.usage().cachedInput());
        count("gen_ai.usage.reasoning.output_tokens", consumed.usage().reasoning());
        if (consumed.estimated()) {
            call.set("latticegate.usage.estimated", true);
        }
        if (reason != null) {
            call.failed(ErrorType.of(reason));
            attempt.failed(ErrorType.of(reason));
        }
        call.end();
        attempt.end();
    }

    private void count(String key, long tokens) {
        if (tokens > 0) {
            call.set(key, tokens);
        }
    }

    /** Learns from what decides after a call how the call went. */
    private final class Watched implements Aftermath {
        private final Aftermath inner;
        private final UpstreamCall upstream;

        private Watched(Aftermath inner, UpstreamCall upstream) {
            this.inner = inner;
            this.upstream = upstream;
        }

        @Override
        public void answered(MultiMap head) {
            call.set("gen_ai.response.time_to_first_chunk", (System.nanoTime() - began) / NANOS_PER_SECOND);
            inner.answered(head);
        }

        @Override
        public @Nullable Runnable failed(ProviderError error, int status, MultiMap head) {
            Runnable next = inner.failed(error, status, head);
            if (next != null) {
                end(status, error.code(), Consumption.NONE);
            }
            return next;
        }

        @Override
        public @Nullable Runnable brokeOff(ProviderError error, int status) {
            Consumption consumed = upstream.consumption(Outcome.ERROR);
            Runnable next = inner.brokeOff(error, status);
            if (next != null) {
                end(status, error.code(), consumed);
            }
            return next;
        }

        @Override
        public void ended(int status, Outcome outcome, @Nullable String reason) {
            if (!over) {
                end(status, outcome == Outcome.SUCCESS ? null : reason, upstream.consumption(outcome));
            }
            inner.ended(status, outcome, reason);
        }
    }
}
