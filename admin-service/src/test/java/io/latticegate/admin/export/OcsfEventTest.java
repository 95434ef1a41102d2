package io.latticegate.admin.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.audit.AuditEvent;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
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

    /** What services other than the management API record, and one action of it for each verb. */
    private static final List<String> ACTIONS = List.of(
            "proxy_request",
            "fhe.session.create",
            "fhe.session.delete",
            "fhe.keys.put",
            "fhe.index.put",
            "fhe.index.delete",
            "fhe.head.infer",
            "fhe.job.cancel",
            "fhe.search",
            "alert.firing",
            "alert.resolved",
            "audit.retention",
            "audit.unreadable",
            "config.file",
            "admin.access",
            "admin.login",
            "admin.logout",
            "token.create",
            "token.list",
            "token.revoke",
            "project.read",
            "project.update",
            "key.store",
            "key.weigh",
            "config.rollback",
            "config.validate",
            "cache.purge",
            "subject.erase",
            "vault.rotate");

    private static final OcsfSchema SCHEMA = new OcsfSchema();

    private static JsonObject ocsf(AuditRecord record) {
        return new JsonObject(EventFormat.OCSF.line(new AuditEvent("node", 7, 1_790_000_001_000_000L, record)));
    }

    private static void check(JsonObject event) {
        assertThat(SCHEMA.problems(event)).as(event.encode()).isEmpty();
    }

    @Test
    void isOfTheVersionThatItSays() {
        assertThat(ocsf(FULL).getJsonObject("metadata").getString("version"))
                .isEqualTo(SCHEMA.version())
                .isEqualTo(OcsfEvent.VERSION);
    }

    @Test
    void everyKindOfEventIsAsTheSchemaSays() {
        Set<Integer> activities = new TreeSet<>();
        for (String action : ACTIONS) {
            for (AuditActor.Kind kind : AuditActor.Kind.values()) {
                for (AuditOutcome outcome : AuditOutcome.values()) {
                    for (String method : List.of("", "GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "PROPFIND")) {
                        JsonObject event = ocsf(AuditRecord.builder(AuditPhase.EVENT, action, 1)
                                .actor(new AuditActor(kind, kind == AuditActor.Kind.SYSTEM ? "" : "someone"))
                                .outcome(outcome)
                                .method(method)
                                .status(method.isEmpty() ? 0 : 200)
                                .build());
                        check(event);
                        activities.add(event.getInteger("activity_id"));
                    }
                }
            }
        }
        assertThat(activities).containsExactly(1, 2, 3, 4, 99);
    }

    @Test
    void everyAddressIsAsTheSchemaSaysOrIsNoAddress() {
        Map.of(
                        "192.0.2.7", "192.0.2.7",
                        "2001:db8::1", "2001:db8::1",
                        "::ffff:192.0.2.7", "192.0.2.7",
                        "::", "::",
                        "12:34", "",
                        "1.2.3.4.5", "",
                        "fe80::1%eth0", "",
                        "unknown", "")
                .forEach((written, ip) -> {
                    JsonObject event = ocsf(FULL.toBuilder().clientIp(written).build());
                    check(event);
                    assertThat(event.getJsonObject("src_endpoint").getString("ip", ""))
                            .as(written)
                            .isEqualTo(ip);
                });
    }

    @Test
    void whatTheSchemaForbidsIsFound() {
        JsonObject good = ocsf(FULL);
        Map<String, Consumer<JsonObject>> damages = Map.of(
                "api is required", event -> event.remove("api"),
                "api.operation is required", event -> event.getJsonObject("api").remove("operation"),
                "made_up is no attribute", event -> event.put("made_up", 1),
                "time is no timestamp_t: now", event -> event.put("time", "now"),
                "severity_id is none of [0, 1, 2, 3, 4, 5, 6, 99]: 7", event -> event.put("severity_id", 7),
                "resources is no list", event -> event.put("resources", new JsonObject()),
                "src_endpoint.ip is no ip_t: here",
                        event -> event.getJsonObject("src_endpoint").put("ip", "here"),
                "status_id is Success, but status says Failure", event -> event.put("status_id", 1),
                "actor.invoked_by is deprecated since 1.2.0",
                        event -> event.getJsonObject("actor").put("invoked_by", "x"),
                "type_uid is not class_uid * 100 + activity_id", event -> event.put("type_uid", 600301));
        damages.forEach((problem, damage) -> {
            JsonObject event = good.copy();
            damage.accept(event);
            assertThat(SCHEMA.problems(event)).as(problem).contains(problem);
        });
        JsonObject nobody = good.copy().put("actor", new JsonObject());
        assertThat(SCHEMA.problems(nobody)).singleElement().asString().startsWith("actor.has none of [");
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
