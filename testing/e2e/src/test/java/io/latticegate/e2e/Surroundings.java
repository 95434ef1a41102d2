package io.latticegate.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.latticegate.common.crypto.MeshAuthority;
import io.latticegate.common.crypto.MeshIdentity;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.SyslogReceiver;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Everybody to whom an installation talks: a model provider, a collector of spans, receivers of the audit, and an identity provider
 * that refuses every code and repeats in its answer what it was told.
 */
final class Surroundings implements AutoCloseable {
    private final FakeProvider provider;
    private final OtlpCollector collector;
    private final SyslogReceiver syslog;
    private final HttpServer http;
    private final Path authority;
    private final ByteArrayOutputStream hooked = new ByteArrayOutputStream();
    private final ByteArrayOutputStream redeemed = new ByteArrayOutputStream();

    private Surroundings(
            FakeProvider provider, OtlpCollector collector, SyslogReceiver syslog, HttpServer http, Path authority) {
        this.provider = provider;
        this.collector = collector;
        this.syslog = syslog;
        this.http = http;
        this.authority = authority;
    }

    /**
     * @param folder for certificates
     * @param keys what the model provider accepts
     */
    static Surroundings start(Path folder, String... keys) {
        Path certificates = folder.resolve("receiver");
        MeshAuthority issuer = MeshAuthority.create("receiver", InstantSource.system(), new SecureRandom());
        try (MeshIdentity identity = issuer.issue(ServiceRole.ADMIN, "receiver")) {
            identity.write(certificates);
        }
        try {
            var around = new Surroundings(
                    FakeProvider.start().acceptOnly(keys),
                    OtlpCollector.start(),
                    new SyslogReceiver(certificates, 0),
                    HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50),
                    certificates.resolve("ca.crt"));
            around.serve();
            return around;
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }

    private void serve() {
        http.createContext("/hook", exchange -> answer(exchange, 200, new JsonObject(), hooked));
        http.createContext(
                "/realm/.well-known/openid-configuration", exchange -> answer(exchange, 200, discovery(), null));
        http.createContext("/realm/token", this::redeem);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.start();
    }

    FakeProvider provider() {
        return provider;
    }

    OtlpCollector collector() {
        return collector;
    }

    /** What the gateway has to be told to talk to all of them; secrets are in the files {@code headers}, {@code hook}, {@code oidc}. */
    String yaml(Path folder) {
        return """
                tracing: { otlp: "%1$s", allow_http: true, sampling: 1, headers: "file:%5$s/headers" }
                audit:
                  export:
                    syslog: { address: "localhost:%2$d", ca: "%4$s", format: jsonl }
                    webhook: { url: "http://127.0.0.1:%3$d/hook", allow_http: true, allow_private: true, secret: "file:%5$s/hook" }
                alerts:
                  rules: { costs: { kind: spend, threshold: 0.0001 } }
                  webhooks:
                    pager: { url: "http://127.0.0.1:%3$d/hook", allow_http: true, allow_private: true, secret: "file:%5$s/hook" }
                """.formatted(collector.url(), syslog.port(), port(), authority, folder);
    }

    String issuer() {
        return "http://127.0.0.1:" + port() + "/realm";
    }

    /** What receivers of the audit have taken, and of alerts. */
    byte[] hooked() {
        synchronized (hooked) {
            return hooked.toByteArray();
        }
    }

    /** What syslog has taken, one message per line. */
    byte[] logged() {
        return String.join("\n", syslog.messages).getBytes(StandardCharsets.UTF_8);
    }

    /** What the gateway told the identity provider. */
    String redeemed() {
        synchronized (redeemed) {
            return redeemed.toString(StandardCharsets.UTF_8);
        }
    }

    private int port() {
        return http.getAddress().getPort();
    }

    private JsonObject discovery() {
        return new JsonObject()
                .put("issuer", issuer())
                .put("authorization_endpoint", issuer() + "/authorize")
                .put("token_endpoint", issuer() + "/token")
                .put("jwks_uri", issuer() + "/keys")
                .put("response_types_supported", new JsonArray().add("code"));
    }

    private void redeem(HttpExchange exchange) throws IOException {
        String told = exchange.getRequestHeaders().getFirst("Authorization") + " ";
        byte[] form = exchange.getRequestBody().readAllBytes();
        synchronized (redeemed) {
            redeemed.writeBytes(told.getBytes(StandardCharsets.UTF_8));
            redeemed.writeBytes(form);
        }
        answer(
                exchange,
                400,
                new JsonObject()
                        .put("error", "invalid_grant")
                        .put("error_description", told + new String(form, StandardCharsets.UTF_8)),
                null);
    }

    private static void answer(HttpExchange exchange, int status, JsonObject body, @Nullable ByteArrayOutputStream kept)
            throws IOException {
        try (exchange) {
            byte[] asked = exchange.getRequestBody().readAllBytes();
            if (kept != null) {
                synchronized (kept) {
                    kept.writeBytes(asked);
                }
            }
            byte[] text = body.encode().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, text.length);
            exchange.getResponseBody().write(text);
        }
    }

    @Override
    public void close() {
        http.stop(0);
        syslog.close();
        collector.close();
        provider.close();
    }
}
