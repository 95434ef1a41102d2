package io.latticegate.common.config;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Where a model is served.
 *
 * @param pattern the model's id, or a prefix followed by {@code *}
 * @param upstreamModel the provider's name for it; null: the same
 * @param priceIn US dollars per million input tokens; null: unknown
 * @param priceOut US dollars per million output tokens; null: unknown
 */
public record ModelConfig(
        String pattern,
        String provider,
        @Nullable String upstreamModel,
        @Nullable BigDecimal priceIn,
        @Nullable BigDecimal priceOut) {
    private static final BigDecimal PRICE_MAX = BigDecimal.valueOf(1_000_000);

    public ModelConfig {
        IllegalSetting.unless(
                pattern.matches("[\\x21-\\x29\\x2B-\\x7E]{1,200}\\*?"),
                "provider",
                "a model's id has 1 to 200 visible characters, and * only at its end");
        IllegalSetting.unless(
                upstreamModel == null || (upstreamModel.length() <= 200 && !isPrefix(pattern)),
                "upstream_model",
                "needs a model's id, not a prefix, and has at most 200 characters");
        IllegalSetting.unless(isPrice(priceIn), "price_in", "must be at most 1000000 US dollars per million tokens");
        IllegalSetting.unless(isPrice(priceOut), "price_out", "must be at most 1000000 US dollars per million tokens");
    }

    /** Whether this covers every model that begins with {@link #prefix}. */
    public boolean isPrefix() {
        return isPrefix(pattern);
    }

    private static boolean isPrefix(String pattern) {
        return pattern.endsWith("*");
    }

    /** The pattern without its {@code *}. */
    public String prefix() {
        return isPrefix() ? pattern.substring(0, pattern.length() - 1) : pattern;
    }

    private static boolean isPrice(@Nullable BigDecimal price) {
        return price == null || price.compareTo(PRICE_MAX) <= 0;
    }

    static ModelConfig from(String pattern, ConfigNode node) {
        String provider = node.find("provider", SettingType.TEXT, "Name of the provider that serves it");
        return new ModelConfig(
                pattern,
                provider == null ? "" : provider,
                node.find("upstream_model", SettingType.TEXT, "The provider's name for it, where it differs"),
                node.find("price_in", SettingType.DECIMAL, "US dollars per million input tokens"),
                node.find("price_out", SettingType.DECIMAL, "US dollars per million output tokens"));
    }
}
