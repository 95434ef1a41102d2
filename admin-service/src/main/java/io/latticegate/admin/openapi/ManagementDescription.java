package io.latticegate.admin.openapi;

import io.latticegate.common.service.Version;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The management API as an OpenAPI 3.1 document: the calls that are offered, each with what {@code openapi/management.yaml} says
 * of it, its role ({@code x-role}), its name in the audit ({@code operationId}), and the answers that every call may give. A
 * call of which nothing is said is listed with {@link #UNDESCRIBED}, which a test refuses.
 */
public final class ManagementDescription {
    /** Marks a call of which nothing is said. */
    public static final String UNDESCRIBED = "x-undescribed";

    private static final String RESOURCE = "/openapi/management.yaml";
    private static final Pattern PARAMETER = Pattern.compile("\\{[^}]*}");
    private static final Map<String, String> EVERYWHERE = Map.of(
            "400", "BadRequest",
            "401", "Unauthorized",
            "403", "Forbidden",
            "408", "TooSlow",
            "413", "TooLong",
            "415", "WrongType",
            "429", "TooManyFailures",
            "500", "InternalError",
            "503", "Unavailable");

    private final JsonObject written;

    /** @throws IllegalStateException where the description is not in this distribution */
    public ManagementDescription() {
        try (InputStream yaml = ManagementDescription.class.getResourceAsStream(RESOURCE)) {
            if (yaml == null) {
                throw new IllegalStateException("this distribution lacks " + RESOURCE);
            }
            LoadSettings settings = LoadSettings.builder().setLabel(RESOURCE).build();
            written = (JsonObject) json(new Load(settings).loadFromInputStream(yaml));
        } catch (IOException unreadable) {
            throw new UncheckedIOException("cannot read " + RESOURCE, unreadable);
        }
    }

    /** The calls that the description speaks of, as method and path with <code>{}</code> for each parameter. */
    public List<String> described() {
        return written.getJsonObject("paths").stream()
                .flatMap(path -> ((JsonObject) path.getValue())
                        .fieldNames().stream()
                                .filter(member -> !member.equals("parameters"))
                                .map(method -> method.toUpperCase(Locale.ROOT) + " " + anonymous(path.getKey())))
                .sorted()
                .toList();
    }

    /** The document of the calls that are offered. */
    public JsonObject document(List<Operation> offered) {
        JsonObject paths = new JsonObject();
        List<Operation> inOrder = offered.stream()
                .sorted(Comparator.comparing(Operation::path).thenComparing(Operation::method))
                .toList();
        for (Operation operation : inOrder) {
            String path = writtenPath(operation.path());
            JsonObject said = written.getJsonObject("paths").getJsonObject(path, new JsonObject());
            JsonObject item = paths.getJsonObject(path, new JsonObject());
            if (said.containsKey("parameters")) {
                item.put("parameters", said.getJsonArray("parameters"));
            }
            item.put(operation.method().toLowerCase(Locale.ROOT), described(operation, said));
            paths.put(path, item);
        }
        JsonObject document = written.copy();
        document.getJsonObject("info").put("version", Version.CURRENT);
        return document.put("paths", paths);
    }

    private static JsonObject described(Operation operation, JsonObject item) {
        JsonObject said = item.getJsonObject(operation.method().toLowerCase(Locale.ROOT));
        JsonObject described = said == null
                ? new JsonObject().put("summary", operation.action()).put(UNDESCRIBED, true)
                : said.copy();
        JsonObject responses = described.getJsonObject("responses", new JsonObject());
        EVERYWHERE.forEach((status, response) -> {
            if (!responses.containsKey(status)) {
                responses.put(status, new JsonObject().put("$ref", "#/components/responses/" + response));
            }
        });
        return described
                .put("operationId", described.getString("operationId", operation.action()))
                .put("x-role", operation.role())
                .put("responses", responses);
    }

    /** The path as it is written, with the names of its parameters. */
    private String writtenPath(String path) {
        return written.getJsonObject("paths").fieldNames().stream()
                .filter(one -> anonymous(one).equals(path))
                .findFirst()
                .orElse(path);
    }

    private static String anonymous(String path) {
        return PARAMETER.matcher(path).replaceAll("{}");
    }

    private static Object json(Object loaded) {
        return switch (loaded) {
            case Map<?, ?> map -> {
                JsonObject object = new JsonObject();
                map.forEach((key, value) -> put(object, String.valueOf(key), value));
                yield object;
            }
            case List<?> list -> {
                JsonArray array = new JsonArray();
                for (Object item : list) {
                    if (item == null) {
                        array.addNull();
                    } else {
                        array.add(json(item));
                    }
                }
                yield array;
            }
            default -> loaded;
        };
    }

    private static void put(JsonObject object, String key, @Nullable Object value) {
        if (value == null) {
            object.putNull(key);
        } else {
            object.put(key, json(value));
        }
    }
}
