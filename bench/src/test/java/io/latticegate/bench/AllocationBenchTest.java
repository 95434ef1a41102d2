package io.latticegate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AllocationBenchTest {
    /** Bytes on the event loops for one governed request. Whoever lowers the figure lowers this; nobody raises it. */
    private static final double PER_REQUEST_MAX = 22_000;

    /** Bytes on the event loops for one event of a stream. Whoever lowers the figure lowers this; nobody raises it. */
    private static final double PER_EVENT_MAX = 2_250;

    @Test
    void aRequestAndAnEventStayBelowTheirCeilings(@TempDir Path folder) {
        AllocationBench.Figures figures = AllocationBench.measure(Duration.ofSeconds(3), folder);

        System.out.println("allocation: " + figures);
        assertThat(figures.perRequest()).isBetween(1_000.0, PER_REQUEST_MAX);
        assertThat(figures.perEvent()).isBetween(100.0, PER_EVENT_MAX);
    }

    @Test
    void readsAThreadDump() {
        String dump = """
                "main" #1 [7] prio=5 os_prio=0 cpu=1.5ms elapsed=3.0s allocated=1500B defined_classes=1 tid=0x1 nid=7 waiting
                "vert.x-eventloop-thread-0" #31 [8] prio=5 cpu=1.5ms elapsed=3.0s allocated=200K defined_classes=1 tid=0x2
                "vert.x-eventloop-thread-1" #32 [9] prio=5 cpu=1.5ms elapsed=3.0s allocated=300M defined_classes=1 tid=0x3
                """;

        AllocatedBytes bytes = AllocatedBytes.parse(dump);

        assertThat(bytes.ofEventLoops()).isEqualTo((200L << 10) + (300L << 20));
        assertThat(bytes.ofAll()).isEqualTo(1_500 + (200L << 10) + (300L << 20));
        assertThatIllegalStateException().isThrownBy(() -> AllocatedBytes.parse("\"main\" #1 allocated=15B x"));
    }
}
