package io.latticegate.common.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is gathered while a configuration is read: every setting, every problem, every warning. */
final class Reading {
    /** Most problems in one message. */
    private static final int PROBLEMS_MAX = 50;

    private final Map<String, Setting> settings = new LinkedHashMap<>();
    private final List<ConfigProblem> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final Map<String, ConfiguredSecret> secrets = new LinkedHashMap<>();
    private final References references;
    private final boolean secretsKept;

    Reading(Map<String, String> environment) {
        this(environment, Map.of(), false);
    }

    private Reading(Map<String, String> environment, Map<String, ConfiguredSecret> secrets, boolean secretsKept) {
        references = new References(environment, warnings::add);
        this.secrets.putAll(secrets);
        this.secretsKept = secretsKept;
    }

    /** For what changes at run time: no environment, and secrets stay those of an earlier reading. */
    static Reading keeping(Map<String, ConfiguredSecret> secrets) {
        return new Reading(Map.of(), secrets, true);
    }

    /** Whether secrets are taken from {@link #secrets} and may not be written. */
    boolean secretsKept() {
        return secretsKept;
    }

    /** By their paths. */
    Map<String, ConfiguredSecret> secrets() {
        return secrets;
    }

    void saw(String path, ConfiguredSecret secret) {
        secrets.put(path, secret);
    }

    References references() {
        return references;
    }

    void saw(Setting setting) {
        settings.putIfAbsent(setting.path(), setting);
    }

    void problem(String path, Source source, String message) {
        if (problems.size() < PROBLEMS_MAX) {
            problems.add(new ConfigProblem(path, source.toString(), message));
        }
    }

    void warn(String message) {
        warnings.add(message);
    }

    void refuseIfProblems() {
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    List<Setting> settings() {
        return List.copyOf(settings.values());
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }
}
