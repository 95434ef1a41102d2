package io.latticegate.proxy.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetsTest {
    private static final long SECOND = 1_000_000_000L;

    private static int granted(RetryBudget budget, int asked, long now) {
        int granted = 0;
        for (int i = 0; i < asked; i++) {
            granted += budget.withdraw(now) ? 1 : 0;
        }
        return granted;
    }

    @Test
    void anOutageCostsATenthMoreAttemptsThanRequests() {
        RetryBudget budget = new RetryBudget(0.1);
        assertThat(granted(budget, 1_000, 0)).isEqualTo(RetryBudget.SAVED_MAX);

        for (int i = 0; i < 500; i++) {
            budget.deposit();
        }

        assertThat(granted(budget, 1_000, 0)).isEqualTo(50);
    }

    @Test
    void aQuietGatewayMayRetryToo() {
        RetryBudget budget = new RetryBudget(0.1);
        granted(budget, 1_000, 0);

        assertThat(granted(budget, 1_000, SECOND)).isEqualTo(RetryBudget.FREE_PER_SECOND);
        assertThat(granted(budget, 1_000, 10_000 * SECOND)).isEqualTo(RetryBudget.SAVED_MAX);
    }

    @Test
    void noBudgetMeansNoRetry() {
        assertThat(new RetryBudget(0).withdraw(SECOND)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
    void refusesAShareThatIsNone(double share) {
        assertThatThrownBy(() -> new RetryBudget(share)).hasMessageContaining("0 to 1");
    }

    @Test
    void aRequestHasOneAttemptMoreThanRetries() {
        AttemptBudget budget = new AttemptBudget(2);
        int attempts = 0;
        while (budget.left()) {
            budget.begin();
            attempts++;
        }

        assertThat(attempts).isEqualTo(3);
        assertThat(budget.begun()).isEqualTo(3);
    }

    @Test
    void pausesGrowUpToABound() {
        Random random = new Random(3);
        AttemptBudget budget = new AttemptBudget(20);
        for (long most = 100; budget.left(); most = Math.min(2_000, most * 2)) {
            budget.begin();
            for (int i = 0; i < 20; i++) {
                assertThat(budget.backoffMillis(random)).isBetween(0L, most);
            }
        }
    }
}
