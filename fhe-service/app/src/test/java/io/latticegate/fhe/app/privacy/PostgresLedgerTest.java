package io.latticegate.fhe.app.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import io.latticegate.testing.ChildProcess;
import io.latticegate.testing.JavaProcess;
import io.latticegate.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresLedgerTest extends LedgerContract {
    private static final Duration DEADLINE = Duration.ofSeconds(90);

    private final AtomicInteger databases = new AtomicInteger();
    private PostgresServer server;

    @BeforeAll
    void startServer() {
        server = PostgresServer.start(false);
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    private String url() {
        String name = "ledger_" + databases.incrementAndGet();
        String unused = server.createDatabase(name);
        return "postgresql://127.0.0.1:" + server.port() + "/" + name;
    }

    static Database open(String url) {
        return Database.open("privacy", new StoreLocation.Postgres(url, PostgresServer.USER, null, 8));
    }

    @Override
    Database emptyDatabase() {
        return open(url());
    }

    /** 500 searches in two processes, of which one is killed while its searches are under way. */
    @Test
    void twoProcessesPayForExactlyTheBudgetThoughOneIsKilled(@TempDir Path directory) throws IOException {
        Path start = directory.resolve("start");
        String url = url();
        Set<String> reserved = new HashSet<>();
        try (Database database = open(url);
                ChildProcess killed = searching(url, "killed", 40, start);
                ChildProcess surviving = searching(url, "surviving", 250, start)) {
            killed.awaitLine("^ready$", DEADLINE);
            surviving.awaitLine("^ready$", DEADLINE);
            Files.createFile(start);
            killed.awaitLine("^(reserved .*)$", DEADLINE);
            killed.kill();
            surviving.awaitLine("^done$", DEADLINE);
            List<String> lost = killed.outputText().lines().toList();
            List<String> answered = surviving.outputText().lines().toList();
            for (String line : answered) {
                if (line.startsWith("reserved ")) {
                    assertThat(reserved.add(line)).as(line).isTrue();
                }
            }
            PrivacyBudget budget = new PrivacyLedger(database, InstantSource.system())
                    .budgets(SearchingProcess.READER)
                    .getFirst();
            long releasedHere = answered.stream()
                    .filter(line -> line.startsWith("released "))
                    .count();
            long refusedHere = answered.stream()
                    .filter(line -> line.startsWith("exhausted "))
                    .count();
            assertThat(lost).doesNotContain("done");
            assertThat(answered).noneMatch(line -> line.startsWith("failed "));
            assertThat(budget.queries())
                    .isEqualTo(SearchingProcess.TERMS.queries())
                    .isEqualTo(100);
            assertThat(budget.spent()).isEqualTo(SearchingProcess.TERMS.budget());
            assertThat(reserved.size() + refusedHere).isEqualTo(250);
            assertThat(releasedHere).isEqualTo(reserved.size());
            long heldByTheDead = count(database, "reserved");
            assertThat(heldByTheDead)
                    .isGreaterThanOrEqualTo(lost.stream()
                            .filter(line -> line.startsWith("reserved "))
                            .count())
                    .isBetween(1L, 40L);
            assertThat(count(database, "released") + heldByTheDead).isEqualTo(100);
            assertThat(count(database, "released")).isEqualTo(releasedHere);
        }
    }

    private static ChildProcess searching(String url, String name, int atOnce, Path start) {
        return JavaProcess.of(SearchingProcess.class.getName())
                .jvm("-Xmx96m", "-XX:+UseSerialGC")
                .arguments(url, name, String.valueOf(atOnce), start.toString())
                .start();
    }

    private static long count(Database database, String state) {
        return database.read(connection -> {
            try (var statement = connection.prepareStatement("SELECT COUNT(*) FROM privacy_events WHERE state = ?")) {
                statement.setString(1, state);
                try (var row = statement.executeQuery()) {
                    row.next();
                    return row.getLong(1);
                }
            }
        });
    }
}
