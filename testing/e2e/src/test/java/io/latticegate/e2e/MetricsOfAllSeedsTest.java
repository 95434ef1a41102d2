package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.latticegate.testing.Await;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one process with all services shows of itself: names, numbers, and what dashboards and alerts make of them. */
final class MetricsOfAllSeedsTest {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Path ROOT = Path.of(System.getProperty("latticegate.root", "../.."));
    private static final Path RULES = ROOT.resolve("helm/latticegate/rules/latticegate.rules.yml");
    private static final Path DASHBOARDS = ROOT.resolve("helm/latticegate/dashboards");

    /** A row of docs/telemetry.md: name, type, labels, what it is, where the name comes from. */
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `([a-z0-9_]+)` \\| (counter|gauge|histogram|summary) \\| ([^|]*) \\|");

    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");
    private static final Pattern SERIES = Pattern.compile("(?m)^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{([^\n]*)})? (\\S+)$");

    private static LocalStack stack;
    private static String page;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        stack = LocalStack.with().yaml("""
            fhe: {enabled: true}
            cache: {enabled: true, policy: full}
            models:
              gpt-4o-mini: {provider: openai, price_in: 0.15, price_out: 0.6}
            """).start();
        String token = stack.token();
        for (int i = 0; i < 5; i++) {
            assertThat(chat(token, "gpt-4o-mini", "prompt " + i)).isEqualTo(200);
        }
        assertThat(chat(token, "gpt-4o-mini", "prompt 0")).isEqualTo(200);
        assertThat(chat(token, "gpt-4o+status=500", "fails")).isBetween(500, 599);
        assertThat(chat("sk-aaaaaaaaaaaaaaaaaaaaaa", "gpt-4o-mini", "who")).isEqualTo(401);
        assertThat(get(stack.fheUrl() + "/v1/fhe/capabilities", "*/*").statusCode())
                .isEqualTo(200);
        System.gc();
        Await.until(
                Duration.ofSeconds(10),
                "a collection to be counted",
                () -> metrics().contains("jvm_gc_pause_seconds_sum"));
        page = metrics();
    }

    private static String metrics() {
        try {
            return get(stack.managementUrl() + "/metrics", "*/*").body();
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void everyDocumentedNameIsThereWithItsTypeAndLabels() throws IOException {
        Map<String, String> types = TYPE.matcher(page)
                .results()
                .collect(Collectors.toMap(type -> type.group(1), type -> type.group(2), (one, other) -> one));
        Matcher rows = ROW.matcher(Files.readString(ROOT.resolve("docs/telemetry.md")));
        int count = 0;
        while (rows.find()) {
            String name = rows.group(1);
            assertThat(types).as("documented metrics").containsEntry(name, rows.group(2));
            Set<String> labels = labelsOf(name);
            for (String label : rows.group(3).replaceAll("[`\\s]", "").split(",", -1)) {
                if (!label.isEmpty() && !label.equals("–")) {
                    assertThat(labels).as("labels of " + name).contains(label);
                }
            }
            count++;
        }
        assertThat(count).isGreaterThan(50);
    }

    @Test
    void theNamesOfAllSeedsHaveRealValues() {
        assertThat(sum("gateway_requests_total", "route=\"/v1/chat/completions\""))
                .isEqualTo(8);
        assertThat(sum("llm_requests_total", "")).isEqualTo(sum("gateway_requests_total", ""));
        assertThat(sum("llm_request_duration_seconds_count", "")).isEqualTo(sum("gateway_requests_total", ""));
        assertThat(sum("llm_request_duration_seconds_bucket", "le=\"+Inf\""))
                .isEqualTo(sum("gateway_requests_total", ""));
        assertThat(sum("llm_proxy_requests_total", "")).isEqualTo(sum("gateway_requests_total", ""));
        assertThat(sum("llm_proxy_errors_total", "")).isEqualTo(2);
        assertThat(sum("llm_proxy_cache_hits_total", "")).isEqualTo(1);
        assertThat(sum("llm_proxy_cache_stores_total", "")).isEqualTo(5);
        assertThat(sum("llm_proxy_uptime_seconds", "")).isPositive();
        assertThat(sum("llm_proxy_memory_heap_alloc_bytes", "")).isPositive();
        assertThat(sum("requests_success_total", "")).isEqualTo(6);
        assertThat(sum("requests_duration_seconds_count", "")).isEqualTo(8);
        assertThat(sum("requests_error_total", "")).isEqualTo(sum("gateway_errors_total", ""));
        assertThat(sum("tokens_used_total", ""))
                .isEqualTo(sum("gateway_tokens_total", ""))
                .isPositive();
        assertThat(sum("gateway_cache_hits_total", "")).isEqualTo(1);
        assertThat(sum("gateway_cost_micro_usd_total", "")).isPositive();
    }

    @Test
    void requestsToProvidersAreAsManyAsTheProviderHasSeen() {
        assertThat(sum("gateway_provider_requests_total", "provider=\"openai\""))
                .isEqualTo((double) stack.openai().count());
        assertThat(sum("gateway_provider_requests_total", "model=\"gpt-4o-mini\",provider=\"openai\",status=\"200\""))
                .isEqualTo(5);
    }

    @Test
    void theFormOfSofatutorsProxyIsGivenToWhoeverAsksForJson() throws Exception {
        HttpResponse<String> answer = get(stack.managementUrl() + "/metrics", "application/json");
        JsonObject json = new JsonObject(answer.body());
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(json.fieldNames())
                .containsExactlyInAnyOrder(
                        "uptime_seconds",
                        "request_count",
                        "error_count",
                        "cache_hits",
                        "cache_misses",
                        "cache_bypass",
                        "cache_stores");
        assertThat(json.getLong("request_count")).isEqualTo(8);
        assertThat(json.getLong("cache_hits")).isEqualTo(1);
    }

    @Test
    void promtoolFindsNothing() throws Exception {
        Path scrape = Files.writeString(folder.resolve("scrape"), page);
        Run metrics = promtool(scrape, "check", "metrics");
        assertThat(metrics.output).as("promtool check metrics").isEmpty();
        assertThat(metrics.status).isZero();
        Run rules = promtool(null, "check", "rules", RULES.toString());
        assertThat(rules.status).as(rules.output).isZero();
        assertThat(rules.output).contains("SUCCESS");
    }

    @Test
    void alertsAndDashboardsNameOnlyMetricsThatExist() throws Exception {
        Set<String> existing =
                SERIES.matcher(page).results().map(series -> series.group(1)).collect(Collectors.toSet());
        Set<String> missing = new TreeSet<>();
        Map<String, List<String>> expressions = new LinkedHashMap<>();
        expressions.put("rules", expressionsOf(Files.readString(RULES)));
        try (Stream<Path> files = Files.list(DASHBOARDS)) {
            for (Path file : files.sorted().toList()) {
                List<String> of = new ArrayList<>();
                JsonNode dashboard = new ObjectMapper().readTree(file.toFile());
                dashboard.findValuesAsText("expr").forEach(of::add);
                assertThat(of).as(file.toString()).isNotEmpty();
                expressions.put(file.getFileName().toString(), of);
            }
        }
        expressions.forEach((where, all) -> all.forEach(expression -> namesIn(expression).stream()
                .filter(name -> !existing.contains(name))
                .forEach(name -> missing.add(where + ": " + name))));
        assertThat(expressions).hasSize(7);
        assertThat(missing).isEmpty();
    }

    /** The metrics of a PromQL expression: names that are neither functions nor keywords nor labels. */
    private static Set<String> namesIn(String expression) {
        String bare = expression
                .replaceAll("\"[^\"]*\"", "")
                .replaceAll("\\{[^}]*}", "")
                .replaceAll("\\[[^]]*]", "")
                .replaceAll("\\b(by|on|without|ignoring) *\\([^)]*\\)", "")
                .replaceAll("\\boffset +\\w+", "");
        Set<String> names = new TreeSet<>();
        Matcher words = Pattern.compile("\\b([a-z][a-z0-9_]+)\\b(?! *\\()").matcher(bare);
        while (words.find()) {
            if (!Set.of("and", "or", "unless", "bool").contains(words.group(1))) {
                names.add(words.group(1));
            }
        }
        return names;
    }

    private static List<String> expressionsOf(String rules) {
        List<String> expressions = new ArrayList<>();
        Matcher found =
                Pattern.compile("(?m)^ +expr: (\\|\n((?: {10}.*\n)+)|.*)").matcher(rules);
        while (found.find()) {
            expressions.add(found.group(2) == null ? found.group(1) : found.group(2));
        }
        assertThat(expressions).hasSizeGreaterThan(15);
        return expressions;
    }

    private static Set<String> labelsOf(String metric) {
        Set<String> labels = new TreeSet<>();
        Matcher series = SERIES.matcher(page);
        while (series.find()) {
            boolean own = series.group(1).equals(metric) || series.group(1).matches(metric + "_(bucket|count|sum)");
            if (own && series.group(2) != null) {
                Matcher label = Pattern.compile("([a-z_]+)=\"").matcher(series.group(2));
                while (label.find()) {
                    labels.add(label.group(1));
                }
            }
        }
        return labels;
    }

    private static double sum(String metric, String label) {
        double sum = 0;
        Matcher series = SERIES.matcher(page);
        while (series.find()) {
            String labels = series.group(2) == null ? "" : series.group(2);
            boolean fits = Stream.of(label.split(",", -1)).allMatch(labels::contains);
            if (series.group(1).equals(metric) && fits) {
                sum += Double.parseDouble(series.group(3));
            }
        }
        return sum;
    }

    private record Run(int status, String output) {}

    private static Run promtool(@Nullable Path input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        if (input != null) {
            builder.redirectInput(input.toFile());
        }
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), output);
    }

    private static int chat(String token, String model, String prompt) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(stack.uri("/v1/chat/completions"))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"" + model
                        + "\",\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}]}"))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
    }

    private static HttpResponse<String> get(String url, String accept) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(url)).header("Accept", accept).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
