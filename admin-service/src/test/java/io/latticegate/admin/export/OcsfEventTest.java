package io.latticegate.admin.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.audit.AuditEvent;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Against what tag 1.6.0 of ocsf-schema says of class API Activity and of the objects that are used. */
class OcsfEventTest {
    private static final AuditRecord FULL = AuditRecord.builder(AuditPhase.END, "proxy_request", 1_790_000_000_123_456L)
            .actor(new AuditActor(AuditActor.Kind.WALLET, "0xabc"))
            .requestId("r1")
            .correlationId("c1")
            .projectId("p1")
            .tokenId("t1")
            .clientIp("192.0.2.7")
            .method("POST")
            .path("/v1/chat/completions")
            .userAgent("curl")
            .surface("openai")
            .model("gpt-4o")
            .provider("openai")
            .credentialSource("project")
            .keyFingerprint("ab12")
            .status(502)
            .outcome(AuditOutcome.ERROR)
            .reason("upstream")
            .tokensIn(1)
            .tokensOut(2)
            .tokensCached(1)
            .usageEstimated(true)
            .costMicroUsd(1_234_567)
            .attempts(2)
            .elapsedMicros(9_876)
            .metadata(Map.of("continued", "1", "secret_canary", "leak"))
            .build();

    /** Attribute, type (I integer, S text, O object, A array), and whether it is required. */
    private static final List<String> ATTRIBUTES = List.of(
            "activity_id I required",
            "activity_name S",
            "actor O required",
            "api O required",
            "category_name S",
            "category_uid I required",
            "class_name S",
            "class_uid I required",
            "duration I",
            "http_request O",
            "http_response O",
            "message S",
            "metadata O required",
            "resources A",
            "severity_id I required",
            "src_endpoint O required",
            "status S",
            "status_code S",
            "status_detail S",
            "status_id I",
            "time I required",
            "type_uid I required",
            "unmapped O");

    private static final Map<String, Set<String>> OBJECTS = Map.of(
            "actor", Set.of("user"),
            "api", Set.of("operation", "request", "response", "service"),
            "metadata",
                    Set.of(
                            "correlation_uid",
                            "event_code",
                            "log_name",
                            "logged_time",
                            "original_time",
                            "product",
                            "tenant_uid",
                            "uid",
                            "version"),
            "src_endpoint", Set.of("ip", "svc_name"),
            "http_request", Set.of("http_method", "url", "user_agent"),
            "http_response", Set.of("code"));

    private static JsonObject ocsf(AuditRecord record) {
        return new JsonObject(EventFormat.OCSF.line(new AuditEvent("node", 7, 1_790_000_001_000_000L, record)));
    }

    private static void check(JsonObject event) {
        for (String attribute : ATTRIBUTES) {
            String[] words = attribute.split(" ", -1);
            Object value = event.getValue(words[0]);
            if (words.length > 2) {
                assertThat(value).as(words[0]).isNotNull();
            }
            if (value != null) {
                assertThat(value)
                        .as(words[0])
                        .isInstanceOf(
                                switch (words[1]) {
                                    case "I" -> Number.class;
                                    case "S" -> String.class;
                                    case "A" -> JsonArray.class;
                                    default -> JsonObject.class;
                                });
            }
        }
        assertThat(ATTRIBUTES.stream().map(attribute -> attribute.split(" ", -1)[0]))
                .containsAll(event.fieldNames());
        OBJECTS.forEach((name, known) -> {
            JsonObject object = event.getJsonObject(name);
            if (object != null) {
                assertThat(known).as(name).containsAll(object.fieldNames());
            }
        });
        assertThat(event.getInteger("class_uid")).isEqualTo(6003);
        assertThat(event.getInteger("category_uid")).isEqualTo(6);
        assertThat(event.getLong("type_uid"))
                .isEqualTo(event.getLong("class_uid") * 100 + event.getLong("activity_id"));
        assertThat(event.getInteger("activity_id")).isIn(0, 1, 2, 3, 4, 99);
        assertThat(event.getInteger("severity_id")).isBetween(0, 6);
        assertThat(event.getInteger("status_id")).isIn(0, 1, 2, 99);
        assertThat(event.getJsonObject("metadata").getString("version")).isEqualTo("1.6.0");
        assertThat(event.getJsonObject("metadata").getJsonObject("product").getString("name"))
                .isNotEmpty();
        assertThat(event.getJsonObject("api").getString("operation")).isNotEmpty();
        JsonObject user = event.getJsonObject("actor").getJsonObject("user");
        assertThat(user.getString("uid", user.getString("name"))).isNotEmpty();
        assertThat(user.getInteger("type_id")).isIn(0, 1, 2, 3, 4, 99);
        assertThat(event.getJsonObject("src_endpoint").size()).isPositive();
    }

