package io.latticegate.client.sidecar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.latticegate.common.value.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * Forwards to proxy-service with the project's token in place of the local key. Requests and answers pass as they are: the
 * chosen provider reads them, as without the sidecar. Answers stream, with back-pressure; a client that leaves ends the call.
 */
final class Gateway {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
    private static final long MODELS_TIMEOUT_MILLIS = 10_000;
    private static final int MODELS_BYTES_MAX = 4 << 20;
    private static final List<String> NOT_PASSED =
            List.of("connection", "transfer-encoding", "keep-alive", "trailer", "upgrade", "set-cookie");

    private final HttpClient http;
    private final URI base;
    private final Secret token;

    Gateway(Vertx vertx, URI base, Secret token) {
        this.http = vertx.createHttpClient(new HttpClientOptions()
                .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                .setVerifyHost(true));
        this.base = base;
        this.token = token;
    }

    private Future<HttpClientRequest> request(HttpMethod method, String path) {
        boolean tls = "https".equals(base.getScheme());
        int port = base.getPort() >= 0 ? base.getPort() : tls ? 443 : 80;
        return http.request(new RequestOptions()
                        .setMethod(method)
                        .setHost(base.getHost())
                        .setPort(port)
                        .setSsl(tls)
                        .setURI(path)
                        .setFollowRedirects(false))
                .map(request -> request.putHeader(
                        "Authorization",
                        "Bearer " + token.expose(bytes -> new String(bytes, StandardCharsets.US_ASCII))));
    }

    /** Forwards a chat completion whose body has been read. */
    void chat(HttpServerRequest request, byte[] body) {
        requireForwardable(Json.request(body));
        HttpServerResponse response = request.response();
        request(HttpMethod.POST, "/v1/chat/completions")
                .compose(upstream -> {
                    response.exceptionHandler(_ -> reset(upstream));
                    response.closeHandler(_ -> {
                        if (!response.ended()) {
                            reset(upstream);
                        }
                    });
                    upstream.putHeader("Content-Type", "application/json");
                    String accept = request.getHeader("Accept");
                    if (accept != null) {
                        upstream.putHeader("Accept", accept);
                    }
                    return upstream.send(Buffer.buffer(body));
                })
                .compose(answer -> pass(answer, response))
                .onFailure(fault -> {
                    if (!response.headWritten() && !response.closed()) {
                        SidecarServer.send(response, Answer.of(unreachable(fault)));
                    } else if (!response.ended()) {
                        var unused = response.reset();
                    }
                });
    }

    /** File search is a tool of another API; sent on, it would make a provider search stores that it does not have. */
    private static void requireForwardable(ObjectNode request) {
        for (JsonNode tool : request.path("tools")) {
            if (tool.path("type").asText().equals("file_search")) {
                throw RefusedCall.unsupported(
                        "tools",
                        "chat completions have no file_search: search the vector store, and put what you want the model to"
                                + " read into the messages");
            }
        }
    }

    private static void reset(HttpClientRequest upstream) {
        var unused = upstream.reset();
    }

    private static Future<Void> pass(HttpClientResponse answer, HttpServerResponse response) {
        response.setStatusCode(answer.statusCode());
        boolean sized = answer.getHeader("Content-Length") != null;
        answer.headers().forEach((name, value) -> {
            if (!NOT_PASSED.contains(name.toLowerCase(Locale.ROOT))) {
                response.headers().add(name, value);
            }
        });
        if (!sized) {
            response.setChunked(true);
        }
        return answer.pipeTo(response);
    }

    private static RefusedCall unreachable(Throwable fault) {
        return RefusedCall.of(
                502, "api_error", "gateway_unreachable", "The gateway cannot be reached: " + fault.getMessage());
    }

    /** The gateway's list of models. */
    Future<ObjectNode> models() {
        return request(HttpMethod.GET, "/v1/models")
                .compose(request -> request.idleTimeout(MODELS_TIMEOUT_MILLIS).send())
                .compose(answer -> {
                    String length = answer.getHeader("Content-Length");
                    if (length == null || Long.parseLong(length) > MODELS_BYTES_MAX) {
                        return Future.failedFuture(RefusedCall.of(
                                502, "api_error", "gateway_unreachable", "The gateway's list of models is too long"));
                    }
                    return answer.body().map(body -> {
                        if (answer.statusCode() != 200) {
                            throw RefusedCall.of(
                                    502,
                                    "api_error",
                                    "gateway_refused",
                                    "The gateway answered " + answer.statusCode() + " to the question for its models");
                        }
                        return Json.request(body.getBytes());
                    });
                })
                .recover(fault -> Future.failedFuture(fault instanceof RefusedCall ? fault : unreachable(fault)));
    }
}
