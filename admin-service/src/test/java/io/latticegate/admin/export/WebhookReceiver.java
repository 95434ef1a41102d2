package io.latticegate.admin.export;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.latticegate.common.config.ConfiguredSecret;
import io.latticegate.common.config.SignedWebhookConfig;
import io.latticegate.common.value.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A webhook's other end: takes what is properly signed, and answers with the status that it is told to. */
public final class WebhookReceiver implements AutoCloseable {
    private static final String SECRET = "a secret of the tests, long enough";

    /** Deliveries that were answered with 200. */
    public final List<Delivery> deliveries = new CopyOnWriteArrayList<>();

    /** What it answers; a redirect leads to {@code /elsewhere}. */
    public final AtomicInteger status = new AtomicInteger(200);

    /** Requests, whatever became of them. */
    public final AtomicInteger requests = new AtomicInteger();

    private final HttpServer server;

    /** What came. */
    public record Delivery(String id, String contentType, String body) {}

    /** @param port 0: any free one */
    public WebhookReceiver(int port) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 0);
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
        server.createContext("/", this::handle);
        server.start();
    }

    /** Its configuration at the sender. */
    public SignedWebhookConfig config() {
        return config(port());
    }

    /** The configuration of a receiver on that port. */
    public static SignedWebhookConfig config(int port) {
        return new SignedWebhookConfig(
                URI.create("http://127.0.0.1:" + port + "/in"),
                ConfiguredSecret.of(Secret.ofText(SECRET)),
                Duration.ofSeconds(5),
                true);
    }

    /** Where it listens. */
    public int port() {
        return server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        byte[] body = exchange.getRequestBody().readAllBytes();
        int answer = signed(exchange.getRequestHeaders().getFirst(SignedWebhook.SIGNATURE_HEADER), body)
                ? status.get()
                : 401;
        if (answer == 200) {
            deliveries.add(new Delivery(
                    exchange.getRequestHeaders().getFirst(SignedWebhook.DELIVERY_HEADER),
                    exchange.getRequestHeaders().getFirst("Content-Type"),
                    new String(body, StandardCharsets.UTF_8)));
        }
        if (answer == 307) {
            exchange.getResponseHeaders().set("Location", "http://127.0.0.1:" + port() + "/elsewhere");
        }
        exchange.sendResponseHeaders(answer, -1);
        exchange.close();
    }

    private static boolean signed(String header, byte[] body) {
        String seconds = header.substring(2, header.indexOf(','));
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            mac.update((seconds + ".").getBytes(StandardCharsets.US_ASCII));
            return header.equals("t=" + seconds + ",v1=" + HexFormat.of().formatHex(mac.doFinal(body)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
