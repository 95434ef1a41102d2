package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.Allowance;
import io.latticegate.testing.Await;
import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.NodeClients;
import io.latticegate.testing.RecordedRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bedrock's surface and provider: signatures, paths that name the model, streams in binary frames, and every other dialect. */
final class BedrockTest {
    private static final String KEY = "AKIAGATEWAY00001:gatewaySecret/of+Bedrock0000000000000001";
    private static final String TEMPORARY_KEY =
            "ASIAPROJECT00001:projectSecret/of+Bedrock0001:session//token+of=project==";
    private static final String API_KEY = "ABSKprojectApiKey0001==";
    private static final String MODEL = "/model/us.anthropic.claude-sonnet-4-v1%3A0";
    private static final String HELLO =
            "{ \"messages\" : [{\"role\":\"user\",\"content\":[{\"text\":\"one two thr\\u0065e\"}]}],"
                    + "\n \"x_unknown\": 1.50 }";
    private static final Duration DEADLINE = Duration.ofSeconds(90);

    private static FakeProvider bedrock;
    private static NodeClients clients;
    private static LocalStack stack;
    private static String token;

    @BeforeAll
    static void start() {
        clients = NodeClients.ready();
        bedrock = FakeProvider.start().acceptOnly(KEY, TEMPORARY_KEY, API_KEY);
        stack = LocalStack.with()
                .setting("server.timeouts.first_token", "2s")
                .setting("server.timeouts.stream_idle", "2s")
                .setting("providers.bedrock.base_url", bedrock.url())
                .setting("providers.bedrock.region", "eu-west-3")
                .setting("providers.bedrock.allow_http", true)
                .setting("providers.bedrock.allow_private", true)
                .setting("providers.bedrock.api_key", KEY)
                .yaml("""
                        models:
                          profile: { provider: bedrock, upstream_model: "arn:aws:bedrock:eu-west-3:123456789012:inference-profile/eu.x" }
                          "us.anthropic.*": { provider: bedrock }
                          "amazon.*": { provider: bedrock }
                        """)
                .start();
        token = stack.token();
    }

    @AfterAll
    static void stop() {
        stack.close();
        bedrock.close();
    }

    @BeforeEach
    void forget() {
        bedrock.reset();
        stack.openai().reset();
        stack.anthropic().reset();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/converse", "/converse-stream"})
    void theSameProtocolPassesByteForByteUnderTheGatewaysSignature(String call) throws Exception {
        HttpResponse<byte[]> direct = send(bedrock.url(), API_KEY, "POST", MODEL + call, HELLO);
        HttpResponse<byte[]> answer = send(MODEL + call, HELLO);

        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(direct.body());
        assertThat(answer.headers().firstValue("content-type"))
                .isEqualTo(direct.headers().firstValue("content-type"));
        RecordedRequest seen = bedrock.lastRequest();
        assertThat(seen.path()).isEqualTo(MODEL + call);
        assertThat(seen.bodyText()).isEqualTo(HELLO);
        assertThat(seen.header("authorization").orElseThrow())
                .startsWith("AWS4-HMAC-SHA256 Credential=AKIAGATEWAY00001/")
                .contains("/eu-west-3/bedrock/aws4_request");
        assertThat(seen.headers().toString()).doesNotContain(token).doesNotContain("gatewaySecret");
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.model()).isEqualTo("us.anthropic.claude-sonnet-4-v1:0");
        assertThat(end.provider()).isEqualTo("bedrock");
        assertThat(end.tokensIn()).isEqualTo(3);
        assertThat(end.tokensOut()).isEqualTo(4);
    }

