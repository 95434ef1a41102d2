package io.latticegate.e2e.fhe;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Speaks HTTP to the data port of encrypted compute with one project token. */
final class FheCaller implements AutoCloseable {
    static final String FRAMES = "application/vnd.latticegate.frames";
    private static final int JSON = 1;
    private static final int CIPHERTEXT = 2;
    private static final int HEAD_BYTES = 8;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String root;
    private final String token;

    FheCaller(String root, String token) {
        this.root = root;
        this.token = token;
    }

    /** One frame of an answer. */
    record Frame(int type, byte[] payload) {
        JsonObject json() {
            return new JsonObject(Buffer.buffer(payload));
        }
    }

    HttpResponse<byte[]> send(String method, String path, String type, BodyPublisher body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(root + path))
                .method(method, body)
                .header("Content-Type", type);
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return send("GET", path, "application/json", BodyPublishers.noBody());
    }

    HttpResponse<byte[]> delete(String path) throws IOException, InterruptedException {
        return send("DELETE", path, "application/json", BodyPublishers.noBody());
    }

    HttpResponse<byte[]> post(String path, JsonObject body) throws IOException, InterruptedException {
        return send("POST", path, "application/json", BodyPublishers.ofString(body.encode()));
    }

    HttpResponse<byte[]> put(String path, byte[] body, String... headers) throws IOException, InterruptedException {
        return send("PUT", path, "application/octet-stream", BodyPublishers.ofByteArray(body), headers);
    }

    HttpResponse<byte[]> putJson(String path, String body) throws IOException, InterruptedException {
        return send("PUT", path, "application/json", BodyPublishers.ofString(body));
    }

    /** Asks a head. */
    HttpResponse<byte[]> infer(String head, JsonObject request, byte[]... ciphertexts)
            throws IOException, InterruptedException {
        return send(
                "POST",
                "/v1/fhe/heads/" + head + "/infer",
                FRAMES,
                BodyPublishers.ofByteArray(framed(request, ciphertexts)));
    }

    HttpResponse<byte[]> ops(String session, JsonObject request, byte[]... ciphertexts)
            throws IOException, InterruptedException {
        return send(
                "POST",
                "/v1/fhe/sessions/" + session + "/ops",
                FRAMES,
                BodyPublishers.ofByteArray(framed(request, ciphertexts)));
    }

    HttpResponse<byte[]> putIndex(String name, float[][] rows, String preset, String... headers)
            throws IOException, InterruptedException {
        ByteBuffer bytes =
                ByteBuffer.allocate(rows.length * rows[0].length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float[] row : rows) {
            for (float component : row) {
                bytes.putFloat(component);
            }
        }
        return put(
                "/v1/fhe/indexes/" + name + "?rows=" + rows.length + "&dimension=" + rows[0].length + "&preset="
                        + preset,
                bytes.array(),
                headers);
    }

    /** What the service says of an index. */
    JsonObject index(String name) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = get("/v1/fhe/indexes/" + name);
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        return json(answer);
    }

    HttpResponse<byte[]> search(String index, String session, byte[][] query, String... headers)
            throws IOException, InterruptedException {
        return search(index, new JsonObject().put("session", session), query, headers);
    }

    HttpResponse<byte[]> search(String index, JsonObject request, byte[][] query, String... headers)
            throws IOException, InterruptedException {
        return send(
                "POST",
                "/v1/fhe/indexes/" + index + "/search",
                FRAMES,
                BodyPublishers.ofByteArray(framed(request, query)),
                headers);
    }

    /** The ciphertexts of a whole answer. */
    static List<byte[]> blocks(HttpResponse<byte[]> answer) {
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        List<Frame> frames = frames(answer.body());
        assertThat(frames.getLast().type()).isEqualTo(3);
        return frames.stream()
                .filter(frame -> frame.type() == CIPHERTEXT)
                .map(Frame::payload)
                .toList();
    }

    /** Opens a session and gives its id. */
    String session(String preset) throws IOException, InterruptedException {
        HttpResponse<byte[]> created = post("/v1/fhe/sessions", new JsonObject().put("preset", preset));
        assertThat(created.statusCode()).as(text(created)).isEqualTo(201);
        return json(created).getString("id");
    }

    static JsonObject json(HttpResponse<byte[]> answer) {
        return new JsonObject(Buffer.buffer(answer.body()));
    }

    static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    /** The code of an answer that is an error. */
    static String code(HttpResponse<byte[]> answer) {
        return answer.statusCode() + " " + json(answer).getJsonObject("error").getString("code");
    }

    static byte[] framed(JsonObject request, byte[]... ciphertexts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        frame(out, JSON, request.toBuffer().getBytes());
        for (byte[] ciphertext : ciphertexts) {
            frame(out, CIPHERTEXT, ciphertext);
        }
        return out.toByteArray();
    }

    private static void frame(ByteArrayOutputStream out, int type, byte[] payload) {
        out.writeBytes(ByteBuffer.allocate(HEAD_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type)
                .putInt(payload.length)
                .array());
        out.writeBytes(payload);
    }

    static List<Frame> frames(byte[] body) {
        ByteBuffer in = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
        List<Frame> frames = new ArrayList<>();
        while (in.hasRemaining()) {
            int type = in.getInt();
            byte[] payload = new byte[in.getInt()];
            in.get(payload);
            frames.add(new Frame(type, payload));
        }
        return frames;
    }

    @Override
    public void close() {
        client.close();
    }
}
