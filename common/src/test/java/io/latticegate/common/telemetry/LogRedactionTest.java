package io.latticegate.common.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import io.latticegate.common.config.LoggingConfig;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Whatever is logged, at every level and in both formats, a credential in it does not come out. */
class LogRedactionTest {
    private static final String CANARY = "c0ffee5c0ff1e5c0ff1e5c0ff1e";

    private static final List<String> LEAKS = List.of(
            "Authorization: Bearer " + CANARY,
            "authorization=Basic " + CANARY + "==",
            "{\"x-api-key\":\"" + CANARY + "\"}",
            "headers [X-Goog-Api-Key: " + CANARY + ", Accept: */*]",
            "Cookie: __Host-latticegate=" + CANARY + "; other=" + CANARY,
            "Set-Cookie: a=" + CANARY + "; Path=/",
            "proxy-authorization : Bearer " + CANARY,
            "\"api_key\" : \"" + CANARY + "\"",
            "password=" + CANARY,
            "the key sk-" + CANARY + " was refused",
            "sk-ant-api03-" + CANARY,
            "lgm_" + CANARY,
            "postgresql://user:" + CANARY + "@db.example.com/audit",
            "AKIA" + CANARY.toUpperCase(java.util.Locale.ROOT));

    @Test
    void hidesCredentialsAndLeavesTheRest() {
        for (String leak : LEAKS) {
            assertThat(LogRedaction.of("before " + leak + " after"))
                    .as(leak)
                    .startsWith("before ")
                    .contains("****")
                    .doesNotContainIgnoringCase(CANARY);
        }
        assertThat(LogRedaction.of("Authorization: Bearer " + CANARY + "\nAccept: text/html"))
                .contains("Accept: text/html");
    }

    @Test
    void leavesOrdinaryLinesAsTheyAre() {
        for (String line : List.of(
                "listening on 0.0.0.0:8080, TLS off",
                "the breaker of openai/gpt-4o opened after 5 failures",
                "request req_0123456789abcdef01234567 took 12 ms",
                "tokens: 12 in, 34 out; cost 0.000123",
                "https://api.openai.com/v1/chat/completions answered 200",
                "basic settings were read; sk is short, so is sk-1")) {
            assertThat(LogRedaction.of(line)).isEqualTo(line);
        }
    }

    @Test
    void noFormatAndNoLevelLetsOneThrough() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        Logger logger = context.getLogger("io.latticegate.redaction");
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        LineEncoder encoder = new LineEncoder();
        encoder.setContext(context);
        encoder.start();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.setOutputStream(written);
        appender.start();
        logger.addAppender(appender);
        logger.setAdditive(false);
        logger.setLevel(Level.TRACE);
        try {
            for (LoggingConfig.Format format : LoggingConfig.Format.values()) {
                encoder.setFormat(format);
                for (String leak : LEAKS) {
                    logger.trace("{}", leak);
                    logger.atDebug().addKeyValue("reason", leak).log("a field");
                    logger.error("a fault", new IllegalStateException(leak));
                }
            }
        } finally {
            logger.detachAppender(appender);
            logger.setAdditive(true);
            logger.setLevel(null);
        }
        assertThat(written.toString(StandardCharsets.UTF_8)).contains("****").doesNotContainIgnoringCase(CANARY);
    }

    @Test
    void manyDelimitersTakeNoLongerThanTheirNumber() {
        for (String unit : List.of("authorization:", "://", "bearer ", "\"", "cookie=;", "sk-", "password : ")) {
            String long16k = unit.repeat(16_000 / unit.length());
            assertThat(LogRedaction.of(long16k)).isNotNull();
        }
    }
}
