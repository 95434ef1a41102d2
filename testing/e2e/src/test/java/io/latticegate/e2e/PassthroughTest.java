package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.Allowance;
import io.latticegate.testing.RecordedRequest;
import io.latticegate.testing.Script;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls that no dialect translates reach the provider of their model byte for byte, governed and counted; and the list of
 * models is that of all providers.
 */
final class PassthroughTest {
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final String OWN_KEY = "sk-project-openai-0001";
    private static final String FORM = "multipart/form-data; boundary=frontier";

    private static LocalStack stack;
    private static HttpClient client;
    private static String project;
    private static String token;

    @BeforeAll
    static void start() {
        stack = LocalStack.with().yaml("""
                        models:
                          house-claude: { provider: anthropic, upstream_model: claude-sonnet-4-5 }
                          house-whisper: { provider: openai, upstream_model: whisper-1 }
                        """).start();
        stack.openai().acceptOnly(LocalStack.OPENAI_KEY, OWN_KEY);
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        project = stack.project("passthrough");
        token = stack.token(project, Allowance.WITHOUT_LIMIT);
    }

    @AfterAll
    static void stop() {
        client.close();
        stack.close();
    }

    @BeforeEach
    void forget() {
        stack.openai().reset();
        stack.anthropic().reset();
    }

