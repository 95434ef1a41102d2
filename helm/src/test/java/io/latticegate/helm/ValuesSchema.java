package io.latticegate.helm;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.TreeSet;

/**
 * A chart's values.schema.json, put together from {@code schemas/}: Helm reads no schema but the chart's own file, so what
 * charts share has to stand in each of them, and is written once in {@code shared.json}.
 */
final class ValuesSchema {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path SOURCES = Chart.MODULE.resolve("schemas");

    private ValuesSchema() {}

    /** The text of the file that the chart must hold. */
    static String of(Chart chart) {
        ObjectNode own = read(chart.name());
        ObjectNode shared = read("shared");
        ObjectNode schema;
        if (Chart.SERVICES.contains(chart.name())) {
            schema = shared;
            merge(schema, own);
        } else {
            schema = own;
            merge((ObjectNode) schema.get("definitions"), (ObjectNode) shared.get("definitions"));
        }
        ArrayNode required = schema.putArray("required");
        schema.get("properties").fieldNames().forEachRemaining(property -> {
            if (!property.equals("latticegate-library")) {
                required.add(property);
            }
        });
        keepUsedDefinitions(schema);
        return print(schema);
    }

    private static void merge(ObjectNode into, ObjectNode from) {
        from.properties().forEach(entry -> {
            JsonNode old = into.get(entry.getKey());
            if (old instanceof ObjectNode target && entry.getValue() instanceof ObjectNode addition) {
                merge(target, addition);
            } else if (old instanceof ArrayNode target && entry.getValue() instanceof ArrayNode addition) {
                target.addAll(addition);
            } else {
                into.set(entry.getKey(), entry.getValue());
            }
        });
    }

    private static void keepUsedDefinitions(ObjectNode schema) {
        ObjectNode definitions = (ObjectNode) schema.remove("definitions");
        var used = new TreeSet<String>();
        var open = new ArrayDeque<JsonNode>();
        open.add(schema);
        while (!open.isEmpty()) {
            for (JsonNode reference : open.remove().findValues("$ref")) {
                String name = reference.asText().replace("#/definitions/", "");
                if (used.add(name)) {
                    open.add(definitions.required(name));
                }
            }
        }
        ObjectNode kept = schema.putObject("definitions");
        used.forEach(name -> kept.set(name, definitions.get(name)));
    }

    private static ObjectNode read(String name) {
        try {
            return (ObjectNode) JSON.readTree(SOURCES.resolve(name + ".json").toFile());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static String print(JsonNode schema) {
        var indenter = new DefaultIndenter("  ", "\n");
        try {
            return JSON.writer(new DefaultPrettyPrinter()
                                    .withObjectIndenter(indenter)
                                    .withArrayIndenter(indenter))
                            .writeValueAsString(schema)
                    + "\n";
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
