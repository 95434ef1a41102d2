package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** None of these changes anything, and each is told what is wrong. */
class HostileRequestTest {
    @TempDir
    private static Path directory;

    private static AdminStack admin;

    @BeforeAll
    static void start() {
        admin = new AdminStack(directory);
    }

    @AfterAll
    static void stop() {
        admin.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    [] | the body must be a JSON object
                    "x" | the body must be a JSON object
                    {"name":"a","name":"b","api_key":"sk-1"} | the body has the same key twice (line 1, column 19)
                    {"name":"a","api_key":"sk-1"}{} | the body goes on after the JSON object
                    {"name":"a","api_key":"sk-1"} x | the body is not valid JSON (line 1, column 31)
                    {"name":"a","api_key":"sk-1 | api_key must be 1 to 4096 characters of visible ASCII without spaces
                    {"name":"a" | the body is not valid JSON
                    {"name":"a","api_key":"sk-1","admin":true} | unknown member "admin"; allowed: name, api_key, provider
                    {"name":"a","api_key":"sk-1","is_active":true} | unknown member "is_active"; allowed: name, api_key, provider
                    {"name":"a","api_key":"sk-1","a b":1} | unknown member (not a plain word); allowed: name, api_key, provider
                    {"name":["a"],"api_key":"sk-1"} | name must be a string
                    {"name":{"a":{"b":{"c":{"d":{}}}}},"api_key":"sk-1"} | name must be a string
                    {"name":7,"api_key":"sk-1"} | name must be a string
                    {"name":" ","api_key":"sk-1"} | name must have 1 to 256 characters, none of them a control character
                    {"name":"a\\u0000b","api_key":"sk-1"} | name must have 1 to 256 characters, none of them a control character
                    {"name":"a","api_key":7} | api_key must be a string
                    {"name":"a","api_key":""} | api_key must be 1 to 4096 characters of visible ASCII without spaces
                    {"name":"a","api_key":"sk 1"} | api_key must be 1 to 4096 characters of visible ASCII without spaces
                    {"name":"a","api_key":"sk-1\\r\\nX: y"} | api_key must be 1 to 4096 characters of visible ASCII without spaces
                    {"name":"a","api_key":"sk-\\u0000"} | api_key must be 1 to 4096 characters of visible ASCII without spaces
                    {"name":"a","api_key":"sk-é"} | api_key must be 1 to 4096 characters of visible ASCII without spaces
                    {"name":"a","api_key":"sk-1","provider":"echo"} | provider must be one of: anthropic, cohere, gemini, openai
                    {"name":"a",} | the body is not valid JSON
                    {'name':'a'} | the body is not valid JSON
                    {"name":NaN} | the body is not valid JSON
                    """)
    void refusesBodiesThatAreNotExactlyWhatIsExpected(String body, String error) {
        AdminStack.Reply refused = admin.post("/manage/projects", body);

        assertThat(refused.status()).as(refused.text()).isEqualTo(400);
        assertThat(refused.header("Content-Type")).isEqualTo("application/json");
        assertThat(refused.error()).startsWith(error);
        assertThat(admin.auth.projects()).isEmpty();
    }

    @Test
    void refusesBytesThatAreNotUtf8() {
        byte[][] bodies = {
            {'{', '"', 'n', 'a', 'm', 'e', '"', ':', '"', (byte) 0xc3, (byte) 0x28, '"', '}'},
            {(byte) 0xef, (byte) 0xbb, (byte) 0xbf, '{', '}'},
            "{}".getBytes(StandardCharsets.UTF_16BE),
            "{}".getBytes(StandardCharsets.UTF_16LE)
        };
        for (byte[] body : bodies) {
            AdminStack.Reply refused =
                    admin.send(admin.jsonRequest("/manage/projects").POST(BodyPublishers.ofByteArray(body)));

            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.error()).isEqualTo("the body must be JSON in UTF-8 without a byte order mark");
        }
    }

    @Test
    void refusesDeepNestingWithoutFollowingIt() {
        AdminStack.Reply refused = admin.post("/manage/projects", "{\"name\":" + "[".repeat(60_000));

        assertThat(refused.status()).isEqualTo(400);
    }

    @Test
    void refusesBodiesAboveTheBoundAnnouncedOrNot() {
        byte[] tooLong = new byte[RequestReader.BODY_BYTES_MAX + 1];

        AdminStack.Reply announced =
                admin.send(admin.jsonRequest("/manage/projects").POST(BodyPublishers.ofByteArray(tooLong)));
        AdminStack.Reply chunked = admin.send(admin.jsonRequest("/manage/projects")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(tooLong))));

        assertThat(announced.status()).isEqualTo(413);
        assertThat(chunked.status()).isEqualTo(413);
        assertThat(chunked.error()).isEqualTo("the body is longer than 65536 bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/x-www-form-urlencoded",
                "application/json; charset=utf-16",
                "application/jsonx",
                "multipart/form-data"
            })
    void takesJsonOnly(String contentType) {
        AdminStack.Reply refused = admin.send(admin.request("/manage/projects")
                .header("Content-Type", contentType)
                .POST(BodyPublishers.ofString("{\"name\":\"a\",\"api_key\":\"sk-1\"}")));

        assertThat(refused.status()).isEqualTo(415);
        assertThat(refused.error()).isEqualTo("Content-Type must be application/json");
    }

    @Test
    void doesNotUnpackBodies() {
        AdminStack.Reply refused = admin.send(admin.jsonRequest("/manage/projects")
                .header("Content-Encoding", "gzip")
                .POST(BodyPublishers.ofString("{}")));

        assertThat(refused.status()).isEqualTo(415);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    /manage | 404
                    /manage/ | 404
                    /manage/nothing | 404
                    /manage/projects/ | 404
                    /manage/projects/x | 404
                    /manage/projects/1%27%20OR%201=1 | 404
                    /manage/projects/..%2f..%2fhealth | 404
                    /manage/projects/%00 | 404
                    /manage/projects/01890000-0000-7000-8000-00000000000G | 404
                    /manage/projects/01890000-0000-7000-8000-000000000000/ | 404
                    /manage/projects/01890000-0000-7000-8000-000000000000/tokens | 404
                    /manage/tokens/sk-AAAAAAAAAAAAAAAAAAAAAA | 404
                    /manage/audit/x | 404
                    /manage/audit/00000000-0000-0000-0000-000000000000-99999999999999999999 | 404
                    /manage/cache/purge | 405
                    /manage/tokens?projectId=x | 400
                    /manage/tokens?projectId=a&project_id=b | 400
                    /manage/tokens?activeOnly=maybe | 400
                    /manage/tokens?after=x | 400
                    /manage/tokens?limit=0 | 400
                    /manage/tokens?limit=10001 | 400
                    /manage/tokens?limit=9999999999999 | 400
                    /manage/tokens?limit=1&limit=2 | 400
                    /manage/tokens?project=typo | 400
                    /manage/projects?x=%zz | 400
                    /manage/audit?page=0 | 400
                    /manage/audit?page=1001 | 400
                    /manage/audit?page=99999999999 | 400
                    /manage/audit?after= | 400
                    /manage/audit?after=x | 400
                    /manage/audit?after=MSAxIG4&page=2 | 400
                    /manage/audit?page_size=101 | 400
                    /manage/audit?start_time=yesterday | 400
                    /manage/audit?end_time=%2b999999999-01-01T00:00:00Z | 400
                    /manage/audit?outcome=perhaps | 400
                    /manage/audit?action=%00 | 400
                    /manage/audit?user=typo | 400
                    /admin/api | 404
                    /admin/api/nothing | 404
                    /admin/oidc/login | 404
                    /admin/oidc/callback?code=x | 404
                    /admin/assets | 404
                    /admin/assets/ | 404
                    /admin/assets/none.js | 404
                    /admin/assets/..%2findex.html | 404
                    /admin/assets/%2e%2e/logback.xml | 404
                    /admin/assets/../db/audit/sqlite/V13__principals.sql | 404
                    /admin/assets/pages | 404
                    /admin//x | 404
                    /admin/%00 | 404
                    """)
    void answersStrangePathsAndQueriesAsJson(String target, int status) throws IOException {
        String answer = raw("GET " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + AdminStack.TOKEN
                + "\r\nConnection: close\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        assertThat(answer.toLowerCase(Locale.ROOT)).contains("content-type: application/json");
        assertThat(answer).contains("{\"error\":\"");
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, /manage/projects, 'GET, POST'",
        "DELETE, /manage/projects, 'GET, POST'",
        "PUT, /manage/projects/01890000-0000-7000-8000-000000000000, 'GET, PATCH'",
        "GET, /manage/projects/01890000-0000-7000-8000-000000000000/tokens/revoke, POST",
        "POST, /manage/tokens/01890000-0000-7000-8000-000000000000, 'GET, PATCH, DELETE'",
        "POST, /manage/audit, GET",
        "OPTIONS, /manage/tokens, 'GET, POST'"
    })
    void namesTheMethodsThatAPathHas(String method, String path, String allow) {
        AdminStack.Reply refused = admin.send(admin.request(path).method(method, BodyPublishers.noBody()));

        assertThat(refused.status()).isEqualTo(405);
        assertThat(refused.header("Allow")).isEqualTo(allow);
        assertThat(refused.error()).isEqualTo("method not allowed");
    }

    @Test
    void takesNoBodyWhereNoneIsMeant() {
        AdminStack.Reply refused = admin.send(admin.jsonRequest("/manage/tokens/01890000-0000-7000-8000-000000000000")
                .method("DELETE", BodyPublishers.ofString("{\"force\":true}")));

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error()).isEqualTo("this call takes no body");
    }

    @Test
    void staysUpAfterAClientLeavesInTheMiddleOfItsBody() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), admin.port)) {
            socket.getOutputStream()
                    .write(("POST /manage/projects HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + AdminStack.TOKEN
                                    + "\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"name\":")
                            .getBytes(StandardCharsets.US_ASCII));
        }

        assertThat(admin.get("/manage/projects").status()).isEqualTo(200);
    }

    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), admin.port)) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
