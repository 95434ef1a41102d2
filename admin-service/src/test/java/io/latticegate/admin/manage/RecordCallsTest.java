package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.manage.AdminStack.Reply;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordCallsTest {
    private static final String ERASE = "/manage/subjects/erase";

    @TempDir
    private Path directory;

    private AdminStack admin;

    @BeforeEach
    void start() {
        admin = new AdminStack(directory);
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    private static List<JsonObject> lines(Reply reply) {
        return reply.text().lines().map(JsonObject::new).toList();
    }

    @Test
    void exportsInPagesWithoutMissingOrRepeatingAnEvent() {
        for (int call = 0; call < 25; call++) {
            admin.get("/manage/projects");
        }
        admin.deliverAudit();
        List<String> ids = new ArrayList<>();
        String next = "/manage/export/events?limit=10&format=jsonl";
        int pages = 0;
        while (!next.isEmpty() && pages < 3) {
            Reply page = admin.get(next);
            assertThat(page.status()).isEqualTo(200);
            assertThat(page.header("Content-Type")).isEqualTo("application/x-ndjson");
            lines(page).forEach(line -> ids.add(line.getString("id")));
            String link = page.header("Link");
            next = link.isEmpty() ? "" : link.substring(1, link.indexOf('>'));
            pages++;
        }
        assertThat(ids).hasSizeGreaterThanOrEqualTo(25).doesNotHaveDuplicates();
        List<Long> numbers = ids.stream()
                .map(id -> Long.parseLong(id.substring(id.lastIndexOf('-') + 1)))
                .toList();
        assertThat(numbers.subList(0, 25))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 25)
                        .mapToObj(number -> (long) number)
                        .toList());
    }

    @Test
    void exportsOcsfAndOnlyTheTimesThatAreAskedFor() {
        admin.get("/manage/projects");
        admin.deliverAudit();
        JsonObject event = lines(admin.get("/manage/export/events?format=ocsf")).getFirst();
        assertThat(event.getInteger("class_uid")).isEqualTo(6003);
        assertThat(event.getJsonObject("api").getString("operation")).isEqualTo("project.list");
        assertThat(admin.get("/manage/export/events?start_time=2100-01-01T00:00:00Z")
                        .text())
                .isEmpty();
    }

    @Test
    void refusesWhatIsNoExport() {
        for (String query : List.of(
                "format=csv",
                "after=abc",
                "after=-1",
                "limit=0",
                "limit=10001",
                "start_time=yesterday",
                "fields=all",
                "after=9999999999999999999")) {
            assertThat(admin.get("/manage/export/events?" + query).status())
                    .as(query)
                    .isEqualTo(400);
        }
        assertThat(admin.post("/manage/export/events", "{}").status()).isEqualTo(405);
    }

    @Test
    void erasesAnAddressAndLeavesATombstoneThatDoesNotNameIt() {
        admin.get("/manage/projects");
        admin.deliverAudit();
        Reply erased = admin.post(ERASE, "{\"kind\":\"client_ip\",\"id\":\"127.0.0.1\"}");
        assertThat(erased.status()).isEqualTo(200);
        assertThat(erased.object().getLong("entries")).isPositive();
        assertThat(erased.object().getString("erased_at")).isNotEmpty();
        String pseudonym = erased.object().getString("subject");
        assertThat(pseudonym).matches("[0-9a-f]{64}");

        admin.deliverAudit();
        JsonObject listed = event("project.list");
        assertThat(listed.getString("client_ip")).isEmpty();
        assertThat(listed.getBoolean("erased")).isTrue();
        JsonObject tombstone = event("subject.erase");
        assertThat(tombstone.getString("outcome")).isEqualTo("success");
        assertThat(tombstone.getJsonObject("metadata").getString("subject")).isEqualTo(pseudonym);
        assertThat(tombstone.getJsonObject("metadata").getString("kind")).isEqualTo("client_ip");
        assertThat(tombstone.containsKey("erased")).isFalse();

        Reply again = admin.post(ERASE, "{\"kind\":\"wallet\",\"id\":\"0x" + "ab".repeat(20) + "\"}");
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.object().getLong("entries")).isZero();
    }

    private JsonObject event(String action) {
        JsonArray events = admin.get("/manage/audit?action=" + action).object().getJsonArray("events");
        assertThat(events).isNotEmpty();
        return events.getJsonObject(events.size() - 1);
    }

    @Test
    void refusesSubjectsThatCannotBeMeantAndNeverRepeatsThem() {
        for (String body : List.of(
                "{}",
                "{\"kind\":\"wallet\"}",
                "{\"kind\":\"planet\",\"id\":\"canary-1\"}",
                "{\"kind\":\"wallet\",\"id\":\"canary-2\"}",
                "{\"kind\":\"client_ip\",\"id\":\"canary-3\"}",
                "{\"kind\":\"token\",\"id\":\"canary 4\"}",
                "{\"kind\":\"identity\",\"id\":\"canary\\u00005\"}",
                "{\"kind\":\"wallet\",\"id\":1}")) {
            Reply refused = admin.post(ERASE, body);
            assertThat(refused.status()).as(body).isEqualTo(400);
            assertThat(refused.text()).doesNotContain("canary");
        }
        assertThat(admin.get(ERASE).status()).isEqualTo(405);
    }

    @Test
    void listsTheRulesThatAreWatched() {
        Reply alerts = admin.get("/manage/alerts");
        assertThat(alerts.status()).isEqualTo(200);
        assertThat(alerts.object().getJsonArray("alerts")).isEmpty();
        List<String> names = alerts.object().getJsonArray("rules").stream()
                .map(rule -> ((JsonObject) rule).getString("name"))
                .toList();
        assertThat(names).containsExactly("breaker", "burst", "errors", "journal", "new-address", "privacy", "vault");
        assertThat(admin.get("/manage/alerts?state=firing").status()).isEqualTo(400);
    }
}
