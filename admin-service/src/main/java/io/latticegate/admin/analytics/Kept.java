package io.latticegate.admin.analytics;

import io.latticegate.common.config.AnalyticsConfig;
import java.time.Duration;

/** How far back the sums of each resolution reach, from now. */
public record Kept(Duration minutes, Duration hours, Duration days) {
    /** As configured. */
    public static Kept of(AnalyticsConfig config) {
        return new Kept(config.keepMinutes(), config.keepHours(), config.keepDays());
    }

    /** The first second, since 1970, of which a resolution still has sums. */
    long since(Resolution resolution, long nowSeconds) {
        Duration kept = switch (resolution) {
            case MINUTE -> minutes;
            case HOUR -> hours;
            case DAY -> days;
        };
        return resolution.ceil(nowSeconds - kept.toSeconds());
    }

    /** The finest resolution that has sums of that second. */
    Resolution finest(long second, long nowSeconds) {
        if (second >= since(Resolution.MINUTE, nowSeconds)) {
            return Resolution.MINUTE;
        }
        return second >= since(Resolution.HOUR, nowSeconds) ? Resolution.HOUR : Resolution.DAY;
    }
}
