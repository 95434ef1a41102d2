package io.latticegate.common.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** Prints what an append and a force cost here: {@code java … JournalTiming DIRECTORY}. */
final class JournalTiming {
    private static final int PAYLOAD_BYTES = 400;
    private static final int ROUND = 500_000;
    private static final long[] PACES_NANOS = {0, 0, 0, 16_000, 16_000};

    private JournalTiming() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "journal-timing");
        byte[] payload = new byte[PAYLOAD_BYTES];
        try (Journal journal = Journal.open(directory, JournalOptions.defaults())) {
            for (long paceNanos : PACES_NANOS) {
                long[] nanos = new long[ROUND];
                long refused = 0;
                long started = System.nanoTime();
                for (int append = 0; append < ROUND; append++) {
                    while (System.nanoTime() - started < append * paceNanos) {
                        Thread.onSpinWait();
                    }
                    long before = System.nanoTime();
                    while (journal.tryAppend(payload, 0, payload.length) < 0) {
                        refused++;
                        Thread.onSpinWait();
                    }
                    nanos[append] = System.nanoTime() - before;
                    if (append % 1000 == 0) {
                        journal.acknowledge(journal.forcedSequence());
                    }
                }
                double perSecond = ROUND * 1e9 / (System.nanoTime() - started);
                Arrays.sort(nanos);
                System.out.printf(
                        Locale.ROOT,
                        "append of %d bytes at %.0f/s: mean %.0f ns, p50 %d, p90 %d, p99 %d, p99.9 %d, max %d us; refused %d%n",
                        PAYLOAD_BYTES,
                        perSecond,
                        Arrays.stream(nanos).average().orElse(0),
                        nanos[ROUND / 2],
                        nanos[ROUND / 10 * 9],
                        nanos[ROUND / 100 * 99],
                        nanos[ROUND / 1000 * 999],
                        nanos[ROUND - 1] / 1000,
                        refused);
            }
            for (int records : new int[] {1, 16, 256, 4096}) {
                long total = 0;
                for (int round = 0; round < 50; round++) {
                    for (int append = 0; append < records; append++) {
                        journal.tryAppend(payload, 0, payload.length);
                    }
                    long before = System.nanoTime();
                    journal.force();
                    total += System.nanoTime() - before;
                    journal.acknowledge(journal.forcedSequence());
                }
                System.out.printf(Locale.ROOT, "force of %d records: %d us%n", records, total / 50 / 1000);
            }
        }
    }
}
