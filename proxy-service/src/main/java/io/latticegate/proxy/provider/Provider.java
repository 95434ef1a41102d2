package io.latticegate.proxy.provider;

import io.latticegate.common.egress.EgressScope;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.egress.PinnedAddress;
import io.latticegate.proxy.egress.VertxNames;
import io.latticegate.proxy.lease.KeyLease;
import io.latticegate.proxy.sigv4.SigV4Request;
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
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.VertxConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One provider as one edge verticle reaches it: an HTTP/1.1 client with a pool of its own, which connects only to
 * addresses that {@link PinnedAddress} has checked, follows no redirect, uses no proxy from the environment, and trusts
 * only the JDK's certificate authorities.
 */
public final class Provider {
    private static final Logger LOG = LoggerFactory.getLogger(Provider.class);
    private static final String SPLICE = "key-splice";

    private final Settings settings;
    private final HttpClientAgent client;
    private final String host;
    private final int port;
    private final boolean tls;
    private final String basePath;
    private final PinnedAddress address;

    /**
     * What the configuration says.
     *
     * @param baseUrl for example {@code https://api.openai.com/v1}
     * @param apiVersion value of {@code anthropic-version} where a client sends none
     * @param retries attempts beyond the first that a request which begins here may cost
     * @param scope which addresses the URL's host may have
     * @param credentialHeader the header in which the key travels, unless the kind has one of its own
     * @param credentialScheme what stands before the key there, such as {@code Bearer}; may be empty
     * @param region for which requests to {@link ProviderKind#BEDROCK} are signed
     * @param variant of a provider that speaks OpenAI's protocol
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
            Duration idleTimeout,
            EgressScope scope,
            String credentialHeader,
            String credentialScheme,
            String region,
            OpenAiVariant variant) {}

    public Provider(Vertx vertx, Settings settings) {
        this.settings = settings;
        URI url = settings.baseUrl();
        tls = "https".equalsIgnoreCase(url.getScheme());
        host = url.getHost() == null ? "" : url.getHost();
        port = url.getPort() >= 0 ? url.getPort() : tls ? 443 : 80;
        String path = url.getPath() == null ? "" : url.getPath();
        basePath = basePath(settings, path.replaceAll("/+$", ""));
        address = pinned(vertx, host, settings.scope());
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

    /** The checked address of a URL's host, to be used on one event loop. */
    public static PinnedAddress pinned(Vertx vertx, String host, EgressScope scope) {
        return new PinnedAddress(bare(host), scope, new VertxNames(vertx), System::nanoTime);
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
     * Takes a connection from the pool. Fails with {@link io.latticegate.proxy.egress.ForbiddenAddress} where the host leads
     * to an address that is not in the provider's scope. The address decides only where the connection goes: the name stays
     * in {@code Host}, in SNI, and in the check of the certificate.
     *
     * @param path beginning with the protocol's version segment, such as {@code /v1/chat/completions}, with its query
     */
    public Future<HttpClientRequest> open(HttpMethod method, String path) {
        return address.current().compose(checked -> open(method, path, checked));
    }

    private Future<HttpClientRequest> open(HttpMethod method, String path, InetAddress checked) {
        return client.request(new RequestOptions()
                        .setMethod(method)
                        .setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(checked, port)))
                        .setHost(host)
                        .setPort(port)
                        .setSsl(tls)
                        .setURI(basePath.isEmpty() ? path : basePath + path)
                        .setFollowRedirects(false))
                .onFailure(failure -> {
                    if (failure instanceof IOException) {
                        address.unreachable(checked);
                    }
                });
    }

    /** Names the header in which the key travels and its value, with {@link KeySplice#MARKER} in the place of the key. */
    public Map.Entry<String, String> credentialHeader() {
        return switch (settings.kind()) {
            case ANTHROPIC -> Map.entry("x-api-key", KeySplice.MARKER);
            case GEMINI -> Map.entry("x-goog-api-key", KeySplice.MARKER);
            case BEDROCK -> Map.entry("Authorization", KeySplice.MARKER);
            case OPENAI, COHERE, TGI, ECHO, GENERIC ->
                Map.entry(
                        settings.credentialHeader(),
                        settings.credentialScheme().isEmpty()
                                ? KeySplice.MARKER
                                : settings.credentialScheme() + " " + KeySplice.MARKER);
        };
    }

    /**
     * Why {@code model} cannot be asked for with a call here, or null.
     *
     * @param path as for {@link #pathOf}
     * @param model the provider's name of it; null where the call concerns none
     */
    public @Nullable Refusal fault(String path, @Nullable String model) {
        AzurePaths azure = settings.variant().azure();
        return azure == null ? null : azure.fault(path, model);
    }

    /**
     * Where this provider has a call, as {@link #open} wants it.
     *
     * @param path and query as the protocol has it; {@link #fault} has found nothing
     */
    public String pathOf(String path, @Nullable String model) {
        AzurePaths azure = settings.variant().azure();
        return azure == null ? path : azure.at(path, model);
    }

    /** Sends head and body with the key in its place. The caller holds {@code key} until the future completes. */
    public Future<HttpClientResponse> send(HttpClientRequest request, Buffer body, KeyLease key) {
        KeySplice splice = spliceFor(request, key);
        if (signsBodies()) {
            UnusableKey fault = BedrockCredential.fault(key.key());
            if (fault != null) {
                return Future.failedFuture(fault);
            }
            splice.arm(key, BedrockCredential.of(key.key(), () -> signed(request, body)));
        } else {
            splice.arm(key);
        }
        return body.length() == 0 ? request.send() : request.send(body);
    }

    /**
     * Sends the head with the key in its place and the first bytes of a body that follows. The caller holds {@code key} until
     * the future completes.
     *
     * @throws IllegalStateException for {@link ProviderKind#BEDROCK}, whose signature covers the whole body
     */
    public Future<Void> sendFirst(HttpClientRequest request, Buffer bytes, KeyLease key) {
        if (signsBodies()) {
            throw new IllegalStateException("a request to " + settings.name() + " is signed with its whole body");
        }
        spliceFor(request, key).arm(key);
        return request.write(bytes);
    }

    /** Whether a request cannot be sent before its whole body is there. */
    public boolean signsBodies() {
        return settings.kind() == ProviderKind.BEDROCK;
    }

    private KeySplice spliceFor(HttpClientRequest request, KeyLease key) {
        if (!key.provider().equals(settings.name())) {
            throw new IllegalStateException("a key for " + key.provider() + " must not go to " + settings.name());
        }
        return channelOf(request.connection()).pipeline().get(KeySplice.class);
    }

    /** What a signature of AWS covers: the head as far as it decides anything, and the body. */
    private SigV4Request signed(HttpClientRequest request, Buffer body) {
        request.putHeader("Host", port == (tls ? 443 : 80) ? host : host + ':' + port);
        SortedMap<String, String> headers = new TreeMap<>();
        headers.put("host", request.headers().get("Host"));
        if (request.headers().contains("Content-Type")) {
            headers.put("content-type", String.join(",", request.headers().getAll("Content-Type")));
        }
        var signed = new SigV4Request(
                new SigV4Request.Scope(settings.region(), BedrockCredential.SERVICE),
                Instant.now(),
                request.getMethod().name(),
                request.getURI(),
                headers,
                ByteBuffer.wrap(body.getBytes()));
        request.putHeader("X-Amz-Date", signed.time());
        return signed;
    }

    public Future<Void> close() {
        return client.close();
    }

    /** Base URLs are given with and without the trailing version segment; paths always carry it. */
    private static String basePath(Settings settings, String path) {
        if (settings.variant().azure() != null) {
            return path.replaceFirst("/openai(/v1)?$", "");
        }
        return switch (settings.kind()) {
            case GENERIC, BEDROCK -> path;
            case COHERE -> path.replaceFirst("/v[12]$", "");
            case OPENAI, ANTHROPIC, GEMINI, TGI, ECHO -> path.replaceFirst("/v1(beta)?$", "");
        };
    }

    private static String bare(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** Adds the splice, and takes resets quietly: the request that one hits says so itself. */
    private static void installSplice(HttpConnection connection) {
        ChannelPipeline pipeline = channelOf(connection).pipeline();
        String codec = pipeline.context(HttpClientCodec.class).name();
        pipeline.addBefore(codec, SPLICE, new KeySplice());
        connection.exceptionHandler(broken -> LOG.debug("a connection to a provider broke: {}", broken.getMessage()));
    }

    private static Channel channelOf(HttpConnection connection) {
        return ((VertxConnection) connection).channel();
    }
}
