package io.latticegate.auth.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.auth.servers.StoreKind;
import io.latticegate.auth.token.TokenPepper;
import io.latticegate.common.contract.AuthApi.LeaseReply.Refused;
import io.latticegate.common.contract.AuthApi.LeaseRequest;
import io.latticegate.common.contract.AuthApi.Refusal;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.latticegate.common.store.StoreLocation;
import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.Secret;
import io.latticegate.common.value.TokenDigest;
import io.latticegate.testing.FakeTime;
import io.latticegate.testing.PostgresServer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What callers of a ledger see while PostgreSQL is gone, and afterwards. */
class LeaseLedgerOutageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final PostgresServer server = StoreKind.postgres();
    private final TokenPepper pepper = new TokenPepper(Secret.owning(new SecureRandom().generateSeed(32)));

    @Test
    void failsFastWhileTheServerIsGoneAndWorksAgainByItself() {
        try (Database database = StoreKind.POSTGRESQL.open(directory)) {
            LeaseLedger ledger = ledger(database);
            assertThat(refusal(ledger)).isEqualTo(Refusal.TOKEN_NOT_FOUND);
            server.kill();
            try {
                // The first may meet a connection that broke, the second waits for a new one in vain.
                assertThat(millisOfFailure(ledger)).isLessThan(3_000);
                assertThat(millisOfFailure(ledger)).isLessThan(3_000);
                assertThat(millisOfFailure(ledger)).isLessThan(100);
            } finally {
                server.restart();
            }
            assertThat(eventualRefusal(ledger)).isEqualTo(Refusal.TOKEN_NOT_FOUND);
        }
    }

    @Test
    void doesNotHangWhileTheServerIsStopped() throws Exception {
        try (Database database = StoreKind.POSTGRESQL.open(directory)) {
            LeaseLedger ledger = ledger(database);
            assertThat(refusal(ledger)).isEqualTo(Refusal.TOKEN_NOT_FOUND);
            signalBackends("STOP");
            try {
                assertThat(millisOfFailure(ledger)).isLessThan(8_000);
            } finally {
                signalBackends("CONT");
            }
            assertThat(eventualRefusal(ledger)).isEqualTo(Refusal.TOKEN_NOT_FOUND);
        }
    }

    @Test
    void startsWithoutTheServerAndMigratesWhenItComes() {
        StoreLocation location = StoreKind.POSTGRESQL.empty(directory);
        server.kill();
        Database database;
        try {
            database = Database.open("auth", location);
        } finally {
            server.restart();
        }
        try (database) {
            assertThat(eventualRefusal(ledger(database))).isEqualTo(Refusal.TOKEN_NOT_FOUND);
        }
    }

    @Test
    void awaitsTheServerAndItsMigration() {
        StoreLocation location = StoreKind.POSTGRESQL.empty(directory);
        server.kill();
        Database database;
        try {
            database = Database.open("auth", location);
            assertThatThrownBy(() -> database.awaitReady(Duration.ofMillis(50)))
                    .isInstanceOf(StoreFault.Unavailable.class);
        } finally {
            server.restart();
        }
        try (database) {
            database.awaitReady(Duration.ofSeconds(30));
            assertThat(refusal(ledger(database))).isEqualTo(Refusal.TOKEN_NOT_FOUND);
        }
    }

    @Test
    void doesNotStartWithADatabaseThatDoesNotExist() {
        var location = (StoreLocation.Postgres) StoreKind.POSTGRESQL.empty(directory);
        var wrong = new StoreLocation.Postgres(
                location.url().replaceFirst("test_[0-9]+$", "nowhere"), location.user(), null, 2);
        assertThatThrownBy(() -> Database.open("auth", wrong)).isInstanceOf(StoreFault.Failed.class);
    }

    /** Signals every PostgreSQL process that this JVM has started. */
    private static void signalBackends(String name) throws Exception {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().command().orElse("").endsWith("/postgres"))
                .forEach(process -> command.add(Long.toString(process.pid())));
        assertThat(command).hasSizeGreaterThan(2);
        assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
    }

    private LeaseLedger ledger(Database database) {
        return new LeaseLedger(database, pepper, new FakeTime(), LeaseTerms.DEFAULT);
    }

    private static Refusal refusal(LeaseLedger ledger) {
        var request = new LeaseRequest("edge", new TokenDigest(1, 2, 3, 4), new Allowance(1, 0, 0));
        return ((Refused) ledger.grant(request)).refusal();
    }

    private static long millisOfFailure(LeaseLedger ledger) {
        long start = System.nanoTime();
        assertThatThrownBy(() -> refusal(ledger)).isInstanceOf(StoreFault.Unavailable.class);
        return Duration.ofNanos(System.nanoTime() - start).toMillis();
    }

    private static Refusal eventualRefusal(LeaseLedger ledger) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (true) {
            try {
                return refusal(ledger);
            } catch (StoreFault.Unavailable gone) {
                assertThat(Instant.now()).as("recovered in time").isBefore(deadline);
                Thread.onSpinWait();
            }
        }
    }
}
