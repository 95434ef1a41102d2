package io.latticegate.admin.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StaticFilesTest {
    private static final Pattern IMPORT = Pattern.compile("(?:from|import)\\s+'([^']+)'");
    private static final Pattern REFERENCE = Pattern.compile("(?:href|src)=\"(/admin/assets/[^\"]+)\"");
    private static final Pattern FOREIGN = Pattern.compile("(?i)\\b(?:https?:)?//[a-z0-9.-]+\\.[a-z]{2,}");

    private static Vertx vertx;
    private static HttpClient client;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        vertx = Vertx.vertx();
        client = HttpClient.newHttpClient();
        Router router = Router.router(vertx);
        StaticFiles files = new StaticFiles();
        router.route("/admin/*").handler(files::handle);
        port = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS)
                .actualPort();
    }

    @AfterAll
    static void stop() throws Exception {
        client.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    /** Every file of the interface, with its path below {@code ui}. */
    private static List<Path> files() throws IOException, URISyntaxException {
        Path root = root();
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile).map(root::relativize).toList();
        }
    }

    private static Path root() throws URISyntaxException {
        URL document = StaticFiles.class.getResource("/ui/index.html");
        return Path.of(Objects.requireNonNull(document).toURI()).resolveSibling("");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/admin",
                "/admin/",
                "/admin/projects",
                "/admin/projects/01890000-0000-7000-8000-000000000000",
                "/admin/audit/node-1.a-7",
                "/admin/wallets/0xAbC"
            })
    void everyPageIsTheOneDocument(String path) throws IOException, InterruptedException {
        HttpResponse<String> page = get(path);

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(header(page, "Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(page.body()).startsWith("<!doctype html>");
    }

    @Test
    void everyAnswerHasThePolicy() throws IOException, InterruptedException {
        for (String path : List.of("/admin", "/admin/assets/kit.js")) {
            HttpResponse<String> answer = get(path);

            assertThat(header(answer, "Content-Security-Policy"))
                    .contains(
                            "default-src 'none'",
                            "script-src 'self'",
                            "style-src 'self'",
                            "connect-src 'self'",
                            "form-action 'self'",
                            "base-uri 'none'",
                            "frame-ancestors 'none'",
                            "require-trusted-types-for 'script'")
                    .doesNotContain("unsafe");
            assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(header(answer, "Referrer-Policy")).isEqualTo("no-referrer");
            assertThat(header(answer, "Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
            assertThat(header(answer, "Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
        }
    }

    @Test
    void aFileThatIsTheSameIsNotSentAgain() throws IOException, InterruptedException {
        HttpResponse<String> first = get("/admin/assets/kit.js");
        String etag = header(first, "ETag");

        assertThat(etag).matches("\"[A-Za-z0-9_-]{43}\"");
        assertThat(header(first, "Cache-Control")).isEqualTo("no-cache");
        assertThat(header(first, "Content-Type")).isEqualTo("text/javascript; charset=utf-8");
        for (String presented : List.of(etag, "W/" + etag, "\"other\", " + etag, "*")) {
            HttpResponse<String> again = get("/admin/assets/kit.js", "If-None-Match", presented);
            assertThat(again.statusCode()).isEqualTo(304);
            assertThat(again.body()).isEmpty();
        }
        assertThat(get("/admin/assets/kit.js", "If-None-Match", "\"other\"").statusCode())
                .isEqualTo(200);
        assertThat(header(get("/admin/assets/app.js"), "ETag")).isNotEqualTo(etag);
    }

    @Test
    void isForReading() throws IOException, InterruptedException {
        HttpResponse<String> refused = client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/admin/projects"))
                        .POST(HttpRequest.BodyPublishers.ofString("x"))
                        .build(),
                BodyHandlers.ofString());

        assertThat(refused.statusCode()).isEqualTo(405);
        assertThat(header(refused, "Allow")).isEqualTo("GET, HEAD");
    }

    @Test
    void everyFileIsServed() throws IOException, InterruptedException, URISyntaxException {
        for (Path file : files()) {
            if (!file.toString().equals("index.html")) {
                assertThat(get("/admin/assets/" + file).statusCode())
                        .as(file.toString())
                        .isEqualTo(200);
            }
        }
    }

    /** A page that names a module which is not there would fail in the browser only. */
    @Test
    void whatFilesNameIsThere() throws IOException, URISyntaxException {
        Path root = root();
        List<String> missing = new ArrayList<>();
        for (Path file : files()) {
            String text = Files.readString(root.resolve(file));
            if (file.toString().endsWith(".js")) {
                Matcher named = IMPORT.matcher(text);
                while (named.find() && !file.startsWith("vendor")) {
                    Path target = root.resolve(file).resolveSibling(named.group(1));
                    if (!named.group(1).startsWith(".") || !Files.isRegularFile(target)) {
                        missing.add(file + " names " + named.group(1));
                    }
                }
            } else if (file.toString().endsWith(".html")) {
                Matcher named = REFERENCE.matcher(text);
                while (named.find()) {
                    if (!Files.isRegularFile(root.resolve(named.group(1).substring("/admin/assets/".length())))) {
                        missing.add(file + " names " + named.group(1));
                    }
                }
            }
        }

        assertThat(missing).isEmpty();
    }

    @Test
    void nothingIsFetchedFromElsewhere() throws IOException, URISyntaxException {
        Path root = root();
        for (Path file : files()) {
            boolean ours = !file.startsWith("vendor") && !file.toString().endsWith(".svg");
            if (ours) {
                assertThat(FOREIGN.matcher(Files.readString(root.resolve(file))).results())
                        .as(file.toString())
                        .isEmpty();
            }
        }
    }

    /** Inline scripts, styles and handlers would need exceptions from the policy. */
    @Test
    void nothingIsInline() throws IOException, URISyntaxException {
        Path root = root();
        String document = Files.readString(root.resolve("index.html"));
        assertThat(document)
                .doesNotContainPattern("<script(?![^>]*src=)")
                .doesNotContain("<style")
                .doesNotContainPattern("\\son[a-z]+=")
                .doesNotContain("style=");
        for (Path file : files()) {
            if (file.toString().endsWith(".js") && !file.startsWith("vendor")) {
                assertThat(Files.readString(root.resolve(file)))
                        .as(file.toString())
                        .doesNotContain("innerHTML", "dangerouslySetInnerHTML", "eval(", "new Function");
            }
        }
    }

    @Test
    void whatIsVendoredHasItsLicence() throws IOException, URISyntaxException {
        Path vendor = root().resolve("vendor");

        assertThat(Files.readString(vendor.resolve("htm.license.txt"))).contains("Apache License");
        assertThat(Files.readString(vendor.resolve("preact.license.txt"))).contains("MIT License");
        assertThat(Files.readString(vendor.resolve("uplot.license.txt"))).contains("MIT License");
    }
}
