package io.latticegate.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.Allowance;
import io.latticegate.testing.Await;
import io.latticegate.testing.Bill;
import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.RecordedRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the audit says was used is what the providers charge, over requests of every kind and ending. {@code
 * -Dlatticegate.requests=10000} makes it more of them.
 */
final class LedgerTest {
    private static final int REQUESTS = Integer.getInteger("latticegate.requests", 1_000);
    private static final long SEED = Long.getLong("latticegate.seed", 20_261_121L);
    private static final int AT_ONCE = 24;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** How a request goes; {@code directives} are the provider's part in it. */
    enum Way {
        WHOLE("", false, true),
        STREAMED("", true, true),
        CALLS_A_TOOL("", false, true),
        STREAMS_A_TOOL_CALL("", true, true),
        CAPPED("", false, true),
        CUT("+cut=3", true, false),
        CLOSED("+close=2", true, false),
        TRUNCATED("+truncate=2", true, false),
        ERROR_EVENT("+error=2", true, false),
        REFUSED("+status=400", false, false),
        FAILED("+status=500", true, false),
        SILENT_ABOUT_USAGE("+nousage", true, false),
        FAILED_OVER("", true, true),
        CLIENT_LEFT("+chunks=400+gap=20ms", true, false);

        private final String directives;
        private final boolean streamed;
        private final boolean usageTold;

        Way(String directives, boolean streamed, boolean usageTold) {
            this.directives = directives;
            this.streamed = streamed;
            this.usageTold = usageTold;
        }

        boolean tools() {
            return this == CALLS_A_TOOL || this == STREAMS_A_TOOL_CALL;
        }
    }

    private enum Surface {
        CHAT("/v1/chat/completions"),
        MESSAGES("/v1/messages"),
        RESPONSES("/v1/responses");

        private final String path;

        Surface(String path) {
            this.path = path;
        }
    }

    private record Request(String name, Surface surface, String model, Way way) {
        String body() {
            String text = name + " one two three four" + (way.tools() ? " lookup" : "");
            int outputTokens = way == Way.CAPPED ? 2 : 4_000;
            JsonObject schema = JsonObject.of(
                    "type", "object", "properties", JsonObject.of("city", JsonObject.of("type", "string")));
            JsonArray messages = JsonArray.of(JsonObject.of("role", "user", "content", text));
            JsonObject body = JsonObject.of("model", model, "stream", way.streamed);
            switch (surface) {
                case CHAT -> body.put("messages", messages).put("max_tokens", outputTokens);
                case MESSAGES -> body.put("messages", messages).put("max_tokens", outputTokens);
                case RESPONSES -> body.put("input", text).put("max_output_tokens", outputTokens);
            }
            if (way.tools()) {
                JsonObject tool = JsonObject.of("name", "lookup", "description", "looks up");
                body.put(
                        "tools",
                        JsonArray.of(
                                switch (surface) {
                                    case CHAT ->
                                        JsonObject.of("type", "function", "function", tool.put("parameters", schema));
                                    case MESSAGES -> tool.put("input_schema", schema);
                                    case RESPONSES ->
                                        tool.put("type", "function").put("parameters", schema);
                                }));
            }
            return body.encode();
        }
    }

    private static LocalStack stack;
    private static String project;
    private static String token;
    private static List<Request> requests;
    private static Map<String, AuditRecord> ledger;
    private static Map<String, List<AuditRecord>> entries;
    private static Map<String, List<RecordedRequest>> seen;
    private static final Map<String, String> answers = new ConcurrentHashMap<>();