    @Test
    void aFormPassesUnchangedButForItsAliasAndTheCredential() throws Exception {
        HttpResponse<String> answer =
                post("/v1/audio/transcriptions", FORM, form("house-whisper", "\r\n--fronti\u0000er\r\n"));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        RecordedRequest seen = stack.openai().lastRequest();
        assertThat(new String(seen.body(), StandardCharsets.ISO_8859_1))
                .isEqualTo(form("whisper-1", "\r\n--fronti\u0000er\r\n"));
        assertThat(seen.header("content-type")).contains(FORM);
        assertThat(seen.header("authorization")).contains("Bearer " + LocalStack.OPENAI_KEY);
        assertThat(seen.headers().toString()).doesNotContain(token);
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.model()).isEqualTo("house-whisper");
        assertThat(end.tokensIn()).isEqualTo(14);
        assertThat(end.tokensOut()).isEqualTo(2);
        assertThat(end.usageEstimated()).isFalse();
    }

    @Test
    void twentyFiveMebibytesOfAudioPass() throws Exception {
        byte[] audio = new byte[25 << 20];
        new Random(7).nextBytes(audio);
        String body = form("whisper-1", new String(audio, StandardCharsets.ISO_8859_1));

        HttpResponse<String> answer = post("/v1/audio/transcriptions", FORM, body);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(stack.openai().lastRequest().bodyLength()).isEqualTo(body.length());
    }

    @ParameterizedTest
    @CsvSource({"/v1/audio/transcriptions, 27262977, 413", "/v1/moderations, 10485761, 413"})
    void aBodyThatIsAnnouncedAsTooLongIsRefusedUnread(String path, long length, int status) {
        RawHttp.Answer answer = RawHttp.send(
                stack.port(),
                ("POST " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\nContent-Type: " + FORM
                                + "\r\nContent-Length: " + length + "\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1),
                PATIENCE);

        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(stack.openai().count()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/audio/transcriptions | application/json | {} | 415 | unsupported_media_type",
                "/v1/audio/transcriptions | multipart/form-data; boundary=x | --y | 400 | invalid_multipart",
                "/v1/images/generations | application/json | {\"model\":\"claude-sonnet-4-5\"} | 400 | unsupported_operation",
                "/v1/images/generations | application/json | {\"model\":\"echo\"} | 400 | unsupported_operation",
                "/v1/moderations | application/json | {\"model\":1} | 400 | invalid_request",
                "/v1/moderations | application/json | {\"model\":\"a\",\"model\":\"b\"} | 400 | duplicate_key",
                "/v1/batches/b_1/cancel | application/json | {} | 400 | invalid_request",
                "/v1/files/../models | application/json | {} | 400 | invalid_path",
                "/v1/files/a.b/content | application/json | {} | 404 | endpoint_not_found",
                "/v1/files/file-1 | application/json | {} | 405 | method_not_allowed"
            })
    void whatCannotPassIsRefusedBeforeTheProvider(String path, String type, String body, int status, String code)
            throws Exception {
        HttpResponse<String> answer = post(path, type, body);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(new JsonObject(answer.body()).getJsonObject("error").getString("code"))
                .isEqualTo(code);
        assertThat(stack.openai().count() + stack.anthropic().count()).isZero();
    }

    @Test
    void anImageIsCountedWithTheTokensThatItTookAlsoInAStream() throws Exception {
        for (boolean stream : new boolean[] {false, true}) {
            HttpResponse<String> answer = post(
                    "/v1/images/generations",
                    "application/json; charset=utf-8",
                    "{\"model\":\"gpt-image-1\",\"prompt\":\"a cat\",\"stream\":" + stream + "}");

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            AuditRecord end = stack.auditEnd(requestId(answer));
            assertThat(end.outcome()).isEqualTo(AuditOutcome.SUCCESS);
            assertThat(end.tokensIn()).isEqualTo(5);
            assertThat(end.tokensOut()).isEqualTo(272);
        }
    }

    @Test
    void aStreamThatBreaksOffEndsWithTheErrorEvent() throws Exception {
        HttpResponse<String> answer =
                post("/v1/images/generations", "application/json", "{\"model\":\"gpt-image-1+cut=1\",\"stream\":true}");

        assertThat(answer.body())
                .contains("partial_image")
                .doesNotContain("completed")
                .contains("\"error\":{");
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.outcome()).isEqualTo(AuditOutcome.ERROR);
        assertThat(end.usageEstimated()).isTrue();
    }

    @Test
    void speechHasTheBytesOfTheProviderAndTakesNoTokens() throws Exception {
        HttpResponse<byte[]> answer = client.send(
                request("/v1/audio/speech")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(
                                "{\"model\":\"tts-1\",\"voice\":\"alloy\",\"input\":\"hi\"}"))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());

        assertThat(answer.headers().firstValue("content-type")).contains("audio/mpeg");
        assertThat(answer.body()).startsWith(0xff, 0xfb, 0, 1, 2, 3, '\r', '\n', 0x80);
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.tokensIn() + end.tokensOut()).isZero();
        assertThat(end.usageEstimated()).isFalse();
    }

    @Test
    void filesAndBatchesNeedTheProjectsOwnAccount() throws Exception {
        HttpResponse<String> refused = get("/v1/files");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
        assertThat(refused.body()).contains("no_provider_key");
        assertThat(stack.openai().count()).isZero();

        String owner = stack.project("has a key");
        stack.storeKey(owner, "openai", OWN_KEY);
        String own = stack.token(owner, Allowance.WITHOUT_LIMIT);
        HttpResponse<String> listed = client.send(
                HttpRequest.newBuilder(stack.uri("/v1/files?purpose=batch&limit=5"))
                        .header("Authorization", "Bearer " + own)
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(listed.statusCode()).as(listed.body()).isEqualTo(200);
        RecordedRequest seen = stack.openai().lastRequest();
        assertThat(seen.query()).isEqualTo("purpose=batch&limit=5");
        assertThat(seen.header("authorization")).contains("Bearer " + OWN_KEY);
    }

    @Test
    void tokensAreCountedByAnthropicOnly() throws Exception {
        String body = "{ \"model\":\"house-claude\", \"messages\":[{\"role\":\"user\",\"content\":\"a b c\"}] }";

        HttpResponse<String> counted = post("/v1/messages/count_tokens", "application/json", body);
        HttpResponse<String> refused =
                post("/v1/messages/count_tokens", "application/json", body.replace("house-claude", "gpt-4o-mini"));

        assertThat(counted.body()).isEqualTo("{\"input_tokens\":3}");
        assertThat(stack.anthropic().lastRequest().bodyText())
                .isEqualTo(body.replace("house-claude", "claude-sonnet-4-5"));
        AuditRecord end = stack.auditEnd(requestId(counted));
        assertThat(end.surface()).isEqualTo("anthropic");
        assertThat(end.tokensIn() + end.tokensOut()).isZero();
        assertThat(refused.statusCode()).isEqualTo(400);
        JsonObject error = new JsonObject(refused.body());
        assertThat(error.getString("type")).isEqualTo("error");
        assertThat(error.getJsonObject("error").getString("code")).isEqualTo("unsupported_operation");
        assertThat(stack.openai().count()).isZero();
    }

    @Test
    void theListOfModelsIsThatOfAllProvidersAndOfTheConfiguration() throws Exception {
        HttpResponse<String> answer = get("/v1/models");

        assertThat(ids(answer))
                .contains("gpt-4o-mini", "text-embedding-3-small", "claude-sonnet-4-5", "echo", "house-claude")
                .doesNotHaveDuplicates()
                .isSorted();
        JsonObject list = new JsonObject(answer.body());
        assertThat(list.getString("object")).isEqualTo("list");
        JsonObject claude = list.getJsonArray("data").stream()
                .map(JsonObject.class::cast)
                .filter(card -> card.getString("id").equals("house-claude"))
                .findFirst()
                .orElseThrow();
        assertThat(claude.getString("object")).isEqualTo("model");
        assertThat(claude.getString("provider")).isEqualTo("anthropic");
        assertThat(claude.getString("capability")).isEqualTo("chat");
        assertThat(answer.headers().firstValue("X-Latticegate-Unlisted")).isEmpty();
        assertThat(stack.auditEnd(requestId(answer)).outcome()).isEqualTo(AuditOutcome.SUCCESS);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/models?provider=anthropic | claude-haiku-4-5,claude-sonnet-4-5,house-claude",
                "/v1/models?capability=embedding | gemini-embedding-001,text-embedding-3-small",
                "/v1/models/capability/transcription | house-whisper",
                "/v1/models/capability/completion?provider=openai&x=y | gpt-3.5-turbo-instruct",
                "/v1/models/capability/moderation | ''"
            })
    void aListIsFiltered(String path, String expected) throws Exception {
        assertThat(String.join(",", ids(get(path)))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/models?capability=flight | 400 | capability",
                "/v1/models/capability/ | 400 | capability",
                "/v1/models?provider=nobody | 400 | provider",
                "/v1/models?provider=%zz | 400 | provider",
                "/v1/models/nothing | 404 | model"
            })
    void whatIsNotServedIsSaid(String path, int status, String param) {
        RawHttp.Answer answer = RawHttp.send(
                stack.port(),
                ("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + token
                                + "\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1),
                PATIENCE);

        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(new JsonObject(answer.body()).getJsonObject("error").getString("param"))
                .isEqualTo(param);
    }

    @Test
    void aModelIsShownInTheFormOfTheClient() throws Exception {
        assertThat(new JsonObject(get("/v1/models/claude-sonnet-4-5").body()).getString("object"))
                .isEqualTo("model");
        HttpResponse<String> anthropic = client.send(
                request("/v1/models/gpt-4o-mini")
                        .header("anthropic-version", "2023-06-01")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(new JsonObject(anthropic.body()))
                .isEqualTo(JsonObject.of(
                        "type",
                        "model",
                        "id",
                        "gpt-4o-mini",
                        "display_name",
                        "gpt-4o-mini",
                        "created_at",
                        "2023-11-14T22:13:20Z",
                        "provider",
                        "openai",
                        "capability",
                        "chat"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"status=500", "cut=0", "badjson"})
    void aProviderThatCannotBeAskedIsNamed(String fault) throws Exception {
        stack.openai().script(seen -> true, Script.of(fault));

        HttpResponse<String> answer = get("/v1/models");
        HttpResponse<String> alone = get("/v1/models?provider=openai&capability=chat");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("X-Latticegate-Unlisted")).contains("openai");
        assertThat(ids(answer)).contains("claude-sonnet-4-5", "house-whisper").doesNotContain("gpt-4o-mini");
        assertThat(alone.statusCode()).isEqualTo(502);
        assertThat(alone.body()).contains("provider_unlisted");
    }

    /** {@code content} one character per byte. */
    private static String form(String model, String content) {
        return "--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n"
                + "Content-Type: audio/mpeg\r\n\r\n" + content
                + "\r\n--frontier\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n" + model
                + "\r\n--frontier--\r\n";
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(stack.uri(path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + token);
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, String type, String body) throws Exception {
        return client.send(
                request(path)
                        .header("Content-Type", type)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body.getBytes(StandardCharsets.ISO_8859_1)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static List<String> ids(HttpResponse<String> answer) {
        JsonArray data = new JsonObject(answer.body()).getJsonArray("data");
        return data.stream().map(card -> ((JsonObject) card).getString("id")).toList();
    }

    private static String requestId(HttpResponse<?> answer) {
        return answer.headers().firstValue("X-Request-ID").orElseThrow();
    }
}
