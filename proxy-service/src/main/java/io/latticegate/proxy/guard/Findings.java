package io.latticegate.proxy.guard;

import io.latticegate.common.config.GuardAction;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/** How often each rule was met in one request or one answer. Holds no text. Not thread-safe. */
public final class Findings {
    private final Map<Rule, Integer> counts = new LinkedHashMap<>();
    private @Nullable Rule blocking;

    /** One rule, met once. */
    public static Findings of(Rule rule) {
        Findings findings = new Findings();
        findings.add(rule);
        return findings;
    }

    void add(Rule rule) {
        counts.merge(rule, 1, Integer::sum);
        if (rule.action() == GuardAction.BLOCK) {
            block(rule);
        }
    }

    /** The rule was met where its text cannot be taken out: nothing passes. */
    void addUnredactable(Rule rule) {
        counts.merge(rule, 1, Integer::sum);
        if (rule.action() != GuardAction.FLAG) {
            block(rule);
        }
    }

    private void block(Rule rule) {
        blocking = blocking == null ? rule : blocking;
    }

    /** The first rule because of which nothing passes, or null. */
    public @Nullable Rule blocking() {
        return blocking;
    }

    public void forEach(ObjIntConsumer<Rule> each) {
        counts.forEach(each::accept);
    }
}
