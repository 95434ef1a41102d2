package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.manage.AdminStack.Reply;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A change of what somebody else has changed since is refused, where the client says what it has seen (RFC 9110, 13.1.1). */
class StaleChangeTest {
    @TempDir
    private Path directory;

    private AdminStack stack;

    @BeforeEach
    void start() {
        stack = new AdminStack(directory);
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    @Test
    void aProjectsChangeIsRefusedWhereAnotherCameFirst() {
        String path = "/manage/projects/" + stack.project("first");
        String seen = stack.get(path).header("ETag");
        assertThat(seen).matches("\"[0-9a-f]{16}\"");

        Reply renamed = change("PATCH", path, "{\"name\":\"second\"}", seen);
        assertThat(renamed.status()).isEqualTo(200);
        assertThat(renamed.header("ETag"))
                .isNotEqualTo(seen)
                .isEqualTo(stack.get(path).header("ETag"));

        Reply late = change("PATCH", path, "{\"name\":\"third\"}", seen);
        assertThat(late.status()).isEqualTo(412);
        assertThat(late.object().getString("code")).isEqualTo("stale");
        assertThat(change("PATCH", path, "{\"api_key\":\"sk-proj-other-0123456789\"}", seen)
                        .status())
                .isEqualTo(412);
        assertThat(stack.get(path).object().getString("name")).isEqualTo("second");
        assertThat(change("PATCH", path, "{\"name\":\"third\"}", "*").status()).isEqualTo(200);
        assertThat(stack.patch(path, "{\"name\":\"fourth\"}").status()).isEqualTo(200);
    }

    @Test
    void aTokensChangeIsRefusedWhereAnotherCameFirst() {
        String path = "/manage/tokens/" + stack.token(stack.project("first")).getString("id");
        String seen = stack.get(path).header("ETag");
        assertThat(change("PATCH", path, "{\"max_requests\":7}", seen).status()).isEqualTo(200);
        assertThat(change("PATCH", path, "{\"max_requests\":8}", seen).status()).isEqualTo(412);
        assertThat(change("DELETE", path, "", seen).status()).isEqualTo(412);
        assertThat(stack.get(path).object().getInteger("max_requests")).isEqualTo(7);
        assertThat(stack.get(path).object().getBoolean("is_active")).isTrue();
        assertThat(change("DELETE", path, "", stack.get(path).header("ETag")).status())
                .isEqualTo(204);
    }

    @Test
    void aPrincipalsChangeIsRefusedWhereAnotherCameFirst() {
        Reply made = stack.post("/manage/principals", "{\"name\":\"ann\",\"role\":\"viewer\"}");
        String path = "/manage/principals/" + made.object().getString("id");
        String seen = stack.get(path).header("ETag");
        assertThat(seen).matches("\"[0-9a-f]{16}\"").isEqualTo(made.header("ETag"));

        Reply changed = change("PATCH", path, "{\"role\":\"operator\"}", seen);
        assertThat(changed.status()).isEqualTo(200);
        String now = changed.header("ETag");
        assertThat(now).isNotEqualTo(seen).isEqualTo(stack.get(path).header("ETag"));

        Reply late = change("PATCH", path, "{\"role\":\"admin\"}", seen);
        assertThat(late.status()).isEqualTo(412);
        assertThat(late.object().getString("code")).isEqualTo("stale");
        assertThat(change("POST", path + "/rotate", "", seen).status()).isEqualTo(412);
        assertThat(change("DELETE", path, "", seen).status()).isEqualTo(412);
        assertThat(stack.get(path).object().getString("role")).isEqualTo("operator");

        Reply rotated = change("POST", path + "/rotate", "", now);
        assertThat(rotated.status()).isEqualTo(200);
        assertThat(change("DELETE", path, "", now).status())
                .as("another token is a change")
                .isEqualTo(412);
        assertThat(change("DELETE", path, "", rotated.header("ETag")).status()).isEqualTo(204);
        assertThat(change("DELETE", path, "", seen).status()).isEqualTo(404);
    }

    @Test
    void whatIsNoTagIsRefused() {
        String path = "/manage/projects/" + stack.project("first");
        for (String wrong : new String[] {"x", "W/\"0123456789abcdef\"", "\"a\", \"b\"", "\"", "\"\""}) {
            assertThat(change("PATCH", path, "{\"name\":\"second\"}", wrong).status())
                    .as(wrong)
                    .isEqualTo(400);
        }
    }

    private Reply change(String method, String path, String body, String ifMatch) {
        var request = body.isEmpty() ? stack.request(path) : stack.jsonRequest(path);
        return stack.send(request.header("If-Match", ifMatch)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
    }
}