    @BeforeAll
    static void run() throws Exception {
        stack = LocalStack.with()
                .yaml("""
                        routing: { circuit_breaker: { failures: 1000 }, retry_budget: 1 }
                        models:
                          over-chat: { targets: [ { provider: openai, upstream_model: gpt-4o-mini+status=500 }, { provider: openai, upstream_model: gpt-4o-mini } ] }
                          over-messages: { targets: [ { provider: anthropic, upstream_model: claude-sonnet-4-5+status=529 }, { provider: openai, upstream_model: gpt-4o } ] }
                          over-gemini: { targets: [ { provider: openai, upstream_model: gpt-4o+status=503 }, { provider: gemini, upstream_model: gemini-2.5-flash } ] }
                        """)
                .setting("routing.strategy", "round_robin")
                .setting("providers.openai.retry_count", 1)
                .setting("providers.anthropic.retry_count", 1)
                .start();
        project = stack.project("ledger");
        token = stack.token(project, Allowance.WITHOUT_LIMIT);
        requests = mixed();
        try (ExecutorService clients = Executors.newFixedThreadPool(AT_ONCE);
                HttpClient http = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
            List<Future<?>> running = new ArrayList<>();
            for (Request request : requests) {
                running.add(clients.submit(() -> {
                    ask(http, request);
                    return null;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
        ledger = Await.value(PATIENCE, "the end of every request in the audit", () -> {
            Map<String, List<AuditRecord>> ends = byName(stack.auditEnds());
            return ends.size() == requests.size()
                    ? java.util.Optional.of(ends.entrySet().stream()
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey, end -> end.getValue().getLast())))
                    : java.util.Optional.empty();
        });
        entries = byName(stack.auditEntries());
        seen = Stream.of(stack.openai(), stack.anthropic(), stack.gemini())
                .map(FakeProvider::requests)
                .flatMap(List::stream)
                .collect(Collectors.groupingBy(request -> request.bodyText().replaceAll("(?s).*?(case-\\d+).*", "$1")));
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    private static Map<String, List<AuditRecord>> byName(List<AuditRecord> records) {
        return records.stream()
                .filter(record -> record.correlationId().startsWith("case-"))
                .collect(Collectors.groupingBy(AuditRecord::correlationId));
    }

    private static List<Request> mixed() {
        SplittableRandom random = new SplittableRandom(SEED);
        List<String> models =
                List.of("gpt-4o-mini", "gpt-4.1", "claude-sonnet-4-5", "claude-haiku-4-5", "gemini-2.5-flash");
        List<String> groups = List.of("over-chat", "over-messages", "over-gemini");
        return Stream.iterate(0, number -> number + 1)
                .limit(REQUESTS)
                .map(number -> {
                    Way way = Way.values()[number % Way.values().length];
                    Surface surface = Surface.values()[random.nextInt(Surface.values().length)];
                    String model = way == Way.FAILED_OVER
                            ? groups.get(random.nextInt(groups.size()))
                            : models.get(random.nextInt(models.size())) + way.directives;
                    return new Request("case-%05d".formatted(number), surface, model, way);
                })
                .toList();
    }

    private static void ask(HttpClient http, Request request) throws IOException, InterruptedException {
        if (request.way == Way.CLIENT_LEFT) {
            leave(request);
            return;
        }
        HttpRequest call = HttpRequest.newBuilder(URI.create(stack.url() + request.surface.path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .header("X-Correlation-ID", request.name)
                .timeout(PATIENCE)
                .POST(HttpRequest.BodyPublishers.ofString(request.body()))
                .build();
        HttpResponse<String> answer = http.send(call, HttpResponse.BodyHandlers.ofString());
        answers.put(request.name, answer.statusCode() + " " + answer.body());
    }

    /** Reads a few events of the stream and hangs up. */
    private static void leave(Request request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), stack.port())) {
            socket.setSoTimeout(20_000);
            String body = request.body();
            socket.getOutputStream()
                    .write(("POST " + request.surface.path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token
                                    + "\r\nX-Correlation-ID: " + request.name
                                    + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                                    + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            int events = 0;
            int before = 0;
            while (events < 5) {
                int octet = in.read();
                if (octet < 0) {
                    throw new IOException(request + " was ended by the gateway");
                }
                events += octet == '\n' && before == '\n' ? 1 : 0;
                before = octet;
            }
            RawHttp.hangUp(socket);
        }
    }

    @Test
    void everyRequestEndsOnceAndHasItsAttempts() {
        for (Request request : requests) {
            List<AuditRecord> own = entries.get(request.name);
            assertThat(own)
                    .filteredOn(record -> record.phase() == AuditPhase.END)
                    .as(request.toString())
                    .hasSize(1);
            assertThat(end(request).attempts())
                    .as(request.toString())
                    .isEqualTo(calls(request).size());
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void whatIsNotCalledAnEstimateIsWhatTheProviderCharged(Way way) {
        for (Request request : of(way)) {
            AuditRecord end = end(request);
            if (!end.usageEstimated()) {
                assertThat(end.tokensIn()).as(request + ": " + end).isEqualTo(charged(request, Bill::inputTokens));
                assertThat(end.tokensOut()).as(request + ": " + end).isEqualTo(charged(request, Bill::outputTokens));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void onlyWhatTheProviderDidNotSayIsAnEstimate(Way way) {
        for (Request request : of(way)) {
            AuditRecord end = end(request);
            boolean told = way.usageTold || way == Way.REFUSED || way == Way.FAILED;
            assertThat(end.usageEstimated()).as(request + ": " + end).isEqualTo(!told);
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void anAnswerIsASuccessWhereItWasWholeAndOnlyThere(Way way) {
        for (Request request : of(way)) {
            AuditRecord end = end(request);
            boolean whole = way.usageTold || way == Way.SILENT_ABOUT_USAGE;
            assertThat(end.outcome() == AuditOutcome.SUCCESS)
                    .as(request + ": " + end)
                    .isEqualTo(whole);
            String answer = answers.get(request.name);
            if (answer != null && way.streamed) {
                assertThat(answer.contains("[DONE]")
                                || answer.contains("event: message_stop")
                                || answer.contains("event: response.completed"))
                        .as(request + ": " + answer)
                        .isEqualTo(whole);
            }
        }
    }

    @Test
    void theTokensCountersAreTheSumOfTheLedger() {
        long sum = ledger.values().stream()
                .mapToLong(end -> end.tokensIn() + end.tokensOut())
                .sum();
        Await.until(PATIENCE, "the settlement", () -> stack.tokenOf(project).tokenCount() == sum);
        assertThat(stack.tokenOf(project).requestCount()).isEqualTo(requests.size());
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void anEstimateIsNotBelowTheCharge(Way way) {
        List<Request> own = of(way);
        long tokensIn =
                own.stream().mapToLong(request -> end(request).tokensIn()).sum();
        long tokensOut =
                own.stream().mapToLong(request -> end(request).tokensOut()).sum();
        long chargedIn = own.stream()
                .mapToLong(request -> charged(request, Bill::inputTokens))
                .sum();
        long chargedOut = own.stream()
                .mapToLong(request -> charged(request, Bill::outputTokens))
                .sum();
        System.out.printf(
                "ledger %s: %d requests, input %d of %d charged, output %d of %d%n",
                way, own.size(), tokensIn, chargedIn, tokensOut, chargedOut);
        assertThat(tokensIn).isGreaterThanOrEqualTo(chargedIn);
        assertThat(tokensOut).isGreaterThanOrEqualTo(chargedOut);
    }

    private static AuditRecord end(Request request) {
        return requireNonNull(ledger.get(request.name), request.name);
    }

    private static List<RecordedRequest> calls(Request request) {
        return requireNonNull(seen.get(request.name), request.name);
    }

    private static long charged(Request request, Function<Bill, Long> part) {
        return calls(request).stream()
                .mapToLong(one -> part.apply(one.ending().bill()))
                .sum();
    }

    private static List<Request> of(Way way) {
        return requests.stream().filter(request -> request.way == way).toList();
    }
}
