package io.latticegate.admin.export;

import io.latticegate.common.config.OtlpLogsConfig;
import io.latticegate.common.service.Version;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Posts batches of {@link OtlpLogRecord}s to a collector as {@code ExportLogsServiceRequest} (OTLP 1.x over HTTP, JSON, gzip).
 *
 * <p>An answer of 200 to 299 takes the batch over. Records that a collector has rejected in a partial success are counted and
 * told in the log; as the protocol asks, they are not sent again. After 429 and 503 the time in {@code Retry-After} (RFC 9110,
 * section 10.2.3) is waited for. After any other answer the batch waits as well and is sent again, though the protocol would
 * have it dropped after most of them: an audit that does not arrive must be noticed, not thinned.
 */
public final class OtlpSink implements Sink, AutoCloseable {
    private static final Log LOG = Log.of(OtlpSink.class);
    private static final int ANSWER_BYTES_MAX = 64 * 1024;
    private static final int MESSAGE_LENGTH_MAX = 200;
    private static final int SECRET_WORD_LENGTH_MIN = 8;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;

    private final CheckedPost post;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final List<String> secretWords;
    private final String before;
    private final InstantSource clock;
    private final Counter rejected;

    public OtlpSink(Vertx vertx, OtlpLogsConfig config, String mesh, InstantSource clock, MeterRegistry metrics) {
        this.clock = clock;
        post = new CheckedPost(
                vertx, "the collector", config.url(), config.scope(), config.timeout(), ANSWER_BYTES_MAX);
        Map<String, String> configured = config.headersByName();
        secretWords = configured.values().stream()
                .flatMap(value -> Arrays.stream(value.split(" ", -1)))
                .filter(word -> word.length() >= SECRET_WORD_LENGTH_MIN)
                .toList();
        headers.putAll(configured);
        headers.put("Content-Type", "application/json");
        headers.put("Content-Encoding", "gzip");
        before = "{\"resourceLogs\":[{\"resource\":" + resource(config.serviceName(), mesh)
                + ",\"scopeLogs\":[{\"scope\":"
                + new JsonObject()
                        .put("name", "io.latticegate.audit")
                        .put("version", Version.CURRENT)
                        .encode()
                + ",\"logRecords\":[";
        rejected = Counter.builder("audit.export.rejected")
                .description("Audit events that a collector has rejected for good while it took over their batch")
                .tag("sink", "otlp")
                .register(metrics);
    }

    private static String resource(String serviceName, String mesh) {
        JsonArray attributes = new JsonArray()
                .add(OtlpLogRecord.attribute("service.name", serviceName))
                .add(OtlpLogRecord.attribute("service.namespace", mesh))
                .add(OtlpLogRecord.attribute("service.version", Version.CURRENT));
        return new JsonObject().put("attributes", attributes).encode();
    }

    @Override
    public void deliver(Batch batch) throws NotDelivered {
        CheckedPost.Answer answer = post.post(headers, request(batch));
        if (answer.taken()) {
            report(batch, answer.body());
            return;
        }
        int status = answer.status();
        if (status == TOO_MANY_REQUESTS || status == UNAVAILABLE) {
            throw new NotDelivered(
                    "the collector cannot take events now, status " + status, asked(answer.retryAfter()));
        }
        throw new NotDelivered(
                status >= 400 && status <= 499 ? refusal(answer) : "the collector answered with status " + status);
    }

    private byte[] request(Batch batch) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (OutputStream zipped = new GZIPOutputStream(body)) {
            String records = batch.lines().stream().map(Line::json).collect(Collectors.joining(","));
            zipped.write((before + records + "]}]}]}").getBytes(StandardCharsets.UTF_8));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return body.toByteArray();
    }

    private void report(Batch batch, @Nullable Buffer body) {
        JsonObject answer = json(body);
        if (answer == null) {
            LOG.warn(
                    "a collector has taken audit events over, but its answer cannot be read; it may have rejected some");
            return;
        }
        if (!(answer.getValue("partialSuccess") instanceof JsonObject partial)) {
            return;
        }
        int count = Math.clamp(
                number(partial.getValue("rejectedLogRecords")), 0, batch.lines().size());
        String message = text(partial.getValue("errorMessage"));
        rejected.increment(count);
        if (count > 0) {
            LOG.error(
                    "a collector has rejected audit events for good",
                    LogKey.COUNT.of(count),
                    LogKey.ENTRY_ID.of(batch.lines().getFirst().id()),
                    LogKey.REASON.of(message));
        } else if (!message.isEmpty()) {
            LOG.warn("a collector has taken audit events over and warns", LogKey.REASON.of(message));
        }
    }

    private String refusal(CheckedPost.Answer answer) {
        JsonObject status = json(answer.body());
        String message = status == null ? "" : text(status.getValue("message"));
        return "the collector refused the batch with status " + answer.status()
                + (message.isEmpty() ? "" : ": " + message)
                + "; it will until audit.export.otlp or the collector is set right";
    }

    /** What the body says; of an empty one, nothing; null where it is no JSON object, or was too long to be read. */
    private static @Nullable JsonObject json(@Nullable Buffer body) {
        if (body == null) {
            return null;
        }
        try {
            return body.length() == 0 ? new JsonObject() : new JsonObject(body);
        } catch (DecodeException malformed) {
            return null;
        }
    }

    /** An int64, which is a text in OTLP's JSON and is read as a number too; what is neither is taken for 0. */
    private static long number(@Nullable Object value) {
        if (value instanceof Number number) {
            return number.longValue();
        }
        return value instanceof String text && text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }

    /** Text of the collector's, bounded, without control characters, and without what it may repeat of our headers. */
    private String text(@Nullable Object value) {
        if (!(value instanceof String text)) {
            return "";
        }
        String shown = text;
        for (String word : secretWords) {
            shown = shown.replace(word, "***");
        }
        return shown.codePoints()
                .limit(MESSAGE_LENGTH_MAX)
                .map(point ->
                        Character.isISOControl(point) || Character.getType(point) == Character.FORMAT ? '?' : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** What {@code Retry-After} asks for, in seconds or as a date; zero where it is absent or unreadable. */
    private Duration asked(@Nullable String retryAfter) {
        if (retryAfter == null) {
            return Duration.ZERO;
        }
        if (retryAfter.matches("[0-9]{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(retryAfter));
        }
        try {
            Instant until = ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Duration.between(clock.instant(), until);
        } catch (DateTimeException unreadable) {
            return Duration.ZERO;
        }
    }

    @Override
    public void close() {
        post.close();
    }
}
