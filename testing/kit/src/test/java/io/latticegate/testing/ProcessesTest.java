package io.latticegate.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Real processes: Redis, PostgreSQL, a JVM. */
final class ProcessesTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    @Test
    void redisKeepsItsDataOverARestartOnTheSamePort() {
        try (RedisServer redis = RedisServer.start()) {
            assertThat(redis.command("SET name latticegate")).isEqualTo("+OK\r\n");
            int port = redis.port();
            redis.stop();
            assertThat(redis.running()).isFalse();
            assertThatThrownBy(() -> redis.command("PING")).isInstanceOf(IllegalStateException.class);

            redis.restart();

            assertThat(redis.url()).isEqualTo("redis://127.0.0.1:" + port);
            assertThat(redis.command("GET name")).isEqualTo("$11\r\nlatticegate\r\n");
        }
    }

    @Test
    void redisAnswersAgainAfterAPause() {
        try (RedisServer redis = RedisServer.start()) {
            redis.pause();
            redis.resume();

            assertThat(redis.command("PING")).isEqualTo("+PONG\r\n");
        }
    }

    @Test
    void postgresKeepsItsDataOverAKillAndARestartOnTheSamePort() throws Exception {
        try (PostgresServer postgres = PostgresServer.start()) {
            String url = postgres.createDatabase("ledger");
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE entry (id INT PRIMARY KEY)");
                statement.execute("INSERT INTO entry VALUES (7)");
            }
            postgres.kill();
            assertThat(postgres.running()).isFalse();

            postgres.restart();

            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement();
                    ResultSet found = statement.executeQuery("SELECT id FROM entry")) {
                assertThat(found.next()).isTrue();
                assertThat(found.getInt(1)).isEqualTo(7);
            }
            try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl())) {
                assertThat(connection.getCatalog()).isEqualTo("latticegate");
            }
            assertThatThrownBy(() -> postgres.createDatabase("no; DROP")).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aJvmIsStartedMeasuredPausedAndEnded() throws Exception {
        Path output = Files.createTempFile("latticegate-kit-", ".log");
        try (ChildProcess jvm = JavaProcess.of("io.latticegate.testing.FakeProvider")
                .arguments("--port", "0", "--accept", "sk-1")
                .jvm("-Xmx64m")
                .output(output)
                .start()) {
            String url = jvm.awaitLine("^fake-provider ready (http://127.0.0.1:\\d+)$", DEADLINE)
                    .group(1);
            assertThat(url).isNotEmpty();
            assertThat(jvm.rssBytes()).isGreaterThan(10 << 20);
            jvm.pause();
            assertThat(jvm.alive()).isTrue();
            jvm.resume();

            assertThat(jvm.terminate(DEADLINE)).isEqualTo(128 + 15);
        }
        Files.delete(output);
    }

    @Test
    void aLineThatNeverComesIsExplainedByTheOutput() throws Exception {
        try (ChildProcess jvm = JavaProcess.of("io.latticegate.testing.FakeProvider")
                .arguments("--prot", "1")
                .start()) {
            assertThatThrownBy(() -> jvm.awaitLine("ready", DEADLINE))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("unknown option --prot");
            Files.delete(jvm.output());
        }
    }

    @Test
    void jvmArgumentsAreThoseOfTheRootPom() throws Exception {
        String pom = Files.readString(Path.of(System.getProperty("latticegate.root"), "pom.xml"));
        var matcher = Pattern.compile("<latticegate.jvm.args>(.*?)</latticegate.jvm.args>")
                .matcher(pom);

        assertThat(matcher.find()).isTrue();
        assertThat(String.join(" ", JavaProcess.JVM_ARGS)).isEqualTo(matcher.group(1));
    }
}
