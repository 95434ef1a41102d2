package io.latticegate.proxy.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.egress.EgressScope;
import io.latticegate.proxy.provider.OpenAiVariant;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.provider.ProviderKind;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A name server that changes its mind between the check and the connection gains nothing, on real sockets. */
final class RebindingTest {
    private static final String NAME = "api.rebind.test";
    private static final String CHECKED = "127.0.0.2";
    private static final String VICTIM = "127.0.0.3";
    private static final int REQUESTS = 50;

    @Test
    void everyConnectionGoesToTheAddressThatWasChecked() throws IOException {
        try (Listener checked = new Listener(CHECKED, 0);
                Listener victim = new Listener(VICTIM, checked.port());
                NameServer names = new NameServer(question -> List.of(question == 0 ? CHECKED : VICTIM))) {
            try (Caller caller = new Caller(names, "http", checked.port(), EgressScope.PRIVATE)) {
                for (int request = 0; request < REQUESTS; request++) {
                    assertThat(caller.get().statusCode()).isEqualTo(204);
                }
            }
            assertThat(checked.connections()).isEqualTo(REQUESTS);
            assertThat(victim.connections()).isZero();
            assertThat(names.questions()).isOne();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.2", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"})
    void aPublicNameThatLeadsInsideIsNeverConnectedTo(String inside) throws IOException {
        List<IntFunction<List<String>>> servers = List.of(
                question -> List.of(inside),
                question -> List.of("1.1.1.1", inside),
                question -> List.of(inside, "1.1.1.1"));
        for (IntFunction<List<String>> answers : servers) {
            try (Listener victim = new Listener(CHECKED, 0);
                    NameServer names = new NameServer(answers);
                    Caller caller = new Caller(names, "https", victim.port(), EgressScope.PUBLIC)) {
                assertThatThrownBy(caller::get)
                        .hasCauseInstanceOf(ForbiddenAddress.class)
                        .hasMessageContaining(inside);
                assertThat(victim.connections()).isZero();
            }
        }
    }

    @Test
    void metadataIsForbiddenEvenWherePrivateAddressesAreAllowed() throws IOException {
        try (NameServer names = new NameServer(question -> List.of("169.254.169.254"));
                Caller caller = new Caller(names, "http", 80, EgressScope.PRIVATE)) {
            assertThatThrownBy(caller::get)
                    .hasCauseInstanceOf(ForbiddenAddress.class)
                    .hasMessageContaining("a cloud's metadata address");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"https", "HTTPS"})
    void theNameStaysInServerNameIndication(String scheme) throws IOException {
        try (Listener checked = new Listener(CHECKED, 0);
                NameServer names = new NameServer(question -> List.of(CHECKED));
                Caller caller = new Caller(names, scheme, checked.port(), EgressScope.PUBLIC_AND_PRIVATE)) {
            assertThatThrownBy(caller::get).hasCauseInstanceOf(IOException.class);
            assertThat(checked.lastHead()).contains(NAME);
        }
    }

    @Test
    void theNameStaysInTheHostHeader() throws IOException {
        try (Listener checked = new Listener(CHECKED, 0);
                NameServer names = new NameServer(question -> List.of(CHECKED));
                Caller caller = new Caller(names, "http", checked.port(), EgressScope.PRIVATE)) {
            caller.get();
            assertThat(checked.lastHead()).containsIgnoringCase("\r\nhost: " + NAME + ":" + checked.port() + "\r\n");
        }
    }

    /** Answers every connection with 204 and closes it. */
    private static final class Listener implements AutoCloseable {
        private final ServerSocket socket;
        private final AtomicInteger connections = new AtomicInteger();
        private volatile String lastHead = "";

        Listener(String address, int port) throws IOException {
            socket = new ServerSocket(port, 50, InetAddress.ofLiteral(address));
            Thread.ofVirtual().start(this::serve);
        }

        int port() {
            return socket.getLocalPort();
        }

        int connections() {
            return connections.get();
        }

        String lastHead() {
            return lastHead;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }

        private void serve() {
            try {
                while (!socket.isClosed()) {
                    answer(socket.accept());
                }
            } catch (IOException closed) {
                assert socket.isClosed();
            }
        }

        private void answer(Socket connection) throws IOException {
            try (connection) {
                connections.incrementAndGet();
                byte[] head = new byte[4_096];
                int read = connection.getInputStream().read(head);
                lastHead = new String(head, 0, Math.max(read, 0), StandardCharsets.ISO_8859_1);
                connection
                        .getOutputStream()
                        .write("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    /** A provider of a Vert.x whose only name server is the test's. */
    private static final class Caller implements AutoCloseable {
        private final Vertx vertx;
        private final Provider provider;

        Caller(NameServer names, String scheme, int port, EgressScope scope) {
            vertx = Vertx.vertx(new VertxOptions()
                    .setEventLoopPoolSize(1)
                    .setAddressResolverOptions(new AddressResolverOptions()
                            .addServer(names.address())
                            .setSearchDomains(List.of())
                            .setCacheMaxTimeToLive(0)));
            provider = new Provider(
                    vertx,
                    new Provider.Settings(
                            "rebinding",
                            ProviderKind.OPENAI,
                            URI.create(scheme + "://" + NAME + ":" + port),
                            "",
                            Duration.ofSeconds(5),
                            Duration.ofSeconds(5),
                            0,
                            4,
                            Duration.ofSeconds(60),
                            scope,
                            "Authorization",
                            "Bearer",
                            "us-east-1",
                            OpenAiVariant.NONE));
        }

        HttpClientResponse get() {
            Promise<HttpClientResponse> answer = Promise.promise();
            vertx.runOnContext(own -> provider.open(HttpMethod.GET, "/")
                    .compose(request -> request.send())
                    .compose(response -> response.end().map(response))
                    .onComplete(answer));
            return await(answer.future());
        }

        @Override
        public void close() {
            await(vertx.close());
        }

        private static <T> T await(Future<T> future) {
            return future.toCompletionStage().toCompletableFuture().join();
        }
    }
}
