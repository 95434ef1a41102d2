package io.latticegate.client.sidecar;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.latticegate.client.error.FheClientException;
import io.latticegate.client.error.OverloadedException;
import io.latticegate.client.error.PrivacyBudgetExhaustedException;
import io.latticegate.client.error.ServiceRefusalException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door, on 127.0.0.1 only: it lets a request in that names this machine as its host (a web page whose name was pointed
 * here does not) and carries the local key, takes the body within its bounds, and has the calls answered by a few threads, or
 * by the gateway.
 */
final class SidecarServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SidecarServer.class);
    private static final String PREFIX = "/v1/";
    private static final int JSON_BYTES_MAX = 8 << 20;
    private static final int CHAT_BYTES_MAX = 32 << 20;
    private static final int FIELD_BYTES_MAX = 8 << 10;
    private static final int THREADS = 4;
    private static final int QUEUE = 64;
    private static final int NAME_LENGTH_MAX = 255;
    private static final int IDLE_SECONDS = 620;
    private static final Set<String> PURPOSES = Set.of("assistants", "user_data");

    private final HttpServer server;
    private final AtomicInteger bound = new AtomicInteger(-1);
    private final LocalKey key;
    private final Gateway gateway;
    private final LocalEmbeddings embeddings;
    private final LocalFiles files;
    private final VectorStores stores;
    private final StoreCalls storeCalls;
    private final long fileBytesMax;
    private final ThreadPoolExecutor workers = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE),
            Thread.ofPlatform().name("sidecar-", 0).factory());

    SidecarServer(
            Vertx vertx,
            LocalKey key,
            Gateway gateway,
            LocalEmbeddings embeddings,
            LocalFiles files,
            VectorStores stores,
            StoreCalls storeCalls,
            long fileBytesMax) {
        this.key = key;
        this.gateway = gateway;
        this.embeddings = embeddings;
        this.files = files;
        this.stores = stores;
        this.storeCalls = storeCalls;
        this.fileBytesMax = fileBytesMax;
        this.server = vertx.createHttpServer(new HttpServerOptions()
                        .setHost("127.0.0.1")
                        .setHttp2ClearTextEnabled(false)
                        .setIdleTimeout(IDLE_SECONDS)
                        .setMaxHeaderSize(16 << 10)
                        .setMaxFormAttributeSize(FIELD_BYTES_MAX)
                        .setMaxFormFields(16)
                        .setMaxFormBufferedBytes(FIELD_BYTES_MAX))
                .requestHandler(this::accept);
    }

    /** Binds; the port is then known. */
    Future<Integer> listen(int port) {
        return server.listen(port).map(listening -> {
            bound.set(listening.actualPort());
            return listening.actualPort();
        });
    }

    private void accept(HttpServerRequest request) {
        try {
            requireLocalHost(request);
            if (!key.opens(request.getHeader("Authorization"))) {
                throw RefusedCall.of(
                        401,
                        "invalid_request_error",
                        "invalid_api_key",
                        "This is the sidecar; it wants its own key, which it printed when it started");
            }
            route(request);
        } catch (RefusedCall refused) {
            refuseUnread(request, refused);
        }
    }

    private void requireLocalHost(HttpServerRequest request) {
        String host = String.valueOf(request.getHeader("Host"));
        if (!host.equals("127.0.0.1:" + bound.get()) && !host.equals("localhost:" + bound.get())) {
            throw RefusedCall.of(
                    421,
                    "invalid_request_error",
                    "wrong_host",
                    "This is the sidecar on 127.0.0.1:" + bound.get() + "; it answers to no other name");
        }
    }

    private void route(HttpServerRequest request) {
        String path = String.valueOf(request.path());
        if (!path.startsWith(PREFIX)) {
            throw RefusedCall.notFound("the sidecar answers below /v1 only");
        }
        List<String> segments = Arrays.asList(path.substring(PREFIX.length()).split("/", -1));
        HttpMethod method = request.method();
        if (path.equals("/v1/chat/completions") && method.equals(HttpMethod.POST)) {
            body(request, CHAT_BYTES_MAX, body -> gateway.chat(request, body));
        } else if (path.equals("/v1/files") && method.equals(HttpMethod.POST)) {
            upload(request);
        } else if (path.equals("/v1/models") && method.equals(HttpMethod.GET)) {
            models(request);
        } else {
            body(request, JSON_BYTES_MAX, body -> {
                Call call = new Call(method.name(), segments, request.params(), body);
                work(request, () -> answer(call));
            });
        }
    }

    private Answer answer(Call call) {
        if (call.is("POST", 1, "embeddings")) {
            return embeddings.answer(call);
        }
        if (call.is("GET", 2, "models", LocalEmbeddings.MODEL)) {
            return Answer.json(localModel());
        }
        if (call.segment(0).equals("files")) {
            return ofFiles(call);
        }
        if (call.segment(0).equals("vector_stores")) {
            return storeCalls.answer(call).orElseThrow(SidecarServer::noSuchCall);
        }
        throw noSuchCall();
    }

    private static RefusedCall noSuchCall() {
        return RefusedCall.notFound(
                "the sidecar has models, embeddings, files, vector_stores and chat/completions, and of"
                        + " these not this call; everything else is the gateway's");
    }

    private Answer ofFiles(Call call) {
        if (call.is("GET", 1)) {
            return Answer.json(Page.of(files.all(call.parameter("purpose").orElse("")), call));
        }
        if (call.is("GET", 2)) {
            return Answer.json(files.require(call.segment(1)));
        }
        if (call.is("GET", 3, "*", "*", "content")) {
            return new Answer(200, "application/octet-stream", files.bytes(call.segment(1)));
        }
        if (call.is("DELETE", 2)) {
            files.require(call.segment(1));
            stores.forgetFile(call.segment(1));
            files.delete(call.segment(1));
            return Answer.json(StoreCalls.deleted(call.segment(1), "file"));
        }
        throw noSuchCall();
    }

    private static ObjectNode localModel() {
        return Json.object()
                .put("id", LocalEmbeddings.MODEL)
                .put("object", "model")
                .put("created", 0)
                .put("owned_by", "sidecar");
    }

    private void models(HttpServerRequest request) {
        gateway.models()
                .map(list -> {
                    ArrayNode data = Json.array().add(localModel());
                    list.path("data").forEach(data::add);
                    ObjectNode all = Json.object().put("object", "list");
                    all.set("data", data);
                    return Answer.json(all);
                })
                .onSuccess(answer -> send(request.response(), answer))
                .onFailure(fault -> send(request.response(), refusal(fault)));
    }

    /** Takes a body within its bounds. */
    private static void body(HttpServerRequest request, int bytesMax, Consumer<byte[]> use) {
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            if (body.length() + chunk.length() > bytesMax) {
                request.handler(null);
                refuseUnread(request, tooLarge(bytesMax));
            } else {
                body.appendBuffer(chunk);
            }
        });
        request.endHandler(_ -> {
            if (request.response().ended()) {
                return;
            }
            try {
                use.accept(body.getBytes());
            } catch (RefusedCall refused) {
                send(request.response(), Answer.of(refused));
            }
        });
    }

    private static RefusedCall tooLarge(long bytesMax) {
        return RefusedCall.of(
                413, "invalid_request_error", "body_too_large", "The body has more than " + bytesMax + " bytes");
    }

    private void upload(HttpServerRequest request) {
        long[] arrived = {0};
        Buffer content = Buffer.buffer();
        String[] name = {""};
        request.setExpectMultipart(true);
        request.uploadHandler(part -> {
            boolean wanted = part.name().equals("file") && name[0].isEmpty();
            if (wanted) {
                name[0] = part.filename().isEmpty() ? "file" : part.filename();
            }
            part.handler(chunk -> {
                arrived[0] += chunk.length();
                if (arrived[0] > fileBytesMax) {
                    refuseUnread(request, tooLarge(fileBytesMax));
                } else if (wanted) {
                    content.appendBuffer(chunk);
                }
            });
        });
        request.exceptionHandler(malformed -> {
            if (!request.response().ended()) {
                refuseUnread(
                        request, RefusedCall.invalid("file", "the form cannot be read: " + malformed.getMessage()));
            }
        });
        request.endHandler(_ -> {
            if (!request.response().ended()) {
                String purpose = String.valueOf(request.getFormAttribute("purpose"));
                work(request, () -> add(name[0], purpose, content.getBytes()));
            }
        });
    }

    private Answer add(String name, String purpose, byte[] bytes) {
        if (name.isEmpty() || bytes.length == 0) {
            throw RefusedCall.invalid("file", "the form has no file with content");
        }
        if (!PURPOSES.contains(purpose)) {
            throw RefusedCall.invalid(
                    "purpose", "purpose is assistants or user_data: files are for vector stores here");
        }
        String kept = name.substring(Math.max(0, name.length() - NAME_LENGTH_MAX));
        return Answer.json(files.add(kept, purpose, bytes));
    }

    /** Has a call answered by a thread that may wait. */
    private void work(HttpServerRequest request, Supplier<Answer> call) {
        try {
            workers.execute(() -> {
                Answer answer;
                try {
                    answer = call.get();
                } catch (RefusedCall | FheClientException | UncheckedIOException fault) {
                    answer = refusal(fault);
                }
                send(request.response(), answer);
            });
        } catch (RejectedExecutionException full) {
            send(
                    request.response(),
                    Answer.of(RefusedCall.of(
                            503,
                            "api_error",
                            "overloaded",
                            "More than " + QUEUE + " requests wait already; try again")));
        }
    }

    /** What an application is told: what it did wrong as it is, and what happened between the sidecar and the gateway as 502. */
    private static Answer refusal(Throwable fault) {
        return switch (fault) {
            case RefusedCall refused -> Answer.of(refused);
            case PrivacyBudgetExhaustedException spent ->
                Answer.of(RefusedCall.of(429, "insufficient_quota", spent.code(), spent.detail()));
            case OverloadedException full -> Answer.of(RefusedCall.of(503, "api_error", full.code(), full.detail()));
            case ServiceRefusalException refused ->
                Answer.of(RefusedCall.of(
                        502, "api_error", refused.code(), "fhe-service refused the sidecar: " + refused.detail()));
            case FheClientException failed ->
                Answer.of(RefusedCall.of(
                        502, "api_error", "encrypted_search_failed", String.valueOf(failed.getMessage())));
            default -> {
                LOG.error("a call failed", fault);
                yield Answer.of(
                        RefusedCall.of(500, "api_error", "internal_error", "The sidecar's store failed; see its log"));
            }
        };
    }

    /** Refuses a request whose body may still be on its way, and closes the connection. */
    private static void refuseUnread(HttpServerRequest request, RefusedCall refused) {
        if (!request.response().ended()) {
            request.response().putHeader("Connection", "close");
            send(request.response(), Answer.of(refused));
        }
    }

    /** An answer that another try would not change says so to OpenAI's clients, which repeat 429 and 5xx by themselves. */
    static void send(HttpServerResponse response, Answer answer) {
        if (response.ended() || response.closed()) {
            return;
        }
        if (answer.status() == 429 || answer.status() == 502) {
            response.putHeader("x-should-retry", "false");
        }
        var unused = response.setStatusCode(answer.status())
                .putHeader("Content-Type", answer.type())
                .end(Buffer.buffer(answer.body()));
    }

    @Override
    public void close() {
        server.close().toCompletionStage().toCompletableFuture().join();
        workers.shutdown();
    }
}
