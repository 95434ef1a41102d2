package io.latticegate.proxy.relay;

import io.latticegate.common.config.GuardAction;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.journal.Journal;
import io.latticegate.proxy.guard.Rule;
import io.vertx.core.Context;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes requests into this process's journal. One per edge verticle, confined to its event loop. */
public final class JournalAuditTrail implements AuditTrail {
    private static final Logger LOG = LoggerFactory.getLogger(JournalAuditTrail.class);
    private static final String ACTION = "proxy_request";
    private static final String ATTEMPT_ACTION = "provider_attempt";
    private static final String GUARD_ACTION = "guard";

    private final Journal journal;
    private final Durability durability;
    private final Context context;
    private final AuditEncoder encoder = new AuditEncoder();

    public JournalAuditTrail(Journal journal, Durability durability, Context context) {
        this.journal = journal;
        this.durability = durability;
        this.context = context;
    }

    @Override
    public void begin(RequestFacts facts, Runnable recorded, Runnable refused) {
        int length = encoder.encode(
                common(AuditPhase.BEGIN, ACTION, facts.startedMicrosUtc, facts).build());
        long sequence = journal.tryOpen(encoder.buffer(), 0, length);
        if (sequence < 0) {
            LOG.error("request {} refused: {}", facts.requestId, Journal.refusal(sequence));
            refused.run();
            return;
        }
        facts.begunAt = sequence;
        if (durability == Durability.PROCESS) {
            recorded.run();
        } else {
            journal.durable(sequence)
                    .whenComplete((done, fault) -> context.runOnContext(nothing -> {
                        if (fault == null) {
                            recorded.run();
                        } else {
                            refused.run();
                        }
                    }));
        }
    }

    @Override
    public void attempt(RequestFacts facts, ProviderAttempt attempt) {
        AuditRecord entry = common(AuditPhase.EVENT, ATTEMPT_ACTION, attempt.endedMicrosUtc(), facts)
                .model(text(attempt.model() == null ? facts.model : attempt.model()))
                .provider(attempt.provider())
                .credentialSource(text(attempt.credentialSource()))
                .keyFingerprint(text(attempt.keyFingerprint()))
                .status(attempt.status())
                .outcome(AuditOutcome.valueOf(attempt.outcome().name()))
                .reason(text(attempt.reason()))
                .attempts(attempt.number())
                .tokensIn(attempt.consumed().usage().input())
                .tokensOut(attempt.consumed().usage().output())
                .tokensCached(attempt.consumed().usage().cachedInput())
                .usageEstimated(attempt.consumed().estimated())
                .costMicroUsd(attempt.costMicroUsd())
                .elapsedMicros(TimeUnit.NANOSECONDS.toMicros(attempt.elapsedNanos()))
                .build();
        int length = encoder.encode(entry);
        long sequence = journal.tryAppend(encoder.buffer(), 0, length);
        if (sequence < 0) {
            LOG.error(
                    "attempt {} of request {} is not in the audit: {}",
                    attempt.number(),
                    facts.requestId,
                    Journal.refusal(sequence));
        }
    }

    @Override
    public void guarded(RequestFacts facts, Rule rule, String found) {
        AuditOutcome outcome = rule.action() == GuardAction.BLOCK ? AuditOutcome.DENIED : AuditOutcome.SUCCESS;
        int length = encoder.encode(common(AuditPhase.EVENT, GUARD_ACTION, facts.startedMicrosUtc, facts)
                .outcome(outcome)
                .reason(found)
                .build());
        long sequence = journal.tryAppend(encoder.buffer(), 0, length);
        if (sequence < 0) {
            LOG.error(
                    "what guards found in request {} is not in the audit: {}",
                    facts.requestId,
                    Journal.refusal(sequence));
        }
    }

    @Override
    public void end(RequestFacts facts) {
        long elapsedMicros = TimeUnit.NANOSECONDS.toMicros(facts.elapsedNanos);
        AuditRecord entry = common(AuditPhase.END, ACTION, facts.startedMicrosUtc + elapsedMicros, facts)
                .status(facts.status)
                .outcome(AuditOutcome.valueOf(facts.outcome.name()))
                .reason(text(facts.reason))
                .provider(text(facts.provider))
                .credentialSource(text(facts.credentialSource))
                .keyFingerprint(text(facts.keyFingerprint))
                .tokensIn(facts.usage.input())
                .tokensOut(facts.usage.output())
                .tokensCached(facts.usage.cachedInput())
                .usageEstimated(facts.usageEstimated)
                .costMicroUsd(facts.costMicroUsd)
                .attempts(facts.attempts)
                .metadata(metadata(facts))
                .elapsedMicros(elapsedMicros)
                .build();
        int length = encoder.encode(entry);
        long sequence = facts.begunAt > 0
                ? journal.tryClose(facts.begunAt, encoder.buffer(), 0, length)
                : journal.tryAppend(encoder.buffer(), 0, length);
        if (sequence < 0) {
            LOG.error("the end of request {} is not in the audit yet: {}", facts.requestId, Journal.refusal(sequence));
        }
    }

    private static AuditRecord.Builder common(AuditPhase phase, String action, long micros, RequestFacts facts) {
        return AuditRecord.builder(phase, action, micros)
                .actor(new AuditActor(facts.actorKind, facts.actorId))
                .requestId(facts.requestId)
                .correlationId(text(facts.correlationId))
                .projectId(text(facts.projectId))
                .tokenId(text(facts.tokenId))
                .clientIp(facts.clientIp)
                .method(facts.method)
                .path(facts.path)
                .userAgent(text(facts.userAgent))
                .surface(facts.surface.label())
                .model(text(facts.model));
    }

    private static Map<String, String> metadata(RequestFacts facts) {
        EndUser user = facts.user;
        if (facts.continued == 0 && facts.cache == CacheOutcome.BYPASS && user == null) {
            return Map.of();
        }
        Map<String, String> metadata = new HashMap<>();
        if (facts.continued > 0) {
            metadata.put("continued", Integer.toString(facts.continued));
        }
        if (facts.cache != CacheOutcome.BYPASS) {
            metadata.put("cache", facts.cache.name().toLowerCase(Locale.ROOT));
        }
        if (facts.savedMicroUsd > 0) {
            metadata.put("saved_micro_usd", Long.toString(facts.savedMicroUsd));
        }
        if (user != null) {
            metadata.put("user", user.pseudonym(text(facts.projectId)));
        }
        return metadata;
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }
}
