package io.latticegate.common.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.latticegate.common.config.LoggingConfig;
import io.latticegate.common.value.Secret;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LogTest {
    private final Log log = Log.of(LogTest.class);
    private final Logger logger = (Logger) LoggerFactory.getLogger(LogTest.class);
    private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    private final Level rootLevel =
            context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getLevel();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final LineEncoder encoder = new LineEncoder();
    private final OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();

    @BeforeEach
    void capture() {
        encoder.start();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.setOutputStream(written);
        appender.start();
        logger.addAppender(appender);
        logger.setAdditive(false);
    }

    @AfterEach
    void release() {
        logger.detachAppender(appender);
        logger.setAdditive(true);
        logger.setLevel(null);
        LogSetup.apply(new LoggingConfig(
                LoggingConfig.Level.valueOf(rootLevel.levelStr), LoggingConfig.Format.JSON, Map.of()));
    }

    private List<String> lines() {
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static JsonNode json(String line) throws IOException {
        return new ObjectMapper().readTree(line);
    }

    @Test
    void writesOneJsonObjectPerLine() throws IOException {
        log.info(
                "request finished",
                LogKey.REQUEST_ID.of("r-1"),
                LogKey.ELAPSED_MS.of(Duration.ofMillis(12)),
                LogKey.TOKENS_IN.of(7),
                LogKey.OUTCOME.of(LoggingConfig.Format.TEXT),
                LogKey.TENANT.of((String) null));
        JsonNode line = json(lines().getFirst());
        assertThat(line.properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("time", "level", "logger", "message", "requestId", "elapsedMs", "tokensIn", "outcome");
        assertThat(Instant.parse(line.get("time").asText()))
                .isBefore(Instant.now().plusSeconds(1));
        assertThat(line.get("level").asText()).isEqualTo("INFO");
        assertThat(line.get("logger").asText()).isEqualTo(LogTest.class.getName());
        assertThat(line.get("message").asText()).isEqualTo("request finished");
        assertThat(line.get("requestId").asText()).isEqualTo("r-1");
        assertThat(line.get("elapsedMs").isNumber()).isTrue();
        assertThat(line.get("outcome").asText()).isEqualTo("text");
    }

    @Test
    void neverPrintsASecret() {
        Secret canary = Secret.ofText("canary-value");
        log.info("key stored", LogKey.REASON.of(canary));
        logger.atInfo().addKeyValue("key", canary).log("by a library: {}", canary);
        assertThat(written.toString(StandardCharsets.UTF_8)).contains("****").doesNotContain("canary-value");
    }

    @Test
    void nothingFromOutsideStartsALineOrMovesTheCursor() throws IOException {
        String hostile = "a\r\nINFO forged\u001b[2J\u202e\u2028\ud800\"\\\u0000";
        log.warn("refused", LogKey.PATH.of(hostile));
        encoder.setFormat(LoggingConfig.Format.TEXT);
        log.warn("refused", LogKey.PATH.of(hostile));
        assertThat(lines()).hasSize(2);
        assertThat(json(lines().getFirst()).get("path").asText()).isEqualTo(hostile);
        assertThat(lines().get(1)).contains(" WARN  ", "LogTest: refused path=").doesNotContain("\u001b", "\u202e");
    }

    @Test
    void anyTextGivesOneValidLine() throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            StringBuilder text = new StringBuilder();
            random.ints(random.nextInt(20), 0, 0x10000).forEach(unit -> text.append((char) unit));
            written.reset();
            log.info("any", LogKey.REASON.of(text.toString()));
            assertThat(lines()).as("seed %d", seed).hasSize(1);
            assertThat(json(lines().getFirst()).get("reason").asText())
                    .as("seed %d", seed)
                    .isEqualTo(text.toString());
        }
    }

    @Test
    void boundsWhatALineHolds() {
        log.error(
                "x".repeat(100_000),
                new IllegalStateException("y".repeat(100_000)),
                LogKey.PATH.of("z".repeat(100_000)));
        assertThat(written.size()).isLessThan(30_000);
    }

    @Test
    void showsAFaultWithItsStack() throws IOException {
        log.error("failed", new IllegalStateException("why"), LogKey.ERROR.of(new IOException("quoted input")));
        JsonNode line = json(lines().getFirst());
        assertThat(line.get("error").asText()).isEqualTo("java.io.IOException");
        assertThat(line.get("exception").get("type").asText()).isEqualTo("java.lang.IllegalStateException");
        assertThat(line.get("exception").get("message").asText()).isEqualTo("why");
        assertThat(line.get("exception").get("stack").asText()).contains("LogTest.showsAFaultWithItsStack");
        assertThat(lines()).hasSize(1);
    }

    @Test
    void setsTheLevelPerComponentWhileRunning() {
        log.debug("unseen");
        assertThat(log.isDebugEnabled()).isFalse();
        LogSetup.apply(new LoggingConfig(
                LoggingConfig.Level.WARN,
                LoggingConfig.Format.JSON,
                Map.of(LogTest.class.getName(), LoggingConfig.Level.DEBUG)));
        log.debug("seen");
        assertThat(lines()).singleElement().asString().contains("\"message\":\"seen\"");
        LogSetup.setLevel(LogTest.class.getName(), LoggingConfig.Level.OFF);
        log.error("unseen");
        assertThat(lines()).hasSize(1);
    }

    @Test
    void keepsNoisyLibrariesQuietAlsoAtDebug() {
        LogSetup.apply(new LoggingConfig(LoggingConfig.Level.DEBUG, LoggingConfig.Format.JSON, Map.of()));
        for (String library : List.of("com.hazelcast.x", "com.zaxxer.hikari.x", "org.flywaydb.x", "io.netty.x")) {
            assertThat(context.getLogger(library).isInfoEnabled()).as(library).isFalse();
        }
    }

    /** Logs and exits at once, as a start that is refused does. */
    public static final class Exits {
        private Exits() {}

        static void main() {
            Log.of(Exits.class).error("last words");
            System.exit(3);
        }
    }

    @Test
    void writesWhatWasLoggedJustBeforeAnExit() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Exits.class.getName())
                .start();
        String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(3);
        assertThat(errors).contains("\"message\":\"last words\"");
        assertThat(process.getInputStream().readAllBytes()).isEmpty();
    }

    @Test
    void flushWaitsUntilEarlierLinesAreWritten() {
        context.getLogger(LineEncoder.FLUSH_LOGGER).addAppender(appender);
        try {
            log.info("before");
            LogSetup.flush();
            assertThat(lines()).hasSize(1);
        } finally {
            context.getLogger(LineEncoder.FLUSH_LOGGER).detachAppender(appender);
        }
    }
}
