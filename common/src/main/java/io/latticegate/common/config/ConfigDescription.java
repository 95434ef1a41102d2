package io.latticegate.common.config;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The effective configuration: every setting with its value and where the value comes from; secrets as {@code ***}. */
public final class ConfigDescription {
    private final List<Setting> settings;

    ConfigDescription(List<Setting> settings) {
        this.settings = inOrder(settings);
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
