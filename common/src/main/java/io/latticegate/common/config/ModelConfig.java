package io.latticegate.common.config;

import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a model is served: by one provider, or by a list of targets among which routing chooses.
 *
 * @param pattern the model's id, or a prefix followed by {@code *}
 * @param targets at least one; a prefix has exactly one
 * @param aliases further ids of the same model
 * @param continuation whether a streamed text that breaks off is gone on with at a target that can
 */
public record ModelConfig(String pattern, List<Target> targets, List<String> aliases, boolean continuation) {
    private static final int TARGETS_MAX = 16;
    private static final int ALIASES_MAX = 32;
    private static final String ID = "[\\x21-\\x29\\x2B-\\x7E]{1,200}";

    public ModelConfig {
        targets = List.copyOf(targets);
        aliases = List.copyOf(aliases);
        IllegalSetting.unless(
                pattern.matches(ID + "\\*?"),
                "provider",
                "a model's id has 1 to 200 visible characters, and * only at its end");
        IllegalSetting.unless(
                !targets.isEmpty() && targets.size() <= TARGETS_MAX,
                "targets",
                "holds " + targets.size() + " targets; allowed are 1 to " + TARGETS_MAX);
        IllegalSetting.unless(
                !isPrefix(pattern) || targets.size() == 1 && targets.getFirst().upstreamModel() == null,
                targets.size() == 1 ? "upstream_model" : "targets",
                "needs a model's id, not a prefix");
        IllegalSetting.unless(
                new HashSet<>(targets.stream()
                                        .map(target -> target.provider() + " " + target.upstreamModel())
                                        .toList())
                                .size()
                        == targets.size(),
                "targets",
                "names the same model of the same provider twice");
        IllegalSetting.unless(
                aliases.size() <= ALIASES_MAX
                        && aliases.stream().allMatch(alias -> alias.matches(ID))
                        && new HashSet<>(aliases).size() == aliases.size()
                        && (aliases.isEmpty() || !isPrefix(pattern)),
                "aliases",
                "must hold at most " + ALIASES_MAX
                        + " different ids of 1 to 200 visible characters, and belong to an id");
        IllegalSetting.unless(
                !continuation || targets.stream().anyMatch(target -> target.prefill() != Prefill.NONE),
                "continuation",
                "needs a target whose prefill says how it goes on with a text");
    }

    /** A model of which no answer is continued. */
    public ModelConfig(String pattern, List<Target> targets, List<String> aliases) {
        this(pattern, targets, aliases, false);
    }

    /** A model that one provider serves. */
    public ModelConfig(
            String pattern,
            String provider,
            @Nullable String upstreamModel,
            @Nullable BigDecimal priceIn,
            @Nullable BigDecimal priceOut) {
        this(pattern, List.of(new Target(provider, upstreamModel, 1, priceIn, priceOut)), List.of());
    }

    /** How a target goes on with a text that an assistant has begun. */
    public enum Prefill {
        /** Not at all. */
        NONE,
        /** The text is the last turn, the assistant's (Anthropic, "Prefill Claude's response"). */
        ASSISTANT_TURN,
        /** As {@link #ASSISTANT_TURN}, and the request says so (vLLM and SGLang: {@code continue_final_message}). */
        CONTINUE_FINAL_MESSAGE
    }

    /**
     * One place that serves the model.
     *
     * @param upstreamModel the provider's name for it; null: the same
     * @param weight share of the requests, where the strategy goes by weights
     * @param priceIn US dollars per million input tokens; null: unknown
     * @param priceOut US dollars per million output tokens; null: unknown
     * @param prefill how it goes on with a text that was begun
     */
    public record Target(
            String provider,
            @Nullable String upstreamModel,
            int weight,
            @Nullable BigDecimal priceIn,
            @Nullable BigDecimal priceOut,
            Prefill prefill) {
        private static final BigDecimal PRICE_MAX = BigDecimal.valueOf(4_000);
        private static final Range<Integer> WEIGHT = Range.of(1, 1_000);

        public Target {
            WEIGHT.check("weight", weight);
            IllegalSetting.unless(
                    upstreamModel == null || upstreamModel.length() <= 200,
                    "upstream_model",
                    "has more than 200 characters");
            IllegalSetting.unless(isPrice(priceIn), "price_in", "must be at most 4000 US dollars per million tokens");
            IllegalSetting.unless(isPrice(priceOut), "price_out", "must be at most 4000 US dollars per million tokens");
        }

        /** A target that goes on with no text. */
        public Target(
                String provider,
                @Nullable String upstreamModel,
                int weight,
                @Nullable BigDecimal priceIn,
                @Nullable BigDecimal priceOut) {
            this(provider, upstreamModel, weight, priceIn, priceOut, Prefill.NONE);
        }

        private static boolean isPrice(@Nullable BigDecimal price) {
            return price == null || price.compareTo(PRICE_MAX) <= 0;
        }

        static Target from(ConfigNode node) {
            String provider = node.find("provider", SettingType.TEXT, "Name of the provider that serves it");
            return new Target(
                    provider == null ? "" : provider,
                    node.find("upstream_model", SettingType.TEXT, "The provider's name for it, where it differs"),
                    node.get(
                            "weight",
                            SettingType.INTEGER,
                            1,
                            WEIGHT,
                            "Share of the requests with the strategies weighted and usage"),
                    node.find("price_in", SettingType.DECIMAL, "US dollars per million input tokens"),
                    node.find("price_out", SettingType.DECIMAL, "US dollars per million output tokens"),
                    node.get(
                            "prefill",
                            SettingType.choice(Prefill.class),
                            Prefill.NONE,
                            "How it goes on with a text that broke off: assistant_turn (Anthropic's models that take a"
                                    + " prefilled turn), continue_final_message (vLLM, SGLang)"));
        }
    }

    /** Provider of the first target. */
    public String provider() {
        return targets.getFirst().provider();
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

    static ModelConfig from(String pattern, ConfigNode node) {
        List<Target> targets = node.items("targets", Target::from);
        List<String> aliases =
                node.list("aliases", SettingType.TEXT, List.of(), "Further names under which clients may ask for it");
        boolean listed = node.isWritten("targets");
        for (String key : List.of("provider", "upstream_model", "weight", "price_in", "price_out", "prefill")) {
            IllegalSetting.unless(
                    !listed || !node.isWritten(key), key, "stands beside targets; write it into one of them");
        }
        Target only = Target.from(node);
        boolean continuation = node.get(
                "continuation",
                SettingType.FLAG,
                false,
                "Whether a streamed text that breaks off is gone on with at a target whose prefill allows it");
        return new ModelConfig(pattern, listed ? targets : List.of(only), aliases, continuation);
    }
}
