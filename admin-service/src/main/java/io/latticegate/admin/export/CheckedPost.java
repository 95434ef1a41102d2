package io.latticegate.admin.export;

import io.latticegate.common.egress.EgressScope;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Posts to one address of the operator's. Each time, the name is resolved, every address of the answer is judged, and the
 * connection goes to the bytes of one of them, so that a name server leads it nowhere else; no redirect is followed.
 */
final class CheckedPost implements AutoCloseable {
    private static final int CONNECTIONS_MAX = 2;

    private final HttpClientAgent client;
    private final String receiver;
    private final EgressScope scope;
    private final Duration timeout;
    private final int answerBytesMax;
    private final String host;
    private final int port;
    private final boolean tls;
    private final String path;

    /**
     * What the receiver said.
     *
     * @param retryAfter its {@code Retry-After} as it stands, or null
     * @param body null: longer than what is read
     */
    record Answer(
            int status,
            @Nullable String retryAfter,
            @Nullable Buffer body) {
        boolean taken() {
            return status >= 200 && status <= 299;
        }
    }

    /**
     * @param receiver what messages call it
     * @param timeout for one attempt, its answer included
     * @param answerBytesMax longest body of an answer that is read; 0: none is
     */
    CheckedPost(Vertx vertx, String receiver, URI url, EgressScope scope, Duration timeout, int answerBytesMax) {
        this.receiver = receiver;
        this.scope = scope;
        this.timeout = timeout;
        this.answerBytesMax = answerBytesMax;
        tls = "https".equalsIgnoreCase(url.getScheme());
        host = url.getHost() == null ? "" : url.getHost();
        port = url.getPort() >= 0 ? url.getPort() : tls ? 443 : 80;
        path = url.getPath() == null || url.getPath().isEmpty() ? "/" : url.getPath();
        client = vertx.httpClientBuilder()
                .with(new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_1_1)
                        .setSsl(tls)
                        .setVerifyHost(true)
                        .setKeepAlive(false)
                        .setConnectTimeout(Math.toIntExact(timeout.toMillis())))
                .with(new PoolOptions().setHttp1MaxSize(CONNECTIONS_MAX).setMaxWaitQueueSize(CONNECTIONS_MAX))
                .withRedirectHandler(response -> null)
                .build();
    }

    /**
     * Posts and waits for the answer; call on a virtual thread.
     *
     * @throws Sink.NotDelivered when there was none
     */
    Answer post(Map<String, String> headers, byte[] body) throws Sink.NotDelivered {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(checkedAddress(), port)))
                .setHost(host)
                .setPort(port)
                .setSsl(tls)
                .setURI(path)
                .setTimeout(timeout.toMillis())
                .setFollowRedirects(false);
        Future<Answer> answered = client.request(options).compose(request -> {
            headers.forEach(request::putHeader);
            return request.send(Buffer.buffer(body)).compose(this::read).onFailure(failed -> {
                var _ = request.reset();
            });
        });
        try {
            return answered.timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException failed) {
            throw new Sink.NotDelivered(receiver + " was not reached: " + reason(failed));
        }
    }

    private Future<Answer> read(HttpClientResponse response) {
        int status = response.statusCode();
        String retryAfter = response.getHeader("Retry-After");
        Promise<Answer> answer = Promise.promise();
        if (answerBytesMax == 0) {
            response.request().connection().close();
            answer.complete(new Answer(status, retryAfter, null));
            return answer.future();
        }
        Buffer body = Buffer.buffer();
        response.handler(chunk -> {
            if (body.length() + chunk.length() <= answerBytesMax) {
                body.appendBuffer(chunk);
            } else if (answer.tryComplete(new Answer(status, retryAfter, null))) {
                response.request().connection().close();
            }
        });
        response.exceptionHandler(answer::tryFail);
        response.endHandler(nothing -> answer.tryComplete(new Answer(status, retryAfter, body)));
        return answer.future();
    }

    private static String reason(CompletionException failed) {
        Throwable cause = failed.getCause() == null ? failed : failed.getCause();
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }

    private InetAddress checkedAddress() throws Sink.NotDelivered {
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        try {
            return CheckedAddress.of(bare, scope);
        } catch (UnknownHostException unknown) {
            throw new Sink.NotDelivered("the name of " + receiver + " does not resolve");
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
