package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.lease.KeyLease;
import io.latticegate.proxy.provider.Provider;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * One call of a provider's own API: the answer's status, end-to-end headers and bytes reach the client as they come, with
 * back-pressure, and nothing of them is understood or kept. Two answers are not the client's business: a refusal of the
 * gateway's own credential (401, 407), and a redirect, which would send the client's token somewhere else (3xx but 304).
 *
 * <p>Deadlines, one at a time: the head, then the gap between bytes. A client that leaves cancels the call at once. The last
 * byte goes to the client only after the exchange is settled and journalled; an answer that broke off ends with a reset,
 * never as if it were whole. Confined to one event loop.
 */
final class ProviderApiCall implements Exchange.Cancellation {
    private static final long UNKNOWN = -1;

    private final Exchange exchange;
    private final Provider provider;
    private final KeyLease key;
    private final Settings settings;
    private final CallTrace trace;
    private @Nullable HttpClientRequest upstream;
    private Buffer last = Buffer.buffer(new byte[0]);
    private long remaining = UNKNOWN;
    private boolean keyReleased;
    private boolean over;

    /** @param key held by this call and released when it was sent or the call is over */
    ProviderApiCall(Exchange exchange, Provider provider, KeyLease key, Settings settings) {
        this.exchange = exchange;
        this.provider = provider;
        this.key = key;
        this.settings = settings;
        this.trace = CallTrace.of(exchange, provider, exchange.request().method());
    }

    /** @param path at the provider, without the query */
    void start(String path, byte[] body) {
        HttpServerRequest client = exchange.request();
        exchange.onCancel(this);
        exchange.deadline(
                System.nanoTime(),
                provider.settings().responseTimeout(),
                () -> brokeOff(ProviderError.Kind.TIMEOUT, "provider_timeout", "The provider did not answer in time"));
        String uri = client.query() == null ? path : path + "?" + client.query();
        provider.open(HttpMethod.valueOf(client.method().name()), uri).onComplete(opened -> {
            if (over) {
                if (opened.succeeded()) {
                    opened.result().reset();
                }
            } else if (opened.failed()) {
                failed(Unreachable.because(opened.cause()));
            } else {
                send(opened.result(), Buffer.buffer(body));
            }
        });
    }

    private void send(HttpClientRequest request, Buffer body) {
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
        exchange.attempting();
        exchange.dispatched();
        provider.send(request, body, key).onComplete(answered -> {
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
        long idleNanos = settings.idleTimeout().toNanos();
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
                    exchange.moved(System.nanoTime(), idleNanos);
                    head.resume();
                });
            }
            exchange.moved(System.nanoTime(), idleNanos);
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
    }

    private void brokeOff(ProviderError.Kind kind, String code, String message) {
        if (over) {
            return;
        }
        HttpServerResponse response = exchange.response();
        if (!response.headWritten()) {
            response.headers().clear();
            response.setChunked(false);
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
