package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnalyticsCallsTest {
    private static final String WALLET = "0x00000000000000000000000000000000000000ab";

    @TempDir
    private Path directory;

    private AdminStack admin;
    private int requests;

    @BeforeEach
    void start() {
        admin = new AdminStack(directory);
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    @Test
    void sumsWhatTheJournalDelivered() {
        String project = admin.project("billing");
        String token = admin.token(project).getString("id");
        record(request(project, token).tokensIn(100).tokensOut(20).costMicroUsd(1_500_001));
        record(request(project, token)
                .outcome(AuditOutcome.ERROR)
                .reason("provider_timeout")
                .status(504));
        record(request(project, token).elapsedMicros(2_000_000));
        admin.deliverAudit();

        JsonObject summary = admin.get("/manage/analytics/summary").object();
        assertThat(summary.getLong("requests")).isEqualTo(3);
        assertThat(summary.getLong("succeeded")).isEqualTo(2);
        assertThat(summary.getLong("failed")).isEqualTo(1);
        assertThat(summary.getLong("tokens_in")).isEqualTo(100);
        assertThat(summary.getLong("cost_micro_usd")).isEqualTo(1_500_001);
        assertThat(admin.get("/manage/analytics/summary").text()).contains("\"cost_usd\":1.500001");
        assertThat(summary.getJsonObject("errors")).isEqualTo(JsonObject.of("provider_timeout", 1));
        assertThat(summary.getJsonObject("active").getLong("tokens")).isEqualTo(1);
        assertThat(summary.getJsonObject("latency_ms").getDouble("p99")).isBetween(1_968.0, 2_032.0);
        assertThat(summary.getJsonObject("previous").getLong("requests")).isZero();

        JsonObject series = admin.get("/manage/analytics/series?metric=requests&bucket=minute&group_by=project")
                .object();
        assertThat(series.getBoolean("exact")).isTrue();
        JsonObject own = series.getJsonArray("series").getJsonObject(0);
        assertThat(own.getString("key")).isEqualTo(project);
        assertThat(own.getString("label")).isEqualTo("billing");
        assertThat(own.getLong("total")).isEqualTo(3);
        assertThat(own.getJsonArray("points")).hasSizeBetween(60, 61);

        JsonObject top = admin.get("/manage/analytics/top?by=token&metric=cost").object();
        assertThat(top.getJsonArray("rows").getJsonObject(0).getString("key")).isEqualTo(token);
        assertThat(top.getJsonArray("rows").getJsonObject(0).getLong("failed")).isEqualTo(1);
    }

    @Test
    void givesTablesForSpreadsheetsWithoutFormulas() {
        record(request("p", "t").model("=HYPERLINK(\"http://x\")"));
        admin.deliverAudit();

        AdminStack.Reply reply = admin.get("/manage/analytics/series?bucket=hour&group_by=model&format=csv");
        assertThat(reply.header("Content-Type")).startsWith("text/csv");
        assertThat(reply.text())
                .startsWith("time,key,label,requests\r\n")
                .contains(",\"'=HYPERLINK(\"\"http://x\"\")\",");
        assertThat(admin.send(admin.request("/manage/analytics/top?by=model").header("Accept", "text/csv"))
                        .text())
                .startsWith("key,label,requests,failed,tokens_in,tokens_out,cost_usd\r\n");
        assertThat(admin.get("/manage/analytics/summary?format=csv").text()).contains("\r\nrequests,1\r\n");
        assertThat(admin.get("/manage/requests?format=csv").text()).contains(",'=HYPERLINK".replace(",'", ",\"'"));
    }

    @Test
    void listsRequestsAndShowsOneWithItsAttempts() {
        record(request("p", "t")
                .requestId("req_1")
                .phase(AuditPhase.EVENT, now())
                .action("provider_attempt")
                .attempts(1)
                .outcome(AuditOutcome.ERROR)
                .reason("provider_overloaded"));
        record(request("p", "t").requestId("req_1").attempts(2).elapsedMicros(1_250_000));
        record(request("p", "t").requestId("req_2"));
        admin.deliverAudit();

        JsonObject first = admin.get("/manage/requests?limit=1").object();
        JsonArray rows = first.getJsonArray("requests");
        assertThat(rows).hasSize(1);
        JsonObject second = admin.get("/manage/requests?limit=1&after=" + first.getString("next"))
                .object();
        assertThat(second.getJsonArray("requests")).hasSize(1);
        assertThat(second.getJsonArray("requests")).isNotEqualTo(rows);
        assertThat(second.getString("next")).isNull();
        assertThat(admin.get("/manage/requests?min_ms=1000").object().getJsonArray("requests"))
                .hasSize(1);

        JsonObject one = admin.get("/manage/requests/req_1").object();
        assertThat(one.getDouble("elapsed_ms")).isEqualTo(1_250.0);
        assertThat(one.getJsonArray("attempt_rows").getJsonObject(0).getString("class"))
                .isEqualTo("provider_overloaded");
        assertThat(admin.get("/manage/requests/req_3").status()).isEqualTo(404);
    }

    @Test
    void tellsWhatAWalletUsedInAnySpellingOfItsAddress() {
        record(wallet().tokensIn(7).tokensOut(3).costMicroUsd(12));
        record(wallet().path("/api/usage/" + WALLET));
        record(wallet().outcome(AuditOutcome.DENIED).reason("signer_mismatch"));
        admin.deliverAudit();

        JsonObject usage = admin.get(
                        "/manage/usage/wallets/0x" + WALLET.substring(2).toUpperCase(java.util.Locale.ROOT))
                .object();
        assertThat(usage.getString("wallet")).isEqualTo(WALLET);
        assertThat(usage.getLong("total_requests")).isEqualTo(1);
        assertThat(usage.getLong("total_tokens")).isEqualTo(10);
        assertThat(usage.getDouble("total_cost")).isEqualTo(0.000012);
        JsonObject unknown =
                admin.get("/manage/usage/wallets/0x" + "1".repeat(40)).object();
        assertThat(unknown.getLong("total_requests")).isZero();
        assertThat(unknown.getValue("last_used_at")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/manage/analytics/series?metric=speed",
                "/manage/analytics/series?bucket=week",
                "/manage/analytics/series?group_by=colour",
                "/manage/analytics/series?top=51",
                "/manage/analytics/series?bucket=minute&start_time=2020-01-01T00:00:00Z",
                "/manage/analytics/series?bucket=minute&group_by=model&project_id=p",
                "/manage/analytics/series?start_time=yesterday",
                "/manage/analytics/series?end_time=0001-01-01T00:00:00Z",
                "/manage/analytics/series?format=xml",
                "/manage/analytics/series?wallet=0x12",
                "/manage/analytics/series?model=%00",
                "/manage/analytics/series?projekt=1",
                "/manage/analytics/summary?start_time=2026-01-02T00:00:00Z&end_time=2026-01-01T00:00:00Z",
                "/manage/analytics/top",
                "/manage/analytics/top?by=outcome",
                "/manage/analytics/top?by=model&metric=speed",
                "/manage/requests?limit=201",
                "/manage/requests?after=x",
                "/manage/requests?outcome=good",
                "/manage/requests?status=999",
                "/manage/requests?min_ms=-1",
                "/manage/requests?model=%0a",
                "/manage/usage/wallets/me"
            })
    void refusesWhatItDoesNotUnderstandAndSaysWhatIsAllowed(String path) {
        AdminStack.Reply reply = admin.get(path);
        assertThat(reply.status()).as(path + ": " + reply.text()).isEqualTo(400);
        assertThat(reply.error()).hasSizeGreaterThan(20);
    }

    private AuditRecord.Builder request(String project, String token) {
        return AuditRecord.builder(AuditPhase.END, "proxy_request", now())
                .requestId("req-" + ++requests)
                .actor(new AuditActor(AuditActor.Kind.TOKEN, token))
                .projectId(project)
                .tokenId(token)
                .surface("openai")
                .path("/v1/chat/completions")
                .model("gpt-4o")
                .provider("openai")
                .status(200)
                .outcome(AuditOutcome.SUCCESS);
    }

    private AuditRecord.Builder wallet() {
        return request("", "")
                .actor(new AuditActor(AuditActor.Kind.WALLET, WALLET))
                .surface("relay")
                .path("/api/llm/proxy");
    }

    private long now() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, admin.time.instant());
    }

    private void record(AuditRecord.Builder record) {
        byte[] entry = AuditEncoder.bytes(record.build());
        assertThat(admin.journal.tryAppend(entry, 0, entry.length)).isPositive();
    }
}
