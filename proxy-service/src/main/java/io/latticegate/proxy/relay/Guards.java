package io.latticegate.proxy.relay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.latticegate.common.config.GuardAction;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestScan;
import io.latticegate.proxy.guard.Findings;
import io.latticegate.proxy.guard.GuardPolicies;
import io.latticegate.proxy.guard.GuardSet;
import io.latticegate.proxy.guard.Rule;
import io.latticegate.proxy.guard.webhook.GuardWebhook;
import io.latticegate.proxy.provider.ProviderKind;
import io.latticegate.proxy.provider.Routing;
import io.vertx.core.Vertx;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where guards stand in the walk: behind admission and the journal's beginning, before the cache and the provider. A prompt
 * is examined here; its answers go through the {@link Guarding} that the exchange keeps from then on. Confined to one event
 * loop; a long prompt is examined on a worker.
 */
public final class Guards {
    /** Longest body that is examined on the event loop, in bytes. */
    private static final int ON_LOOP_MAX = 16 * 1024;

    private static final Log LOG = Log.of(Guards.class);

    private final GuardPolicies policies;
    private final Map<String, GuardWebhook> webhooks;
    private final AuditTrail audit;
    private final GuardMetrics metrics;
    private final Vertx vertx;

    /** @param webhooks by the names of their policies */
    public Guards(
            GuardPolicies policies,
            Map<String, GuardWebhook> webhooks,
            AuditTrail audit,
            GuardMetrics metrics,
            Vertx vertx) {
        this.policies = policies;
        this.webhooks = Map.copyOf(webhooks);
        this.audit = audit;
        this.metrics = metrics;
        this.vertx = vertx;
    }

    /** Whether any request is guarded at all. */
    boolean active() {
        return policies.active();
    }

    /**
     * Examines the body of an admitted request, and goes on with what may be sent of it; or refuses.
     *
     * @param protocol of the client
     * @param rescan reads a body again in which something was redacted
     */
    void examine(
            Exchange exchange,
            @Nullable ProviderKind protocol,
            RequestScan.Accepted scan,
            Function<byte[], RequestScan> rescan,
            Consumer<RequestScan.Accepted> then) {
        Guarding guarding = begin(exchange, protocol, scan.model());
        if (guarding == null || !guarding.guards().readsPrompts()) {
            then.accept(scan);
            return;
        }
        byte[] body = scan.body();
        Consumer<GuardSet.Prompt> decide = prompt -> {
            guarding.prompt(prompt.findings());
            guarding.requires(prompt.requested());
            if (refuses(exchange, prompt)) {
                return;
            }
            byte[] redacted = prompt.redacted();
            RequestScan sent = redacted == null ? scan : rescan.apply(redacted);
            switch (sent) {
                case RequestScan.Refused(Refusal refusal) -> exchange.refuse(Outcome.FAILURE, refusal);
                case RequestScan.Accepted accepted ->
                    ask(exchange, guarding, prompt.document(), () -> then.accept(accepted));
            }
        };
        if (body.length <= ON_LOOP_MAX) {
            decide.accept(guarding.guards().examine(body));
        } else {
            examineAside(exchange, guarding, body, decide);
        }
    }

    /** Examines the prompt of an admitted request that is one text, and goes on with what may be sent of it; or refuses. */
    void examineText(Exchange exchange, String model, String text, Consumer<String> then) {
        Guarding guarding = begin(exchange, null, model);
        if (guarding == null || !guarding.guards().readsPrompts()) {
            then.accept(text);
            return;
        }
        Findings findings = new Findings();
        String shown = guarding.guards().examineText(text, findings);
        guarding.prompt(findings);
        Rule blocking = findings.blocking();
        if (blocking != null) {
            exchange.refuse(Outcome.DENIED, Guarding.refusal(blocking));
        } else {
            JsonNode document = TextNode.valueOf(shown);
            ask(exchange, guarding, document, () -> then.accept(shown));
        }
    }

    /** Whether an admitted call whose bytes cannot be examined may pass; it was refused otherwise. */
    boolean passesOpaque(Exchange exchange, @Nullable ProviderKind protocol, @Nullable String model) {
        GuardSet guards = policies.active() ? find(exchange, protocol, model) : null;
        if (guards == null || guards.opaquePasses()) {
            return true;
        }
        exchange.refuse(
                Outcome.DENIED,
                new Refusal(
                        403,
                        "guard_opaque_call",
                        "The guard policy " + guards.names() + " lets no call pass that cannot be examined",
                        null));
        return false;
    }

