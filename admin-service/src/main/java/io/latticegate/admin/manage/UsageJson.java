package io.latticegate.admin.manage;

import io.latticegate.admin.analytics.Measures;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Figures of usage as answers spell them. */
final class UsageJson {
    private static final int MICRO_DIGITS = 6;
    private static final int MILLI_DIGITS = 3;

    /** Millionths of a US dollar as dollars with six decimal places. */
    static BigDecimal usd(long microUsd) {
        return BigDecimal.valueOf(microUsd, MICRO_DIGITS);
    }

    /** Microseconds as milliseconds with one decimal place; null when there are none. */
    static @Nullable BigDecimal millis(long micros) {
        return micros < 0 ? null : BigDecimal.valueOf(micros, MILLI_DIGITS).setScale(1, RoundingMode.HALF_UP);
    }

    static String time(long seconds) {
        return Instant.ofEpochSecond(seconds).toString();
    }

    static String timeOfMicros(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
    }

    /** The sums, by the names that all answers give them. */
    static JsonObject sums(Measures sums) {
        return new JsonObject()
                .put("requests", sums.requests())
                .put("succeeded", sums.succeeded())
                .put("failed", sums.failed())
                .put("attempts", sums.attempts())
                .put("tokens_in", sums.tokensIn())
                .put("tokens_out", sums.tokensOut())
                .put("tokens_cached", sums.tokensCached())
                .put("cost_usd", usd(sums.costMicroUsd()))
                .put("cost_micro_usd", sums.costMicroUsd());
    }

    private UsageJson() {}
}
