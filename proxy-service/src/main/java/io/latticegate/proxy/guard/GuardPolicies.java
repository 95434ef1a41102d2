package io.latticegate.proxy.guard;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.latticegate.common.config.GuardAction;
import io.latticegate.common.config.GuardPolicyConfig;
import io.latticegate.common.config.GuardsConfig;
import io.latticegate.proxy.dialect.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The compiled guard policies of the configuration, and which of them apply to a request. Thread-safe. */
public final class GuardPolicies {
    private static final int SCHEMA_BYTES_MAX = 1 << 20;

    private static final Map<String, Recogniser> BUILT_IN = Stream.of(
                    new PaymentCard(),
                    new Iban(),
                    new UsSocialSecurityNumber(),
                    new EmailAddress(),
                    new PhoneNumber(),
                    new Ipv4Address(),
                    new Ipv6Address(),
                    PrefixedKey.aws(),
                    PrefixedKey.github(),
                    PrefixedKey.openai(),
                    PrefixedKey.google(),
                    new JsonWebToken(),
                    new PrivateKeyBlock())
            .collect(Collectors.toMap(Recogniser::name, Function.identity(), (one, other) -> one, LinkedHashMap::new));

    private final GuardsConfig config;
    private final Map<String, Policy> policies = new HashMap<>();
    private final Map<Set<String>, GuardSet> sets = new ConcurrentHashMap<>();

    /** What is worked out once per policy. */
    private record Policy(
            String name,
            GuardPolicyConfig config,
            Map<String, Pattern> patterns,
            @Nullable AnswerSchema schema) {}

    /**
     * Compiles the policies, reading the schemas that they name.
     *
     * @throws IllegalArgumentException naming the setting whose regular expression or schema is wrong
     */
    public GuardPolicies(GuardsConfig config) {
        this.config = config;
        config.policies().forEach((name, policy) -> policies.put(name, compiled(name, policy)));
    }

    /** Whether any request is guarded. */
    public boolean active() {
        return config.active();
    }

    /** The policies by name, for what is built of them elsewhere. */
    public Map<String, GuardPolicyConfig> configured() {
        return config.policies();
    }

    /**
     * What applies to a request, or null.
     *
     * @param project its id, or null where the caller has none
     * @param model the key of the model in the configuration, or null where it has none
     */
    public @Nullable GuardSet find(@Nullable String project, @Nullable String model) {
        String byProject = project == null ? null : config.projects().get(project);
        String byModel = model == null ? null : config.models().get(model);
        Set<String> names = new LinkedHashSet<>(2);
        if (byProject != null) {
            names.add(byProject);
        }
        if (byModel != null) {
            names.add(byModel);
        }
        if (names.isEmpty() && !config.byDefault().isEmpty()) {
            names.add(config.byDefault());
        }
        return names.isEmpty() ? null : sets.computeIfAbsent(Set.copyOf(names), this::together);
    }

    private GuardSet together(Set<String> names) {
        var prompts = new TextRules.Builder();
        var answers = new TextRules.Builder();
        List<GuardSet.Injection> injections = new ArrayList<>();
        List<GuardSet.Schema> schemas = new ArrayList<>();
        List<String> webhooks = new ArrayList<>();
        int window = 0;
        boolean opaquePasses = true;
        String requestedBy = null;
        for (String name : names.stream().sorted().toList()) {
            Policy policy = policies.get(name);
            if (policy == null) {
                throw new IllegalStateException("a policy that is not configured was named");
            }
            GuardPolicyConfig own = policy.config;
            if (own.prompts()) {
                addRules(policy, prompts);
            }
            if (own.answers()) {
                addRules(policy, answers);
            }
            GuardAction onInjection = own.injection().action();
            if (onInjection != null) {
                injections.add(new GuardSet.Injection(
                        new Rule(name, "prompt_injection", "", onInjection),
                        own.injection().threshold()));
            }
            if (policy.schema != null) {
                schemas.add(new GuardSet.Schema(name, policy.schema));
            }
            if (own.answerSchema().requested()) {
                requestedBy = name;
            }
            if (own.webhook() != null) {
                webhooks.add(name);
            }
            window = Math.max(window, own.windowChars());
            opaquePasses &= own.opaquePasses() || !own.enforces();
        }
        return new GuardSet(
                String.join(",", names.stream().sorted().toList()),
                prompts.build(window),
                answers.build(window),
                injections,
                schemas,
                requestedBy,
                webhooks,
                window,
                opaquePasses);
    }

    private static void addRules(Policy policy, TextRules.Builder rules) {
        policy.config.recognisers().forEach((name, action) -> {
            Recogniser recogniser = BUILT_IN.get(name);
            if (recogniser == null) {
                throw new IllegalStateException("the configuration lets an unknown recogniser through: " + name);
            }
            rules.add(new Rule(policy.name, name, recogniser.label(), action), recogniser);
        });
        for (GuardPolicyConfig.WordList list : policy.config.words()) {
            WordList words = new WordList(list.name(), list.words());
            rules.add(new Rule(policy.name, list.name(), words.label(), list.action()), words);
        }
        for (GuardPolicyConfig.Regex regex : policy.config.patterns()) {
            Pattern pattern = policy.patterns.get(regex.name());
            if (pattern != null) {
                String label = "[" + regex.name().toUpperCase(Locale.ROOT) + "]";
                rules.add(new Rule(policy.name, regex.name(), label, regex.action()), pattern);
            }
        }
    }

    private static Policy compiled(String name, GuardPolicyConfig policy) {
        String setting = "security.guards.policies." + name;
        Map<String, Pattern> patterns = new HashMap<>();
        for (GuardPolicyConfig.Regex regex : policy.patterns()) {
            try {
                patterns.put(regex.name(), Pattern.compile(regex.regex()));
            } catch (PatternSyntaxException malformed) {
                throw new IllegalArgumentException(
                        setting + ".patterns: the regular expression of " + regex.name()
                                + " is not one of RE2, which has" + " neither look-around nor back references: "
                                + malformed.getDescription(),
                        malformed);
            }
        }
        String file = policy.answerSchema().file();
        return new Policy(name, policy, patterns, file.isEmpty() ? null : schema(setting, Path.of(file)));
    }

    private static AnswerSchema schema(String setting, Path file) {
        String place = setting + ".answer_schema.file: ";
        byte[] bytes;
        try {
            if (Files.size(file) > SCHEMA_BYTES_MAX) {
                throw new IllegalArgumentException(place + file + " has more than " + SCHEMA_BYTES_MAX + " bytes");
            }
            bytes = Files.readAllBytes(file);
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(place + file + " cannot be read", unreadable);
        }
        return switch (StrictJson.parse(bytes)) {
            case StrictJson.Parsed.Malformed malformed ->
                throw new IllegalArgumentException(place + malformed.refusal().message());
            case StrictJson.Parsed.Tree(JsonNode root) -> {
                try {
                    yield AnswerSchema.of(root);
                } catch (IllegalArgumentException refused) {
                    throw new IllegalArgumentException(place + refused.getMessage(), refused);
                }
            }
        };
    }
}
