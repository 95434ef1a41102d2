package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.dialect.ProviderDialect;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.guard.AnswerGuard;
import io.latticegate.proxy.guard.AnswerSchema;
import io.latticegate.proxy.guard.Findings;
import io.latticegate.proxy.guard.GuardSet;
import io.latticegate.proxy.guard.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The guards of one request: what they found in it and in its answers, and the reply paths through which its answers go. Each
 * attempt at a provider is examined on its own; what was found is reported once, when the exchange ends. Confined to one
 * event loop.
 */
final class Guarding {
    private final GuardSet guards;
    private final RequestFacts facts;
    private final AuditTrail audit;
    private final GuardMetrics metrics;
    private final List<Examined> examined = new ArrayList<>(2);
    private @Nullable AnswerSchema requested;

    private record Examined(String side, Findings findings) {}

    Guarding(GuardSet guards, RequestFacts facts, AuditTrail audit, GuardMetrics metrics) {
        this.guards = guards;
        this.facts = facts;
        this.audit = audit;
        this.metrics = metrics;
    }

    GuardSet guards() {
        return guards;
    }

    /** Notes what was found in the prompt. */
    void prompt(Findings findings) {
        examined.add(new Examined("prompt", findings));
    }

    /** The answer must fit the schema that the request asks for. */
    void requires(@Nullable AnswerSchema schema) {
        requested = schema;
    }

    /** Tells journal and metrics what was found, with neither text nor place. */
    void report() {
        for (Examined one : examined) {
            one.findings.forEach((rule, count) -> {
                metrics.found(rule, one.side, count);
                audit.guarded(
                        facts,
                        rule,
                        "policy=" + rule.policy() + " recogniser=" + rule.recogniser() + " action=" + rule.action()
                                + " side=" + one.side + " count=" + count);
            });
        }
        examined.clear();
    }

    /** {@code path} behind the guards of an answer in the client's own protocol. */
    ReplyPath reply(ReplyPath path, boolean eventStream, Operation operation) {
        AnswerGuard guard = operation.generatesText() ? start() : null;
        if (guard == null) {
            return path;
        }
        if (eventStream) {
            return new GuardedStream(path, guard, operation);
        }
        return operation == Operation.STREAM_GENERATE_CONTENT
                ? new GuardedArray(path, guard)
                : new GuardedReply(path, guard);
    }

    /** A translated answer whose provider's dialect has guards behind it. */
    ReplyPath translated(ProviderDialect dialect, Function<ProviderDialect, ReplyPath> translation) {
        AnswerGuard guard = start();
        return guard == null
                ? translation.apply(dialect)
                : new GuardedTranslation(translation.apply(new GuardedDialect(dialect, guard)), guard);
    }

    /** What of a whole answer may be shown; ends with a failure where it must not be. */
    List<ChatEvent> events(List<ChatEvent> events) {
        AnswerGuard guard = start();
        return guard == null ? events : GuardedDialect.examined(events, guard);
    }

    private @Nullable AnswerGuard start() {
        if (!guards.readsAnswers(requested)) {
            return null;
        }
        Findings findings = new Findings();
        examined.add(new Examined("answer", findings));
        return guards.startAnswer(requested, findings);
    }

    /** The refusal of a prompt because of {@code rule}; says which rule, and not a word of the prompt. */
    static Refusal refusal(Rule rule) {
        return new Refusal(403, "guard_blocked", AnswerGuard.message("prompt", rule), null);
    }
}
