package io.latticegate.admin.manage;

import io.latticegate.admin.rules.RulesBook;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.config.ModelConfig;
import io.latticegate.common.config.RelayConfig;
import io.latticegate.common.config.ServerConfig;
import io.latticegate.common.config.TokensConfig;
import io.latticegate.common.store.StoreFault;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which models the rules in force serve, where and at what price, and which limits the configuration sets. */
final class ModelCalls implements Calls {
    private final RulesBook rules;

    ModelCalls(RulesBook rules) {
        this.rules = rules;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.VIEWER, "model.list", this::models, "models");
        rows.add("GET", Role.VIEWER, "limit.list", this::limits, "limits");
    }

    /** {@code GET /manage/models}. */
    Answer models(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        LatticegateConfig config = config();
        JsonArray models = new JsonArray();
        for (ModelConfig model : config.models().values()) {
            JsonArray targets = new JsonArray();
            for (ModelConfig.Target target : model.targets()) {
                targets.add(new JsonObject()
                        .put("provider", target.provider())
                        .put("upstream_model", target.upstreamModel())
                        .put("weight", target.weight())
                        .put("price_in_usd", decimal(target.priceIn()))
                        .put("price_out_usd", decimal(target.priceOut())));
            }
            models.add(new JsonObject()
                    .put("model", model.pattern())
                    .put("aliases", new JsonArray(model.aliases()))
                    .put("targets", targets));
        }
        audited.note("count", Integer.toString(models.size()));
        return Answer.json(
                200,
                new JsonObject()
                        .put("strategy", config.routing().strategy().name().toLowerCase(Locale.ROOT))
                        .put("models", models));
    }

    /** {@code GET /manage/limits}: what the configuration limits; a token's own limits are with the token. */
    Answer limits(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        LatticegateConfig config = config();
        ServerConfig server = config.server();
        TokensConfig tokens = config.tokens();
        RelayConfig relay = config.relay();
        return Answer.json(
                200,
                new JsonObject()
                        .put(
                                "requests",
                                new JsonObject()
                                        .put("body_bytes", server.maxRequestSizeBytes())
                                        .put("concurrent", server.maxConcurrentRequests()))
                        .put(
                                "tokens",
                                new JsonObject()
                                        .put(
                                                "duration_minutes_max",
                                                tokens.maxDuration().toMinutes())
                                        .put(
                                                "duration_minutes_default",
                                                tokens.defaultDuration().toMinutes()))
                        .put(
                                "wallets",
                                new JsonObject()
                                        .put("enabled", relay.enabled())
                                        .put("requests_per_minute", relay.rateLimitPerMinute()))
                        .put(
                                "routing",
                                new JsonObject()
                                        .put("retry_budget", config.routing().retryBudget())
                                        .put(
                                                "breaker_failures",
                                                config.routing()
                                                        .circuitBreaker()
                                                        .failures())
                                        .put(
                                                "breaker_cooldown_ms",
                                                config.routing()
                                                        .circuitBreaker()
                                                        .cooldown()
                                                        .toMillis())));
    }

    private LatticegateConfig config() {
        try {
            return rules.config();
        } catch (StoreFault away) {
            throw Refused.unavailable("the store of the rules does not answer; nothing was read");
        }
    }

    private static @Nullable BigDecimal decimal(@Nullable BigDecimal price) {
        return price == null ? null : new BigDecimal(price.stripTrailingZeros().toPlainString());
    }
}
