package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.VaultApi;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Provider keys and tokens go in, and nothing that comes out holds one: no answer, log line, journal or store file. */
class SecretCanaryTest {
    private static final String KEY = "sk-canary-5c0ff1e5c0ff1e5c0ff1e5c0ff1e";
    private static final String MIDDLE = "5c0ff1e5c0ff1e5c0ff1e";

    @TempDir
    private Path directory;

    @Test
    void noSecretLeaves() throws IOException {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        root.addAppender(logged);
        List<AdminStack.Reply> replies = new ArrayList<>();
        List<String> tokens = new ArrayList<>();
        try (AdminStack admin = new AdminStack(directory)) {
            String create = "{\"name\":\"canary\",\"api_key\":\"" + KEY + "\"}";
            AdminStack.Reply created = admin.post("/manage/projects", create);
            replies.add(created);
            String id = created.object().getString("id");
            replies.add(admin.patch("/manage/projects/" + id, "{\"api_key\":\"" + KEY + "\"}"));
            replies.add(admin.patch("/manage/projects/" + id, "{\"api_key\":\"" + KEY + " \"}"));
            replies.add(admin.patch("/manage/projects/" + id, "{\"api_key\":\"" + KEY + "\",}"));
            replies.add(admin.patch("/manage/projects/" + id, "{\"api_key\":\"" + KEY + "\",\"other\":1}"));
            replies.add(admin.patch("/manage/projects/" + id, "{\"name\":[\"" + KEY + "\"]}"));
            replies.add(admin.patch("/manage/projects/" + id, "{\"" + KEY + "\":1}"));
            replies.add(admin.get("/manage/projects"));
            replies.add(admin.get("/manage/projects/" + id));
            admin.vault.fail(VaultApi.STORE_KEY);
            replies.add(admin.post("/manage/projects", create));
            admin.auth.fail(AuthApi.CREATE_PROJECT);
            replies.add(admin.post("/manage/projects", create));
            String token = admin.token(id).getString("token");
            tokens.add(token.substring(7, 21));
            replies.add(admin.get("/manage/tokens"));
            replies.add(admin.send(admin.anonymous("/manage/tokens")
                    .header("Authorization", "Bearer " + AdminStack.TOKEN + KEY)
                    .GET()));
            String principal = admin.post("/manage/principals", "{\"name\":\"canary\",\"role\":\"viewer\"}")
                    .object()
                    .getString("token");
            tokens.add(principal);
            AdminStack.Reply signedIn = admin.send(admin.anonymous("/admin/api/session")
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{\"token\":\"" + principal + "\"}")));
            String cookie = signedIn.header("Set-Cookie").replaceFirst(";.*", "");
            tokens.add(cookie.substring(cookie.indexOf('=') + 1));
            for (String path : List.of("/admin/api/session", "/manage/projects", "/manage/principals", "/admin")) {
                replies.add(admin.send(
                        admin.anonymous(path).header("Cookie", cookie).GET()));
            }
            replies.add(admin.get("/manage/principals"));
            admin.deliverAudit();
            replies.add(admin.get("/manage/audit?page_size=100"));
        } finally {
            root.detachAppender(logged);
        }

        tokens.add(MIDDLE);
        tokens.add(AdminStack.TOKEN);
        for (String secret : tokens) {
            assertThat(replies).noneSatisfy(reply -> assertThat(reply.text()).contains(secret));
            assertThat(replies)
                    .noneSatisfy(
                            reply -> assertThat(reply.response().headers().map().toString())
                                    .contains(secret));
            assertThat(logged.list).noneSatisfy(event -> assertThat(text(event)).contains(secret));
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(secret))
                            .as(file.toString())
                            .isFalse();
                }
            }
        }
        assertThat(replies.getFirst().object().getString("api_key")).isEqualTo("sk-canar...ff1e");
    }

    private static String text(ILoggingEvent event) {
        String trace = event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy());
        return event.getFormattedMessage() + event.getKeyValuePairs() + trace;
    }
}
