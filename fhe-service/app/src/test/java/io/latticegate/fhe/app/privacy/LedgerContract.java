package io.latticegate.fhe.app.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.latticegate.common.store.Database;
import io.latticegate.fhe.app.privacy.Reservation.Exhausted;
import io.latticegate.fhe.app.privacy.Reservation.Reserved;
import io.latticegate.fhe.app.privacy.Reservation.Settled;
import io.latticegate.fhe.app.privacy.Reservation.TermsDiffer;
import io.latticegate.fhe.core.privacy.PrivacyTerms;
import io.latticegate.fhe.core.privacy.PrivacyTerms.Composition;
import io.latticegate.testing.FakeTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class LedgerContract {
    private static final String READER = "0b3f7a52-0000-4000-8000-000000000002";
    private static final String INDEX = "0b3f7a52-0000-4000-8000-000000000001~recipes";
    private static final PrivacyTerms TERMS = new PrivacyTerms(100_000, 1_000_000, 1e-5, Composition.SUM);

    private final FakeTime time = new FakeTime();
    private Database database;
    private PrivacyLedger ledger;

    abstract Database emptyDatabase();

    @BeforeEach
    void open() {
        database = emptyDatabase();
        ledger = new PrivacyLedger(database, time);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private Reservation reserve(String id) {
        return ledger.reserve(id, READER, INDEX, TERMS);
    }

    private PrivacyBudget budget() {
        return ledger.budgets(READER).getFirst();
    }

    @Test
    void paysForAsManySearchesAsTheBudgetHoldsAndThenStops() {
        for (int i = 0; i < 10; i++) {
            assertThat(reserve("r" + i)).isEqualTo(new Reserved("r" + i, 1));
        }
        assertThat(reserve("r10")).isEqualTo(new Exhausted(budget()));
        assertThat(budget().queries()).isEqualTo(10);
        assertThat(budget().remainingQueries()).isZero();
        assertThat(budget().epsilonSpent()).isCloseTo(1.0, within(1e-12));
        assertThat(ledger.reserve("s0", READER, INDEX + "2", TERMS)).isInstanceOf(Reserved.class);
        assertThat(ledger.reserve("s1", "another-reader", INDEX, TERMS)).isInstanceOf(Reserved.class);
    }

    @Test
    void concentratedTermsCountRho() {
        PrivacyTerms terms = new PrivacyTerms(5_000_000, 10_000_000, 1e-5, Composition.ZCDP);
        assertThat(terms.queries()).isBetween(3L, 4L);
        for (int i = 0; i < terms.queries(); i++) {
            assertThat(ledger.reserve("z" + i, READER, INDEX, terms)).isInstanceOf(Reserved.class);
        }
        assertThat(ledger.reserve("z", READER, INDEX, terms)).isInstanceOf(Exhausted.class);
        assertThat(budget().epsilonSpent()).isBetween(8.0, 10.0);
    }

    @Test
    void theSameRequestPaysOnce() {
        for (int i = 0; i < 3; i++) {
            assertThat(reserve("once")).isEqualTo(new Reserved("once", 1));
        }
        assertThat(budget().queries()).isEqualTo(1);
        for (int i = 0; i < 9; i++) {
            reserve("other" + i);
        }
        assertThat(reserve("once")).as("with nothing left").isEqualTo(new Reserved("once", 1));
        assertThatIllegalArgumentException().isThrownBy(() -> ledger.reserve("once", READER, "elsewhere", TERMS));
        assertThat(ledger.budgets(READER)).as("the refused account").hasSize(1);
    }

    @Test
    void aReleaseIsSaidOnceAndIsFinal() {
        reserve("a");
        assertThat(ledger.release("a")).isTrue();
        assertThat(ledger.release("a")).isFalse();
        assertThat(ledger.refund("a")).isFalse();
        assertThat(reserve("a")).isEqualTo(new Settled("a"));
        assertThat(ledger.release("never made")).isFalse();
        assertThat(budget().queries()).isEqualTo(1);
    }

    @Test
    void aRefundGivesBackOnceAndForbidsTheRelease() {
        reserve("a");
        reserve("b");
        assertThat(ledger.refund("a")).isTrue();
        assertThat(ledger.refund("a")).isFalse();
        assertThat(ledger.release("a")).isFalse();
        assertThat(reserve("a")).isEqualTo(new Settled("a"));
        assertThat(budget().queries()).isEqualTo(1);
        assertThat(budget().spent()).isEqualTo(TERMS.cost());
    }

    @Test
    void aResetBeginsAGenerationAndKeepsTheOldOne() {
        reserve("old");
        reserve("open");
        time.advance(Duration.ofHours(1));
        PrivacyBudget after = ledger.reset("admin-1", READER, INDEX);
        assertThat(after).isEqualTo(budget());
        assertThat(budget().generation()).isEqualTo(2);
        assertThat(budget().spent()).isZero();
        assertThat(budget().openedAt()).isEqualTo(time.instant());
        assertThat(reserve("new")).isEqualTo(new Reserved("new", 2));
        assertThat(ledger.reset("admin-1", READER, INDEX)).as("repeated").isEqualTo(budget());
        assertThat(budget().generation()).isEqualTo(2);
        assertThat(ledger.refund("open")).isTrue();
        assertThat(budget().queries()).as("a refund of the old generation").isEqualTo(1);
        assertThat(ledger.reset("admin-2", READER, "nothing")).isNull();
        assertThat(count("SELECT COUNT(*) FROM privacy_events")).isEqualTo(3);
        assertThat(count("SELECT queries FROM privacy_resets WHERE generation = 1"))
                .isEqualTo(2);
    }

    @Test
    void otherTermsBeginOnlyWhereNothingIsSpent() {
        PrivacyTerms wider = new PrivacyTerms(100_000, 2_000_000, 1e-5, Composition.SUM);
        reserve("a");
        assertThat(ledger.reserve("b", READER, INDEX, wider)).isEqualTo(new TermsDiffer(budget()));
        assertThat(budget().terms()).isEqualTo(TERMS);
        ledger.reset("admin-1", READER, INDEX);
        assertThat(ledger.reserve("b", READER, INDEX, wider)).isEqualTo(new Reserved("b", 2));
        assertThat(budget().terms()).isEqualTo(wider);
        assertThat(budget().remainingQueries()).isEqualTo(19);
    }

    @Test
    void listsInOrderAndPageByPage() {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ledger.reserve("p" + i, "reader-" + i % 2, "index-" + i, TERMS);
            made.add("reader-" + i % 2 + "/index-" + i);
        }
        List<String> listed = new ArrayList<>();
        String project = "";
        String index = "";
        for (List<PrivacyBudget> page = ledger.list(null, "", "", 2);
                !page.isEmpty();
                page = ledger.list(null, project, index, 2)) {
            project = page.getLast().project();
            index = page.getLast().index();
            page.forEach(budget -> listed.add(budget.project() + "/" + budget.index()));
        }
        assertThat(listed).isEqualTo(made.stream().sorted().toList());
        assertThat(ledger.budgets("reader-1")).hasSize(2);
        assertThatIllegalArgumentException().isThrownBy(() -> ledger.list(null, "", "", 1_001));
    }

    /** The books balance after every step: what is spent is what was reserved and not refunded in this generation. */
    @Test
    void spentIsAlwaysTheSumOfWhatIsNotRefunded() {
        long seed = 4_004;
        Random random = new Random(seed);
        Map<String, String> open = new HashMap<>();
        List<String> ids = new ArrayList<>();
        long spent = 0;
        int generation = 1;
        for (int step = 0; step < 400; step++) {
            String what = "step " + step + ", seed " + seed;
            int choice = random.nextInt(20);
            String id = ids.isEmpty() || random.nextBoolean() ? "s" + step : ids.get(random.nextInt(ids.size()));
            if (choice < 12) {
                boolean known = ids.contains(id);
                Reservation reservation = reserve(id);
                if (known) {
                    assertThat(reservation instanceof Reserved).as(what).isEqualTo(open.containsKey(id));
                } else if (spent + TERMS.cost() <= TERMS.budget()) {
                    assertThat(reservation).as(what).isEqualTo(new Reserved(id, generation));
                    spent += TERMS.cost();
                    ids.add(id);
                    open.put(id, "generation " + generation);
                } else {
                    assertThat(reservation).as(what).isInstanceOf(Exhausted.class);
                }
            } else if (choice < 15) {
                assertThat(ledger.release(id)).as(what).isEqualTo(open.remove(id) != null);
            } else if (choice < 19) {
                String of = open.remove(id);
                assertThat(ledger.refund(id)).as(what).isEqualTo(of != null);
                if (("generation " + generation).equals(of)) {
                    spent -= TERMS.cost();
                }
            } else if (!ids.isEmpty() && random.nextInt(4) == 0) {
                ledger.reset("reset-" + step, READER, INDEX);
                generation++;
                spent = 0;
            }
            if (!ids.isEmpty()) {
                assertThat(budget().spent()).as(what).isEqualTo(spent);
                assertThat(budget().queries()).as(what).isEqualTo(spent / TERMS.cost());
            }
        }
        assertThat(generation).isGreaterThan(2);
    }

    @Test
    void manyAtOnceReserveExactlyWhatThereIs() throws InterruptedException, ExecutionException {
        List<Callable<Reservation>> searches = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            String id = "c" + i % 50;
            searches.add(() -> reserve(id));
        }
        int reserved = 0;
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<String, Reservation> ids = new HashMap<>();
            for (Future<Reservation> search : executor.invokeAll(searches)) {
                if (search.get() instanceof Reserved paid) {
                    ids.put(paid.requestId(), paid);
                }
            }
            reserved = ids.size();
        }
        assertThat(reserved).isEqualTo(10);
        assertThat(budget().queries()).isEqualTo(10);
        assertThat(count("SELECT COUNT(*) FROM privacy_events")).isEqualTo(10);
    }

    private long count(String sql) {
        return database.read(connection -> {
            try (var statement = connection.prepareStatement(sql);
                    var row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }
}
