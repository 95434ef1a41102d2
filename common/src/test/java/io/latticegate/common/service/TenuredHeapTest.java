package io.latticegate.common.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TenuredHeapTest {
    @ParameterizedTest
    @CsvSource({
        "5, 0, false", // the start of a process, before anything has grown
        "6, 0, true",
        "20, 18, false",
        "24, 18, true",
        "40, 33, false", // a third of what lives
        "44, 33, true",
        "80, 60, true",
        "400, 20, true", // a burst that died
        "90, 65, false" // too much lives for a pause
    })
    void collectsWhenAThirdHasGrownAndLittleLives(long usedMiB, long liveMiB, boolean due) {
        assertThat(TenuredHeap.isDue(usedMiB << 20, liveMiB << 20)).isEqualTo(due);
    }
}
