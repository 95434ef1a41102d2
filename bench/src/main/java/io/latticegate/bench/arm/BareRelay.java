package io.latticegate.bench.arm;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * What Vert.x itself costs: a relay that copies heads and pipes bodies both ways, one event loop per processor, and decides
 * nothing. Started with the port to listen on and the provider's.
 */
public final class BareRelay extends VerticleBase {
    private static final int CONNECTIONS_PER_LOOP = 256;
    private static final int BACKLOG = 4096;

    private final int port;
    private final int providerPort;

    private BareRelay(int port, int providerPort) {
        this.port = port;
        this.providerPort = providerPort;
    }

    static void main(String[] args) {
        int port = Integer.parseInt(args[0]);
        int providerPort = Integer.parseInt(args[1]);
        Vertx vertx = Vertx.vertx();
        int loops = Runtime.getRuntime().availableProcessors();
        Future<?> deployed = Future.succeededFuture();
        for (int i = 0; i < loops; i++) {
            deployed = deployed.compose(_ -> vertx.deployVerticle(new BareRelay(port, providerPort)));
        }
        deployed.onSuccess(_ -> new PrintStream(System.out, true, StandardCharsets.UTF_8)
                        .println("bare relay ready " + port + " on " + loops + " event loops"))
                .onFailure(fault -> {
                    System.err.println("the bare relay cannot start: " + fault.getMessage());
                    System.exit(1);
                });
    }

    @Override
    public Future<?> start() {
        HttpClient client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setDefaultHost("127.0.0.1")
                        .setDefaultPort(providerPort)
                        .setTcpNoDelay(true)
                        .setKeepAlive(true)
                        .setDecompressionSupported(false),
                new PoolOptions().setHttp1MaxSize(CONNECTIONS_PER_LOOP));
        return vertx.createHttpServer(new HttpServerOptions()
                        .setHost("127.0.0.1")
                        .setPort(port)
                        .setTcpNoDelay(true)
                        .setAcceptBacklog(BACKLOG))
                .requestHandler(request -> relay(client, request))
                .listen();
    }

    private static void relay(HttpClient client, HttpServerRequest request) {
        request.pause();
        HttpServerResponse answer = request.response();
        client.request(request.method(), request.uri())
                .compose(upstream -> forward(request, upstream))
                .onSuccess(response -> answer(response, answer))
                .onFailure(_ -> answer.setStatusCode(502).end());
    }

    private static Future<HttpClientResponse> forward(HttpServerRequest request, HttpClientRequest upstream) {
        copy(request.headers(), upstream.headers());
        upstream.headers().remove(HttpHeaders.HOST);
        return upstream.send(request);
    }

    private static void answer(HttpClientResponse response, HttpServerResponse answer) {
        answer.setStatusCode(response.statusCode());
        copy(response.headers(), answer.headers());
        if (!answer.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
            answer.setChunked(true);
        }
        response.handler(bytes -> write(bytes, response, answer));
        response.endHandler(_ -> answer.end());
        response.exceptionHandler(_ -> answer.reset());
        answer.closeHandler(_ -> response.request().reset());
    }

    private static void write(Buffer bytes, HttpClientResponse response, HttpServerResponse answer) {
        answer.write(bytes);
        if (answer.writeQueueFull()) {
            response.pause();
            answer.drainHandler(_ -> response.resume());
        }
    }

    private static void copy(MultiMap from, MultiMap to) {
        to.addAll(from);
        to.remove(HttpHeaders.CONNECTION);
        to.remove(HttpHeaders.TRANSFER_ENCODING);
    }
}
