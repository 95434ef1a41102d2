package io.latticegate.client.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.latticegate.common.config.ConfiguredSecret;
import io.latticegate.common.config.SidecarConfig;
import io.latticegate.common.value.Secret;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the sidecar does by itself, with nobody at the other end. */
final class SidecarTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String KEY = "sk-local-test";
    private static final int MAX_FILE = 1 << 20;
    private static final String BOUNDARY = "edge-of-a-part";

    @TempDir
    private static Path folder;

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static Sidecar sidecar;

    @BeforeAll
    static void start() throws IOException {
        sidecar = Sidecar.start(config(folder, ConfiguredSecret.of(Secret.ofText(KEY))));
    }

    private static SidecarConfig config(Path dir, ConfiguredSecret key) {
        URI nobody = URI.create("http://127.0.0.1:9");
        return new SidecarConfig(
                0, nobody, nobody, false, ConfiguredSecret.of(Secret.ofText("sk-token")), key, dir, MAX_FILE);
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        HTTP.close();
    }

    private record Reply(int status, JsonNode body) {
        String error() {
            return body.path("error").path("message").asText();
        }
    }

    private static Reply send(String method, String path, String type, BodyPublisher body, String key)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> reply = HTTP.send(
                HttpRequest.newBuilder(URI.create(sidecar.baseUrl() + path))
                        .method(method, body)
                        .header("Authorization", "Bearer " + key)
                        .header("Content-Type", type)
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        return new Reply(reply.statusCode(), JSON.readTree(reply.body()));
    }

    private static Reply get(String path) throws IOException, InterruptedException {
        return send("GET", path, "application/json", BodyPublishers.noBody(), KEY);
    }

    private static Reply delete(String path) throws IOException, InterruptedException {
        return send("DELETE", path, "application/json", BodyPublishers.noBody(), KEY);
    }

    private static Reply post(String path, String json) throws IOException, InterruptedException {
        return send("POST", path, "application/json", BodyPublishers.ofString(json.replace('\'', '"')), KEY);
    }

    private static Reply upload(String name, byte[] content, String purpose) throws IOException, InterruptedException {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        form.writeBytes(("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n" + purpose
                        + "\r\n--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name
                        + "\"\r\nContent-Type: text/plain\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        form.writeBytes(content);
        form.writeBytes(("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return send(
                "POST",
                "/files",
                "multipart/form-data; boundary=" + BOUNDARY,
                BodyPublishers.ofByteArray(form.toByteArray()),
                KEY);
    }

    private static String file(String text) throws IOException, InterruptedException {
        return upload("notes.txt", text.getBytes(StandardCharsets.UTF_8), "assistants")
                .body()
                .path("id")
                .asText();
    }

    private static String store() throws IOException, InterruptedException {
        return post("/vector_stores", "{'name':'notes'}").body().path("id").asText();
    }

    /** The status line of a request that no HTTP client would send. */
    private static String raw(String request) throws IOException {
        URI address = URI.create(sidecar.baseUrl());
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void answersToNobodyWithoutItsKey() throws Exception {
        Reply refused = send("GET", "/vector_stores", "application/json", BodyPublishers.noBody(), "sk-other");
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.body().path("error").path("code").asText()).isEqualTo("invalid_api_key");
        int port = URI.create(sidecar.baseUrl()).getPort();
        assertThat(raw("GET /v1/files HTTP/1.1\nHost: 127.0.0.1:" + port + "\n\n"))
                .isEqualTo("HTTP/1.1 401");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"rebound.example.com", "rebound.example.com:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}"})
    void answersToNoOtherName(String host) throws Exception {
        int port = URI.create(sidecar.baseUrl()).getPort();
        String name = host.replace("{port}", Integer.toString(port));
        String rest = "\nAuthorization: Bearer " + KEY + "\n\n";
        assertThat(raw("GET /v1/files HTTP/1.1\nHost: " + name + rest)).isEqualTo("HTTP/1.1 421");
        assertThat(raw("GET /v1/files HTTP/1.1\nHost: localhost:" + port + rest))
                .isEqualTo("HTTP/1.1 200");
    }

    @Test
    void embedsAsNumbersAndAsBase64() throws Exception {
        Reply numbers = post(
                "/embeddings", "{'model':'all-minilm-l6-v2','input':['one text','another'],'encoding_format':'float'}");
        Reply base64 =
                post("/embeddings", "{'model':'all-minilm-l6-v2','input':'one text','encoding_format':'base64'}");

        assertThat(numbers.status()).isEqualTo(200);
        assertThat(numbers.body().path("data")).hasSize(2);
        assertThat(numbers.body().path("usage").path("total_tokens").asInt()).isEqualTo(3);
        JsonNode first = numbers.body().path("data").path(0).path("embedding");
        assertThat(first).hasSize(384);
        ByteBuffer floats = ByteBuffer.wrap(Base64.getDecoder()
                        .decode(base64.body()
                                .path("data")
                                .path(0)
                                .path("embedding")
                                .asText()))
                .order(ByteOrder.LITTLE_ENDIAN);
        double squares = 0;
        for (JsonNode number : first) {
            float expected = floats.getFloat();
            assertThat((float) number.asDouble()).isEqualTo(expected);
            squares += (double) expected * expected;
        }
        assertThat(squares).isCloseTo(1, within(1e-4));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'model':'text-embedding-3-small','input':'x'}                       | all-minilm-l6-v2 only",
                "{'model':'all-minilm-l6-v2','input':[]}                              | input is a text",
                "{'model':'all-minilm-l6-v2','input':['x','']}                        | input is a text",
                "{'model':'all-minilm-l6-v2','input':[1,2]}                           | inputs are texts",
                "{'model':'all-minilm-l6-v2','input':'x','dimensions':8}              | 384 dimensions",
                "{'model':'all-minilm-l6-v2','input':'x','encoding_format':'int8'}    | float or base64",
                "[1]                                                                  | not a JSON object",
                "{'model'                                                             | not JSON"
            })
    void refusesOtherEmbeddings(String request, String reason) throws Exception {
        Reply refused = post("/embeddings", request);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error()).contains(reason);
    }

    @Test
    void aTextThatTheModelCannotReadAsAWholeIsRefusedAndNotCut() throws Exception {
        Reply refused = post("/embeddings", "{'model':'all-minilm-l6-v2','input':'" + "word ".repeat(255) + "'}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error()).contains("255 word pieces; allowed are at most 254");
    }

    @Test
    void keepsFilesUntilTheyAreDeleted() throws Exception {
        byte[] content = "line one\r\nline two\r\n".getBytes(StandardCharsets.UTF_8);
        Reply uploaded = upload("notes.txt", content, "assistants");
        String id = uploaded.body().path("id").asText();

        assertThat(uploaded.body().path("bytes").asInt()).isEqualTo(content.length);
        assertThat(get("/files/" + id).body()).isEqualTo(uploaded.body());
        assertThat(get("/files?purpose=assistants&limit=100")
                        .body()
                        .path("data")
                        .findValuesAsText("id"))
                .contains(id);
        HttpResponse<byte[]> back = HTTP.send(
                HttpRequest.newBuilder(URI.create(sidecar.baseUrl() + "/files/" + id + "/content"))
                        .header("Authorization", "Bearer " + KEY)
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(back.body()).isEqualTo(content);
        assertThat(delete("/files/" + id).body().path("deleted").asBoolean()).isTrue();
        assertThat(get("/files/" + id).status()).isEqualTo(404);
        assertThat(get("/files/..%2f..%2fseed").status()).isEqualTo(404);
    }

    @Test
    void refusesFilesOfAnotherPurposeAndFilesThatAreTooLong() throws Exception {
        assertThat(upload("a.txt", new byte[] {65}, "fine-tune").error()).contains("purpose is assistants");
        assertThat(upload("a.txt", new byte[0], "assistants").error()).contains("no file with content");
        assertThat(upload("a.txt", new byte[MAX_FILE + 1], "assistants").status())
                .isEqualTo(413);
    }

    @Test
    void cutsAnAttachedFileIntoChunksHere() throws Exception {
        String store = store();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            text.append("word ");
        }
        String id = file(text.toString());
        Reply attached = post(
                "/vector_stores/" + store + "/files",
                "{'file_id':'" + id + "','attributes':{'lang':'en','year':2024}}");

        assertThat(attached.body().path("status").asText()).isEqualTo("completed");
        assertThat(attached.body().path("attributes").path("year").asInt()).isEqualTo(2024);
        assertThat(get("/vector_stores/" + store + "/files/" + id + "/content")
                        .body()
                        .path("data"))
                .hasSize(2);
        JsonNode counts = get("/vector_stores/" + store).body().path("file_counts");
        assertThat(counts.path("completed").asInt()).isEqualTo(1);
        assertThat(post("/vector_stores/" + store + "/files", "{'file_id':'" + id + "'}")
                        .error())
                .contains("in this vector store already");
        assertThat(delete("/files/" + id).status()).isEqualTo(200);
        assertThat(get("/vector_stores/" + store)
                        .body()
                        .path("file_counts")
                        .path("total")
                        .asInt())
                .isZero();
    }

    @Test
    void aFileThatIsNoTextFails() throws Exception {
        String store = store();
        String id = upload("picture.png", new byte[] {(byte) 0x89, 'P', 'N', 'G', 0}, "assistants")
                .body()
                .path("id")
                .asText();
        JsonNode file = post("/vector_stores/" + store + "/files", "{'file_id':'" + id + "'}")
                .body();
        assertThat(file.path("status").asText()).isEqualTo("failed");
        assertThat(file.path("last_error").path("code").asText()).isEqualTo("unsupported_file");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'query':''}                                                     | query is a text",
                "{'query':['a','b','c','d','e','f','g','h','i']}                  | list of 1 to 8",
                "{'query':'x','max_num_results':51}                               | 1 to 50",
                "{'query':'x','rewrite_query':true}                               | not rewritten",
                "{'query':'x','ranking_options':{'ranker':'default-2024-11-15'}}  | scores are cosines",
                "{'query':'x','filters':{'type':'like'}}                          | a comparison has a key"
            })
    void refusesOtherSearches(String request, String reason) throws Exception {
        Reply refused = post("/vector_stores/" + store() + "/search", request);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error()).contains(reason);
    }

    @Test
    void anEmptyStoreIsSearchedWithoutTheService() throws Exception {
        Reply found = post("/vector_stores/" + store() + "/search", "{'query':'anything'}");
        assertThat(found.status()).isEqualTo(200);
        assertThat(found.body().path("data")).isEmpty();
        assertThat(found.body().path("search_query").path(0).asText()).isEqualTo("anything");
    }

    @Test
    void whatNeedsTheGatewaySaysThatItIsAway() throws Exception {
        String store = store();
        post("/vector_stores/" + store + "/files", "{'file_id':'" + file("a text") + "'}");
        Reply search = post("/vector_stores/" + store + "/search", "{'query':'a text'}");
        Reply chat = post("/chat/completions", "{'model':'echo','messages':[]}");
        Reply models = get("/models");

        assertThat(List.of(search.status(), chat.status(), models.status())).containsOnly(502);
        assertThat(search.body().path("error").path("code").asText()).isEqualTo("encrypted_search_failed");
        assertThat(chat.body().path("error").path("code").asText()).isEqualTo("gateway_unreachable");
        assertThat(get("/models/all-minilm-l6-v2").status()).isEqualTo(200);
    }

    @Test
    void fileSearchIsNotSentOnToAProviderThatCannotDoIt() throws Exception {
        Reply refused = post("/chat/completions", "{'model':'echo','messages':[],'tools':[{'type':'file_search'}]}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error()).contains("no file_search");
    }

    @Test
    void callsThatAreNotThereSaySo() throws Exception {
        for (String path : List.of("/responses", "/vector_stores/" + store() + "/file_batches", "/files/a/b/c")) {
            assertThat(post(path, "{}").status()).as(path).isEqualTo(404);
        }
    }

    @Test
    void anotherStartFindsTheStoresUnderAnotherKey(@TempDir Path own) throws Exception {
        String store;
        String key;
        Sidecar shared = sidecar;
        try (Sidecar first = Sidecar.start(config(own, ConfiguredSecret.unset()))) {
            key = first.key();
            store = create(first);
            assertThatThrownBy(() -> Sidecar.start(config(own, ConfiguredSecret.unset())))
                    .hasMessageContaining("open already");
        }
        try (Sidecar second = Sidecar.start(config(own, ConfiguredSecret.unset()))) {
            assertThat(second.key()).isNotEqualTo(key);
            assertThat(stores(second)).containsExactly(store);
        }
        assertThat(stores(shared)).doesNotContain(store);
    }

    private static String create(Sidecar at) throws IOException, InterruptedException {
        return JSON.readTree(ask(at, "POST", "{\"name\":\"kept\"}")).path("id").asText();
    }

    private static List<String> stores(Sidecar at) throws IOException, InterruptedException {
        return JSON.readTree(ask(at, "GET", "")).path("data").findValuesAsText("id");
    }

    private static String ask(Sidecar at, String method, String body) throws IOException, InterruptedException {
        return HTTP.send(
                        HttpRequest.newBuilder(URI.create(at.baseUrl() + "/vector_stores"))
                                .method(method, BodyPublishers.ofString(body))
                                .header("Authorization", "Bearer " + at.key())
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void onlyItsOwnerCanReadItsFolder() throws Exception {
        post("/vector_stores/" + store() + "/files", "{'file_id':'" + file("a text") + "'}");
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(path -> !path.equals(folder)).toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .endsWith("------");
            }
        }
    }
}
