package io.latticegate.testing;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A stand-in for OpenAI (also as Azure has it), Anthropic, Gemini, Bedrock, Cohere and Text Generation Inference on a real
 * socket of 127.0.0.1: it speaks their published protocols, wants their credentials, answers the same request with the same
 * bytes ({@link Answer} says what, {@link Tokens} how long), and
 * misbehaves as a {@link Script} says. It records every request and how it ended.
 *
 * <table>
 * <caption>Calls</caption>
 * <tr><td>OpenAI<td>{@code /v1/chat/completions}, {@code /v1/completions}, {@code /v1/embeddings}, {@code /v1/responses},
 *     {@code /v1/responses/{id}} and its {@code /cancel} and {@code /input_items}, {@code /v1/models},
 *     {@code /v1/moderations}, {@code /v1/images/*}, {@code /v1/audio/*}, {@code /v1/files*}, {@code /v1/batches*}
 * <tr><td>Anthropic<td>{@code /v1/messages}, {@code /v1/messages/count_tokens}, {@code /v1/models} with
 *     {@code anthropic-version}
 * <tr><td>Gemini<td>{@code /v1beta} and {@code /v1} {@code /models/{model}:} {@code generateContent},
 *     {@code streamGenerateContent}, {@code countTokens}, {@code embedContent}, {@code batchEmbedContents}
 * <tr><td>Bedrock<td>{@code /model/{model}/converse} and {@code /converse-stream}; credentials are {@code ID:SECRET}, which
 *     must sign the request, or bearer tokens
 * <tr><td>Cohere<td>{@code /v2/chat}, {@code /v2/embed}, {@code /v2/rerank}
 * <tr><td>Text Generation Inference<td>{@code /generate}, {@code /generate_stream}
 * <tr><td>Azure<td>OpenAI's, below {@code /openai/v1} and {@code /openai/deployments/<deployment>}
 * <tr><td>control<td>{@code GET /__requests?path=&limit=}, {@code POST /__reset}; neither counted nor recorded
 * </table>
 *
 * <p>Which script applies: the last rule whose predicate holds, else the head of the queue, else the directives in the
 * model's name.
 */
public final class FakeProvider implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(20);

    private final Vertx vertx;
    private final HttpServer server;
    private final Scripts scripts;
    private final RequestLog log;
    private final Reception reception;

    private FakeProvider(int port) {
        vertx = Vertx.builder()
                .with(new VertxOptions()
                        .setEventLoopPoolSize(1)
                        .setWorkerPoolSize(1)
                        .setInternalBlockingPoolSize(1)
                        .setFileSystemOptions(new FileSystemOptions()
                                .setFileCachingEnabled(false)
                                .setClassPathResolvingEnabled(false)))
                .build();
        scripts = new Scripts();
        log = new RequestLog();
        reception = new Reception(vertx, scripts, log);
        server = vertx.createHttpServer(new HttpServerOptions()
                        .setHost("127.0.0.1")
                        .setPort(port)
                        .setTcpNoDelay(true)
                        .setAcceptBacklog(4096)
                        .setMaxHeaderSize(64 << 10)
                        .setMaxInitialLineLength(16 << 10)
                        .setHttp2ClearTextEnabled(false))
                .requestHandler(reception::receive);
    }

    /** Starts on a free port. */
    public static FakeProvider start() {
        return start(0);
    }

    /**
     * Starts on {@code port}, 0 for a free one.
     *
     * @throws IllegalStateException when the port is taken or the server does not come up within 20 s
     */
    public static FakeProvider start(int port) {
        FakeProvider provider = new FakeProvider(port);
        try {
            provider.server.listen().await(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            return provider;
        } catch (Exception fault) {
            provider.vertx.close();
            throw new IllegalStateException("FakeProvider cannot listen on 127.0.0.1:" + port, fault);
        }
    }

    public int port() {
        return server.actualPort();
    }

    /** {@code http://127.0.0.1:PORT}, without a path. */
    public String url() {
        return "http://127.0.0.1:" + port();
    }

    public URI uri(String path) {
        return URI.create(url() + path);
    }

    /** Refuses every credential but these with 401. Before the first call any non-empty one is good. */
    public FakeProvider acceptOnly(String... credentials) {
        reception.accept(Set.of(credentials));
        return this;
    }

    /** Queues a script for one request that no rule matches. */
    public FakeProvider script(Script script) {
        scripts.queue(script);
        return this;
    }

    /** Applies a script to every request that matches, until {@link #reset}; of several rules the last one wins. */
    public FakeProvider script(Predicate<RecordedRequest> when, Script script) {
        scripts.rule(when, script);
        return this;
    }

    /** The last requests (100,000 at most, with 256 MiB of bodies at most), oldest first. */
    public List<RecordedRequest> requests() {
        return log.records();
    }

    public List<RecordedRequest> requests(String path) {
        return requests().stream()
                .filter(request -> request.path().equals(path))
                .toList();
    }

    /** The last request; waits up to 5 s for the first. */
    public RecordedRequest lastRequest() {
        return Await.value(Duration.ofSeconds(5), "a request to the provider", () -> {
            List<RecordedRequest> requests = requests();
            return requests.isEmpty() ? Optional.empty() : Optional.of(requests.getLast());
        });
    }

    /** How many requests came since start or reset, recorded or not. */
    public long count() {
        return log.count();
    }

    public long count(String path) {
        return countsByPath().getOrDefault(path, 0L);
    }

    public Map<String, Long> countsByPath() {
        return log.counts();
    }

    /** Requests whose answer is not over. */
    public int inFlight() {
        return reception.inFlight();
    }

    /** Forgets requests, counts, scripts and fixed answers; accepted credentials stay. */
    public void reset() {
        reception.reset();
    }

    /** The token count of a text, as this provider counts: its runs of non-whitespace. */
    public static int tokens(String text) {
        return Tokens.of(text);
    }

    /** Closes the port and every connection. */
    @Override
    public void close() {
        vertx.close().await();
    }

    /** {@code --port N} (0 or absent: a free one), {@code --accept KEY,KEY}; runs until killed. */
    public static void main(String[] arguments) {
        int port = 0;
        String accepted = "";
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--port" -> port = Integer.parseInt(arguments[i + 1]);
                case "--accept" -> accepted = arguments[i + 1];
                default ->
                    throw new IllegalArgumentException(
                            "unknown option " + arguments[i] + "; known: --port N, --accept KEY,KEY");
            }
        }
        FakeProvider provider = start(port);
        if (!accepted.isEmpty()) {
            provider.acceptOnly(accepted.split(",", -1));
        }
        System.out.println("fake-provider ready " + provider.url());
    }
}
