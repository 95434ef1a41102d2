package io.latticegate.common.config;

import java.time.Duration;
import java.util.List;

/** What the data listener lets others do beyond a valid credential. */
public record SecurityConfig(Cors cors, GuardsConfig guards) {

    /**
     * Which web pages may read answers (Fetch Standard, section 3.3 "CORS protocol"). It keeps browsers from handing answers
     * to other pages and is no substitute for a credential, since everything but a browser ignores it.
     *
     * @param enabled false: no CORS header, whatever {@code origins} holds
     * @param origins compared character by character with {@code Origin}; there is no {@code *}
     * @param maxAge how long a browser may remember a preflight
     */
    public record Cors(boolean enabled, List<String> origins, Duration maxAge) {
        private static final Range<Duration> MAX_AGE = Range.of(Duration.ZERO, Duration.ofDays(1));
        private static final int ORIGINS_MAX = 200;
        private static final String ORIGIN =
                "[a-z][a-z0-9+.-]{0,31}://([a-z0-9.-]{1,253}|\\[[0-9a-f:.]{2,45}])(:[0-9]{1,5})?";

        public Cors {
            MAX_AGE.check("max_age", maxAge);
            origins = List.copyOf(origins);
            IllegalSetting.unless(
                    origins.size() <= ORIGINS_MAX && origins.stream().allMatch(origin -> origin.matches(ORIGIN)),
                    "origins",
                    "must hold at most " + ORIGINS_MAX
                            + " origins such as https://app.example.com, in lower case and without a path; * is not taken");
        }

        static Cors from(ConfigNode node) {
            return new Cors(
                    node.get("enabled", SettingType.FLAG, true, "Whether the pages of origins may read answers"),
                    node.list(
                            "origins",
                            SettingType.TEXT,
                            List.of(),
                            "Origins of the web pages that may read answers, such as https://app.example.com; none by"
                                    + " default"),
                    node.get(
                            "max_age",
                            SettingType.DURATION,
                            Duration.ofHours(1),
                            MAX_AGE,
                            "How long a browser may remember a preflight"));
        }
    }

    /** The same with other origins. */
    SecurityConfig with(Cors others) {
        return new SecurityConfig(others, guards);
    }

    static SecurityConfig from(ConfigNode node) {
        return new SecurityConfig(node.section("cors", Cors::from), node.section("guards", GuardsConfig::from));
    }
}
