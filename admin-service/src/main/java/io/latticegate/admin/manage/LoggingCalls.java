package io.latticegate.admin.manage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.latticegate.admin.LevelBook;
import io.latticegate.common.config.DebugPatterns;
import io.latticegate.common.config.LoggingConfig;
import io.latticegate.common.contract.OpsApi;
import io.latticegate.common.contract.OpsApi.LogLevel;
import io.latticegate.common.store.StoreFault;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The calls under {@code /manage/logging}: which levels are logged, on all nodes. */
final class LoggingCalls implements Calls {
    private static final String OWN = "io.latticegate";
    private static final String LEVELS =
            Arrays.stream(LogLevel.values()).map(LoggingCalls::word).collect(Collectors.joining(", "));
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(3)
                    .maxTokenCount(2L * OpsApi.COMPONENTS_MAX + 20)
                    .maxStringLength(1_000)
                    .maxNameLength(250)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private final LevelBook book;
    private final LoggingConfig configured;

    /** What a body asks for. */
    private record Wanted(@Nullable LogLevel level, Map<String, LogLevel> components) {}

    /** @param configured levels of this process's configuration */
    LoggingCalls(LevelBook book, LoggingConfig configured) {
        this.book = book;
        this.configured = configured;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.ADMIN, "logging.read", this::read, "logging");
        rows.add("PUT", Role.ADMIN, "logging.replace", this::replace, "logging");
    }

    /** {@code GET /manage/logging}. */
    Answer read(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        try {
            return answer(book.current());
        } catch (StoreFault away) {
            throw Refused.unavailable("the store of the levels does not answer; nothing was read");
        }
    }

    /**
     * {@code PUT /manage/logging}: replaces what was set before; {@code {}} goes back to the configuration. Only loggers of this
     * product can be set: some libraries log headers at debug.
     */
    Answer replace(ManageRequest request, AuditedCall audited) {
        request.allowQuery();
        if (!request.isJson()) {
            throw Refused.denied(415, "Content-Type must be application/json");
        }
        Wanted wanted = wanted(request.body());
        audited.note("level", wanted.level() == null ? "" : word(wanted.level()));
        audited.note(
                "components",
                wanted.components().entrySet().stream()
                        .map(one -> one.getKey() + "=" + word(one.getValue()))
                        .collect(Collectors.joining(","))
                        .replaceFirst("(?s)^(.{1000}).+", "$1…"));
        audited.begin();
        try {
            LevelBook.Levels made = book.set(wanted.level(), wanted.components());
            audited.note("version", Long.toString(made.version()));
            return answer(made);
        } catch (StoreFault.OutcomeUnknown lost) {
            throw Refused.unavailable(
                    "the store was lost during the change; GET /manage/logging tells whether it was made");
        } catch (StoreFault away) {
            throw Refused.unavailable("the store of the levels does not answer; nothing was changed");
        }
    }

    private Answer answer(LevelBook.Levels levels) {
        LogLevel level = levels.level();
        JsonObject components = new JsonObject();
        new TreeMap<>(configured.levels()).forEach((logger, its) -> components.put(logger, word(its)));
        levels.components().forEach((logger, its) -> components.put(logger, word(its)));
        return Answer.json(
                200,
                new JsonObject()
                        .put("version", levels.version())
                        .put("level", level == null ? word(configured.level()) : word(level))
                        .put("components", components)
                        .put("configured_level", word(configured.level())));
    }

    private static Wanted wanted(byte[] body) {
        LogLevel level = null;
        Map<String, LogLevel> components = new TreeMap<>();
        try (JsonParser parser = FACTORY.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Refused.badRequest("the body must be a JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                switch (name) {
                    case "level" -> level = token == JsonToken.VALUE_NULL ? null : level(name, parser);
                    case "components" -> readComponents(parser, components);
                    default ->
                        throw Refused.badRequest(
                                "unknown member " + Member.shown(name) + "; allowed: level, components");
                }
            }
            if (parser.nextToken() != null) {
                throw Refused.badRequest("the body goes on after the JSON object");
            }
        } catch (JsonProcessingException malformed) {
            throw Refused.badRequest("the body is not valid JSON, has a member twice, or holds more than "
                    + OpsApi.COMPONENTS_MAX + " components");
        } catch (IOException impossible) {
            throw new UncheckedIOException("reading from memory failed", impossible);
        }
        if (components.size() > OpsApi.COMPONENTS_MAX) {
            throw Refused.badRequest("components must hold at most " + OpsApi.COMPONENTS_MAX + " loggers");
        }
        return new Wanted(level, components);
    }

    private static void readComponents(JsonParser parser, Map<String, LogLevel> components) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw Refused.badRequest("components must be an object of levels by logger");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            List<String> loggers = loggers(parser.currentName());
            parser.nextToken();
            LogLevel level = level("components", parser);
            loggers.forEach(logger -> components.put(logger, level));
        }
    }

    private static List<String> loggers(String name) {
        if (DebugPatterns.isPattern(name)) {
            try {
                return DebugPatterns.loggers(name);
            } catch (IllegalArgumentException unknown) {
                throw Refused.badRequest("a component of components " + unknown.getMessage());
            }
        }
        if (!LoggingConfig.isLogger(name) || !(name.equals(OWN) || name.startsWith(OWN + "."))) {
            throw Refused.badRequest("components must name loggers such as io.latticegate.vault or gateway:vault");
        }
        return List.of(name);
    }

    private static LogLevel level(String where, JsonParser parser) throws IOException {
        String text = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
        return Arrays.stream(LogLevel.values())
                .filter(level -> word(level).equals(text))
                .findFirst()
                .orElseThrow(() -> Refused.badRequest("a level in " + where + " must be one of " + LEVELS));
    }

    private static String word(Enum<?> level) {
        return level.name().toLowerCase(Locale.ROOT);
    }
}
