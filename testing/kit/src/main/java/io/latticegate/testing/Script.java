package io.latticegate.testing;

import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the {@link FakeProvider} behaves towards one request. Written as directives that are joined by {@code +}, the same
 * in Java ({@code Script.of("latency=200ms+status=503")}) and at the end of a model's name
 * ({@code gpt-4o-mini+latency=200ms+status=503}), so that a client that can set nothing but the model can use it.
 *
 * <table>
 * <caption>Directives; N counts frames that carry content (text or tool arguments), or slices of a body that is not streamed</caption>
 * <tr><td>{@code latency=D}<td>silence before the response head
 * <tr><td>{@code slowhead=D}<td>the head dribbles in small pieces over D; the connection closes after the response
 * <tr><td>{@code first=D}<td>silence between head and first byte of the body
 * <tr><td>{@code gap=D}<td>silence after each content frame
 * <tr><td>{@code status=N}<td>the provider's own error with this status (400…599)
 * <tr><td>{@code html}<td>an error's body is HTML, as a front proxy sends it
 * <tr><td>{@code masked}<td>an error's body goes out under status 200
 * <tr><td>{@code retry-after=N}<td>{@code Retry-After} in seconds; status 429 unless another is given
 * <tr><td>{@code chunks=N}<td>the answer's text comes in exactly N pieces and is lengthened to have them
 * <tr><td>{@code big=S}<td>the answer's text is lengthened to S bytes
 * <tr><td>{@code again=N}<td>an answer whose beginning was given says the last N characters of it again
 * <tr><td>{@code cut=N}<td>TCP reset after N; with 0 before the head
 * <tr><td>{@code close=N}<td>orderly TCP close after N without an end of the body; with 0 before the head
 * <tr><td>{@code stall=N}<td>silence for ever after N
 * <tr><td>{@code truncate=N}<td>well-formed end of the HTTP body after N, without the protocol's last events
 * <tr><td>{@code error=N}<td>the provider's own error event inside the stream after N; not streamed: status 500
 * <tr><td>{@code badchunk=N}<td>an invalid HTTP chunk size after N
 * <tr><td>{@code badjson}<td>the first content frame (or the body) is cut JSON; the rest follows
 * <tr><td>{@code nousage}<td>no token counts anywhere
 * <tr><td>{@code fixed}<td>built once per distinct request and then repeated, counted but not recorded: for load
 * </table>
 *
 * D is a number with {@code ms} or {@code s} (at most 1 h), S one with {@code B}, {@code KiB} or {@code MiB}
 * (at most 256 MiB), N at most 100,000.
 */
