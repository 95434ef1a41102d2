package io.latticegate.common.config;

import java.time.Duration;

/** The values that a setting may have, both ends included. */
record Range<T extends Comparable<? super T>>(T min, T max, SettingType<T> type) {
    static Range<Integer> of(int min, int max) {
        return new Range<>(min, max, SettingType.INTEGER);
    }

    static Range<Long> ofBytes(long min, long max) {
        return new Range<>(min, max, SettingType.SIZE);
    }

    static Range<Duration> of(Duration min, Duration max) {
        return new Range<>(min, max, SettingType.DURATION);
    }

    /** @throws IllegalSetting where {@code value} lies outside */
    void check(String key, T value) {
        IllegalSetting.unless(
                value.compareTo(min) >= 0 && value.compareTo(max) <= 0,
                key,
                "is " + type.print(value) + "; allowed are " + this);
    }

    @Override
    public String toString() {
        return type.print(min) + " to " + type.print(max);
    }
}
