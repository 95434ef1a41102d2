package io.latticegate.common.config;

import io.latticegate.common.config.LoggingConfig.Level;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Names of components for those who turn on debugging, as {@code DEBUG} of the npm package debug has them: {@code
 * gateway:router}, {@code gateway:*}, and with a dash before it what is left out. They stand for loggers of this product only;
 * libraries, some of which would log headers, are never meant.
 */
public final class DebugPatterns {
    private static final String PREFIX = "gateway:";
    private static final String ROOT = "io.latticegate";
    private static final Map<String, List<String>> LOGGERS = new TreeMap<>(Map.ofEntries(
            Map.entry("admin", List.of(ROOT + ".admin")),
            Map.entry("audit", List.of(ROOT + ".common.journal", ROOT + ".admin.audit")),
            Map.entry("auth", List.of(ROOT + ".auth")),
            Map.entry("bus", List.of(ROOT + ".common.bus")),
            Map.entry("cache", List.of(ROOT + ".proxy.cache")),
            Map.entry("config", List.of(ROOT + ".common.config", ROOT + ".admin.rules")),
            Map.entry("edge", List.of(ROOT + ".proxy.edge")),
            Map.entry("egress", List.of(ROOT + ".proxy.egress", ROOT + ".common.egress")),
            Map.entry("fhe", List.of(ROOT + ".fhe")),
            Map.entry("guard", List.of(ROOT + ".proxy.guard")),
            Map.entry("keys", List.of(ROOT + ".proxy.lease")),
            Map.entry("provider", List.of(ROOT + ".proxy.provider")),
            Map.entry("relay", List.of(ROOT + ".proxy.relay")),
            Map.entry("router", List.of(ROOT + ".proxy.routing")),
            Map.entry("store", List.of(ROOT + ".common.store")),
            Map.entry("vault", List.of(ROOT + ".vault"))));

    private DebugPatterns() {}

    /** Whether {@code text} names a component rather than a logger. */
    public static boolean isPattern(String text) {
        return text.equals("*") || text.startsWith(PREFIX) || text.startsWith("-");
    }

    /**
     * The loggers that a component's name stands for.
     *
     * @param pattern {@code gateway:<component>}, {@code gateway:*} or {@code *}
     * @throws IllegalArgumentException saying which names there are
     */
    public static List<String> loggers(String pattern) {
        if (pattern.equals("*") || pattern.equals(PREFIX + "*")) {
            return List.of(ROOT);
        }
        return Optional.of(pattern)
                .filter(text -> text.startsWith(PREFIX))
                .map(text -> LOGGERS.get(text.substring(PREFIX.length())))
                .orElseThrow(() -> new IllegalArgumentException("must be gateway:* or one of "
                        + LOGGERS.keySet().stream().map(name -> PREFIX + name).collect(Collectors.joining(", "))));
    }

    /**
     * Levels by logger: debug for what {@code patterns} name, info for what stands behind a dash.
     *
     * @throws IllegalArgumentException saying which names there are
     */
    public static Map<String, Level> levels(List<String> patterns) {
        Map<String, Level> levels = new LinkedHashMap<>();
        for (String pattern : patterns) {
            if (!pattern.startsWith("-")) {
                loggers(pattern).forEach(logger -> levels.put(logger, Level.DEBUG));
            }
        }
        for (String pattern : patterns) {
            if (pattern.startsWith("-")) {
                loggers(pattern.substring(1)).forEach(logger -> levels.put(logger, Level.INFO));
            }
        }
        return levels;
    }
}
