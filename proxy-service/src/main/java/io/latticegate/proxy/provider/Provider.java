package io.latticegate.proxy.provider;

import io.latticegate.proxy.lease.KeyLease;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpClientCodec;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.impl.VertxConnection;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * One provider as one edge verticle reaches it: an HTTP/1.1 client with a pool of its own, which follows no redirect,
 * uses no proxy from the environment, and trusts only the JDK's certificate authorities.
 */
public final class Provider {
    private static final String SPLICE = "key-splice";

    private final Settings settings;
    private final HttpClientAgent client;
    private final String host;
    private final int port;
    private final boolean tls;
    private final String basePath;

    /**
     * What the configuration says.
     *
     * @param baseUrl for example {@code https://api.openai.com/v1}
     * @param apiVersion value of {@code anthropic-version} where a client sends none
     * @param retries attempts beyond the first that a request which begins here may cost
     */
    public record Settings(
            String name,
            ProviderKind kind,
            URI baseUrl,
            String apiVersion,
            Duration connectTimeout,
            Duration responseTimeout,
            int retries,
            int connectionsMax,
            Duration idleTimeout) {}

    public Provider(Vertx vertx, Settings settings) {
        this.settings = settings;
        URI url = settings.baseUrl();
        tls = "https".equals(url.getScheme());
        host = url.getHost() == null ? "" : url.getHost();
        port = url.getPort() >= 0 ? url.getPort() : tls ? 443 : 80;
        basePath = withoutVersion(url.getPath() == null ? "" : url.getPath());
        HttpClientOptions options = new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setSsl(tls)
                .setVerifyHost(true)
                .setTcpNoDelay(true)
                .setKeepAlive(true)
                .setPipelining(false)
                .setDecompressionSupported(false)
                .setMaxHeaderSize(32 * 1024)
                .setKeepAliveTimeout(Math.toIntExact(settings.idleTimeout().toSeconds()))
                .setConnectTimeout(Math.toIntExact(settings.connectTimeout().toMillis()));
        client = vertx.httpClientBuilder()
                .with(options)
                .with(new PoolOptions()
                        .setHttp1MaxSize(settings.connectionsMax())
                        .setMaxWaitQueueSize(settings.connectionsMax() * 4))
                .withRedirectHandler(response -> null)
                .withConnectHandler(Provider::installSplice)
                .build();
    }

    public String name() {
        return settings.name();
    }

    public ProviderKind kind() {
        return settings.kind();
    }

    public Settings settings() {
        return settings;
    }

    /** Name or address of the provider, for the {@code Host} header. */
    public String host() {
        return host;
    }

    /**
     * Takes a connection from the pool.
     *
     * @param path beginning with the protocol's version segment, such as {@code /v1/chat/completions}, with its query
     */
    public Future<HttpClientRequest> open(HttpMethod method, String path) {
        return client.request(new RequestOptions()
                .setMethod(method)
                .setHost(host)
                .setPort(port)
                .setSsl(tls)
                .setURI(basePath.isEmpty() ? path : basePath + path)
                .setFollowRedirects(false));
    }

    /** Names the header in which the key travels and its value, with {@link KeySplice#MARKER} in the place of the key. */
    public Map.Entry<String, String> credentialHeader() {
        return switch (settings.kind()) {
            case OPENAI, ECHO -> Map.entry("Authorization", "Bearer " + KeySplice.MARKER);
            case ANTHROPIC -> Map.entry("x-api-key", KeySplice.MARKER);
        };
    }

    /** Sends head and body with the key in its place. The caller holds {@code key} until the future completes. */
    public Future<HttpClientResponse> send(HttpClientRequest request, Buffer body, KeyLease key) {
        if (!key.provider().equals(settings.name())) {
            throw new IllegalStateException("a key for " + key.provider() + " must not go to " + settings.name());
        }
        channelOf(request.connection()).pipeline().get(KeySplice.class).arm(key);
        return body.length() == 0 ? request.send() : request.send(body);
    }

    public Future<Void> close() {
        return client.close();
    }

    /** Base URLs are given with and without the trailing version segment; paths always carry it. */
    private static String withoutVersion(String path) {
        String trimmed = path.replaceAll("/+$", "");
        return trimmed.replaceFirst("/v1(beta)?$", "");
    }

    private static void installSplice(HttpConnection connection) {
        ChannelPipeline pipeline = channelOf(connection).pipeline();
        String codec = pipeline.context(HttpClientCodec.class).name();
        pipeline.addBefore(codec, SPLICE, new KeySplice());
    }

    private static Channel channelOf(HttpConnection connection) {
        return ((VertxConnection) connection).channel();
    }
}