    @Test
    void aProjectMaySignWithTemporaryCredentialsOrSendAnApiKey() throws Exception {
        String temporary = projectWith(TEMPORARY_KEY);
        String api = projectWith(API_KEY);

        assertThat(send(stack.url(), temporary, "POST", MODEL + "/converse", HELLO)
                        .statusCode())
                .isEqualTo(200);
        assertThat(bedrock.lastRequest().header("x-amz-security-token")).contains("session//token+of=project==");
        assertThat(send(stack.url(), api, "POST", MODEL + "/converse", HELLO).statusCode())
                .isEqualTo(200);
        assertThat(bedrock.lastRequest().header("authorization")).contains("Bearer " + API_KEY);
        assertThat(bedrock.lastRequest().header("x-amz-date")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"AKID:", "AK/ID:secret", "AKID:secret:"})
    void aStoredKeyThatIsNoneOfThemIsNotSent(String key) throws Exception {
        HttpResponse<byte[]> answer =
                send(stack.url(), projectWith(key), "POST", "/model/amazon.unusable/converse", HELLO);

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(text(answer)).contains("ACCESS_KEY_ID:SECRET_ACCESS_KEY").doesNotContain("AKID", "AK/ID");
        assertThat(stack.auditEnd(requestId(answer)).reason()).isEqualTo("provider_key_malformed");
        assertThat(bedrock.count()).isZero();
    }

    @Test
    void anAliasIsRenamedInThePathWithItsSlashesEncoded() throws Exception {
        HttpResponse<byte[]> answer = send("/model/profile/converse", HELLO);

        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        assertThat(bedrock.lastRequest().path())
                .isEqualTo("/model/arn%3Aaws%3Abedrock%3Aeu-west-3%3A123456789012%3Ainference-profile%2Feu.x/converse");
        assertThat(send(bedrock.lastRequest().path(), HELLO).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /model/x/invoke, 404, ResourceNotFoundException",
        "POST, /model/x%2F..%2Fy/converse, 404, ResourceNotFoundException",
        "POST, /model/x%5Cy/converse, 400, ValidationException",
        "GET, /model/x/converse, 405, ValidationException",
        "POST, /model/x/converse?key=1, 400, ValidationException"
    })
    void whatIsNotOfferedIsRefusedInTheProtocolsOwnForm(String method, String path, int status, String type)
            throws Exception {
        HttpResponse<byte[]> answer = send(stack.url(), token, method, path, method.equals("POST") ? HELLO : "");

        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(status);
        assertThat(answer.headers().firstValue("x-amzn-errortype")).contains(type);
        assertThat(text(answer)).startsWith("{\"__type\":\"" + type + "\",\"message\":");
        assertThat(bedrock.count()).isZero();
    }