public record Script(
        Duration latency,
        Duration slowHead,
        Duration first,
        Duration gap,
        int status,
        boolean html,
        boolean masked,
        int retryAfterSeconds,
        int chunks,
        int bigBytes,
        int again,
        Fault fault,
        int faultAfter,
        boolean malformedJson,
        boolean usageOmitted,
        boolean fixed) {

    /** The ways in which an answer ends badly. */
    public enum Fault {
        NONE,
        CUT,
        CLOSE,
        STALL,
        TRUNCATE,
        ERROR,
        BADCHUNK
    }

    /** Answers at once and in full. */
    public static final Script PLAIN = of("");

    private static final int COUNT_MAX = 100_000;
    private static final Pattern DURATION = Pattern.compile("(\\d{1,10})(ms|s)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,10})(B|KiB|MiB)");
    private static final Set<String> WITHOUT_VALUE = Set.of("html", "masked", "badjson", "nousage", "fixed");

    /**
     * Reads directives, with or without a leading {@code +}.
     *
     * @throws IllegalArgumentException when a directive or its value is unknown or out of range
     */
    public static Script of(String directives) {
        Reader reader = new Reader();
        for (String directive : directives.split("\\+", -1)) {
            if (!directive.isEmpty()) {
                reader.read(directive);
            }
        }
        return reader.script();
    }

    /** Reads the directives behind the first {@code +} of a model's name. */
    public static Script ofModel(String model) {
        int plus = model.indexOf('+');
        return plus < 0 ? PLAIN : of(model.substring(plus + 1));
    }

    boolean breaks(int contentSent) {
        return fault != Fault.NONE && contentSent >= faultAfter;
    }

    /** The least number of content frames or slices, so that the scripted fault is reached. */
    int piecesMin() {
        return fault == Fault.NONE ? chunks : Math.max(chunks, faultAfter + 1);
    }

    private static final class Reader {
        private final Set<String> seen = new HashSet<>();
        private Duration latency = Duration.ZERO;
        private Duration slowHead = Duration.ZERO;
        private Duration first = Duration.ZERO;
        private Duration gap = Duration.ZERO;
        private int status = 200;
        private int retryAfterSeconds = -1;
        private int chunks;
        private int bigBytes;
        private int again;
        private Fault fault = Fault.NONE;
        private int faultAfter;

        void read(String directive) {
            int equals = directive.indexOf('=');
            String name = equals < 0 ? directive : directive.substring(0, equals);
            String value = equals < 0 ? "" : directive.substring(equals + 1);
            if (WITHOUT_VALUE.contains(name) != (equals < 0)) {
                throw new IllegalArgumentException(
                        "directive '" + directive + "': only " + WITHOUT_VALUE + " stand without a value");
            }
            if (!seen.add(name)) {
                throw new IllegalArgumentException("directive '" + name + "' is given twice");
            }
            switch (name) {
                case "latency" -> latency = duration(directive, value);
                case "slowhead" -> slowHead = duration(directive, value);
                case "first" -> first = duration(directive, value);
                case "gap" -> gap = duration(directive, value);
                case "status" -> status = number(directive, value, 400, 599);
                case "retry-after" -> retryAfterSeconds = number(directive, value, 0, 86_400);
                case "chunks" -> chunks = number(directive, value, 1, COUNT_MAX);
                case "big" -> bigBytes = size(directive, value);
                case "again" -> again = number(directive, value, 1, COUNT_MAX);
                case "cut", "close", "stall", "truncate", "error", "badchunk" -> fault(directive, name, value);
                default -> {
                    if (!WITHOUT_VALUE.contains(name)) {
                        throw new IllegalArgumentException("unknown directive '" + name
                                + "'; known: latency, slowhead, first, gap, status, html, masked, retry-after, chunks, big, again,"
                                + " cut, close, stall, truncate, error, badchunk, badjson, nousage, fixed");
                    }
                }
            }
        }

        private void fault(String directive, String name, String value) {
            if (fault != Fault.NONE) {
                throw new IllegalArgumentException(
                        "directive '" + directive + "': an answer ends in one way, already " + fault);
            }
            fault = Fault.valueOf(name.toUpperCase(Locale.ROOT));
            faultAfter = number(directive, value, 0, COUNT_MAX);
        }

        Script script() {
            if (retryAfterSeconds >= 0 && status == 200) {
                status = 429;
            }
            return new Script(
                    latency,
                    slowHead,
                    first,
                    gap,
                    status,
                    seen.contains("html"),
                    seen.contains("masked"),
                    retryAfterSeconds,
                    chunks,
                    bigBytes,
                    again,
                    fault,
                    faultAfter,
                    seen.contains("badjson"),
                    seen.contains("nousage"),
                    seen.contains("fixed"));
        }

        private static Duration duration(String directive, String value) {
            Matcher matcher = DURATION.matcher(value);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("directive '" + directive + "': want e.g. 200ms or 2s");
            }
            long amount = Long.parseLong(matcher.group(1));
            Duration duration = switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                default -> Duration.ofSeconds(amount);
            };
            if (duration.compareTo(Duration.ofHours(1)) > 0) {
                throw new IllegalArgumentException("directive '" + directive + "': at most 1 h");
            }
            return duration;
        }

        private static int size(String directive, String value) {
            Matcher matcher = SIZE.matcher(value);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("directive '" + directive + "': want e.g. 100B, 64KiB or 5MiB");
            }
            long bytes = Long.parseLong(matcher.group(1))
                    * switch (matcher.group(2)) {
                        case "B" -> 1;
                        case "KiB" -> 1 << 10;
                        default -> 1 << 20;
                    };
            if (bytes > 256L << 20) {
                throw new IllegalArgumentException("directive '" + directive + "': at most 256 MiB");
            }
            return (int) bytes;
        }

        private static int number(String directive, String value, int least, int most) {
            if (value.matches("\\d{1,9}")) {
                int number = Integer.parseInt(value);
                if (number >= least && number <= most) {
                    return number;
                }
            }
            throw new IllegalArgumentException(
                    "directive '" + directive + "': want a whole number from " + least + " to " + most);
        }
    }
}
