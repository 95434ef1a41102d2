package io.latticegate.proxy.guard.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.common.config.GuardWebhookConfig;
import io.latticegate.proxy.dialect.StrictJson;
import io.latticegate.proxy.egress.PinnedAddress;
import io.latticegate.proxy.egress.VertxNames;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Asks one policy's webhook about a prompt: {@code POST}, with a JSON document of the texts, signed with HMAC-SHA-256 over
 * the time and the body. The answer is {@code 200} with {@code {"action":"allow"}} or {@code {"action":"block"}}; anything
 * else, also a later answer, is a failure. Connections go only to addresses that are in the policy's scope, no redirect is
 * followed, and no header of the client is sent. Confined to one event loop.
 */
public final class GuardWebhook {
    /** {@code t=<seconds>,v1=<hex>}; what is signed is {@code <seconds>.<body>}. */
    public static final String SIGNATURE_HEADER = "X-Latticegate-Signature";

    private static final int ANSWER_BYTES_MAX = 16 * 1024;
    private static final int CONNECTIONS_MAX = 32;

    private final GuardWebhookConfig config;
    private final InstantSource clock;
    private final HttpClientAgent client;
    private final PinnedAddress address;
    private final String host;
    private final int port;
    private final boolean tls;
    private final String path;

    /** What the webhook says. */
    public enum Verdict {
        ALLOWED,
        BLOCKED
    }

    public GuardWebhook(Vertx vertx, GuardWebhookConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
        URI url = config.url();
        tls = "https".equalsIgnoreCase(url.getScheme());
        host = url.getHost() == null ? "" : url.getHost();
        port = url.getPort() >= 0 ? url.getPort() : tls ? 443 : 80;
        path = url.getPath() == null || url.getPath().isEmpty() ? "/" : url.getPath();
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        address = new PinnedAddress(bare, config.scope(), new VertxNames(vertx), System::nanoTime);
        client = vertx.httpClientBuilder()
                .with(new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_1_1)
                        .setSsl(tls)
                        .setVerifyHost(true)
                        .setTcpNoDelay(true)
                        .setDecompressionSupported(false)
                        .setConnectTimeout(Math.toIntExact(config.timeout().toMillis())))
                .with(new PoolOptions().setHttp1MaxSize(CONNECTIONS_MAX).setMaxWaitQueueSize(CONNECTIONS_MAX * 4))
                .withRedirectHandler(response -> null)
                .build();
    }

    /** Whether a request goes on where the webhook cannot be asked. */
    public boolean allowsOnFailure() {
        return config.allowOnFailure();
    }

    /**
     * Asks. Fails where there is no answer in time, or one that says nothing; the failure's message is for logs.
     *
     * @param body a JSON document; one that is longer than the policy allows is not sent
     */
    public Future<Verdict> ask(byte[] body) {
        if (body.length > config.bytesMax()) {
            return Future.failedFuture("the prompt has more than " + config.bytesMax() + " bytes");
        }
        var flight = new Flight(body);
        return flight.start()
                .timeout(config.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(late -> flight.abandon());
    }

    /** One question under way. */
    private final class Flight {
        private final byte[] body;
        private @Nullable HttpClientRequest request;
        private boolean abandoned;

        private Flight(byte[] body) {
            this.body = body;
        }

        private Future<Verdict> start() {
            return address.current().compose(this::open).compose(this::send).compose(this::read);
        }

        private Future<HttpClientRequest> open(InetAddress checked) {
            return client.request(new RequestOptions()
                    .setMethod(HttpMethod.POST)
                    .setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(checked, port)))
                    .setHost(host)
                    .setPort(port)
                    .setSsl(tls)
                    .setURI(path)
                    .setFollowRedirects(false));
        }

        private Future<HttpClientResponse> send(HttpClientRequest opened) {
            request = opened;
            if (abandoned) {
                opened.reset();
                return Future.failedFuture("the webhook was reached too late");
            }
            long seconds = clock.instant().getEpochSecond();
            opened.putHeader("Content-Type", "application/json");
            opened.putHeader("Accept-Encoding", "identity");
            opened.putHeader(SIGNATURE_HEADER, "t=" + seconds + ",v1=" + signature(seconds, body));
            return opened.send(Buffer.buffer(body));
        }

        private Future<Verdict> read(HttpClientResponse response) {
            Promise<Verdict> verdict = Promise.promise();
            response.exceptionHandler(cut -> verdict.tryFail("the webhook's answer broke off"));
            if (response.statusCode() != 200) {
                verdict.fail("the webhook answered with status " + response.statusCode());
                abandon();
                return verdict.future();
            }
            Buffer received = Buffer.buffer();
            response.handler(bytes -> {
                received.appendBuffer(bytes);
                if (received.length() > ANSWER_BYTES_MAX) {
                    verdict.tryFail("the webhook's answer is too long");
                    abandon();
                }
            });
            response.endHandler(end -> {
                Verdict said = verdictOf(received.getBytes());
                if (said == null) {
                    verdict.tryFail("the webhook's answer has no action that is allow or block");
                } else {
                    verdict.tryComplete(said);
                }
            });
            return verdict.future();
        }

        private void abandon() {
            abandoned = true;
            if (request != null) {
                request.reset();
            }
        }
    }

    private static @Nullable Verdict verdictOf(byte[] answer) {
        JsonNode document = StrictJson.parse(answer) instanceof StrictJson.Parsed.Tree(JsonNode root) ? root : null;
        return document == null
                ? null
                : switch (document.path("action").asText("")) {
                    case "allow" -> Verdict.ALLOWED;
                    case "block" -> Verdict.BLOCKED;
                    default -> null;
                };
    }

    private String signature(long seconds, byte[] signed) {
        return config.secret().require().expose(key -> {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(key, "HmacSHA256"));
                mac.update((seconds + ".").getBytes(StandardCharsets.US_ASCII));
                return HexFormat.of().formatHex(mac.doFinal(signed));
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException("every JDK has HMAC-SHA-256", impossible);
            }
        });
    }
}
