package io.latticegate.helm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What Helm made of a chart.
 *
 * @param text the manifests as text, in Helm's order
 * @param resources the same, parsed
 */
record Rendering(String text, List<JsonNode> resources) {

    Stream<JsonNode> ofKind(String kind) {
        return resources.stream().filter(it -> it.path("kind").asText().equals(kind));
    }

    JsonNode one(String kind, String name) {
        List<JsonNode> found =
                ofKind(kind).filter(it -> nameOf(it).equals(name)).toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " resources " + kind + "/" + name + " in\n" + text);
        }
        return found.getFirst();
    }

    Stream<JsonNode> workloads() {
        return Stream.concat(ofKind("StatefulSet"), ofKind("Deployment"));
    }

    /** The workload whose only container is called {@code service}. */
    JsonNode workload(String service) {
        return workloads()
                .filter(it ->
                        it.at("/spec/template/spec/containers/0/name").asText().equals(service))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no workload of " + service + " in\n" + text));
    }

    /** The configuration file that the pods of {@code service} read. */
    JsonNode config(String service) {
        JsonNode map = one("ConfigMap", nameOf(workload(service)));
        return Chart.parse(map.at("/data/latticegate.yaml").asText()).getFirst();
    }

    static String nameOf(JsonNode resource) {
        return resource.at("/metadata/name").asText();
    }

    static JsonNode podOf(JsonNode workload) {
        return workload.at("/spec/template/spec");
    }

    static JsonNode containerOf(JsonNode workload) {
        return workload.at("/spec/template/spec/containers/0");
    }

    static Map<String, String> strings(JsonNode map) {
        var strings = new HashMap<String, String>();
        map.properties()
                .forEach(entry -> strings.put(entry.getKey(), entry.getValue().asText()));
        return Map.copyOf(strings);
    }
}
