package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Secret;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManagementLoginTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer ",
                "Bearer  management-token-of-the-tests",
                "Bearer management-token-of-the-test",
                "Bearer management-token-of-the-tests ",
                "Bearer management-token-of-the-testsX",
                "Bearer MANAGEMENT-TOKEN-OF-THE-TESTS",
                "Basic management-token-of-the-tests",
                "management-token-of-the-tests"
            })
    void admitsNothingButTheToken(String header) {
        try (Secret token = Secret.ofText(AdminStack.TOKEN)) {
            var credential = new ManagementCredential(token);

            assertThat(credential.admits(List.of(header))).isFalse();
            assertThat(credential.admits(List.of("Bearer " + AdminStack.TOKEN))).isTrue();
            assertThat(credential.admits(List.of("bearer " + AdminStack.TOKEN))).isTrue();
        }
    }

    @Test
    void admitsNeitherNoneNorSeveralHeaders() {
        try (Secret token = Secret.ofText(AdminStack.TOKEN)) {
            var credential = new ManagementCredential(token);

            assertThat(credential.admits(List.of())).isFalse();
            assertThat(credential.admits(List.of("Bearer " + AdminStack.TOKEN, "Bearer " + AdminStack.TOKEN)))
                    .isFalse();
        }
    }

    @Test
    void refusesAndRecordsWhoeverHasNoToken() {
        try (AdminStack admin = new AdminStack(directory)) {
            AdminStack.Reply refused =
                    admin.send(admin.anonymous("/manage/projects").GET());

            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.header("WWW-Authenticate")).startsWith("Bearer");
            assertThat(refused.header("Content-Type")).isEqualTo("application/json");
            assertThat(refused.object())
                    .isEqualTo(new JsonObject().put("error", "a valid management token is required"));
            admin.deliverAudit();
            JsonArray events =
                    admin.get("/manage/audit?action=admin.login").object().getJsonArray("events");
            assertThat(events).hasSize(1);
            JsonObject event = events.getJsonObject(0);
            assertThat(event.getString("outcome")).isEqualTo("denied");
            assertThat(event.getString("actor")).isEqualTo("anonymous");
            assertThat(event.getString("client_ip")).isEqualTo("127.0.0.1");
            assertThat(event.getString("path")).isEqualTo("/manage/projects");
            assertThat(event.getString("request_id")).isEqualTo(refused.header("X-Request-ID"));
        }
    }

    @Test
    void makesAnAddressWaitAfterTwentyFailuresWhateverItPresents() {
        try (AdminStack admin = new AdminStack(directory)) {
            for (int i = 0; i < 20; i++) {
                assertThat(admin.send(admin.anonymous("/manage/tokens")
                                        .header("Authorization", "Bearer guess-" + i)
                                        .GET())
                                .status())
                        .isEqualTo(401);
            }

            AdminStack.Reply refused = admin.get("/manage/tokens");

            assertThat(refused.status()).isEqualTo(429);
            assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 60);
            assertThat(refused.error()).startsWith("too many failed authentications from this address");
        }
    }
}
