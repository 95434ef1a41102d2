package io.latticegate.common.config;

import java.time.Duration;

/**
 * How long sums of usage are kept.
 *
 * @param keepMinutes sums by minute
 * @param keepHours sums by hour
 * @param keepDays sums by day
 */
public record AnalyticsConfig(Duration keepMinutes, Duration keepHours, Duration keepDays) {
    private static final Range<Duration> MINUTES = Range.of(Duration.ofHours(1), Duration.ofDays(31));
    private static final Range<Duration> HOURS = Range.of(Duration.ofDays(2), Duration.ofDays(400));
    private static final Range<Duration> DAYS = Range.of(Duration.ofDays(31), Duration.ofDays(3_660));

    public AnalyticsConfig {
        MINUTES.check("keep_minutes", keepMinutes);
        HOURS.check("keep_hours", keepHours);
        DAYS.check("keep_days", keepDays);
        IllegalSetting.unless(
                keepHours.compareTo(keepMinutes) >= 0, "keep_hours", "must not be shorter than analytics.keep_minutes");
        IllegalSetting.unless(
                keepDays.compareTo(keepHours) >= 0, "keep_days", "must not be shorter than analytics.keep_hours");
    }

    static AnalyticsConfig from(ConfigNode node) {
        return new AnalyticsConfig(
                node.get(
                        "keep_minutes",
                        SettingType.DURATION,
                        Duration.ofDays(2),
                        MINUTES,
                        "How long usage is kept by minute"),
                node.get(
                        "keep_hours",
                        SettingType.DURATION,
                        Duration.ofDays(35),
                        HOURS,
                        "How long usage is kept by hour"),
                node.get(
                        "keep_days",
                        SettingType.DURATION,
                        Duration.ofDays(800),
                        DAYS,
                        "How long usage is kept by day"));
    }
}
