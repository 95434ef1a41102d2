package io.latticegate.fhe.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class SlabTest {
    private static final long KIB = 1024;

    @Test
    void blocksNeverOverlapAndComeBackWhole() {
        Random random = new Random(7);
        Slab slab = new Slab(1024 * KIB);
        TreeMap<Long, Long> taken = new TreeMap<>();
        for (int i = 0; i < 20_000; i++) {
            if (random.nextInt(5) < 3) {
                long bytes = 1 + random.nextLong(40 * KIB);
                OptionalLong offset = slab.take(bytes);
                if (offset.isPresent()) {
                    long start = offset.getAsLong();
                    assertThat(start % Slab.ALIGNMENT).isZero();
                    var before = taken.floorEntry(start);
                    assertThat(before == null || before.getKey() + before.getValue() <= start)
                            .isTrue();
                    var after = taken.ceilingEntry(start);
                    assertThat(after == null || start + bytes <= after.getKey()).isTrue();
                    assertThat(start + bytes).isLessThanOrEqualTo(slab.bytes());
                    taken.put(start, bytes);
                }
            } else if (!taken.isEmpty()) {
                List<Long> offsets = new ArrayList<>(taken.keySet());
                long offset = offsets.get(random.nextInt(offsets.size()));
                taken.remove(offset);
                slab.giveBack(offset);
            }
            assertThat(slab.blocks()).isEqualTo(taken.size());
        }
        taken.keySet().forEach(slab::giveBack);
        assertThat(slab.used()).isZero();
        assertThat(slab.take(slab.bytes())).as("the whole in one piece").hasValue(0);
    }

    @Test
    void refusesMoreThanItHas() {
        Slab slab = new Slab(2 * KIB);
        assertThat(slab.take(1)).hasValue(0);
        assertThat(slab.take(2 * KIB)).isEmpty();
        assertThat(slab.take(KIB + 512)).hasValue(512);
        assertThat(slab.take(1)).isEmpty();
        assertThat(slab.used()).isEqualTo(2 * KIB);
        slab.giveBack(0);
        assertThat(slab.take(512)).hasValue(0);
        assertThat(slab.peak()).isEqualTo(2 * KIB);
    }

    @Test
    void takesTheSmallestPieceThatFits() {
        Slab slab = new Slab(8 * KIB);
        long wide = slab.take(2 * KIB).orElseThrow();
        slab.take(512);
        long tight = slab.take(KIB).orElseThrow();
        slab.take(512);
        slab.giveBack(wide);
        slab.giveBack(tight);
        assertThat(slab.take(KIB)).hasValue(tight);
    }

    @Test
    void refusesWhatItNeverGave() {
        Slab slab = new Slab(2 * KIB);
        slab.take(1);
        slab.giveBack(0);
        assertThatThrownBy(() -> slab.giveBack(0)).hasMessageContaining("no block begins at 0");
        assertThatThrownBy(() -> new Slab(100)).hasMessageContaining("multiples of 512");
    }
}
