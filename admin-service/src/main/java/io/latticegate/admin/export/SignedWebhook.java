package io.latticegate.admin.export;

import io.latticegate.common.config.SignedWebhookConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Posts messages to a service of the operator's, signed with HMAC-SHA-256 over the time and the body. Each time, the name is
 * resolved, every address of the answer is judged, and the connection goes to the bytes of one of them, so that a name server
 * leads it nowhere else; no redirect is followed. An answer of 200 to 299 takes the message over; its body is not read.
 */
public final class SignedWebhook implements Sink, AutoCloseable {
    /** {@code t=<seconds>,v1=<hex>}; what is signed is {@code <seconds>.<body>}. */
    public static final String SIGNATURE_HEADER = "X-Latticegate-Signature";

    /** The same for every attempt with one message, so that the receiver knows it again. */
    public static final String DELIVERY_HEADER = "X-Latticegate-Delivery";

    private static final int CONNECTIONS_MAX = 2;

    private final SignedWebhookConfig config;
    private final InstantSource clock;
    private final HttpClientAgent client;
    private final String host;
    private final int port;
    private final boolean tls;
    private final String path;

    public SignedWebhook(Vertx vertx, SignedWebhookConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
        URI url = config.url();
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
                        .setConnectTimeout(Math.toIntExact(config.timeout().toMillis())))
                .with(new PoolOptions().setHttp1MaxSize(CONNECTIONS_MAX).setMaxWaitQueueSize(CONNECTIONS_MAX))
                .withRedirectHandler(response -> null)
                .build();
    }

    @Override
    public void deliver(Batch batch) throws NotDelivered {
        post("application/x-ndjson", batch.id(), batch.text().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Posts one message and waits for the answer; call on a virtual thread.
     *
     * @param id of the message, the same for every attempt
     * @throws NotDelivered when it was not taken over, or may not have been
     */
    public void post(String contentType, String id, byte[] body) throws NotDelivered {
        InetAddress address = checkedAddress();
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(address, port)))
                .setHost(host)
                .setPort(port)
                .setSsl(tls)
                .setURI(path)
                .setTimeout(config.timeout().toMillis())
                .setFollowRedirects(false);
        long seconds = clock.instant().getEpochSecond();
        Future<Integer> answered = client.request(options).compose(request -> {
            request.putHeader("Content-Type", contentType);
            request.putHeader(DELIVERY_HEADER, id);
            request.putHeader(SIGNATURE_HEADER, "t=" + seconds + ",v1=" + signature(seconds, body));
            return request.send(Buffer.buffer(body))
                    .map(response -> {
                        int status = response.statusCode();
                        response.request().connection().close();
                        return status;
                    })
                    .onFailure(failed -> abandon(request));
        });
        int status;
        try {
            status = answered.timeout(config.timeout().toMillis(), TimeUnit.MILLISECONDS)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException failed) {
            throw new NotDelivered("the webhook was not reached: " + reason(failed));
        }
        if (status < 200 || status > 299) {
            throw new NotDelivered("the webhook answered with status " + status);
        }
    }

    private static void abandon(HttpClientRequest request) {
        request.reset();
    }

    private static String reason(CompletionException failed) {
        Throwable cause = failed.getCause() == null ? failed : failed.getCause();
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }

    private InetAddress checkedAddress() throws NotDelivered {
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        try {
            return CheckedAddress.of(bare, config.scope());
        } catch (UnknownHostException unknown) {
            throw new NotDelivered("the webhook's name does not resolve");
        }
    }

    private String signature(long seconds, byte[] body) {
        return config.secret().require().expose(key -> {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(key, "HmacSHA256"));
                mac.update((seconds + ".").getBytes(StandardCharsets.US_ASCII));
                return HexFormat.of().formatHex(mac.doFinal(body));
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException("every JDK has HMAC-SHA-256", impossible);
            }
        });
    }

    @Override
    public void close() {
        client.close();
    }
}
