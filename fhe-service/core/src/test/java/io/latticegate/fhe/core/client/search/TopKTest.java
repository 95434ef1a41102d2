package io.latticegate.fhe.core.client.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.client.search.TopK.Hit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against sorting everything, with many equal scores. */
final class TopKTest {
    @Test
    void keepsTheBestInAnyOrderAndInParts() {
        Random random = new Random(3);
        for (int round = 0; round < 200; round++) {
            List<Hit> all = new ArrayList<>();
            int rows = random.nextInt(1, 60);
            for (int row = 0; row < rows; row++) {
                all.add(new Hit(row, random.nextInt(10) / 10.0));
            }
            int count = random.nextInt(1, 20);
            List<Hit> expected = all.stream()
                    .sorted(Comparator.comparingDouble(Hit::score).reversed().thenComparingInt(Hit::row))
                    .limit(count)
                    .toList();
            Collections.shuffle(all, random);
            TopK first = new TopK(count);
            TopK second = new TopK(count);
            all.forEach(hit -> (random.nextBoolean() ? first : second).offer(hit.row(), hit.score()));
            first.merge(second);
            assertThat(first.best()).isEqualTo(expected);
        }
    }

    @Test
    void refusesWhatHasNoOrder() {
        assertThatThrownBy(() -> new TopK(0)).hasMessageContaining("allowed are 1 or more");
        assertThatThrownBy(() -> new TopK(1).offer(5, Double.NaN)).hasMessageContaining("row 5 is not a number");
    }
}
