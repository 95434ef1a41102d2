package io.latticegate.common.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads one YAML 1.2 document into {@link ConfigValue}s straight from the parser's events, so that what YAML offers
 * beyond plain data is refused: anchors and aliases, tags, several documents, keys that are not scalars, duplicate keys.
 */
final class YamlDocument {
    /** Largest file, in bytes. */
    static final int SIZE_MAX = 1 << 20;
    /** Deepest nesting. */
    static final int DEPTH_MAX = 16;
    /** Most values in one file. */
    static final int VALUES_MAX = 20_000;

    private final String label;
    private final Iterator<Event> events;
    private int values;

    private YamlDocument(String label, Iterator<Event> events) {
        this.label = label;
        this.events = events;
    }

    static ConfigValue.Section read(Path file) {
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(SIZE_MAX + 1);
        } catch (IOException unreadable) {
            throw refusal(file.toString(), 0, "cannot be read: " + reason(unreadable));
        }
        return parse(file.toString(), content);
    }

    /** @throws ConfigException naming file and line */
    static ConfigValue.Section parse(String label, byte[] content) {
        if (content.length > SIZE_MAX) {
            throw refusal(label, 0, "is larger than " + SizeText.print(SIZE_MAX));
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw refusal(label, 0, "is not UTF-8");
        }
        LoadSettings settings = LoadSettings.builder()
                .setLabel(label)
                .setCodePointLimit(SIZE_MAX)
                .setUseMarks(true)
                .build();
        try {
            return new YamlDocument(label, new Parse(settings).parseString(text).iterator()).document();
        } catch (MarkedYamlEngineException malformed) {
            int line =
                    malformed.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            throw refusal(label, line, "is not valid YAML: " + malformed.getProblem());
        } catch (YamlEngineException malformed) {
            throw refusal(label, 0, "is not valid YAML: " + firstLine(malformed));
        }
    }

    private ConfigValue.Section document() {
        Source start = new Source(label, 1);
        ConfigValue.Section found = ConfigValue.Section.empty(start);
        int documents = 0;
        while (events.hasNext()) {
            Event event = events.next();
            if (event instanceof NodeEvent) {
                if (++documents > 1) {
                    throw refusal(label, line(event), "holds more than one document");
                }
                found = switch (value(event, 1)) {
                    case ConfigValue.Section section -> section;
                    case ConfigValue.Nothing _ -> found;
                    case ConfigValue.Text _, ConfigValue.Items _ ->
                        throw refusal(label, line(event), "must hold a mapping of keys to values");
                };
            }
        }
        return found;
    }

    private ConfigValue value(Event event, int depth) {
        Source source = new Source(label, line(event));
        if (++values > VALUES_MAX) {
            throw refusal(label, source.line(), "holds more than " + VALUES_MAX + " values");
        }
        if (depth > DEPTH_MAX) {
            throw refusal(label, source.line(), "is nested deeper than " + DEPTH_MAX);
        }
        if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
            throw refusal(label, source.line(), "uses an anchor or alias, which is not accepted; write the value out");
        }
        return switch (event) {
            case ScalarEvent scalar -> scalar(scalar, source);
            case SequenceStartEvent sequence -> {
                refuseTag(sequence.getTag(), source);
                yield items(source, depth);
            }
            case MappingStartEvent mapping -> {
                refuseTag(mapping.getTag(), source);
                yield section(source, depth);
            }
            default -> throw refusal(label, source.line(), "is not valid YAML");
        };
    }

    private ConfigValue scalar(ScalarEvent scalar, Source source) {
        refuseTag(scalar.getTag(), source);
        String text = scalar.getValue();
        boolean nothing = scalar.isPlain()
                && switch (text) {
                    case "", "~", "null", "Null", "NULL" -> true;
                    default -> false;
                };
        return nothing ? new ConfigValue.Nothing(source) : new ConfigValue.Text(text, false, source);
    }

    private ConfigValue items(Source source, int depth) {
        List<ConfigValue> items = new ArrayList<>();
        for (Event next = events.next(); !(next instanceof SequenceEndEvent); next = events.next()) {
            items.add(value(next, depth + 1));
        }
        return new ConfigValue.Items(items, source);
    }

    private ConfigValue section(Source source, int depth) {
        Map<String, ConfigValue> entries = new LinkedHashMap<>();
        for (Event next = events.next(); !(next instanceof MappingEndEvent); next = events.next()) {
            if (!(next instanceof ScalarEvent key) || key.getAnchor().isPresent()) {
                throw refusal(label, line(next), "has a key that is not plain text");
            }
            refuseTag(key.getTag(), source);
            String name = key.getValue();
            ConfigValue value = value(events.next(), depth + 1);
            if (entries.putIfAbsent(name, value) != null) {
                throw refusal(label, line(next), "has the key " + SettingType.quote(name) + " twice");
            }
        }
        return new ConfigValue.Section(entries, source);
    }

    private void refuseTag(Optional<String> tag, Source source) {
        if (tag.isPresent()) {
            throw refusal(
                    label, source.line(), "uses the tag " + SettingType.quote(tag.get()) + "; tags are not accepted");
        }
    }

    private static int line(Event event) {
        return event.getStartMark().map(Mark::getLine).orElse(-1) + 1;
    }

    private static String firstLine(RuntimeException fault) {
        String message = String.valueOf(fault.getMessage());
        return message.lines().findFirst().orElse("unreadable");
    }

    static String reason(IOException fault) {
        return switch (fault) {
            case NoSuchFileException _ -> "there is no such file";
            case AccessDeniedException _ -> "access is denied";
            default -> fault.getClass().getSimpleName();
        };
    }

    private static ConfigException refusal(String label, int line, String message) {
        return new ConfigException(List.of(new ConfigProblem(label + (line > 0 ? ":" + line : ""), "", message)));
    }
}
