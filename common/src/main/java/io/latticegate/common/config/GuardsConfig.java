package io.latticegate.common.config;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which guard policies there are, and which of them applies to a request: those that its project and its model name, and
 * where neither names one, the default.
 *
 * @param byDefault name of a policy; empty: none
 * @param models policy by a key of {@code models}
 * @param projects policy by a project's id
 * @param policies by name
 */
public record GuardsConfig(
        String byDefault,
        Map<String, String> models,
        Map<String, String> projects,
        Map<String, GuardPolicyConfig> policies) {
    /** Nothing is guarded. */
    public static final GuardsConfig NONE = new GuardsConfig("", Map.of(), Map.of(), Map.of());

    private static final int POLICIES_MAX = 50;
    private static final int NAMED_MAX = 5_000;

    public GuardsConfig {
        models = Map.copyOf(models);
        projects = Map.copyOf(projects);
        policies = Map.copyOf(policies);
        IllegalSetting.unless(
                policies.size() <= POLICIES_MAX, "policies", "holds more than " + POLICIES_MAX + " policies");
        IllegalSetting.unless(
                models.size() <= NAMED_MAX && projects.size() <= NAMED_MAX,
                models.size() > NAMED_MAX ? "models" : "projects",
                "holds more than " + NAMED_MAX + " names");
        IllegalSetting.unless(
                byDefault.isEmpty() || policies.containsKey(byDefault),
                "default",
                unknown(byDefault, policies.keySet()));
        known("models", models, policies.keySet());
        known("projects", projects, policies.keySet());
    }

    /** Whether any request is guarded. */
    public boolean active() {
        return !byDefault.isEmpty() || !models.isEmpty() || !projects.isEmpty();
    }

    private static void known(String key, Map<String, String> named, Set<String> policies) {
        named.forEach(
                (name, policy) -> IllegalSetting.unless(policies.contains(policy), key, unknown(policy, policies)));
    }

    private static String unknown(String policy, Set<String> policies) {
        return "names the policy " + SettingType.quote(policy) + "; under policies are " + new TreeSet<>(policies);
    }

    static GuardsConfig from(ConfigNode node) {
        Map<String, GuardPolicyConfig> policies = node.sections("policies", Set.of(), GuardPolicyConfig::from);
        return new GuardsConfig(
                node.get(
                        "default",
                        SettingType.TEXT,
                        "",
                        "Policy of requests for which neither project nor model names one; none by default"),
                node.map("models", SettingType.TEXT, Map.of(), "Policies by the keys of models"),
                node.map("projects", SettingType.TEXT, Map.of(), "Policies by the ids of projects"),
                policies);
    }
}
