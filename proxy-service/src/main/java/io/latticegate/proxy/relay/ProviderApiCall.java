package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.lease.KeyLease;
import io.latticegate.proxy.provider.Provider;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call of a provider's own API: the answer's status, end-to-end headers and bytes reach the client as they come, with
 * back-pressure, and nothing of them is understood or kept. Two answers are not the client's business: a refusal of the
 * gateway's own credential (401, 407), and a redirect, which would send the client's token somewhere else (3xx but 304).
 *
 * <p>A body that is streamed ends early where the provider's answer does: what the client still sends is then thrown away, and
 * both connections close. An answer that begins before the body has ended is relayed while the rest of it goes up.
 *
 * <p>Deadlines, one at a time: while a body comes, the gap between its bytes and the time for all of it; then the head; then
 * the gap between the answer's bytes. A client that leaves cancels the call at once. The last byte goes to the client only
 * after the exchange is settled and journalled; an answer that broke off ends with a reset, never as if it were whole.
 * Confined to one event loop.
 */
final class ProviderApiCall implements Exchange.Cancellation, RequestUpload.Sink {
    private static final long UNKNOWN = -1;
    private static final Buffer NOTHING = Buffer.buffer(new byte[0]);

    private final Exchange exchange;
    private final Provider provider;
    private final KeyLease key;
    private final Settings settings;
    private final CallTrace trace;
    private @Nullable HttpClientRequest upstream;
    private @Nullable RequestUpload upload;
    private long uploadUntilNanos;
    private Buffer last = NOTHING;
    private long remaining = UNKNOWN;
    private boolean keyReleased;
    private boolean relaying;
    private boolean closing;
    private boolean over;

    /** @param key held by this call and released when it was sent or the call is over */
    ProviderApiCall(Exchange exchange, Provider provider, KeyLease key, Settings settings) {
        this.exchange = exchange;
        this.provider = provider;
        this.key = key;
        this.settings = settings;
        this.trace = CallTrace.of(exchange, provider, exchange.request().method());
    }

    /**
     * @param path at the provider, without the query
     * @param body all of it
     */
    void start(String path, Buffer body) {
        open(path, request -> {
            prepare(request);
            answered(provider.send(request, body, key));
        });
    }

    /**
     * @param path at the provider, without the query
     * @param body begun here
     */
    void start(String path, RequestUpload body) {
        open(path, request -> {
            prepare(request);
            upload = body;
            uploadUntilNanos =
                    System.nanoTime() + settings.uploads().bodyTimeout().toNanos();
            exchange.deadline(System.nanoTime(), settings.idleTimeout(), this::uploadLate);
            body.start(request, this);
        });
    }

    private void open(String path, Consumer<HttpClientRequest> send) {
        HttpServerRequest client = exchange.request();
        exchange.onCancel(this);
        awaitHead();
        String uri = client.query() == null ? path : path + "?" + client.query();
        provider.open(HttpMethod.valueOf(client.method().name()), uri).onComplete(opened -> {
            if (over) {
                if (opened.succeeded()) {
                    opened.result().reset();
                }
            } else if (opened.failed()) {
                failed(Unreachable.because(opened.cause()));
            } else {
                send.accept(opened.result());
            }
        });
    }

    private void awaitHead() {
        exchange.deadline(
                System.nanoTime(),
                provider.settings().responseTimeout(),
                () -> brokeOff(ProviderError.Kind.TIMEOUT, "provider_timeout", "The provider did not answer in time"));
    }

    private void prepare(HttpClientRequest request) {
        upstream = request;
        MultiMap clientHeaders = exchange.request().headers();
        EndToEndHeaders.toProvider(clientHeaders, request.headers());
        String codings = clientHeaders.get("Accept-Encoding");
        if (codings != null) {
            request.putHeader("Accept-Encoding", codings);
        }
        trace.tell(exchange, request.headers());
        var credential = provider.credentialHeader();
        request.putHeader(credential.getKey(), credential.getValue());
    }

    @Override
    public void first(Buffer bytes) {
        HttpClientRequest request = upstream;
        if (request != null) {
            var sent = provider.sendFirst(request, bytes, key);
            answered(request.response());
            sent.onComplete(written -> releaseKey());
        }
    }

    @Override
    public void moved() {
        if (!over) {
            long now = System.nanoTime();
            long left = upload == null || upload.isWhole() ? Long.MAX_VALUE : uploadUntilNanos - now;
            exchange.moved(now, Math.min(settings.idleTimeout().toNanos(), left));
        }
    }

    @Override
    public void whole(boolean empty) {
        HttpClientRequest request = upstream;
        if (over || request == null) {
            return;
        }
        if (!relaying) {
            awaitHead();
        }
        if (empty) {
            answered(provider.send(request, NOTHING, key));
        }
    }

    @Override
    public void tooLong(Refusal refusal) {
        refuseRest(refusal);
    }

    /** The body has not moved for too long, or not ended in time: it is told whose fault that is. */
    private void uploadLate() {
        RequestUpload body = upload;
        if (body != null && body.waitsForProvider()) {
            brokeOff(ProviderError.Kind.TIMEOUT, "provider_stalled", "The provider stopped taking the body");
        } else {
            refuseRest(new Refusal(408, "request_timeout", "The body did not arrive in time", null));
        }
    }

    /** Ends the call for a fault of the client's body: with an answer where none has begun, else with a reset. */
    private void refuseRest(Refusal refusal) {
        if (over) {
            return;
        }
        trace.end(0, refusal.code(), Consumption.NONE);
        if (!exchange.response().headWritten()) {
            forgetHead();
        }
        exchange.refuse(Outcome.FAILURE, refusal);
    }

