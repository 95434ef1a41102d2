package io.latticegate.proxy.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditActor;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.relay.CacheOutcome;
import io.latticegate.proxy.relay.Outcome;
import io.latticegate.proxy.relay.RequestFacts;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class EdgeMetricsTest {
    private static final String WALLET = "0x52908400098527886E0F7030069857D2E4169EE7";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final EdgeMetrics metrics = new EdgeMetrics(registry, new WalletLabel("default", 2));

    private static RequestFacts facts() {
        RequestFacts facts =
                new RequestFacts("req_1", Surface.OPENAI, "POST", "/v1/chat/completions", "127.0.0.1", null, 0, 0);
        facts.route = "/v1/chat/completions";
        facts.provider = "openai";
        facts.family = "gpt-4o*";
        facts.model = "gpt-4o-mini";
        facts.status = 200;
        facts.outcome = Outcome.SUCCESS;
        facts.usage = TokenUsage.of(10, 5);
        facts.costMicroUsd = 7;
        return facts;
    }

    @Test
    void countsARequestUnderTheNamesOfTheConfiguration() {
        metrics.count(facts());
        metrics.count(facts());
        assertThat(registry.scrape())
                .contains(
                        "gateway_requests_total{method=\"post\",provider=\"openai\",route=\"/v1/chat/completions\","
                                + "status=\"200\",surface=\"openai\"} 2.0",
                        "llm_requests_total{model=\"gpt-4o*\",wallet=\"none\"} 2.0",
                        "gateway_tokens_total{direction=\"input\",provider=\"openai\"} 20.0",
                        "gateway_cost_micro_usd_total{provider=\"openai\"} 14.0")
                .doesNotContain("gpt-4o-mini");
    }

    @Test
    void namesAWalletByAHashAndOnlySoManyOfThem() {
        for (int i = 0; i < 5; i++) {
            RequestFacts facts = facts();
            facts.actorKind = AuditActor.Kind.WALLET;
            facts.actorId = i == 0 ? WALLET : "0x" + Integer.toString(i).repeat(40);
            metrics.count(facts);
        }
        String page = registry.scrape();
        assertThat(page).doesNotContainIgnoringCase(WALLET).doesNotContainIgnoringCase(WALLET.substring(2, 14));
        assertThat(Pattern.compile("wallet=\"w_[0-9a-f]{12}\"} 1.0")
                        .matcher(page)
                        .results())
                .hasSize(2);
        assertThat(page).contains("wallet=\"other\"} 3.0");
    }

    @Test
    void aWalletHasTheSameNameOnEveryNodeAndAnotherInEveryMesh() {
        String name = new WalletLabel("default", 1).of(WALLET);
        assertThat(new WalletLabel("default", 5).of(WALLET.toLowerCase(Locale.ROOT)))
                .isEqualTo(name);
        assertThat(new WalletLabel("blue", 5).of(WALLET)).isNotEqualTo(name);
        assertThat(new WalletLabel("default", 0).of(WALLET)).isEqualTo(WalletLabel.OTHER);
    }

    @Test
    void whatAProviderSaysIsNoLabel() {
        RequestFacts facts = facts();
        facts.outcome = Outcome.ERROR;
        facts.reason = "The prompt was: tell me a secret";
        metrics.count(facts);
        assertThat(registry.scrape())
                .contains("gateway_errors_total{type=\"other\"} 1.0")
                .doesNotContain("tell me");
    }

    @Test
    void countsWhatTheCacheHasDone() {
        for (CacheOutcome outcome : CacheOutcome.values()) {
            RequestFacts facts = facts();
            facts.cache = outcome;
            metrics.count(facts);
        }
        assertThat(registry.scrape())
                .contains(
                        "gateway_cache_hits_total 2.0",
                        "gateway_cache_misses_total 2.0",
                        "gateway_cache_stores_total 1.0",
                        "gateway_cache_semantic_hits_total 1.0");
    }

    @Test
    void everyOddMethodAndStatusHasOneLabelOnly() {
        for (String method : new String[] {"BREW", "X".repeat(100)}) {
            RequestFacts facts = new RequestFacts("req", Surface.NONE, method, "/", "", null, 0, 0);
            facts.status = 9_999;
            metrics.count(facts);
        }
        assertThat(registry.scrape())
                .contains("gateway_requests_total{method=\"other\",provider=\"none\",route=\"none\",status=\"0\","
                        + "surface=\"none\"} 2.0");
    }
}
