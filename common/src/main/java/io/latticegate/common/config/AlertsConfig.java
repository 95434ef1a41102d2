package io.latticegate.common.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What is watched, and who is told.
 *
 * @param rules by name; those that everybody needs are always there and can be changed or switched off under their names
 * @param webhooks by name; each is told of every alert
 */
public record AlertsConfig(Map<String, Rule> rules, Map<String, SignedWebhookConfig> webhooks) {
    private static final int RULES_MAX = 100;
    private static final int WEBHOOKS_MAX = 10;
    private static final String NAME = "[a-z0-9][a-z0-9_-]{0,63}";

    public AlertsConfig {
        rules = Map.copyOf(rules);
        webhooks = Map.copyOf(webhooks);
        IllegalSetting.unless(rules.size() <= RULES_MAX, "rules", "holds more than " + RULES_MAX + " rules");
        IllegalSetting.unless(
                webhooks.size() <= WEBHOOKS_MAX, "webhooks", "holds more than " + WEBHOOKS_MAX + " webhooks");
        IllegalSetting.unless(
                rules.keySet().stream().allMatch(name -> name.matches(NAME)),
                "rules",
                "has a name with other characters than a-z, 0-9, dashes and underscores");
        IllegalSetting.unless(
                webhooks.keySet().stream().allMatch(name -> name.matches(NAME)),
                "webhooks",
                "has a name with other characters than a-z, 0-9, dashes and underscores");
    }

    /** What a rule looks at. */
    public enum Kind {
        /** US dollars that a project, or requests without one, cost within the window. */
        SPEND("100"),
        /** Share of failed requests within the window, 0 to 1, of at least 20. */
        ERROR_RATE("0.25"),
        /** Requests of a project in the last minute, as a multiple of its average minute of the window, at least 100. */
        BURST("10"),
        /** Providers whose circuit breaker is open on a proxy. */
        BREAKER("1"),
        /** Journals that take no entries, entries that journals skipped, or a journal that is this full, 0 to 1. */
        JOURNAL("0.5"),
        /** Whether vault-service answers. */
        VAULT("1"),
        /** Share of a reader's privacy budget that is spent, 0 to 1. */
        PRIVACY("0.9"),
        /** Addresses from which whoever manages, a token or a wallet acted for the first time, within the window. */
        NEW_ADDRESS("1");

        private final String threshold;

        Kind(String threshold) {
            this.threshold = threshold;
        }

        boolean isShare() {
            return this == ERROR_RATE || this == JOURNAL || this == PRIVACY;
        }
    }

    /** How bad it is. */
    public enum Severity {
        INFO,
        WARNING,
        CRITICAL
    }

    /**
     * A condition.
     *
     * @param threshold from which it holds; its unit is the kind's
     * @param window over which requests are summed or addresses counted; kinds that look at the present ignore it
     */
    public record Rule(Kind kind, BigDecimal threshold, Duration window, Severity severity, boolean enabled) {
        private static final Range<Duration> WINDOW = Range.of(Duration.ofMinutes(1), Duration.ofDays(1));

        public Rule {
            WINDOW.check("window", window);
            IllegalSetting.unless(
                    window.equals(Duration.ofMinutes(window.toMinutes())), "window", "must be whole minutes");
            IllegalSetting.unless(threshold.signum() > 0, "threshold", "must be above 0");
            IllegalSetting.unless(
                    !kind.isShare() || threshold.compareTo(BigDecimal.ONE) <= 0,
                    "threshold",
                    "is a share, from 0 to 1");
        }

        static Rule from(String name, ConfigNode node) {
            Rule standard = STANDARD.get(name);
            Kind kind = node.get(
                    "kind",
                    SettingType.choice(Kind.class),
                    standard == null ? Kind.SPEND : standard.kind(),
                    "What the rule looks at");
            BigDecimal usual =
                    standard != null && standard.kind() == kind ? standard.threshold() : new BigDecimal(kind.threshold);
            return new Rule(
                    kind,
                    node.get(
                            "threshold",
                            SettingType.DECIMAL,
                            usual,
                            "From which it holds: US dollars of a project (spend), a share from 0 to 1 (error_rate,"
                                    + " journal, privacy), a multiple of the average minute (burst), a number (breaker,"
                                    + " new_address)"),
                    node.get(
                            "window",
                            SettingType.DURATION,
                            standard == null ? Duration.ofHours(1) : standard.window(),
                            WINDOW,
                            "Over which requests are summed, or addresses counted, in whole minutes"),
                    node.get(
                            "severity",
                            SettingType.choice(Severity.class),
                            standard == null ? Severity.WARNING : standard.severity(),
                            "How bad it is"),
                    node.get(
                            "enabled",
                            SettingType.FLAG,
                            standard == null || standard.enabled(),
                            "false: the rule is not watched"));
        }
    }

    /** Rules that are there unless they are switched off; a limit on spend is the operator's to know. */
    private static final Map<String, Rule> STANDARD = standard();

    private static Map<String, Rule> standard() {
        Map<String, Rule> rules = new LinkedHashMap<>();
        rules.put("errors", usual(Kind.ERROR_RATE, Duration.ofMinutes(5), Severity.WARNING));
        rules.put("burst", usual(Kind.BURST, Duration.ofHours(1), Severity.WARNING));
        rules.put("breaker", usual(Kind.BREAKER, Duration.ofMinutes(1), Severity.WARNING));
        rules.put("journal", usual(Kind.JOURNAL, Duration.ofMinutes(1), Severity.CRITICAL));
        rules.put("vault", usual(Kind.VAULT, Duration.ofMinutes(1), Severity.CRITICAL));
        rules.put("privacy", usual(Kind.PRIVACY, Duration.ofMinutes(1), Severity.WARNING));
        rules.put("new-address", usual(Kind.NEW_ADDRESS, Duration.ofMinutes(10), Severity.WARNING));
        return rules;
    }

    private static Rule usual(Kind kind, Duration window, Severity severity) {
        return new Rule(kind, new BigDecimal(kind.threshold), window, severity, true);
    }

    static AlertsConfig from(ConfigNode node) {
        return new AlertsConfig(
                node.sections("rules", STANDARD.keySet(), Rule::from),
                node.sections("webhooks", Set.of(), (name, webhook) -> SignedWebhookConfig.from(webhook)));
    }
}
