package io.latticegate.fhe.app.privacy;

import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.latticegate.fhe.core.privacy.PrivacyTerms;
import io.latticegate.fhe.core.privacy.PrivacyTerms.Composition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * A process with 250 searches of one reader. {@code surviving} releases each that is paid for; {@code killed} has only so
 * many at once and keeps every one under way until it is killed. Both begin when the file of the last argument is there.
 */
public final class SearchingProcess {
    static final String READER = "0b3f7a52-0000-4000-8000-000000000002";
    static final PrivacyTerms TERMS = new PrivacyTerms(100_000, 10_000_000, 1e-5, Composition.SUM);
    private static final String INDEX = "0b3f7a52-0000-4000-8000-000000000001~recipes";
    private static final int SEARCHES = 250;
    private static final long POLL_NANOS = 1_000_000;

    private SearchingProcess() {}

    public static void main(String[] args) {
        String name = args[1];
        boolean releasing = name.equals("surviving");
        Semaphore atOnce = new Semaphore(Integer.parseInt(args[2]));
        try (Database database = PostgresLedgerTest.open(args[0])) {
            PrivacyLedger ledger = new PrivacyLedger(database, InstantSource.system());
            say("ready");
            Path start = Path.of(args[3]);
            while (!Files.exists(start)) {
                LockSupport.parkNanos(POLL_NANOS);
            }
            searchAll(ledger, name, atOnce, releasing);
            say("done");
        }
    }

    private static void searchAll(PrivacyLedger ledger, String name, Semaphore atOnce, boolean releasing) {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < SEARCHES; i++) {
                String id = name + "-" + i;
                executor.execute(() -> {
                    atOnce.acquireUninterruptibly();
                    search(ledger, id, releasing);
                });
            }
        }
    }

    private static void search(PrivacyLedger ledger, String id, boolean releasing) {
        try {
            switch (ledger.reserve(id, READER, INDEX, TERMS)) {
                case Reservation.Reserved reserved -> {
                    say("reserved " + id);
                    if (releasing) {
                        say((ledger.release(id) ? "released " : "failed ") + id);
                    }
                }
                case Reservation.Exhausted exhausted -> say("exhausted " + id);
                case Reservation.TermsDiffer differ -> say("failed " + id);
                case Reservation.Settled settled -> say("failed " + id);
            }
        } catch (StoreFault fault) {
            say("failed " + id + " " + fault.getMessage());
        }
    }

    private static synchronized void say(String line) {
        System.out.println(line);
    }
}
