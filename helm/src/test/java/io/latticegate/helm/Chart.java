package io.latticegate.helm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * A chart of this module and what Helm makes of it.
 *
 * @param name the chart's name in its Chart.yaml
 * @param folder where its Chart.yaml is
 */
record Chart(String name, Path folder) {

    static final List<String> SERVICES =
            List.of("auth-service", "vault-service", "proxy-service", "fhe-service", "admin-service");

    /** A directory that the Maven build has as its working directory. */
    static final Path MODULE = Path.of("").toAbsolutePath();

    static final String NAMESPACE = "mesh-ns";

    private static final String KUBERNETES = "1.34.0";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<Request, Rendering> RENDERED = new ConcurrentHashMap<>();

    /** Helm prints a line for each symbolic link at each rendering; lint alone reads the charts in place. */
    private static final Path COPY = copyWithLinksResolved();

    static Chart umbrella() {
        return new Chart("latticegate", MODULE.resolve("latticegate"));
    }

    static Chart service(String name) {
        return new Chart(name, umbrella().folder().resolve("charts").resolve(name));
    }

    static Stream<Chart> all() {
        return Stream.concat(Stream.of(umbrella()), SERVICES.stream().map(Chart::service));
    }

    Path schema() {
        return folder.resolve("values.schema.json");
    }

    LintResult lint() {
        return new Helm(folder).lint().strict().call();
    }

    /** The chart's own defaults. */
    JsonNode values() {
        return yaml(folder.resolve("values.yaml")).getFirst();
    }

    /** Renders as release {@code lg}, or throws {@link IllegalStateException} with Helm's refusal. */
    Rendering render(Map<String, ?> values) {
        return RENDERED.computeIfAbsent(new Request(this, values), Request::render);
    }

    private record Request(Chart chart, Map<String, ?> values) {

        Rendering render() {
            try {
                Path file = Files.createTempFile("values", ".json");
                try {
                    Files.writeString(file, JSON.writeValueAsString(values));
                    String text = new Helm(COPY.resolve(umbrella().folder().relativize(chart.folder())))
                            .template()
                            .withName("lg")
                            .withNamespace(NAMESPACE)
                            .withKubeVersion(KUBERNETES)
                            .withValuesFile(file)
                            .call();
                    return new Rendering(text, parse(text));
                } finally {
                    Files.delete(file);
                }
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }
    }

    /** What Helm prints after it installed the chart with its defaults; nothing is installed. */
    String notes() {
        return new Helm(COPY.resolve(umbrella().folder().relativize(folder)))
                .install()
                .withName("lg")
                .withNamespace(NAMESPACE)
                .withKubeVersion(KUBERNETES)
                .clientOnly()
                .dryRun()
                .call()
                .getOutput();
    }

    private static Path copyWithLinksResolved() {
        Path source = umbrella().folder();
        all().forEach(chart -> Golden.update(chart.schema(), ValuesSchema.of(chart)));
        try {
            Path copy = Files.createTempDirectory(Files.createDirectories(MODULE.resolve("target")), "latticegate");
            try (Stream<Path> files = Files.walk(source, FileVisitOption.FOLLOW_LINKS)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Path target = copy.resolve(source.relativize(file));
                    Files.createDirectories(target.getParent());
                    Files.copy(file, target);
                }
            }
            return copy;
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    static List<JsonNode> yaml(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    static List<JsonNode> parse(String yaml) {
        var documents = new ArrayList<JsonNode>();
        for (Object document :
                new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build()).loadAllFromString(yaml)) {
            if (document != null) {
                documents.add(JSON.valueToTree(document));
            }
        }
        return List.copyOf(documents);
    }

    /** A map of values from JSON in which single quotes stand for double quotes. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> values(String relaxedJson) {
        try {
            return JSON.readValue(relaxedJson.replace('\'', '"'), Map.class);
        } catch (JsonProcessingException broken) {
            throw new IllegalArgumentException(relaxedJson, broken);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