    private @Nullable Guarding begin(Exchange exchange, @Nullable ProviderKind protocol, @Nullable String model) {
        if (!policies.active()) {
            return null;
        }
        GuardSet guards = find(exchange, protocol, model);
        if (guards == null) {
            return null;
        }
        exchange.step("guards");
        Guarding guarding = new Guarding(guards, exchange.facts(), audit, metrics);
        exchange.guarding(guarding);
        return guarding;
    }

    private @Nullable GuardSet find(Exchange exchange, @Nullable ProviderKind protocol, @Nullable String model) {
        Routing.Route route = exchange.access().routing().route(model, protocol);
        return policies.find(exchange.facts().projectId, route == null ? null : route.name());
    }

    private void examineAside(Exchange exchange, Guarding guarding, byte[] body, Consumer<GuardSet.Prompt> decide) {
        vertx.executeBlocking(() -> guarding.guards().examine(body), false).onComplete(examined -> {
            if (exchange.finished()) {
                return;
            }
            if (examined.succeeded()) {
                decide.accept(examined.result());
            } else {
                LOG.error("A prompt could not be examined", examined.cause());
                exchange.refuse(Outcome.ERROR, TokenRelay.unavailableBecause("its guards did not finish"), null, 1_000);
            }
        });
    }

    private static boolean refuses(Exchange exchange, GuardSet.Prompt prompt) {
        Rule blocking = prompt.findings().blocking();
        if (blocking != null) {
            exchange.refuse(Outcome.DENIED, Guarding.refusal(blocking));
            return true;
        }
        String fault = prompt.schemaFault();
        if (fault != null) {
            exchange.refuse(
                    Outcome.FAILURE,
                    Refusal.unsupported(
                            "response_format", "The answer's schema cannot be checked as the guards ask: " + fault));
            return true;
        }
        return false;
    }

    private void ask(Exchange exchange, Guarding guarding, @Nullable JsonNode document, Runnable then) {
        if (guarding.guards().webhooks().isEmpty() || document == null) {
            then.run();
        } else {
            ask(exchange, guarding, document, guarding.guards().webhooks().iterator(), then);
        }
    }

    /** Asks one webhook after another, as long as they allow. */
    private void ask(
            Exchange exchange, Guarding guarding, JsonNode document, Iterator<String> policyNames, Runnable then) {
        if (!policyNames.hasNext()) {
            then.run();
            return;
        }
        String policy = policyNames.next();
        GuardWebhook webhook = webhooks.get(policy);
        if (webhook == null) {
            throw new IllegalStateException("a policy's webhook was not built: " + policy);
        }
        long started = System.nanoTime();
        webhook.ask(question(exchange.facts(), policy, document)).onComplete(answered -> {
            boolean failed = answered.failed();
            boolean blocked = !failed && answered.result() == GuardWebhook.Verdict.BLOCKED;
            metrics.asked(policy, failed ? "failed" : blocked ? "blocked" : "allowed", System.nanoTime() - started);
            if (exchange.finished()) {
                return;
            }
            if (failed) {
                LOG.warn(
                        "A guard's webhook failed",
                        LogKey.REQUEST_ID.of(exchange.facts().requestId),
                        LogKey.REASON.of(String.valueOf(answered.cause().getMessage())));
            }
            if (blocked || failed && !webhook.allowsOnFailure()) {
                String name = failed ? "webhook_failed" : "webhook";
                Rule rule = new Rule(policy, name, "", GuardAction.BLOCK);
                guarding.prompt(Findings.of(rule));
                exchange.refuse(Outcome.DENIED, Guarding.refusal(rule));
            } else {
                ask(exchange, guarding, document, policyNames, then);
            }
        });
    }

    private static byte[] question(RequestFacts facts, String policy, JsonNode document) {
        return JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeNumberField("version", 1);
            json.writeStringField("request_id", facts.requestId);
            json.writeStringField("policy", policy);
            json.writeStringField("side", "prompt");
            json.writeStringField("model", facts.model);
            json.writeFieldName("prompt");
            json.writeTree(document);
            json.writeEndObject();
        });
    }
}
