package io.latticegate.auth.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.auth.servers.StoreKind;
import io.latticegate.auth.token.NonceLog.Entry;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a log of used nonces promises on any database. */
abstract class NonceLogContract {
    @TempDir
    Path directory;

    abstract StoreKind store();

    @Test
    void takesANonceOfAWalletOnceAlsoAfterARestart() {
        StoreLocation location = store().empty(directory);
        try (Database database = Database.open("auth", location)) {
            var log = new NonceLog(database);
            assertThat(log.record(new Entry("0xa", "7", 1_000))).isTrue();
            assertThat(log.record(new Entry("0xb", "7", 1_001))).isTrue();
            assertThat(log.record(new Entry("0xa", "7", 1_002))).isFalse();
        }
        try (Database database = Database.open("auth", location)) {
            var log = new NonceLog(database);
            assertThat(log.record(new Entry("0xa", "7", 2_000))).isFalse();
            List<Entry> replayed = new ArrayList<>();
            log.replay(0, replayed::add);
            assertThat(replayed).containsExactly(new Entry("0xa", "7", 1_000), new Entry("0xb", "7", 1_001));
        }
    }

    @Test
    void takesANonceOnceFromManyAtOnce() throws Exception {
        try (Database database = store().open(directory);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var log = new NonceLog(database);
            Callable<Boolean> use = () -> log.record(new Entry("0xa", "1", 5));
            assertThat(threads.invokeAll(Collections.nCopies(50, use)))
                    .filteredOn(used -> used.resultNow())
                    .hasSize(1);
        }
    }

    @Test
    void replaysFromATimeOnAndForgetsBefore() {
        try (Database database = store().open(directory)) {
            var log = new NonceLog(database);
            for (int i = 0; i < 10; i++) {
                log.record(new Entry("0xa", Integer.toString(i), 100 + i));
            }
            assertThat(log.forget(104)).isEqualTo(4);
            List<Entry> replayed = new ArrayList<>();
            log.replay(107, replayed::add);
            assertThat(replayed).extracting(Entry::nonce).containsExactly("7", "8", "9");
        }
    }
}
