package io.latticegate.common.config;

import io.latticegate.common.crypto.Fingerprint;
import java.lang.reflect.RecordComponent;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The effective configuration: every setting with its value and where the value comes from; secrets as {@code ***}. */
public final class ConfigDescription {
    private static final String SECRET = "secret";
    private static final String HIDDEN = "***";
    private static final Source AT_RUN_TIME = new Source("rules at run time", 0);

    /** The part of a URL that may hold credentials: what stands before the host, and the query. */
    private static final Pattern CREDENTIALS =
            Pattern.compile("(?<=://)[^/?#@\\s,\\]]*@|(?<=\\?)[^\\s,\\]]+(?=[,\\]]|$)");

    private static final Fingerprint FINGERPRINT = Fingerprint.random(new SecureRandom());

    private final List<Setting> settings;
    private final Map<String, String> fingerprints;

    /**
     * One setting with its effective value.
     *
     * @param path dotted path as it would be written
     * @param value as it would be written; of a secret {@code ***}, or why there is none; no URL in it shows credentials
     * @param source a file and line, {@code environment NAME}, {@code command line}, {@code rules at run time} or
     *     {@code default}
     * @param fallback the default
     * @param secret whether the value is one
     * @param fingerprint tells whether two settings hold the same secret; means nothing outside of this process. Null: the
     *     setting holds none
     */
    public record Entry(
            String path,
            String value,
            String source,
            String fallback,
            boolean secret,
            @Nullable String fingerprint) {}

    /** @param secrets by path; they may be wiped afterwards */
    ConfigDescription(List<Setting> settings, Map<String, ConfiguredSecret> secrets) {
        this(fingerprints(secrets), settings);
    }

    private ConfigDescription(Map<String, String> fingerprints, List<Setting> settings) {
        this.settings = inOrder(settings);
        this.fingerprints = Map.copyOf(fingerprints);
    }

    private static Map<String, String> fingerprints(Map<String, ConfiguredSecret> secrets) {
        Map<String, String> named = new HashMap<>();
        secrets.forEach((path, secret) -> secret.find().ifPresent(present -> named.put(path, FINGERPRINT.of(present))));
        return named;
    }

    /** This description with the settings that may be changed at run time as {@code changed} has them; secrets stay. */
    ConfigDescription with(List<Setting> changed) {
        Map<String, Setting> all = new LinkedHashMap<>();
        for (Setting setting : settings) {
            if (!Changeable.isChangeable(setting.path()) || setting.allowed().equals(SECRET)) {
                all.put(setting.path(), setting);
            }
        }
        for (Setting setting : changed) {
            if (Changeable.isChangeable(setting.path())) {
                all.putIfAbsent(setting.path(), setting.source().equals(Source.DEFAULT) ? setting : atRunTime(setting));
            }
        }
        return new ConfigDescription(fingerprints, List.copyOf(all.values()));
    }

    private static Setting atRunTime(Setting setting) {
        return new Setting(
                setting.path(),
                setting.type(),
                setting.allowed(),
                setting.fallback(),
                setting.meaning(),
                setting.shown(),
                AT_RUN_TIME);
    }

    /** Every setting, in the order of the file. */
    public List<Entry> entries() {
        return settings.stream().map(this::entry).toList();
    }

    private Entry entry(Setting setting) {
        boolean secret = setting.allowed().equals(SECRET);
        return new Entry(
                setting.path(),
                visible(secret ? setting.shown() : withoutCredentials(setting.shown())),
                setting.source().toString(),
                setting.fallback(),
                secret,
                secret ? fingerprints.get(setting.path()) : null);
    }

    private static String withoutCredentials(String value) {
        return value.contains("://")
                ? CREDENTIALS.matcher(value).replaceAll(found -> found.group().endsWith("@") ? HIDDEN + "@" : HIDDEN)
                : value;
    }

    /** Sorts settings by the order of the sections in {@link LatticegateConfig}. */
    static List<Setting> inOrder(List<Setting> settings) {
        List<String> sections = Arrays.stream(LatticegateConfig.class.getRecordComponents())
                .map(RecordComponent::getName)
                .toList();
        return settings.stream()
                .sorted(Comparator.comparingInt(setting -> sections.indexOf(section(setting))))
                .toList();
    }

    /** The first part of a setting's path. */
    static String section(Setting setting) {
        int dot = setting.path().indexOf('.');
        return dot < 0 ? setting.path() : setting.path().substring(0, dot);
    }

    /** One line per setting, {@code path = value   (source)}, in the order of the file. */
    public String print() {
        return lines(settings);
    }

    /** Only the settings that are not left at their default: the line printed at every start. */
    public String printChanged() {
        return lines(settings.stream()
                .filter(setting -> !setting.source().equals(Source.DEFAULT))
                .toList());
    }

    private static String lines(List<Setting> shown) {
        return shown.stream()
                .map(setting -> setting.path() + " = " + visible(setting.shown()) + "   (" + setting.source() + ")")
                .collect(Collectors.joining("\n"));
    }

    private static String visible(String text) {
        return text.codePoints()
                .map(point -> Character.isISOControl(point) ? '?' : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