    /** The client has seen nothing of the provider's answer, and will not. */
    private void forgetHead() {
        exchange.response().headers().clear();
        exchange.response().setChunked(false);
    }

    /** Counts the request, and takes the provider's answer to it. */
    private void answered(Future<HttpClientResponse> answer) {
        exchange.attempting();
        exchange.dispatched();
        answer.onComplete(answered -> {
            releaseKey();
            exchange.answeredBy(
                    provider.name(), answered.succeeded() ? answered.result().statusCode() : 0);
            if (over) {
                return;
            }
            if (answered.failed()) {
                brokeOff(
                        ProviderError.Kind.OUTAGE,
                        "provider_connection_lost",
                        "The connection to the provider was lost before it answered");
                return;
            }
            receive(answered.result());
        });
    }

    private void receive(HttpClientResponse head) {
        head.exceptionHandler(
                cut -> brokeOff(ProviderError.Kind.OUTAGE, "provider_stream_cut", "The provider's answer broke off"));
        int status = head.statusCode();
        ProviderError fault = AnswerHead.fault(status, head.headers());
        if (fault != null) {
            failed(fault);
        } else if (status == 401 || status == 407) {
            failed(ProviderError.ofStatus(status, "", ""));
        } else if (status < 400 && status >= 300 && status != 304) {
            failed(ProviderError.of(
                    ProviderError.Kind.OUTAGE,
                    "provider_redirected",
                    "The provider redirects elsewhere; that is neither followed nor passed on"));
        } else {
            relay(head, status);
        }
    }

    private void relay(HttpClientResponse head, int status) {
        HttpServerResponse response = exchange.response();
        response.setStatusCode(status);
        EndToEndHeaders.toClient(head.headers(), response.headers());
        response.putHeader("X-Request-ID", exchange.facts().requestId);
        exchange.facts().status = status;
        boolean bodiless =
                status == 204 || status == 304 || exchange.request().method().equals(HttpMethod.HEAD);
        if (!bodiless) {
            remaining = lengthOf(head);
            response.setChunked(remaining == UNKNOWN);
        }
        relaying = true;
        if (upload != null && !upload.isWhole()) {
            response.putHeader("Connection", "close");
            closing = true;
        }
        exchange.deadline(
                System.nanoTime(),
                settings.idleTimeout(),
                () -> brokeOff(ProviderError.Kind.TIMEOUT, "provider_stalled", "The provider stopped sending"));
        head.handler(bytes -> {
            if (over) {
                return;
            }
            forward(response, bytes);
            if (response.writeQueueFull()) {
                head.pause();
                response.drainHandler(drained -> {
                    moved();
                    head.resume();
                });
            }
            moved();
        });
        head.endHandler(end -> completed(response, status));
    }

    /** Writes at once, but for the bytes that complete an announced length: a client takes those for the end. */
    private void forward(HttpServerResponse response, Buffer bytes) {
        if (remaining != UNKNOWN) {
            remaining -= bytes.length();
            if (remaining <= 0) {
                last = bytes;
                return;
            }
        }
        response.write(bytes);
    }

    private void completed(HttpServerResponse response, int status) {
        if (over) {
            return;
        }
        over = true;
        String reason =
                status < 400 ? null : ProviderError.ofStatus(status, "", "").code();
        trace.end(status, reason, Consumption.NONE);
        exchange.finish(reason == null ? Outcome.SUCCESS : Outcome.ERROR, reason, TokenUsage.NONE, 0);
        if (last.length() == 0) {
            response.end();
        } else {
            response.end(last);
        }
        if (closing) {
            endUpload();
            LingeringClose.of(exchange.request());
        }
    }

    /** What has not gone up by now is not wanted: the answer is complete. */
    private void endUpload() {
        RequestUpload body = upload;
        if (body != null && !body.isWhole()) {
            body.stop();
            if (upstream != null) {
                upstream.reset();
            }
        }
    }

    private void brokeOff(ProviderError.Kind kind, String code, String message) {
        if (over) {
            return;
        }
        HttpServerResponse response = exchange.response();
        if (!response.headWritten()) {
            forgetHead();
            failed(ProviderError.of(kind, code, message));
            return;
        }
        trace.end(response.getStatusCode(), code, Consumption.NONE);
        cancel();
        exchange.finish(Outcome.ERROR, code, TokenUsage.NONE, 0);
        response.reset();
    }

    private void failed(ProviderError error) {
        over = true;
        trace.end(0, error.code(), Consumption.NONE);
        exchange.fail(key.isClients() ? error.ofClientsKey() : error, 0);
        cancel();
    }

    @Override
    public void cancel() {
        over = true;
        trace.end(0, "cancelled", Consumption.NONE);
        releaseKey();
        if (upload != null) {
            upload.stop();
        }
        exchange.onCancel(null);
        if (upstream != null) {
            upstream.reset();
        }
    }

    /** Such a call has no tokens, also where it is broken off. */
    @Override
    public TokenUsage usage() {
        return TokenUsage.NONE;
    }

    @Override
    public long outputTextBytes() {
        return 0;
    }

    @Override
    public boolean mayHaveCharged() {
        return false;
    }

    private void releaseKey() {
        if (!keyReleased) {
            keyReleased = true;
            key.release();
        }
    }

    /** The announced length, or {@link #UNKNOWN}; the client's decoder has refused what is no number. */
    private static long lengthOf(HttpClientResponse head) {
        String announced = head.getHeader("Content-Length");
        if (announced == null || head.headers().contains("Transfer-Encoding")) {
            return UNKNOWN;
        }
        try {
            return Long.parseLong(announced.trim());
        } catch (NumberFormatException unparseable) {
            return UNKNOWN;
        }
    }
}
