package io.latticegate.common.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.config.ConfigLoader;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the data port answers of the management port's paths. */
class DataPortManagementTest {
    private static final int ELSE = 418;

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private ManagementServer management;
    private int port;

    @BeforeEach
    void start() throws Exception {
        management = new ManagementServer(
                vertx,
                ConfigLoader.in(Path.of("/nonexistent"))
                        .yaml("")
                        .load()
                        .config()
                        .management(),
                new Health(),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                InstantSource.system());
        management.router().route("/admin/*").handler(context -> {
            context.request().resume();
            context.response().end("admin");
        });
        management
                .router()
                .route("/manage/*")
                .handler(context -> context.request()
                        .resume()
                        .body()
                        .onSuccess(body -> context.response().end("manage " + body)));
        port = vertx.createHttpServer()
                .requestHandler(request -> {
                    request.pause();
                    if (!management.answerOnDataPort(request)) {
                        request.resume();
                        request.response().setStatusCode(ELSE).end();
                    }
                })
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS)
                .actualPort();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private int status(String path) throws Exception {
        return client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        BodyHandlers.ofString())
                .statusCode();
    }

    @ParameterizedTest
    @CsvSource({"/admin", "/admin/projects", "/manage", "/manage/projects", "/metrics", "/adminx", "/v1/models"})
    void isNothingUnlessItIsOffered(String path) throws Exception {
        assertThat(status(path)).isEqualTo(ELSE);
        assertThat(status("/health")).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "/admin, 200",
        "/admin/projects, 200",
        "/manage/projects, 200",
        "/health, 200",
        "/metrics, 418",
        "/adminx, 418",
        "/managed, 418",
        "/v1/models, 418"
    })
    void isTheInterfaceAndItsCallsWhereItIsOffered(String path, int expected) throws Exception {
        management.offerOnDataPort();

        assertThat(status(path)).isEqualTo(expected);
    }

    @Test
    void aCallOnTheDataPortHasItsBody() throws Exception {
        management.offerOnDataPort();

        assertThat(client.send(
                                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/manage/x"))
                                        .POST(HttpRequest.BodyPublishers.ofString("hello"))
                                        .build(),
                                BodyHandlers.ofString())
                        .body())
                .isEqualTo("manage hello");
    }
}
