package io.latticegate.common.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Prints {@code docs/configuration.md} from the records, so that the document cannot differ from the code. */
public final class SettingsTable {
    private static final String SAMPLE = """
            providers: { <name>: { api_keys: [ { name: second } ] } }
            models: { <model>: { targets: [ { provider: openai } ] } }
            encryption: { keys: [ { id: k1, source: "env:VAULT_KEY" } ] }
            security:
              guards:
                policies:
                  <policy>:
                    patterns: [ { name: own, regex: x } ]
                    words: [ { name: listed, words: [ x ] } ]
                    webhook: { url: "https://guard.example.com" }
            projects: { <project>: {} }
            audit:
              export:
                syslog: {}
                webhook: { url: "https://siem.example.com/events" }
                otlp: { url: "https://collector.example.com" }
            alerts:
              rules:
                your-limit: { kind: spend }
              webhooks:
                your-pager: { url: "https://pager.example.com/alerts" }
            """;
    private static final String HEAD = """
            # Configuration

            Printed from the configuration records (`io.latticegate.common.config.SettingsTable`); a test fails where this
            page differs from them.

            One YAML file holds everything, and every service reads the same file. Later layers win: defaults,
            `config/default.yaml`, `config/<profile>.yaml`, the file named with `--config`, environment variables, the command
            line. Lists are replaced, not joined. `null` takes back what a lower layer said.

            - `${NAME}` and `${NAME:-default}` stand for environment variables; `$${` stands for `${`.
            - `file:/absolute/path` stands for the content of a file, without its trailing newline. Secrets are best given so.
            - An unknown key stops the start and names the nearest known one, file and line. A key of the full configuration
              that this version does not have is refused as not available.
            - Durations: `100ms`, `5s`, `90m`, `24h`, `30d`. Sizes: `64KiB`, `10MiB`, `1GiB`; `10MB` is 10 000 000 bytes.
            - camelCase is taken for snake_case (`maxRequestSize`).
            - A secret that cannot be read stops only the services that need it.
            """;

    private SettingsTable() {}

    /** Writes the page to the file named by the only argument. */
    public static void main(String[] arguments) throws IOException {
        Files.writeString(Path.of(arguments[0]), markdown());
    }

    static String markdown() {
        Reading reading = new Reading(Map.of());
        ConfigValue.Section sample = YamlDocument.parse("sample", SAMPLE.getBytes(StandardCharsets.UTF_8));
        ConfigNode.root(reading, sample, LatticegateConfig::from);
        reading.refuseIfProblems();
        Map<String, List<Setting>> bySection = new LinkedHashMap<>();
        for (Setting setting : ConfigDescription.inOrder(reading.settings())) {
            String first = ConfigDescription.section(setting);
            if (!first.equals("providers") || setting.path().startsWith("providers.<name>")) {
                bySection.computeIfAbsent(first, _ -> new ArrayList<>()).add(setting);
            }
        }
        StringBuilder page = new StringBuilder(HEAD);
        bySection.forEach((section, settings) -> {
            page.append("\n## ").append(section).append("\n\n");
            page.append("| setting | type | default | meaning | environment |\n|---|---|---|---|---|\n");
            settings.forEach(setting -> page.append(row(setting)));
        });
        page.append("\n## Not available in this version\n\nRefused when written: ");
        page.append(UnavailableSettings.patterns().stream()
                .map(pattern -> "`" + pattern + "`")
                .collect(Collectors.joining(", ")));
        page.append(".\n\nReported and without effect when set: ");
        page.append(EnvironmentAliases.UNAVAILABLE.stream()
                .map(name -> "`" + name + "`")
                .collect(Collectors.joining(", ")));
        return page.append(".\n").toString();
    }

    private static String row(Setting setting) {
        String type = setting.type() + (setting.allowed().isEmpty() ? "" : ", " + setting.allowed());
        String aliases = EnvironmentAliases.namesFor(setting.path().replace("<name>", "openai")).stream()
                .map(name -> "`" + name + "`")
                .collect(Collectors.joining(", "));
        return "| `" + setting.path().replace("[0]", "[]") + "` | " + escaped(type) + " | "
                + (setting.fallback().isEmpty() ? "" : "`" + escaped(setting.fallback()) + "`") + " | "
                + escaped(setting.meaning()) + " | " + aliases + " |\n";
    }

    private static String escaped(String text) {
        return text.replace("|", "\\|");
    }
}
