package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.Allowance;
import io.latticegate.testing.Await;
import io.vertx.core.json.JsonObject;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies below {@code /p/<provider>/} on their way up: as fast as the provider takes them, and no longer than they may be. */
final class ProviderUploadTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String KEY = "files-key-0001";
    private static final long UPLOAD_BYTES = Long.getLong("latticegate.upload.mib", 24L) << 20;
    private static final long BODY_MAX = Math.max(UPLOAD_BYTES, 32L << 20);

    /** More than the queues of both sockets and what is thrown away after a refusal, and far less than is announced. */
    private static final long HELD_BYTES_MAX = 128L << 20;

    private static RawProvider provider;
    private static LocalStack stack;
    private static HttpClient client;
    private static String token;

    @BeforeAll
    static void start() throws IOException {
        provider = new RawProvider();
        stack = LocalStack.with()
                .setting("server.timeouts.stream_idle", "700ms")
                .setting("server.max_request_size", "64KiB")
                .setting("server.uploads.timeout", "10m")
                .yaml("""
                    providers:
                      files:
                        kind: generic
                        base_url: %1$s
                        allow_http: true
                        allow_private: true
                        api_key: %2$s
                        allowed_methods: [POST, PUT]
                        allowed_endpoints: [/up]
                        max_body_size: %3$d
                      archive:
                        kind: generic
                        base_url: %1$s
                        allow_http: true
                        allow_private: true
                        api_key: %2$s
                        allowed_methods: [POST]
                        allowed_endpoints: [/up]
                        max_body_size: 1024GiB
                    """.formatted(provider.url(), KEY, BODY_MAX))
                .start();
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        token = stack.token();
    }

    @AfterAll
    static void stop() throws IOException {
        client.close();
        stack.close();
        provider.close();
    }

    @BeforeEach
    void forget() {
        provider.answers(RawProvider.answer(200, "{}"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anUploadLargerThanAnyBodyThatIsHeldArrivesWhole(boolean chunked) throws Exception {
        provider.converses((call, in, out) -> {
            String digest = digestOf(body(call, in));
            out.write(RawProvider.answer(200, digest.getBytes(StandardCharsets.US_ASCII)));
        });
        HttpRequest.BodyPublisher stream = HttpRequest.BodyPublishers.ofInputStream(() -> new Pattern(UPLOAD_BYTES));
        HttpRequest.BodyPublisher sent =
                chunked ? stream : HttpRequest.BodyPublishers.fromPublisher(stream, UPLOAD_BYTES);

        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(stack.uri("/p/files/up"))
                        .header("Authorization", "Bearer " + token)
                        .POST(sent)
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(digestOf(new Pattern(UPLOAD_BYTES)));
        RawProvider.Call call = provider.lastCall();
        assertThat(call.header("Authorization")).hasValue("Bearer " + KEY);
        assertThat(call.header("Transfer-Encoding").isPresent()).isEqualTo(chunked);
        assertThat(call.header("Content-Length").isPresent()).isEqualTo(!chunked);
        AuditRecord end =
                stack.auditEnd(answer.headers().firstValue("X-Request-ID").orElseThrow());
        assertThat(end.outcome()).isEqualTo(AuditOutcome.SUCCESS);
        assertThat(end.tokensIn() + end.tokensOut()).isZero();
    }

    @Test
    void anEmptyChunkedBodyIsEmptyThereToo() {
        RawHttp.Answer answer =
                RawHttp.send(stack.port(), ascii(head("files", "Transfer-Encoding: chunked") + "0\r\n\r\n"), PATIENCE);

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(provider.lastCall().header("Authorization")).hasValue("Bearer " + KEY);
    }

    @Test
    void aProviderThatTakesNothingStopsTheClient() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        provider.converses((call, in, out) -> await(over));
        AtomicLong written = new AtomicLong();

        RawHttp.Answer answer = RawHttp.send(stack.port(), PATIENCE, out -> {
            write(out, head("archive", "Content-Length: " + (1L << 39)));
            byte[] block = new byte[64 << 10];
            while (written.get() < HELD_BYTES_MAX) {
                write(out, block);
                written.addAndGet(block.length);
            }
        });
        over.countDown();

        refused(answer, 504, "provider_stalled");
        assertThat(written.get()).isLessThan(HELD_BYTES_MAX);
        assertThat(lastEnd("provider_stalled").outcome()).isEqualTo(AuditOutcome.ERROR);
    }

    @Test
    void whatIsAnnouncedAsTooLongIsNotRead() {
        RawHttp.Answer answer = RawHttp.send(
                stack.port(),
                ascii(head("files", "Content-Length: " + (BODY_MAX + 1), "Expect: 100-continue")),
                PATIENCE);

        refused(answer, 413, "request_too_large");
        assertThat(answer.answers()).isOne();
        assertThat(provider.calls()).isEmpty();
    }

    @Test
    void aBodyThatTurnsOutTooLongIsCutOff() throws Exception {
        AtomicReference<Boolean> complete = new AtomicReference<>();
        provider.converses((call, in, out) -> {
            try (InputStream body = body(call, in)) {
                body.transferTo(OutputStream.nullOutputStream());
                complete.set(true);
            } catch (EOFException cut) {
                complete.set(false);
                throw cut;
            }
        });
        String project = stack.project("too long");
        String own = stack.token(project, Allowance.WITHOUT_LIMIT);

        RawHttp.Answer answer = RawHttp.send(stack.port(), PATIENCE, out -> {
            write(out, headWith(own, "files", "Transfer-Encoding: chunked"));
            byte[] block = new byte[1 << 20];
            for (long sent = 0; sent <= BODY_MAX; sent += block.length) {
                write(out, "100000\r\n");
                write(out, block);
                write(out, "\r\n");
            }
        });

        refused(answer, 413, "request_too_large");
        Await.until(PATIENCE, "the provider to see the end", () -> complete.get() != null);
        assertThat(complete.get()).isFalse();
        assertThat(lastEnd("request_too_large").outcome()).isEqualTo(AuditOutcome.FAILURE);
        Await.until(PATIENCE, "the settlement", () -> stack.tokenOf(project).requestCount() == 1);
        assertThat(provider.calls()).hasSize(1);
    }

    @Test
    void aClientThatStopsSendingIsTold() {
        provider.converses((call, in, out) -> body(call, in).transferTo(OutputStream.nullOutputStream()));

        RawHttp.Answer answer =
                RawHttp.send(stack.port(), ascii(head("files", "Content-Length: 100") + "only this"), PATIENCE);

        refused(answer, 408, "request_timeout");
        Await.until(
                PATIENCE, "the provider to be left", () -> provider.lastCall().hungUp());
        lastEnd("request_timeout");
    }

    @Test
    void aClientThatLeavesTakesItsRequestAlong() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        provider.converses((call, in, out) -> {
            InputStream body = body(call, in);
            assertThat(body.read()).isNotNegative();
            begun.countDown();
            body.transferTo(OutputStream.nullOutputStream());
        });
        try (Socket socket = connect()) {
            socket.getOutputStream().write(ascii(head("files", "Content-Length: 100") + "only this"));
            await(begun);
            RawHttp.hangUp(socket);
        }

        Await.until(
                PATIENCE, "the provider to be left", () -> provider.lastCall().hungUp());
        assertThat(lastEnd("client_gone").status()).isEqualTo(499);
        assertThat(provider.calls()).hasSize(1);
    }

    @Test
    void anEarlyRefusalReachesTheClientWhileItSends() {
        provider.converses((call, in, out) -> {
            out.write(RawProvider.answer(422, "{\"no\":\"such size\"}"));
            in.transferTo(OutputStream.nullOutputStream());
        });

        RawHttp.Answer answer = RawHttp.send(stack.port(), PATIENCE, out -> {
            write(out, head("files", "Content-Length: " + BODY_MAX));
            write(out, new byte[1 << 20]);
        });

        assertThat(answer.status()).as(answer.text()).isEqualTo(422);
        assertThat(answer.body()).isEqualTo("{\"no\":\"such size\"}");
        assertThat(answer.text()).containsIgnoringCase("\r\nconnection: close\r\n");
        assertThat(provider.calls()).hasSize(1);
    }

    @Test
    void anAnswerMayBeginBeforeTheBodyEnds() throws Exception {
        provider.converses((call, in, out) -> {
            InputStream body = body(call, in);
            out.write(ascii(RawProvider.head(200, "Content-Length: 10")));
            for (int octet = 0; octet < 10; octet++) {
                out.write(body.read());
                out.flush();
            }
        });
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            out.write(ascii(head("files", "Content-Length: 10") + "first"));
            String head = readHead(in);
            assertThat(head).startsWith("HTTP/1.1 200 ");
            assertThat(in.readNBytes(5)).asString().isEqualTo("first");
            out.write(ascii("after"));
            assertThat(in.readNBytes(5)).asString().isEqualTo("after");
        }
    }

    @Test
    void aProviderThatHangsUpIsAskedOnceOnly() {
        provider.converses((call, in, out) -> assertThat(in.readNBytes(1_000)).hasSize(1_000));

        RawHttp.Answer answer = RawHttp.send(stack.port(), PATIENCE, out -> {
            write(out, head("files", "Content-Length: 2000"));
            write(out, new byte[1_000]);
        });

        refused(answer, 502, "provider_connection_lost");
        assertThat(provider.calls()).hasSize(1);
    }

    @Test
    void aClientThatAsksFirstIsToldToSendOnlyWhereItMay() {
        String[] asks = {"Content-Length: 5", "Expect: 100-continue"};
        RawHttp.Answer stranger = RawHttp.send(stack.port(), ascii(headWith("sk-wrong", "files", asks)), PATIENCE);
        refused(stranger, 401, "invalid_token");
        assertThat(stranger.answers()).isOne();
        assertThat(provider.calls()).isEmpty();

        RawHttp.Answer known = RawHttp.send(stack.port(), ascii(head("files", asks) + "bytes"), PATIENCE);
        assertThat(known.text()).startsWith("HTTP/1.1 100 Continue\r\n").contains("HTTP/1.1 200 ");
        assertThat(provider.lastCall().body()).asString().isEqualTo("bytes");
        assertThat(provider.lastCall().header("Expect")).isEmpty();
    }

    private static String head(String upstream, String... headers) {
        return headWith(token, upstream, headers);
    }

    private static String headWith(String credential, String upstream, String... headers) {
        return "POST /p/" + upstream + "/up HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                + credential + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), stack.port());
        socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
        return socket;
    }

    private static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new EOFException(head.toString());
            }
            head.append((char) octet);
        }
        return head.toString();
    }

    private static AuditRecord lastEnd(String reason) {
        return Await.value(
                PATIENCE,
                "an audited end with " + reason,
                () -> stack.auditEnds().stream()
                        .filter(end -> reason.equals(end.reason()))
                        .reduce((earlier, later) -> later));
    }

    private static void refused(RawHttp.Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(new JsonObject(answer.body()).getString("code")).isEqualTo(code);
    }

    private static void write(OutputStream out, String text) {
        write(out, ascii(text));
    }

    private static void write(OutputStream out, byte[] bytes) {
        try {
            out.write(bytes);
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException interrupt) {
            throw new IOException(interrupt);
        }
    }

    private static String digestOf(InputStream bytes) throws IOException {
        try (bytes) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] block = new byte[64 << 10];
            for (int read = bytes.read(block); read >= 0; read = bytes.read(block)) {
                digest.update(block, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The body behind a head, by its length or its chunks (RFC 9112 section 7.1). */
    private static InputStream body(RawProvider.Call call, InputStream in) {
        boolean chunked = call.header("Transfer-Encoding").isPresent();
        long length = call.header("Content-Length").map(Long::parseLong).orElse(0L);
        return new Framed(in, chunked, length);
    }

    private static final class Framed extends InputStream {
        private final InputStream in;
        private final boolean chunked;
        private long left;
        private boolean ended;

        private Framed(InputStream in, boolean chunked, long length) {
            this.in = in;
            this.chunked = chunked;
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            if (chunked && left == 0 && !ended) {
                left = Long.parseLong(line(), 16);
                ended = left == 0;
                if (ended) {
                    line();
                }
            }
            if (left == 0) {
                return -1;
            }
            int read = in.read(to, offset, (int) Math.min(length, left));
            if (read < 0) {
                throw new EOFException("the body was cut off");
            }
            left -= read;
            if (chunked && left == 0) {
                line();
            }
            return read;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int octet = in.read(); octet != '\n'; octet = in.read()) {
                if (octet < 0) {
                    throw new EOFException("the body was cut off");
                }
                line.append((char) octet);
            }
            return line.toString().strip();
        }
    }

    /** Bytes that differ from place to place, the same each time. */
    private static final class Pattern extends InputStream {
        private long left;

        private Pattern(long bytes) {
            this.left = bytes;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int offset, int length) {
            if (left == 0) {
                return -1;
            }
            int taken = 0;
            while (taken < length && left > 0) {
                to[offset + taken] = (byte) (left * 31 >>> 3 ^ left >>> 17);
                taken++;
                left--;
            }
            return taken;
        }
    }
}