    @Test
    void mapsEveryExportedFieldToItsAttribute() {
        JsonObject event = ocsf(FULL);
        check(event);
        assertThat(event.getLong("time")).isEqualTo(1_790_000_000_123L);
        assertThat(event.getLong("duration")).isEqualTo(9);
        assertThat(event.getInteger("severity_id")).isEqualTo(3);
        assertThat(event.getString("status_detail")).isEqualTo("upstream");
        assertThat(event.getString("status_code")).isEqualTo("502");
        assertThat(event.getJsonObject("metadata").getString("uid")).isEqualTo("node-7");
        assertThat(event.getJsonObject("metadata").getString("tenant_uid")).isEqualTo("p1");
        assertThat(event.getJsonObject("metadata").getString("correlation_uid")).isEqualTo("c1");
        assertThat(event.getJsonObject("actor").getJsonObject("user").getString("uid"))
                .isEqualTo("0xabc");
        assertThat(event.getJsonObject("api").getJsonObject("request").getString("uid"))
                .isEqualTo("r1");
        assertThat(event.getJsonObject("src_endpoint").getString("ip")).isEqualTo("192.0.2.7");
        assertThat(event.getJsonArray("resources")).hasSize(3);
        JsonObject rest = event.getJsonObject("unmapped");
        assertThat(rest.getLong("cost_micro_usd")).isEqualTo(1_234_567);
        assertThat(rest.getDouble("cost_usd")).isEqualTo(1.234567);
        assertThat(rest.getJsonObject("metadata").fieldNames()).containsExactly("continued");
    }

    @Test
    void hasWhatIsRequiredAlsoForAnEventThatSaysNothing() {
        AuditRecord bare = AuditRecord.builder(AuditPhase.EVENT, "config.file", 0)
                .actor(new AuditActor(AuditActor.Kind.SYSTEM, ""))
                .outcome(AuditOutcome.SUCCESS)
                .build();
        check(ocsf(bare));
        assertThat(ocsf(bare).getString("status")).isEqualTo("Success");
    }

    @Test
    void everyMappedFieldIsOnTheListAndEveryFieldOfTheListIsMapped() {
        JsonObject event = ocsf(FULL);
        String text = event.encode();
        for (String value : List.of(
                "0xabc",
                "r1",
                "c1",
                "p1",
                "t1",
                "192.0.2.7",
                "POST",
                "/v1/chat/completions",
                "curl",
                "openai",
                "gpt-4o",
                "project",
                "ab12",
                "502",
                "upstream",
                "1234567")) {
            assertThat(text).contains(value);
        }
        assertThat(text).doesNotContain("secret_canary", "leak");
    }

    @Test
    void exportsOnlyWhatTheListNames() {
        JsonObject line =
                new JsonObject(EventFormat.JSONL.line(new AuditEvent("node", 7, 1_790_000_001_000_000L, FULL)));
        assertThat(line.fieldNames()).containsExactlyElementsOf(ExportedFields.names());
        assertThat(line.getJsonObject("metadata").fieldNames()).containsExactly("continued");
        assertThat(line.getString("time")).isEqualTo("2026-09-21T14:13:20.123456Z");
        assertThat(line.getValue("cost_usd").toString()).isEqualTo("1.234567");
    }
}