    @Test
    void aPermissionThatTheGatewaysAccountLacksIsNotToldInTheProvidersWords() throws Exception {
        HttpResponse<byte[]> answer = send("/model/amazon.denied+status=403/converse", HELLO);

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(text(answer)).contains("gateway's credential").doesNotContain("Scripted");
        assertThat(stack.auditEnd(requestId(answer)).reason()).isEqualTo("AccessDeniedException");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "amazon.a+truncate=3, provider_stream_cut, modelStreamErrorException",
        "amazon.b+cut=3, provider_stream_cut, modelStreamErrorException",
        "amazon.c+stall=3, provider_stalled, modelStreamErrorException",
        "amazon.d+error=3, ModelStreamErrorException, modelStreamErrorException",
        "gpt-4o-mini+cut=3, provider_stream_cut, modelStreamErrorException",
        "claude-sonnet-4-5+stall=3, provider_stalled, modelStreamErrorException"
    })
    void aStreamThatBreaksOffEndsWithAnException(String model, String reason, String exception) throws Exception {
        String body = HELLO.replace("{ ", "{ \"inferenceConfig\":{\"maxTokens\":50}, ");
        HttpResponse<byte[]> answer = send("/model/" + model + "/converse-stream", body);

        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).contains("application/vnd.amazon.eventstream");
        assertThat(text(answer)).contains("one").doesNotContain("messageStop").containsOnlyOnce(":exception-type");
        assertThat(text(answer).substring(text(answer).indexOf(":exception-type")))
                .contains(exception);
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.outcome()).isEqualTo(AuditOutcome.ERROR);
        assertThat(end.reason()).isEqualTo(reason);
        assertThat(end.tokensOut()).isPositive();
    }

    /** A message of which only the first half came leaves no place for another. */
    @Test
    void aStreamThatIsNoneBreaksOff() {
        String model = "amazon.e+badjson";

        assertThatThrownBy(() -> send("/model/" + model + "/converse-stream", HELLO))
                .isInstanceOf(IOException.class);

        AuditRecord end = Await.value(
                Duration.ofSeconds(10),
                "the audit's end of " + model,
                () -> stack.auditEnds().stream()
                        .filter(record -> model.equals(record.model()))
                        .findFirst());
        assertThat(end.outcome()).isEqualTo(AuditOutcome.ERROR);
        assertThat(end.reason()).isEqualTo("provider_protocol_error");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/responses | {\"model\":\"amazon.nova\",\"input\":\"hi\"} | echo: hi",
                "/v1/completions | {\"model\":\"amazon.nova\",\"prompt\":\"hi\"} | echo: hi",
                "/v1/chat/completions | {\"model\":\"amazon.nova\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]} | [DONE]",
                "/api/bedrock | {\"model\":\"amazon.nova\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]} | [DONE]"
            })
    void everySurfaceReachesItsModels(String path, String body, String says) throws Exception {
        HttpResponse<byte[]> answer = send(path, body);

        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        assertThat(text(answer)).contains(says);
        assertThat(stack.auditEnd(requestId(answer)).provider()).isEqualTo("bedrock");
    }

    @Test
    void whatAnOpenAiRequestLosesIsNamed() throws Exception {
        HttpResponse<byte[]> answer = send(
                "/v1/chat/completions",
                "{\"model\":\"amazon.nova-pro-v1:0\",\"seed\":1,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");

        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        assertThat(answer.headers().firstValue("X-Latticegate-Dropped")).contains("seed");
        assertThat(bedrock.lastRequest().path()).isEqualTo("/model/amazon.nova-pro-v1%3A0/converse");
    }

    @ParameterizedTest(name = "{0} with {1} at {2}")
    @CsvSource({
        "bedrock.test.mjs, us.anthropic.claude-sonnet-4-v1:0, bedrock, reasoning",
        "bedrock.test.mjs, gpt-4o-mini, openai, none",
        "bedrock.test.mjs, claude-sonnet-4-5, anthropic, reasoning",
        "openai.test.mjs, us.anthropic.claude-opus-4-v1:0, bedrock, none",
        "anthropic.test.mjs, us.anthropic.claude-haiku-4-v1:0, bedrock, none",
        "gemini.test.mjs, us.anthropic.claude-gemini-v1:0, bedrock, none"
    })
    void aClientGetsItsOwnDialect(String suite, String model, String provider, String features) {
        FakeProvider behind =
                provider.equals("bedrock") ? bedrock : provider.equals("openai") ? stack.openai() : stack.anthropic();
        Map<String, String> environment = new HashMap<>();
        environment.put("LG_BASE_URL", stack.url());
        environment.put("LG_TOKEN", token);
        environment.put("LG_WRONG_TOKEN", "sk-wrong");
        environment.put("LG_PROVIDER_URL", behind.url());
        environment.put("LG_MODEL", model);
        environment.put("LG_FEATURES", features);

        NodeClients.Result result = clients.run(suite, environment, DEADLINE);

        assertThat(result.good()).as(result.output()).isTrue();
    }

    /** The stand-in is what the package takes for Bedrock, so that what passes it is what Bedrock takes. */
    @Test
    void theProvidersStandInTakesTheSignatureOfAwsOwnPackage() {
        NodeClients.Result result = clients.run(
                "bedrock.test.mjs",
                Map.of(
                        "LG_BASE_URL",
                        bedrock.url(),
                        "LG_TOKEN",
                        "unused",
                        "LG_AWS_KEY",
                        KEY,
                        "LG_PROVIDER_URL",
                        bedrock.url(),
                        "LG_FEATURES",
                        "reasoning"),
                DEADLINE);

        assertThat(result.good()).as(result.output()).isTrue();
    }

    private static String projectWith(String key) {
        String project = stack.project("own account at bedrock");
        stack.storeKey(project, "bedrock", key);
        return stack.token(project, Allowance.WITHOUT_LIMIT);
    }

    private static HttpResponse<byte[]> send(String path, String body) throws Exception {
        return send(stack.url(), token, "POST", path, body);
    }

    private static HttpResponse<byte[]> send(String root, String bearer, String method, String path, String body)
            throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(root + path))
                .header("Authorization", "Bearer " + bearer)
                .header("Content-Type", "application/json")
                .timeout(Duration.ofSeconds(20))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    private static String requestId(HttpResponse<byte[]> answer) {
        return answer.headers().firstValue("X-Request-ID").orElseThrow();
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.ISO_8859_1);
    }
}
