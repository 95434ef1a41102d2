package io.latticegate.proxy.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StrategyTest {
    private static final long MILLI = 1_000_000L;
    private static final TargetState.Breaker BREAKER = new TargetState.Breaker(100, 1_000 * MILLI);

    private static Candidate candidate(int index, int weight, double price) {
        return new Candidate(index, weight, price, new TargetState(BREAKER));
    }

    private static List<Candidate> candidates(int count) {
        return IntStream.range(0, count)
                .mapToObj(index -> candidate(index, 1, Double.POSITIVE_INFINITY))
                .toList();
    }

    private static List<Integer> chosen(Strategy strategy, List<Candidate> candidates, int times) {
        List<Integer> indexes = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            indexes.add(strategy.choose(candidates, 0).index());
        }
        return indexes;
    }

    private static void answer(Candidate candidate, long latency, long now) {
        TargetState.Use use = Objects.requireNonNull(candidate.state().tryUse(now - latency));
        use.answered(now);
        use.close();
    }

    @Test
    void roundRobinTakesEachInTurn() {
        assertThat(chosen(new RoundRobin(), candidates(3), 6)).containsExactly(0, 1, 2, 0, 1, 2);
    }

    @Test
    void weightedSharesInProportion() {
        List<Candidate> candidates = List.of(candidate(0, 3, 0), candidate(1, 1, 0));
        List<Integer> chosen = chosen(new Weighted(new Random(7)), candidates, 4_000);

        assertThat(chosen.stream().filter(index -> index == 0).count()).isBetween(2_850L, 3_150L);
    }

    @Test
    void performanceNeverTakesTheSlowerOfTwo() {
        List<Candidate> candidates = candidates(2);
        answer(candidates.get(0), 200 * MILLI, 200 * MILLI);
        answer(candidates.get(1), 20 * MILLI, 200 * MILLI);

        assertThat(chosen(new Performance(new Random(1)), candidates, 50)).containsOnly(1);
    }

    @Test
    void performanceLeavesAFastOneThatHasTooMuchToDo() {
        List<Candidate> candidates = candidates(2);
        answer(candidates.get(0), 100 * MILLI, 100 * MILLI);
        answer(candidates.get(1), 20 * MILLI, 100 * MILLI);
        for (int i = 0; i < 6; i++) {
            assertThat(candidates.get(1).state().tryUse(0)).isNotNull();
        }

        assertThat(chosen(new Performance(new Random(1)), candidates, 50)).containsOnly(0);
    }

    @Test
    void performanceTriesOneThatNobodyKnows() {
        List<Candidate> candidates = candidates(2);
        answer(candidates.get(0), 20 * MILLI, 20 * MILLI);

        assertThat(chosen(new Performance(new Random(1)), candidates, 10)).containsOnly(1);
    }

    @Test
    void costOptimizedTakesTheCheapestAndKeepsTheOrderOfEquals() {
        assertThat(chosen(new CostOptimized(), List.of(candidate(0, 1, 12), candidate(1, 1, 3)), 3))
                .containsOnly(1);
        assertThat(chosen(new CostOptimized(), candidates(3), 3)).containsOnly(0);
    }

    @Test
    void healthBasedLeavesTheOneThatFails() {
        List<Candidate> candidates = candidates(2);
        for (int i = 0; i < 10; i++) {
            answer(candidates.get(1), 50 * MILLI, 100 * MILLI);
            answer(candidates.get(0), MILLI, 100 * MILLI);
        }
        TargetState.Use use = Objects.requireNonNull(candidates.get(0).state().tryUse(0));
        use.failed(0);
        use.close();

        assertThat(chosen(new HealthBased(), candidates, 3)).containsOnly(1);
    }

    @Test
    void usageEvensOutInProportionToTheWeights() {
        List<Candidate> candidates = List.of(candidate(0, 2, 0), candidate(1, 1, 0));
        int[] uses = new int[2];
        LeastUsed strategy = new LeastUsed();
        for (int i = 0; i < 30; i++) {
            Candidate chosen = strategy.choose(candidates, 0);
            uses[chosen.index()]++;
            Objects.requireNonNull(chosen.state().tryUse(0)).close();
        }

        assertThat(uses).containsExactly(20, 10);
    }
}
