package io.latticegate.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.latticegate.fhe.core.backend.Backends;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.search.IndexWriter;
import io.latticegate.fhe.core.search.InvalidRowsException;
import io.latticegate.fhe.core.search.Packing;
import io.latticegate.fhe.core.search.Query;
import io.latticegate.fhe.core.search.Search;
import io.latticegate.fhe.core.search.SearchIndex;
import io.latticegate.fhe.core.wire.CiphertextReader;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.fhe.core.wire.SealObjects;
import io.latticegate.fhe.core.wire.SealWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The engine of searches behind the paths that a client's searches take, so that tests can have a service that forgets, changes
 * versions and lies. What it computes is real; sessions, tokens and limits are the service's own matter and not here.
 */
final class EngineServer implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Preset PRESET = Preset.S12;
    private static final Pattern SIZES = Pattern.compile("rows=([0-9]+)&dimension=([0-9]+)&preset=" + PRESET);

    private final RnsBackend backend = Backends.cpu();
    private final SealObjects objects = new SealObjects(PRESET.parameters(), backend);
    private final HttpServer server;
    private final Path folder;
    private final Map<String, SearchIndex> indexes = new TreeMap<>();
    private final Map<String, Integer> versions = new HashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile UnaryOperator<List<byte[]>> lie = blocks -> blocks;
    private final AtomicInteger expiredSearches = new AtomicInteger();

    EngineServer(Path folder) throws IOException {
        this.folder = folder;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Method and path of every request so far. */
    List<String> asked() {
        return asked;
    }

    /** Changes the blocks of later replies. */
    void lie(UnaryOperator<List<byte[]>> change) {
        lie = change;
    }

    /** Lets the next searches meet expired keys. */
    void expireNext(int searches) {
        expiredSearches.set(searches);
    }

    synchronized void forget(String index) {
        indexes.remove(index);
    }

    synchronized void replaceByItself(String index) {
        versions.merge(index, 1, Integer::sum);
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        asked.add(exchange.getRequestMethod() + " " + path);
        byte[] body = exchange.getRequestBody().readAllBytes();
        String[] segments = path.split("/", -1);
        try (exchange) {
            if (path.equals("/v1/fhe/sessions")) {
                send(exchange, 201, session());
            } else if (path.startsWith("/v1/fhe/sessions/")) {
                send(exchange, 200, session());
            } else if (segments.length == 6 && segments[5].equals("search")) {
                search(exchange, segments[4], body);
            } else if (segments.length == 5) {
                index(exchange, segments[4], body);
            } else {
                send(exchange, 404, error("not_found"));
            }
        } catch (InvalidRowsException invalid) {
            throw new IOException(invalid);
        }
    }

    private void index(HttpExchange exchange, String name, byte[] body) throws IOException, InvalidRowsException {
        switch (exchange.getRequestMethod()) {
            case "PUT" -> {
                Matcher sizes = SIZES.matcher(exchange.getRequestURI().getQuery());
                if (!sizes.matches()) {
                    throw new AssertionError(
                            "the query " + exchange.getRequestURI().getQuery());
                }
                int version = versions.merge(name, 1, Integer::sum);
                Path file = folder.resolve(name + "." + version + "." + UUID.randomUUID());
                new IndexWriter(PRESET, Integer.parseInt(sizes.group(1)), Integer.parseInt(sizes.group(2)), backend)
                        .write(file, new ByteArrayInputStream(body));
                indexes.put(name, SearchIndex.open(file));
                send(exchange, 201, describe(name));
            }
            case "GET" -> {
                if (indexes.containsKey(name)) {
                    send(exchange, 200, describe(name));
                } else {
                    send(exchange, 404, error("not_found"));
                }
            }
            default -> {
                indexes.remove(name);
                exchange.sendResponseHeaders(204, -1);
            }
        }
    }

    private ObjectNode describe(String name) {
        SearchIndex index = Objects.requireNonNull(indexes.get(name));
        ObjectNode json = JSON.createObjectNode()
                .put("name", name)
                .put("version", versions.get(name))
                .put("rows", index.rows())
                .put("dimension", index.dimension())
                .put("preset", PRESET.name())
                .put("bytes", index.bytes());
        ObjectNode query = json.putObject("query");
        query.putArray("keys");
        query.put("ciphertexts", index.packing().pieces())
                .put("scale", Packing.QUERY_SCALE)
                .put("packing", index.packing().layout());
        return json;
    }

    private void search(HttpExchange exchange, String name, byte[] body) throws IOException {
        SearchIndex index = indexes.get(name);
        if (index == null) {
            send(exchange, 404, error("not_found"));
            return;
        }
        if (expiredSearches.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            send(exchange, 410, error("key_epoch_expired"));
            return;
        }
        List<byte[]> frames = frames(body);
        JsonNode head = JSON.readTree(frames.getFirst());
        List<Ciphertext> query = new ArrayList<>();
        for (byte[] container : frames.subList(1, frames.size())) {
            query.add(objects.ciphertext(new CiphertextReader(objects.chain(), index.queryRules())
                    .read(new ByteArrayInputStream(container))));
        }
        List<byte[]> blocks = new ArrayList<>();
        new Search(index, backend)
                .run(List.of(Query.of(index, query, backend)), (_, _, scores) -> blocks.add(container(scores)));
        ObjectNode reply = describe(name).put("job", head.path("job").asText()).put("index", name);
        List<byte[]> sent = lie.apply(blocks);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        frame(out, 1, bytes(reply));
        sent.forEach(block -> frame(out, 2, block));
        frame(out, 3, bytes(JSON.createObjectNode().put("frames", sent.size() + 1)));
        exchange.getResponseHeaders().add("Content-Type", "application/vnd.latticegate.frames");
        exchange.sendResponseHeaders(200, out.size());
        exchange.getResponseBody().write(out.toByteArray());
    }

    private byte[] container(Ciphertext scores) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (scores) {
            SealWriter.write(objects.container(scores), bytes, Compression.NONE);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        return bytes.toByteArray();
    }

    private static List<byte[]> frames(byte[] body) {
        List<byte[]> frames = new ArrayList<>();
        ByteBuffer rest = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
        while (rest.hasRemaining()) {
            int type = rest.getInt();
            int length = rest.getInt();
            if (type != (frames.isEmpty() ? 1 : 2)) {
                throw new AssertionError("frame " + frames.size() + " has type " + type);
            }
            frames.add(Arrays.copyOfRange(body, rest.position(), rest.position() + length));
            rest.position(rest.position() + length);
        }
        return frames;
    }

    private static void frame(ByteArrayOutputStream out, int type, byte[] payload) {
        out.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type)
                .putInt(payload.length)
                .array());
        out.writeBytes(payload);
    }

    private static ObjectNode session() {
        Instant now = Instant.now();
        return JSON.createObjectNode()
                .put("id", UUID.randomUUID().toString())
                .put("preset", PRESET.name())
                .put("created_at", now.toString())
                .put("expires_at", now.plusSeconds(86_400).toString())
                .put("grace_until", now.plusSeconds(88_200).toString());
    }

    private static ObjectNode error(String code) {
        ObjectNode error = JSON.createObjectNode();
        error.putObject("error").put("code", code).put("message", "why");
        return error;
    }

    private static void send(HttpExchange exchange, int status, JsonNode body) throws IOException {
        byte[] bytes = bytes(body);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static byte[] bytes(JsonNode body) {
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
