package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.e2e.OtlpCollector.Span;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Spans of requests through all services of one process, as a collector receives them. */
final class TracingTest {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final String COLLECTOR_KEY = "collector-credential-0001";

    private static OtlpCollector collector;
    private static LocalStack stack;
    private static String token;

    @BeforeAll
    static void start() {
        collector = OtlpCollector.start();
        stack = LocalStack.with()
                .yaml("""
                    tracing: {otlp: "%s", allow_http: true, sampling: 0, client_traces_per_second: 1000, headers: "x-collector-key=%s"}
                    cache: {enabled: true, policy: full}
                    security:
                      guards:
                        default: personal
                        policies: {personal: {recognisers: {email: flag}}}
                    """.formatted(collector.url(), COLLECTOR_KEY))
                .start();
        token = stack.token();
    }

    @AfterAll
    static void stop() {
        stack.close();
        collector.close();
    }

    @Test
    void theProvidersCallLiesInsideTheRequestsSpan() throws Exception {
        String trace = "0af7651916cd43dd8448eb211c80319c";
        HttpResponse<String> answer = chat(trace, "b7ad6b7169203331", "01", "hello", "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);

        Span request = collector.await(trace, "request", span -> span.name().equals("POST /v1/chat/completions"));
        Span attempt = collector.await(trace, "attempt", span -> span.name().equals("provider attempt"));
        Span call = collector.await(trace, "call", span -> span.name().startsWith("chat "));
        assertThat(request.parentId()).isEqualTo("b7ad6b7169203331");
        assertThat(request.kind()).isEqualTo("server");
        assertThat(request.attribute("http.response.status_code")).isEqualTo("200");
        assertThat(attempt.parentId()).isEqualTo(request.spanId());
        assertThat(call.parentId()).isEqualTo(attempt.spanId());
        assertThat(call.kind()).isEqualTo("client");
        assertThat(request.encloses(attempt)).isTrue();
        assertThat(attempt.encloses(call)).isTrue();
        assertThat(call.attributes())
                .containsEntry("gen_ai.operation.name", "chat")
                .containsEntry("gen_ai.provider.name", "openai")
                .containsEntry("gen_ai.request.model", "gpt-4o-mini")
                .containsEntry("http.response.status_code", "200")
                .containsKeys("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "server.address");
        for (String step : new String[] {"lease", "guards", "cache", "route"}) {
            Span one = collector.await(trace, step, span -> span.name().equals(step));
            assertThat(one.parentId()).as(step).isEqualTo(request.spanId());
            assertThat(request.encloses(one)).as(step).isTrue();
        }
        assertThat(stack.openai().lastRequest().header("traceparent"))
                .contains("00-" + trace + "-" + call.spanId() + "-01");
    }

    @Test
    void aServicesPartIsInTheTraceOfTheRequestThatAskedForIt() throws Exception {
        String fresh = stack.token();
        String trace = "0af7651916cd43dd8448eb211c8031aa";
        assertThat(chat(fresh, trace, "b7ad6b7169203331", "01", "a", "").statusCode())
                .isEqualTo(200);

        Span lease = collector.await(trace, "lease", span -> span.name().equals("lease"));
        Span asked = collector.await(
                trace,
                "question",
                span -> span.name().equals("auth.lease.v1") && span.kind().equals("client"));
        Span served = collector.await(
                trace,
                "answer",
                span -> span.name().equals("auth.lease.v1") && span.kind().equals("server"));
        assertThat(asked.parentId()).isEqualTo(lease.spanId());
        assertThat(served.parentId()).isEqualTo(asked.spanId());
    }

    @Test
    void whatTheClientDoesNotSampleIsNotRecordedButStillPassedOn() throws Exception {
        String trace = "0af7651916cd43dd8448eb211c8031bb";
        assertThat(chat(trace, "b7ad6b7169203331", "00", "unsampled", "").statusCode())
                .isEqualTo(200);

        Optional<String> told = stack.openai().lastRequest().header("traceparent");
        assertThat(told)
                .hasValueSatisfying(value -> assertThat(value)
                        .startsWith("00-" + trace + "-")
                        .endsWith("-00")
                        .doesNotContain("b7ad6b7169203331"));
        String later = "0af7651916cd43dd8448eb211c8031cc";
        assertThat(chat(later, "b7ad6b7169203331", "01", "later", "").statusCode())
                .isEqualTo(200);
        Span unused = collector.await(later, "request", span -> span.name().startsWith("POST"));
        assertThat(collector.trace(trace)).isEmpty();
    }

    @Test
    void neitherStateNorBaggageNorAMalformedContextReachesTheProvider() throws Exception {
        HttpRequest request = request(token, "state")
                .header("traceparent", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")
                .header("tracestate", "vendor=secret")
                .header("baggage", "user=alice")
                .build();
        assertThat(HTTP.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
        assertThat(stack.openai().lastRequest().header("tracestate")).isEmpty();
        assertThat(stack.openai().lastRequest().header("baggage")).isEmpty();
        assertThat(stack.openai().lastRequest().header("traceparent"))
                .hasValueSatisfying(value ->
                        assertThat(value.toLowerCase(Locale.ROOT)).doesNotContain("0af7651916cd43dd8448eb211c80319c"));
    }

    @Test
    void aFailingProvidersAttemptsAreMarkedAsFailed() throws Exception {
        String trace = "0af7651916cd43dd8448eb211c8031dd";
        HttpResponse<String> answer = chat(trace, "b7ad6b7169203331", "01", "fail", "+status=500");
        assertThat(answer.statusCode()).isBetween(500, 599);

        Span call = collector.await(trace, "call", span -> span.name().startsWith("chat "));
        assertThat(call.status()).isEqualTo("error");
        assertThat(call.attribute("error.type")).isNotEmpty();
        assertThat(call.attribute("http.response.status_code")).isEqualTo("500");
        Span request = collector.await(trace, "request", span -> span.name().startsWith("POST"));
        assertThat(request.status()).isEqualTo("error");
    }

    @Test
    void bucketsNameATraceWhereOpenMetricsIsAskedFor() throws Exception {
        String trace = "0af7651916cd43dd8448eb211c8031ee";
        assertThat(chat(trace, "b7ad6b7169203331", "01", "exemplar", "").statusCode())
                .isEqualTo(200);
        HttpResponse<String> page = metrics("application/openmetrics-text; version=1.0.0");
        assertThat(page.headers().firstValue("Content-Type").orElse("")).startsWith("application/openmetrics-text");
        assertThat(page.body())
                .endsWith("# EOF\n")
                .containsPattern("_bucket\\{[^\n]*# \\{[^}]*trace_id=\"[0-9a-f]{32}\"");
        assertThat(metrics("text/plain").body()).doesNotContain("trace_id");
    }

    @Test
    void theCollectorIsSentItsCredentialAndGzip() throws Exception {
        String trace = "0af7651916cd43dd8448eb211c8031ff";
        assertThat(chat(trace, "b7ad6b7169203331", "01", "head", "").statusCode())
                .isEqualTo(200);
        Span unused = collector.await(trace, "request", span -> span.name().startsWith("POST"));
        assertThat(collector.heads())
                .allSatisfy(head -> assertThat(head)
                        .containsEntry("x-collector-key", COLLECTOR_KEY)
                        .containsEntry("Content-Encoding", "gzip"));
    }

    private static HttpResponse<String> chat(String trace, String parent, String flags, String prompt, String suffix)
            throws IOException, InterruptedException {
        return chat(token, trace, parent, flags, prompt, suffix);
    }

    private static HttpResponse<String> chat(
            String bearer, String trace, String parent, String flags, String prompt, String suffix)
            throws IOException, InterruptedException {
        HttpRequest request = request(bearer, prompt, suffix)
                .header("traceparent", "00-" + trace + "-" + parent + "-" + flags)
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String bearer, String prompt) {
        return request(bearer, prompt, "");
    }

    private static HttpRequest.Builder request(String bearer, String prompt, String suffix) {
        return HttpRequest.newBuilder(stack.uri("/v1/chat/completions"))
                .header("Authorization", "Bearer " + bearer)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"gpt-4o-mini" + suffix
                        + "\",\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}]}"));
    }

    private static HttpResponse<String> metrics(String accept) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(stack.managementUrl() + "/metrics"))
                        .header("Accept", accept)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
