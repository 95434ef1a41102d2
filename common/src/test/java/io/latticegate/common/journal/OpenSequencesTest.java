package io.latticegate.common.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class OpenSequencesTest {
    @Test
    void behavesAsASetUnderRandomAdditionsAndRemovals() {
        for (long seed = 1; seed <= 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int max = 1 + random.nextInt(100);
            OpenSequences actual = new OpenSequences(max, List.of());
            TreeSet<Long> expected = new TreeSet<>();
            for (int step = 0; step < 2000; step++) {
                long member = 1 + random.nextLong(150);
                if (random.nextBoolean()) {
                    assertThat(actual.isFull()).isEqualTo(expected.size() >= max);
                    if (!actual.isFull()) {
                        actual.add(member);
                        expected.add(member);
                    }
                } else {
                    assertThat(actual.remove(member)).as("seed %d", seed).isEqualTo(expected.remove(member));
                }
                assertThat(actual.contains(member)).isEqualTo(expected.contains(member));
                assertThat(actual.size()).isEqualTo(expected.size());
            }
            assertThat(actual.through(75))
                    .containsExactly(expected.headSet(75L, true).stream()
                            .mapToLong(Long::longValue)
                            .toArray());
        }
    }
}
