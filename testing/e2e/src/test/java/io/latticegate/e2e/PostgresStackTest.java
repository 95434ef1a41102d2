package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.value.Allowance;
import io.latticegate.testing.Await;
import io.latticegate.testing.PostgresServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The whole stack keeps everything in PostgreSQL when it is told to. */
final class PostgresStackTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static PostgresServer postgres;
    private static LocalStack stack;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.start(false);
        stack = LocalStack.with()
                .setting("storage.driver", "postgresql")
                .setting("storage.url", postgres.jdbcUrl().replaceFirst("\\?.*", ""))
                .setting("storage.user", PostgresServer.USER)
                .start();
    }

    @AfterAll
    static void stop() {
        stack.close();
        postgres.close();
    }

    @Test
    void aRequestIsAdmittedServedSettledAndAudited() throws Exception {
        String project = stack.project("postgres");
        stack.storeKey(project, "openai", "sk-of-the-project");
        stack.openai().acceptOnly("sk-of-the-project");
        String token = stack.token(project, new Allowance(2, Allowance.UNLIMITED, Allowance.UNLIMITED));

        HttpResponse<String> first = chat(token);
        assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
        assertThat(chat(token).statusCode()).isEqualTo(200);
        assertThat(chat(token).statusCode()).isEqualTo(429);

        String id = first.headers().firstValue("X-Request-ID").orElseThrow();
        assertThat(stack.auditEnd(id).outcome()).isEqualTo(AuditOutcome.SUCCESS);
        assertThat(stack.auditEnd(id).credentialSource()).isEqualTo("project");
        Await.until(PATIENCE, "the settlement", () -> stack.tokenOf(project).requestCount() == 2);
        assertThat(stack.openai().count()).isEqualTo(2);
    }

    private static HttpResponse<String> chat(String token) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return client.send(
                    HttpRequest.newBuilder(stack.uri("/v1/chat/completions"))
                            .header("Authorization", "Bearer " + token)
                            .POST(HttpRequest.BodyPublishers.ofString(
                                    "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
