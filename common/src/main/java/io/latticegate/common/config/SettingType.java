package io.latticegate.common.config;

import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How a scalar is read and printed.
 *
 * @param name as the documentation prints it
 * @param parser throws {@link IllegalArgumentException} whose message says what is allowed
 */
record SettingType<T>(String name, Function<String, T> parser, Function<T, String> printer) {
    static final SettingType<String> TEXT = new SettingType<>("text", text -> text, text -> text);
    static final SettingType<Integer> INTEGER =
            new SettingType<>("integer", SettingType::integer, value -> Integer.toString(value));
    static final SettingType<Long> WHOLE =
            new SettingType<>("integer", SettingType::whole, value -> Long.toString(value));
    static final SettingType<Long> SIZE = new SettingType<>("size", SizeText::parse, SizeText::print);
    static final SettingType<Boolean> FLAG =
            new SettingType<>("true or false", SettingType::flag, value -> Boolean.toString(value));
    static final SettingType<Duration> DURATION =
            new SettingType<>("duration", text -> DurationText.parse(text, false), DurationText::print);
    static final SettingType<Duration> DURATION_OR_MILLIS =
            new SettingType<>("duration or ms", text -> DurationText.parse(text, true), DurationText::print);
    static final SettingType<Duration> DURATION_OR_SECONDS = new SettingType<>(
            "duration or s",
            text -> DurationText.parse(text.matches("[0-9]{1,10}") ? text + "s" : text, false),
            DurationText::print);
    static final SettingType<HostPort> HOST_PORT = new SettingType<>("host:port", HostPort::parse, HostPort::toString);
    static final SettingType<URI> ADDRESS = new SettingType<>("URI", SettingType::uri, URI::toString);
    static final SettingType<Path> FILE = new SettingType<>("path", SettingType::path, Path::toString);
    static final SettingType<BigDecimal> DECIMAL =
            new SettingType<>("decimal", SettingType::decimal, BigDecimal::toPlainString);
    static final SettingType<BigDecimal> SMALL_DECIMAL =
            new SettingType<>("decimal", SettingType::smallDecimal, BigDecimal::toPlainString);

    /** A choice among the lower-case names of an enum. */
    static <E extends Enum<E>> SettingType<E> choice(Class<E> type) {
        String allowed =
                Arrays.stream(type.getEnumConstants()).map(SettingType::label).collect(Collectors.joining(" | "));
        return new SettingType<>(
                allowed,
                text -> Arrays.stream(type.getEnumConstants())
                        .filter(value -> label(value).equals(text.toLowerCase(Locale.ROOT)))
                        .findFirst()
                        .orElseThrow(
                                () -> new IllegalArgumentException("is " + quote(text) + "; allowed are " + allowed)),
                SettingType::label);
    }

    T parse(String text) {
        return parser.apply(text);
    }

    String print(T value) {
        return printer.apply(value);
    }

    static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Quotes text from outside for a message: bounded, and without control characters. */
    static String quote(String text) {
        String visible = text.codePoints()
                .limit(80)
                .map(point ->
                        Character.isISOControl(point) || Character.getType(point) == Character.FORMAT ? '?' : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return "\"" + visible + (text.codePointCount(0, text.length()) > 80 ? "…" : "") + "\"";
    }

    private static Integer integer(String text) {
        try {
            return Integer.valueOf(text);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException("is " + quote(text) + ", not a whole number", notANumber);
        }
    }

    private static Long whole(String text) {
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException("is " + quote(text) + ", not a whole number", notANumber);
        }
    }

    private static Boolean flag(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "1", "yes", "on" -> true;
            case "false", "0", "no", "off" -> false;
            default -> throw new IllegalArgumentException("is " + quote(text) + "; allowed are true and false");
        };
    }

    private static BigDecimal decimal(String text) {
        if (!text.matches("[0-9]{1,12}(\\.[0-9]{1,12})?")) {
            throw new IllegalArgumentException("is " + quote(text) + ", not a decimal number such as 2.50");
        }
        return new BigDecimal(text);
    }

    private static BigDecimal smallDecimal(String text) {
        if (text.matches("[0-9]{1,3}(\\.[0-9]{1,12})?[eE]-[0-9]{1,2}")) {
            return new BigDecimal(text);
        }
        if (!text.matches("[0-9]{1,12}(\\.[0-9]{1,24})?")) {
            throw new IllegalArgumentException("is " + quote(text) + ", not a decimal number such as 0.00001 or 1e-5");
        }
        return new BigDecimal(text);
    }

    private static URI uri(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException("is not a URI", malformed);
        }
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException malformed) {
            throw new IllegalArgumentException("is not a path", malformed);
        }
    }
}
