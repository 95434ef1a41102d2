package io.latticegate.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.Allowance;
import io.latticegate.e2e.mesh.TestWallet;
import io.latticegate.testing.Await;
import io.latticegate.testing.Bill;
import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.RecordedRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The provider's own count, the ledger, the sums of the analytics, the metrics and the tokens' counters are the same numbers.
 * {@code -Dlatticegate.requests=10000} makes it more requests.
 */
final class AgreementTest {
    private static final int REQUESTS = Integer.getInteger("latticegate.requests", 500);
    private static final int AT_ONCE = 16;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static LocalStack stack;
    private static HttpClient http;
    private static final List<String> projects = new ArrayList<>();
    private static final List<String> tokens = new ArrayList<>();
    private static final List<TestWallet> wallets = new ArrayList<>();
    private static final AtomicLong nonce = new AtomicLong(System.currentTimeMillis());
    private static final Map<String, HttpResponse<String>> usages = new HashMap<>();
    private static List<AuditRecord> ledger;

    @BeforeAll
    static void run() throws Exception {
        stack = LocalStack.with().yaml("""
                        relay: { rate_limit_per_minute: 1000 }
                        routing: { circuit_breaker: { failures: 1000 } }
                        models:
                          gpt-4o-mini: { provider: openai, price_in: 0.15, price_out: 0.6 }
                          claude-sonnet-4-5: { provider: anthropic, price_in: 3, price_out: 15 }
                          gemini-2.5-flash: { provider: gemini, price_in: 0.3, price_out: 2.5 }
                        """).start();
        http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        for (String name : List.of("red", "green")) {
            projects.add(stack.project(name));
            tokens.add(stack.token(projects.getLast(), Allowance.WITHOUT_LIMIT));
        }
        SecureRandom random = new SecureRandom();
        for (int number = 0; number < 2; number++) {
            TestWallet wallet = new TestWallet(random);
            wallets.add(wallet);
            TestWallet.Signed key = wallet.store("openai", LocalStack.OPENAI_KEY);
            assertThat(send(post("/api/vault/store", key.body())).statusCode()).isEqualTo(200);
        }
        try (ExecutorService clients = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<?>> running = new ArrayList<>();
            for (int number = 0; number < REQUESTS; number++) {
                int one = number;
                running.add(clients.submit(() -> ask(one)));
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
        List<AuditRecord> unused = delivered(REQUESTS + wallets.size());
        askForUsage();
        ledger = delivered(REQUESTS + wallets.size() + usages.size());
    }

    /** Pages shift while entries arrive, so that one may be read twice and another not at all. */
    private static List<AuditRecord> delivered(int requests) {
        return Await.value(PATIENCE, "the end of every request in the audit", () -> {
            List<AuditRecord> ends = stack.auditEnds().stream()
                    .filter(record -> record.action().equals("proxy_request"))
                    .toList();
            boolean all = ends.size() == requests
                    && ends.stream().map(AuditRecord::requestId).distinct().count() == requests;
            return all ? Optional.of(ends) : Optional.empty();
        });
    }

    private static void askForUsage() throws IOException, InterruptedException {
        long now = System.currentTimeMillis() / 1_000;
        for (TestWallet wallet : wallets) {
            usages.put(wallet.address(), usage(wallet, wallet.address(), now));
            usages.put("upper case of " + wallet.address(), usage(wallet, upperCase(wallet.address()), now));
        }
        TestWallet stranger = new TestWallet(new SecureRandom());
        usages.put("unknown", usage(stranger, stranger.address(), now));
        usages.put("of another, known", usage(stranger, wallets.getFirst().address(), now));
        usages.put("of another, unknown", usage(stranger, "0x" + "1".repeat(40), now));
        usages.put("too old", usage(stranger, stranger.address(), now - 400));
        usages.put("no wallet", usage(stranger, "me", now));
        usages.put("unsigned", send(HttpRequest.newBuilder(stack.uri("/api/usage/" + stranger.address()))));
    }

    private static String upperCase(String address) {
        return "0x" + address.substring(2).toUpperCase(Locale.ROOT);
    }

    @AfterAll
    static void stop() {
        http.close();
        stack.close();
    }

    /** Of ten requests, some for each dialect, kind of credential and ending. */
    private static Object ask(int number) throws IOException, InterruptedException {
        String token = tokens.get(number % tokens.size());
        String text = "case " + number + " one two three";
        return switch (number % 10) {
            case 0, 1, 2 -> send(bearer(post("/v1/chat/completions", chat("gpt-4o-mini", text, number)), token));
            case 3 -> send(bearer(post("/v1/chat/completions", chat("gpt-4o-mini+status=400", text, number)), token));
            case 4 -> send(bearer(post("/v1/messages", chat("claude-sonnet-4-5", text, number)), token));
            case 5 ->
                send(bearer(
                        post(
                                "/v1beta/models/gemini-2.5-flash:generateContent",
                                JsonObject.of(
                                                "contents",
                                                JsonArray.of(JsonObject.of(
                                                        "role",
                                                        "user",
                                                        "parts",
                                                        JsonArray.of(JsonObject.of("text", text)))))
                                        .encode()),
                        token));
            case 6 ->
                send(bearer(post("/v1/chat/completions", chat("gpt-4o-mini", "the same", 0)), token)
                        .header("Cache-Control", "public, max-age=600"));
            case 7 -> send(bearer(post("/v1/chat/completions", chat("gpt-4o-mini", text, number)), "sk-of-nobody"));
            case 8 -> {
                TestWallet.Signed signed =
                        wallets.get(number / 10 % wallets.size()).request(text, "gpt-4o-mini", nonce.incrementAndGet());
                yield send(post("/api/llm/proxy", signed.body()));
            }
            default -> send(bearer(post("/v1/chat/completions", chat("claude-sonnet-4-5", text, number)), token));
        };
    }

    private static String chat(String model, String text, int number) {
        return JsonObject.of(
                        "model",
                        model,
                        "stream",
                        number % 3 == 1,
                        "max_tokens",
                        500,
                        "messages",
                        JsonArray.of(JsonObject.of("role", "user", "content", text)))
                .encode();
    }

    private static HttpRequest.Builder post(String path, String body) {
        return HttpRequest.newBuilder(stack.uri(path))
                .header("Content-Type", "application/json")
                .timeout(PATIENCE)
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private static HttpRequest.Builder bearer(HttpRequest.Builder request, String token) {
        return request.header("Authorization", "Bearer " + token);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonObject manage(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(
                bearer(HttpRequest.newBuilder(URI.create(stack.managementUrl() + path)), LocalStack.MANAGEMENT_TOKEN));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    private static long metric(String name, Pattern labels) throws IOException, InterruptedException {
        String text = send(bearer(
                        HttpRequest.newBuilder(URI.create(stack.managementUrl() + "/metrics")),
                        LocalStack.MANAGEMENT_TOKEN))
                .body();
        Matcher line = Pattern.compile("^" + name + "(?:\\{(.*)})? (\\S+)$", Pattern.MULTILINE)
                .matcher(text);
        BigDecimal sum = BigDecimal.ZERO;
        while (line.find()) {
            String own = line.group(1) == null ? "" : line.group(1);
            if (labels.matcher(own).find()) {
                sum = sum.add(new BigDecimal(line.group(2)));
            }
        }
        return sum.longValueExact();
    }

    private static long inLedger(ToLongFunction<AuditRecord> of) {
        return ledger.stream().mapToLong(of).sum();
    }

    private static List<RecordedRequest> seen() {
        return Stream.of(stack.openai(), stack.anthropic(), stack.gemini())
                .map(FakeProvider::requests)
                .flatMap(List::stream)
                .toList();
    }

    private static long charged(Function<Bill, Long> part) {
        return seen().stream().mapToLong(one -> part.apply(one.ending().bill())).sum();
    }

    @Test
    void thereWereRequestsOfEveryKind() {
        assertThat(ledger.stream().map(AuditRecord::outcome)).contains(AuditOutcome.SUCCESS, AuditOutcome.DENIED);
        assertThat(ledger.stream()
                        .anyMatch(record ->
                                record.outcome() != AuditOutcome.SUCCESS && record.outcome() != AuditOutcome.DENIED))
                .isTrue();
        assertThat(ledger).noneMatch(AuditRecord::usageEstimated);
        assertThat(inLedger(AuditRecord::costMicroUsd)).isPositive();
        assertThat(ledger.stream().filter(AgreementTest::hit).count()).isGreaterThan(REQUESTS / 10 - AT_ONCE - 4L);
        System.out.printf(
                Locale.ROOT,
                "agreement: %d requests, %d calls of providers, %d tokens in, %d out, %d micro-USD, %d hits%n",
                ledger.size(),
                seen().size(),
                inLedger(AuditRecord::tokensIn),
                inLedger(AuditRecord::tokensOut),
                inLedger(AuditRecord::costMicroUsd),
                ledger.stream().filter(AgreementTest::hit).count());
    }

    private static boolean hit(AuditRecord record) {
        return "hit".equals(record.metadata().get("cache"));
    }

    @Test
    void theProvidersOwnCountIsThatOfTheLedgerTheSummaryAndTheMetrics() throws Exception {
        JsonObject summary = manage("/manage/analytics/summary");
        long calls = seen().size();
        assertThat(inLedger(AuditRecord::attempts)).isEqualTo(calls);
        assertThat(summary.getLong("attempts")).isEqualTo(calls);
        assertThat(metric("gateway_provider_requests_total", Pattern.compile("")))
                .isEqualTo(calls);

        long in = charged(Bill::inputTokens);
        assertThat(inLedger(AuditRecord::tokensIn)).isEqualTo(in);
        assertThat(summary.getLong("tokens_in")).isEqualTo(in);
        assertThat(metric("gateway_tokens_total", Pattern.compile("direction=\"input\"")))
                .isEqualTo(in);

        long out = charged(Bill::outputTokens);
        assertThat(inLedger(AuditRecord::tokensOut)).isEqualTo(out);
        assertThat(summary.getLong("tokens_out")).isEqualTo(out);
        assertThat(metric("gateway_tokens_total", Pattern.compile("direction=\"output\"")))
                .isEqualTo(out);
    }

    @Test
    void requestsAndMoneyAreTheSameInLedgerSummaryAndMetrics() throws Exception {
        JsonObject summary = manage("/manage/analytics/summary");
        assertThat(summary.getLong("requests")).isEqualTo(ledger.size());
        assertThat(metric("gateway_requests_total", Pattern.compile(""))).isEqualTo(ledger.size());
        assertThat(summary.getLong("succeeded"))
                .isEqualTo(ledger.stream()
                        .filter(record -> record.outcome() == AuditOutcome.SUCCESS)
                        .count());
        assertThat(summary.getLong("cost_micro_usd")).isEqualTo(inLedger(AuditRecord::costMicroUsd));
        assertThat(summary.getJsonObject("cache").getLong("hits"))
                .isEqualTo(ledger.stream().filter(AgreementTest::hit).count());
        assertThat(metric("gateway_cache_hits_total", Pattern.compile("")))
                .isEqualTo(summary.getJsonObject("cache").getLong("hits"));
        long saved = inLedger(record -> Long.parseLong(record.metadata().getOrDefault("saved_micro_usd", "0")));
        assertThat(saved).isPositive();
        assertThat(summary.getJsonObject("cache").getDouble("saved_usd")).isEqualTo(saved / 1e6);
        assertThat(summary.getJsonObject("active").getLong("projects")).isEqualTo(projects.size());
        assertThat(summary.getJsonObject("active").getLong("tokens")).isEqualTo(tokens.size());
        assertThat(summary.getJsonObject("active").getLong("wallets")).isEqualTo(wallets.size() + 1L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "none",
                "project",
                "token",
                "wallet",
                "user",
                "model",
                "provider",
                "endpoint",
                "outcome",
                "error_class"
            })
    void everySeriesAddsUpToTheLedger(String groupBy) throws Exception {
        for (String bucket : List.of("minute", "hour", "day")) {
            assertThat(total("requests", bucket, groupBy)).isEqualTo(ledger.size());
            assertThat(total("tokens_out", bucket, groupBy)).isEqualTo(inLedger(AuditRecord::tokensOut));
            assertThat(total("cost", bucket, groupBy)).isEqualTo(inLedger(AuditRecord::costMicroUsd));
        }
    }

    private static long total(String metric, String bucket, String groupBy) throws Exception {
        JsonObject answer = manage(
                "/manage/analytics/series?metric=" + metric + "&bucket=" + bucket + "&group_by=" + groupBy + "&top=2");
        BigDecimal sum = BigDecimal.ZERO;
        for (Object series : answer.getJsonArray("series")) {
            sum = sum.add(new BigDecimal(((JsonObject) series).getValue("total").toString()));
        }
        return metric.equals("cost") ? sum.movePointRight(6).longValueExact() : sum.longValueExact();
    }

    @Test
    void theTokensCountersAreThoseOfTheirProjects() throws Exception {
        for (String project : projects) {
            JsonObject summary = manage("/manage/analytics/summary?project_id=" + project);
            List<AuditRecord> own = ledger.stream()
                    .filter(record -> record.projectId().equals(project))
                    .toList();
            assertThat(summary.getLong("requests")).isEqualTo(own.size());
            long tokensUsed = own.stream()
                    .mapToLong(record -> record.tokensIn() + record.tokensOut())
                    .sum();
            Await.until(PATIENCE, "the settlement", () -> stack.tokenOf(project).tokenCount() == tokensUsed);
            AuthApi.Token token = stack.tokenOf(project);
            assertThat(summary.getLong("tokens_in") + summary.getLong("tokens_out"))
                    .isEqualTo(token.tokenCount());
            assertThat(summary.getLong("cost_micro_usd")).isEqualTo(token.microUsd());
            assertThat(token.requestCount())
                    .isEqualTo(
                            own.stream().filter(record -> record.attempts() > 0).count());
        }
    }

    @Test
    void aWalletIsToldWhatItUsedAndNobodyElseIs() throws Exception {
        for (TestWallet wallet : wallets) {
            List<AuditRecord> own = ledger.stream()
                    .filter(record -> record.actor().id().equals(wallet.address())
                            && record.path().equals("/api/llm/proxy"))
                    .toList();
            JsonObject usage = new JsonObject(told(wallet.address()).body());
            assertThat(usage.getLong("total_requests")).isEqualTo(own.size()).isPositive();
            assertThat(usage.getLong("total_tokens"))
                    .isEqualTo(own.stream()
                            .mapToLong(record -> record.tokensIn() + record.tokensOut())
                            .sum());
            assertThat(new BigDecimal(usage.getValue("total_cost").toString())
                            .movePointRight(6)
                            .longValueExact())
                    .isEqualTo(own.stream().mapToLong(AuditRecord::costMicroUsd).sum());
            assertThat(told("upper case of " + wallet.address()).body())
                    .isEqualTo(told(wallet.address()).body());
            assertThat(manage("/manage/usage/wallets/" + wallet.address()).getLong("total_requests"))
                    .isEqualTo(own.size());
        }
        assertThat(new JsonObject(told("unknown").body()).getLong("total_requests"))
                .isZero();
        for (String refused : List.of("of another, known", "of another, unknown", "too old", "unsigned")) {
            assertThat(told(refused).statusCode()).as(refused).isEqualTo(401);
        }
        assertThat(new JsonObject(told("of another, known").body()).getString("code"))
                .isEqualTo(new JsonObject(told("of another, unknown").body()).getString("code"));
        assertThat(told("no wallet").statusCode()).isEqualTo(400);
    }

    private static HttpResponse<String> told(String question) {
        return requireNonNull(usages.get(question), question);
    }

    private static HttpResponse<String> usage(TestWallet signer, String asked, long timestamp)
            throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(stack.uri("/api/usage/" + asked))
                .header("X-Wallet-Signature", signer.usageQuery(timestamp))
                .header("X-Wallet-Timestamp", Long.toString(timestamp)));
    }
}
