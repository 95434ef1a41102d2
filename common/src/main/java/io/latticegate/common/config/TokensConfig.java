package io.latticegate.common.config;

import java.time.Duration;

/** Life of projects' tokens. */
public record TokensConfig(Duration maxDuration, Duration defaultDuration) {
    private static final Range<Duration> DURATION = Range.of(Duration.ofMinutes(1), Duration.ofDays(3_650));

    public TokensConfig {
        DURATION.check("max_duration", maxDuration);
        DURATION.check("default_duration", defaultDuration);
        IllegalSetting.unless(
                defaultDuration.compareTo(maxDuration) <= 0, "default_duration", "is longer than tokens.max_duration");
    }

    static TokensConfig from(ConfigNode node) {
        return new TokensConfig(
                node.get(
                        "max_duration",
                        SettingType.DURATION,
                        Duration.ofMinutes(525_600),
                        DURATION,
                        "Longest life of a token"),
                node.get(
                        "default_duration",
                        SettingType.DURATION,
                        Duration.ofMinutes(1_440),
                        DURATION,
                        "Life of a token whose creator names none"));
    }
}
