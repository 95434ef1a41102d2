package io.latticegate.proxy.guard;

import io.latticegate.common.config.GuardAction;
import io.latticegate.common.config.GuardPolicyConfig;
import io.latticegate.common.config.GuardsConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Policies and texts for the tests of guards. */
final class Texts {
    static final GuardPolicyConfig.Injection NO_INJECTION = new GuardPolicyConfig.Injection(null, 60);
    static final GuardPolicyConfig.AnswerSchema NO_SCHEMA = new GuardPolicyConfig.AnswerSchema(false, "");

    static final List<GuardPolicyConfig.Regex> PATTERNS =
            List.of(new GuardPolicyConfig.Regex("employee", "\\bEMP-[0-9]{6}\\b", GuardAction.REDACT));
    static final List<GuardPolicyConfig.WordList> WORDS = List.of(
            new GuardPolicyConfig.WordList("projects", List.of("Blue Heron", "heron", "Überfall"), GuardAction.REDACT));

    /** A policy that does {@code action} with everything that is built in, and redacts the patterns and words above. */
    static GuardPolicyConfig everything(GuardAction action) {
        Map<String, GuardAction> recognisers = new HashMap<>();
        GuardPolicyConfig.RECOGNISERS.forEach(name -> recognisers.put(name, action));
        return new GuardPolicyConfig(
                true, true, recognisers, PATTERNS, WORDS, NO_INJECTION, NO_SCHEMA, 256, false, null);
    }

    static GuardSet set(GuardPolicyConfig policy) {
        GuardsConfig config = new GuardsConfig("p", Map.of(), Map.of(), Map.of("p", policy));
        GuardSet set = new GuardPolicies(config).find(null, null);
        if (set == null) {
            throw new AssertionError("the default policy was not found");
        }
        return set;
    }

    /** The text as a policy that redacts everything lets it pass. */
    static String redacted(String text) {
        return set(everything(GuardAction.REDACT)).examineText(text, new Findings());
    }

    /** Counts by recogniser. */
    static Map<String, Integer> counts(Findings findings) {
        Map<String, Integer> counts = new TreeMap<>();
        findings.forEach((rule, count) -> counts.merge(rule.recogniser(), count, Integer::sum));
        return counts;
    }

    private Texts() {}
}
