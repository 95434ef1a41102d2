package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.ErrorReport;
import io.latticegate.proxy.dialect.bedrock.ConverseErrors;
import io.latticegate.proxy.lease.KeyLease;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.provider.UnusableKey;
import io.latticegate.proxy.routing.RetryAfter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a provider: open, send with the key spliced in, relay the answer with back-pressure both ways, end.
 *
 * <p>Deadlines, one at a time: connect (the provider's client), head, first bytes of a stream, idle gap. A client that
 * stops reading pauses the upstream; the idle deadline then ends it. A client that leaves cancels the upstream at once.
 * The last bytes go to the client only after the exchange is settled and journalled. Confined to one event loop.
 *
 * <p>Until the first byte for the client is written, its response is untouched, so that a failure up to there may be followed
 * by another attempt: {@link Aftermath} decides. A call may also go on with an answer that another one has begun; then the
 * client's head is sent already, and a failure is shown within the answer.
 */
final class UpstreamCall implements Exchange.Cancellation {
    /** Largest error body of a provider that is read. */
    private static final int ERROR_BODY_MAX = 256 * 1024;

    /** Where AWS says what went wrong. */
    private static final String AWS_ERROR_TYPE = ConverseErrors.TYPE_HEADER;

    private final Exchange exchange;
    private final Provider provider;
    private final KeyLease key;
    private final Settings settings;
    private final UpstreamPlan plan;
    private final Aftermath aftermath;
    private final CallTrace trace;
    private @Nullable HttpClientRequest upstream;
    private @Nullable HttpClientResponse answer;
    private @Nullable ReplyPath path;
    private @Nullable Buffer pending;
    private boolean keyReleased;
    private boolean sent;
    private boolean begun;
    private boolean answered;
    private boolean over;

    /** A call that nothing follows. */
    UpstreamCall(Exchange exchange, Provider provider, KeyLease key, Settings settings, UpstreamPlan plan) {
        this(exchange, provider, key, settings, plan, Aftermath.NONE);
    }

    /** @param key held by this call and released when it was sent or the call is over */
    UpstreamCall(
            Exchange exchange,
            Provider provider,
            KeyLease key,
            Settings settings,
            UpstreamPlan plan,
            Aftermath aftermath) {
        this.exchange = exchange;
        this.provider = provider;
        this.key = key;
        this.settings = settings;
        this.plan = plan;
        this.trace = CallTrace.of(exchange, provider, plan.method());
        this.aftermath = trace.around(aftermath, this);
    }

    /** Adds to an answer whose head and first part the client has. */
    UpstreamCall goingOn() {
        begun = true;
        path = plan.reply().apply(true);
        return this;
    }

    void start() {
        exchange.attempting();
        exchange.onCancel(this);
        exchange.deadline(
                System.nanoTime(),
                provider.settings().responseTimeout(),
                () -> timedOut("provider_timeout", "The provider did not answer in time"));
        provider.open(plan.method(), plan.uri()).onComplete(opened -> {
            if (over) {
                if (opened.succeeded()) {
                    opened.result().reset();
                }
                return;
            }
            if (opened.failed()) {
                failed(Unreachable.because(opened.cause()));
                return;
            }
            send(opened.result());
        });
    }

    private void send(HttpClientRequest request) {
        upstream = request;
        plan.headers().accept(request.headers());
        trace.tell(exchange, request.headers());
        var credential = provider.credentialHeader();
        request.putHeader(credential.getKey(), credential.getValue());
        sent = true;
        exchange.dispatched();
        provider.send(request, plan.body(), key).onComplete(answered -> {
            releaseKey();
            exchange.answeredBy(
                    provider.name(), answered.succeeded() ? answered.result().statusCode() : 0);
            if (over) {
                return;
            }
            if (answered.cause() instanceof UnusableKey unusable) {
                failed(ProviderError.of(
                        ProviderError.Kind.AUTH,
                        "provider_key_malformed",
                        "The key for " + provider.name() + " must be " + unusable.getMessage()));
                return;
            }
            if (answered.failed()) {
                failed(ProviderError.of(
                        ProviderError.Kind.OUTAGE,
                        "provider_connection_lost",
                        "The connection to the provider was lost before it answered"));
                return;
            }
            receive(answered.result());
        });
    }

    private void receive(HttpClientResponse head) {
        answer = head;
        head.exceptionHandler(cut -> brokeOff(
                ProviderError.of(ProviderError.Kind.OUTAGE, "provider_stream_cut", "The provider's answer broke off")));
        int status = head.statusCode();
        ProviderError fault = AnswerHead.fault(status, head.headers());
        if (fault == null) {
            fault = AnswerHead.codingFault(head.headers());
        }
        if (fault != null) {
            failed(fault);
            return;
        }
        if (status < 300) {
            if (plan.jsonOnly() && !AnswerHead.isEventStream(head.headers()) && !AnswerHead.isJson(head.headers())) {
                failed(ProviderError.of(
                        ProviderError.Kind.OUTAGE,
                        "provider_wrong_content_type",
                        "The provider answered with something that is not JSON"));
                return;
            }
            relay(head);
            return;
        }
        if (plan.passErrors() && (status >= 400 || status == 304) && status != 401 && status != 407) {
            relayError(head, status);
            return;
        }
        readError(head, bytes -> failed(ErrorReport.read(status, bytes, head.getHeader(AWS_ERROR_TYPE))));
    }

    /**
     * The provider's refusal in the client's own protocol: unchanged, but recorded as a failure. One that concerns the
     * gateway's credential is ours to write, and so is AWS's of a permission, which names the account behind it.
     */
    private void relayError(HttpClientResponse head, int status) {
        readError(head, bytes -> {
            String awsType = head.getHeader(AWS_ERROR_TYPE);
            ProviderError error = concerning(ErrorReport.read(status, bytes, awsType));
            boolean namesAccount = awsType != null && error.kind() == ProviderError.Kind.PERMISSION;
            if (error.kind() == ProviderError.Kind.AUTH || namesAccount) {
                failed(error);
                return;
            }
            if (goesOn(error)) {
                return;
            }
            over = true;
            aftermath.ended(status, Outcome.ERROR, error.code());
            exchange.facts().status = status;
            exchange.finish(Outcome.ERROR, error.code(), null, 0);
            HttpServerResponse response = exchange.response();
            response.setStatusCode(status);
            EndToEndHeaders.toClient(head.headers(), response.headers());
            exchange.identify(response.headers());
            response.headers().remove("Content-Length");
            response.end(Buffer.buffer(bytes));
        });
    }

    /** Reads an error body up to its bound; what is longer is cut and its connection closed. */
    private void readError(HttpClientResponse head, Consumer<byte[]> use) {
        Buffer body = Buffer.buffer();
        head.handler(bytes -> {
            if (over) {
                return;
            }
            body.appendBuffer(bytes);
            if (body.length() > ERROR_BODY_MAX) {
                use.accept(body.getBytes(0, ERROR_BODY_MAX));
                closeUpstream();
            }
        });
        head.endHandler(end -> {
            if (!over) {
                use.accept(body.getBytes());
            }
        });
    }

    private void relay(HttpClientResponse head) {
        boolean eventStream = AnswerHead.isEventStream(head.headers());
        ReplyPath replyPath = plan.reply().apply(eventStream);
        boolean stream = begun || replyPath.streams(eventStream);
        path = replyPath;
        HttpServerResponse response = exchange.response();
        long idleNanos = settings.idleTimeout().toNanos();
        exchange.deadline(
                System.nanoTime(),
                stream ? settings.firstTokenTimeout() : settings.idleTimeout(),
                () -> timedOut("provider_stalled", "The provider stopped sending"));
        head.handler(bytes -> {
            if (over) {
                return;
            }
            Buffer forward = replyPath.onBytes(bytes);
            ProviderError abandoned = replyPath.abandoned();
            if (abandoned != null) {
                brokeOff(abandoned, forward);
                return;
            }
            if (stream && !begun && replyPath.failure() != null && goesOn(replyPath.failure())) {
                return;
            }
            if (forward.length() > 0) {
                if (stream) {
                    beginAnswer(head, replyPath, true);
                    write(forward);
                } else {
                    writePending(head, replyPath);
                    pending = forward;
                }
            }
            if (response.writeQueueFull()) {
                head.pause();
                response.drainHandler(drained -> {
                    exchange.moved(System.nanoTime(), idleNanos);
                    head.resume();
                });
            }
            exchange.moved(System.nanoTime(), idleNanos);
        });
        head.endHandler(end -> completed(head, replyPath, stream));
    }

    /** Prepares the client's head; what is written next sends it. */
    private void beginAnswer(HttpClientResponse head, ReplyPath replyPath, boolean stream) {
        if (!answered) {
            answered = true;
            aftermath.answered(head.headers());
        }
        if (begun) {
            return;
        }
        begun = true;
        HttpServerResponse response = exchange.response();
        response.setStatusCode(head.statusCode());
        if (replyPath.contentType() == null) {
            EndToEndHeaders.toClient(head.headers(), response.headers());
        } else {
            response.putHeader("Content-Type", replyPath.contentType());
        }
        exchange.identify(response.headers());
        plan.answered().accept(response.headers());
        if (stream) {
            response.headers().remove("Content-Length");
            response.setChunked(true);
        }
        AnswerTap tap = exchange.tap();
        if (tap != null) {
            tap.head(head.statusCode(), stream, head.headers(), response.headers());
        }
        exchange.facts().status = head.statusCode();
    }

    private void completed(HttpClientResponse head, ReplyPath replyPath, boolean stream) {
        if (over) {
            return;
        }
        HttpServerResponse response = exchange.response();
        ReplyPath.Ending ending = replyPath.onEnd();
        ProviderError failure = ending.failure();
        if (failure != null && !begun && goesOn(failure)) {
            return;
        }
        if (failure != null && (stream || !response.headWritten() && replyPath.withholdsFailed())) {
            brokeOff(failure, ending.rest());
            return;
        }
        over = true;
        beginAnswer(head, replyPath, stream);
        Buffer last = pending == null
                ? ending.rest()
                : ending.rest().length() == 0 ? pending : pending.copy().appendBuffer(ending.rest());
        AnswerTap tap = exchange.tap();
        if (tap != null && failure == null) {
            tap.bytes(last);
            tap.whole();
        }
        Outcome outcome = failure == null ? Outcome.SUCCESS : Outcome.ERROR;
        String reason = failure == null ? null : failure.code();
        aftermath.ended(head.statusCode(), outcome, reason);
        exchange.finish(outcome, reason, replyPath.usage(), replyPath.outputTextBytes());
        if (last.length() == 0) {
            response.end();
        } else {
            if (!stream && !response.headWritten()) {
                response.putHeader("Content-Length", Integer.toString(last.length()));
            }
            response.end(last);
        }
    }

    private void writePending(HttpClientResponse head, ReplyPath replyPath) {
        Buffer held = pending;
        if (held != null) {
            HttpServerResponse response = exchange.response();
            beginAnswer(head, replyPath, false);
            if (!response.headWritten() && !response.headers().contains("Content-Length")) {
                response.setChunked(true);
            }
            write(held);
            pending = null;
        }
    }

    private void write(Buffer bytes) {
        AnswerTap tap = exchange.tap();
        if (tap != null) {
            tap.bytes(bytes);
        }
        exchange.response().write(bytes);
    }

    private void timedOut(String code, String message) {
        brokeOff(ProviderError.of(ProviderError.Kind.TIMEOUT, code, message));
    }

    private void brokeOff(ProviderError error) {
        brokeOff(error, ReplyPath.Ending.NOTHING);
    }

    /** The answer ended badly: before its head an ordinary error, after it the dialect's error event or a reset. */
    private void brokeOff(ProviderError error, Buffer rest) {
        if (over) {
            return;
        }
        HttpServerResponse response = exchange.response();
        ReplyPath replyPath = path;
        if (replyPath == null || !answered) {
            failed(error);
            return;
        }
        Runnable next = response.writeQueueFull() ? null : aftermath.brokeOff(error, status());
        if (next == null) {
            endBroken(replyPath, error, rest);
            return;
        }
        if (rest.length() > 0) {
            write(rest);
        }
        letGo();
        next.run();
    }

    private void endBroken(ReplyPath replyPath, ProviderError error, Buffer rest) {
        HttpServerResponse response = exchange.response();
        Buffer tail = replyPath.brokenOff(error);
        boolean targetAtFault = error.kind() != ProviderError.Kind.CLIENT_FAULT;
        aftermath.ended(status(), targetAtFault ? Outcome.ERROR : Outcome.FAILURE, error.code());
        cancel();
        exchange.finish(Outcome.ERROR, error.code(), replyPath.usage(), replyPath.outputTextBytes());
        if (tail == null || response.writeQueueFull()) {
            response.reset();
        } else {
            response.end(rest.length() == 0 ? tail : rest.copy().appendBuffer(tail));
        }
    }

    private void failed(ProviderError fault) {
        ProviderError error = concerning(fault);
        if (goesOn(error)) {
            return;
        }
        ReplyPath goneOnWith = path;
        if (begun && goneOnWith != null) {
            endBroken(goneOnWith, error, ReplyPath.Ending.NOTHING);
            return;
        }
        aftermath.ended(status(), Outcome.ERROR, error.code());
        HttpClientResponse head = answer;
        over = true;
        exchange.fail(
                error,
                head == null
                        ? 0
                        : RetryAfter.asked(head::getHeader, Instant.now()).toMillis());
        letGo();
    }

    private ProviderError concerning(ProviderError fault) {
        return key.isClients() ? fault.ofClientsKey() : fault;
    }

    /** Whether another attempt takes this one's place, which then answers nothing. */
    private boolean goesOn(ProviderError error) {
        Runnable next = aftermath.failed(error, status(), answer == null ? HttpHeaders.headers() : answer.headers());
        if (next == null) {
            return false;
        }
        letGo();
        next.run();
        return true;
    }

    /** Lets the provider stop generating: closes the connection unless the answer was read to its end. */
    @Override
    public void cancel() {
        aftermath.ended(status(), Outcome.FAILURE, "cancelled");
        letGo();
    }

    private void letGo() {
        over = true;
        releaseKey();
        exchange.onCancel(null);
        closeUpstream();
    }

    private void closeUpstream() {
        if (upstream != null) {
            upstream.reset();
        }
    }

    /** The provider's, 0 when it gave none. */
    private int status() {
        return answer == null ? 0 : answer.statusCode();
    }

    @Override
    public @Nullable TokenUsage usage() {
        return path == null ? null : path.usage();
    }

    @Override
    public long outputTextBytes() {
        return path == null ? 0 : path.outputTextBytes();
    }

    @Override
    public boolean mayHaveCharged() {
        return sent && (answer == null || answer.statusCode() < 300);
    }

    /** What this call has consumed so far, if it ended as {@code outcome} says now. */
    Consumption consumption(Outcome outcome) {
        boolean charged = outcome == Outcome.SUCCESS
                || outputTextBytes() > 0
                || (outcome == Outcome.FAILURE || !begun) && mayHaveCharged();
        return Consumption.of(outcome, usage(), exchange.requestBytes(), outputTextBytes(), charged);
    }

    private void releaseKey() {
        if (!keyReleased) {
            keyReleased = true;
            key.release();
        }
    }
}
