package io.latticegate.proxy.relay;

import io.latticegate.common.lease.Reservation;
import io.latticegate.common.trace.TraceSpan;
import io.latticegate.common.value.Allowance;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.bedrock.ConverseErrors;
import io.latticegate.proxy.edge.ErrorDialect;
import io.latticegate.proxy.edge.Surface;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request while it is in progress: its facts, its deadline, what must be undone, and its single ending. Whatever
 * happens, {@link #finish} runs once: the reservation is settled, the end is journalled, the metrics are counted, and
 * only then does the client see the last byte. Confined to one event loop.
 */
public final class Exchange {
    private final HttpServerRequest request;
    private final RequestFacts facts;
    private final Collaborators collaborators;
    private final Rules rules;
    private @Nullable Reservation reservation;
    private @Nullable Cancellation cancellation;
    private @Nullable AnswerTap tap;
    private @Nullable Guarding guarding;
    private @Nullable Runnable timeoutAction;
    private @Nullable String pinnedProvider;
    private @Nullable ClientKeys clientKeys;
    private TraceSpan span = TraceSpan.NONE;
    private TraceSpan step = TraceSpan.NONE;
    private @Nullable String traceparent;
    private long deadlineNanos;
    private long requestBytes;
    private Consumption earlier = Consumption.NONE;
    private long earlierCostMicroUsd;
    private boolean dispatched;
    private boolean finished;

    /** An upstream request that can be broken off. */
    interface Cancellation {
        /** Breaks it off. */
        void cancel();

        /** What the provider has reported so far, or null. */
        @Nullable
        TokenUsage usage();

        /** Bytes of generated text so far. */
        long outputTextBytes();

        /** Whether the provider may have worked on the request: true unless it refused it. */
        boolean mayHaveCharged();
    }

    /** What every exchange of an edge verticle shares. */
    public record Collaborators(AuditTrail audit, ProviderRequests requests, Consumer<Exchange> onFinished) {}

    /** @param rules under which the request begins, and so ends */
    public Exchange(HttpServerRequest request, RequestFacts facts, Collaborators collaborators, Rules rules) {
        this.request = request;
        this.facts = facts;
        this.collaborators = collaborators;
        this.rules = rules;
    }

    public HttpServerRequest request() {
        return request;
    }

    public HttpServerResponse response() {
        return request.response();
    }

    public RequestFacts facts() {
        return facts;
    }

    /** By which this request is judged and routed, whatever changes meanwhile. */
    public Rules rules() {
        return rules;
    }

    /** What the project of an admitted request may be put to. */
    ProjectAccess access() {
        return rules.access(facts.projectId);
    }

    public boolean finished() {
        return finished;
    }

    /**
     * Traces the request from now on.
     *
     * @param own the request's span
     * @param forProvider what providers are told of the trace, in place of which a call's own span may stand; null: nothing
     */
    public void trace(TraceSpan own, @Nullable String forProvider) {
        span = own;
        traceparent = forProvider;
    }

    /** The request's span. */
    public TraceSpan span() {
        return span;
    }

    /** What a provider is told of the trace by the call with this span, or null. */
    @Nullable
    String traceparent(TraceSpan call) {
        return traceparent == null || call == TraceSpan.NONE ? traceparent : call.traceparent();
    }

    /** Goes on to the next step of the walk, whose span takes the place of the last step's. */
    TraceSpan step(String name) {
        if (span == TraceSpan.NONE) {
            return TraceSpan.NONE;
        }
        step.end();
        step = span.child(name);
        return step;
    }

    /** The span of the step that the walk is in, or {@link TraceSpan#NONE}. */
    TraceSpan currentStep() {
        return step;
    }

    /** The last step is over and none follows. */
    void stepOver() {
        step.end();
        step = TraceSpan.NONE;
    }

    /**
     * A provider has answered, or the connection to it broke before it did.
     *
     * @param status 0 where it gave none
     */
    void answeredBy(String provider, int status) {
        collaborators.requests.count(provider, facts.family, status);
    }

    /** The provider that the path names, or null where the model alone decides. */
    @Nullable
    String pinnedProvider() {
        return pinnedProvider;
    }

    /** Lets no other provider than this one serve the request. */
    public void pin(String provider) {
        pinnedProvider = provider;
    }

    void clientKeys(@Nullable ClientKeys sent) {
        clientKeys = sent;
    }

    /** The provider keys that came with the request, or null. */
    @Nullable
    ClientKeys clientKeys() {
        return clientKeys;
    }

    void reserved(Reservation granted) {
        reservation = granted;
        facts.tokenId = granted.tokenId();
        facts.projectId = granted.projectId();
    }

    void requestBytes(long bytes) {
        requestBytes = bytes;
    }

    /** What the request consumed in an attempt that another one goes on from. */
    void consumed(Consumption consumption) {
        earlier = earlier.plus(consumption);
        earlierCostMicroUsd += costOf(consumption);
        requestBytes = 0;
    }

    /** What all attempts have consumed that others go on from. */
    Consumption earlier() {
        return earlier;
    }

    /** At the price of the target that is asked now, in millionths of a US dollar. */
    long costOf(Consumption consumption) {
        return rules.prices().costMicroUsd(facts.pricedAs == null ? facts.model : facts.pricedAs, consumption.usage());
    }

    /** The cost of what the provider has reported until now, in millionths of a US dollar. */
    long costSoFar() {
        Cancellation upstream = cancellation;
        TokenUsage reported = upstream == null ? null : upstream.usage();
        return earlierCostMicroUsd + (reported == null ? 0 : costOf(new Consumption(reported, false)));
    }

    long requestBytes() {
        return requestBytes;
    }

    /** A provider is asked, once more. */
    void attempting() {
        facts.attempts++;
    }

    /** From here on the provider may have seen the request, so that it counts. */
    void dispatched() {
        dispatched = true;
    }

    /** Says in the head of an answer which request it answers, who served it and how many were asked. */
    void identify(MultiMap headers) {
        headers.set("X-Request-ID", facts.requestId);
        if (facts.attempts > 0 && facts.provider != null) {
            headers.set("X-Gateway-Provider", facts.provider);
            headers.set("X-Gateway-Attempts", Integer.toString(facts.attempts));
        }
    }

    /** What to do with an upstream request when this exchange ends early. */
    void onCancel(@Nullable Cancellation cancel) {
        cancellation = cancel;
    }

    /** Lets {@code observer} see the provider's answer; it learns of the exchange's end in any case. */
    void tap(AnswerTap observer) {
        tap = observer;
    }

    /** The answer is no longer one that an observer could use. */
    void untap() {
        AnswerTap observer = tap;
        if (observer != null) {
            tap = null;
            observer.over();
        }
    }

    @Nullable
    AnswerTap tap() {
        return tap;
    }

    /** Puts the answers of this request behind guards. */
    void guarding(Guarding guards) {
        guarding = guards;
    }

    /** The guards of this request, or null where none apply. */
    @Nullable
    Guarding guarding() {
        return guarding;
    }

    /** Sets the deadline of the current stage; {@code action} decides what passing it means. */
    public void deadline(long nowNanos, Duration after, Runnable action) {
        deadlineNanos = nowNanos + after.toNanos();
        timeoutAction = action;
    }

    /** Puts the deadline of the current stage off, because something moved. */
    void moved(long nowNanos, long forNanos) {
        deadlineNanos = nowNanos + forNanos;
    }

    /** Called by the sweep. */
    public void checkDeadline(long nowNanos) {
        Runnable action = timeoutAction;
        if (action != null && nowNanos - deadlineNanos >= 0) {
            timeoutAction = null;
            action.run();
        }
    }

    /** Answers with a refusal of ours, in the surface's dialect, and ends. */
    public void refuse(Outcome outcome, Refusal refusal) {
        refuse(outcome, refusal, null, 0);
    }

    /** @param retryAfterMillis 0: no {@code Retry-After} */
    public void refuse(Outcome outcome, Refusal refusal, ErrorDialect.@Nullable RelayHint hint, long retryAfterMillis) {
        if (finished) {
            return;
        }
        facts.status = refusal.status();
        breakOff(outcome, refusal.code());
        HttpServerResponse response = response();
        if (response.headWritten() || response.closed()) {
            response.reset();
            return;
        }
        byte[] body = ErrorDialect.encode(facts.surface, refusal, facts.requestId, hint);
        response.setStatusCode(refusal.status());
        response.putHeader("Content-Type", "application/json");
        if (facts.surface == Surface.BEDROCK) {
            response.putHeader(ConverseErrors.TYPE_HEADER, ConverseErrors.exception(refusal.status()));
        }
        identify(response.headers());
        if (retryAfterMillis > 0) {
            response.putHeader("Retry-After", Long.toString((retryAfterMillis + 999) / 1000));
        }
        if (!request.isEnded()) {
            response.putHeader("Connection", "close");
        }
        boolean unread = !request.isEnded();
        response.end(Buffer.buffer(body));
        if (unread) {
            LingeringClose.of(request);
        }
    }

    /** The client is gone. Cancels the upstream and ends. */
    public void clientGone() {
        if (finished) {
            return;
        }
        facts.status = 499;
        breakOff(Outcome.FAILURE, "client_gone");
    }

    void fail(ProviderError error, long retryAfterMillis) {
        refuse(
                Outcome.ERROR,
                new Refusal(error.surfaceStatus(), error.code(), error.message(), null),
                null,
                retryAfterMillis);
    }

    /**
     * Settles, journals and counts; the caller then writes the last bytes.
     *
     * @param usage as the provider reported it, or null
     * @param outputTextBytes for the estimate where {@code usage} is null and the provider was reached
     */
    public void finish(Outcome outcome, @Nullable String reason, @Nullable TokenUsage usage, long outputTextBytes) {
        end(outcome, reason, usage, outputTextBytes, outcome == Outcome.SUCCESS || outputTextBytes > 0);
    }

    private void end(
            Outcome outcome,
            @Nullable String reason,
            @Nullable TokenUsage reported,
            long outputTextBytes,
            boolean charged) {
        if (finished) {
            throw new IllegalStateException("an exchange ends once");
        }
        finished = true;
        stepOver();
        timeoutAction = null;
        cancellation = null;
        facts.outcome = outcome;
        facts.reason = reason;
        Consumption last = Consumption.of(outcome, reported, requestBytes, outputTextBytes, dispatched && charged);
        Consumption all = earlier.plus(last);
        facts.usage = all.usage();
        facts.usageEstimated = all.estimated();
        facts.costMicroUsd = earlierCostMicroUsd + costOf(last);
        facts.elapsedNanos = System.nanoTime() - facts.startedNanos;
        if (reservation != null) {
            reservation.settle(dispatched ? new Allowance(1, facts.usage.total(), facts.costMicroUsd) : Allowance.NONE);
        }
        if (guarding != null) {
            guarding.report();
        }
        collaborators.audit.end(facts);
        collaborators.onFinished.accept(this);
        if (tap != null) {
            tap.over();
            tap = null;
        }
    }

    private void breakOff(Outcome outcome, String reason) {
        Cancellation upstream = cancellation;
        cancellation = null;
        if (upstream == null) {
            finish(outcome, reason, null, 0);
            return;
        }
        upstream.cancel();
        end(outcome, reason, upstream.usage(), upstream.outputTextBytes(), upstream.mayHaveCharged());
    }
}
