package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WindowScanTest {
    private static final int WINDOW = 32;

    @TempDir
    private Path folder;

    private final Random random = new Random(7);
    private final byte[] vector = bytes(8 * 384);
    private final WindowScan scan = new WindowScan().add("vector", vector, 8, WINDOW);

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void findsAnyWindowAtAnyOffsetAlsoAcrossTheEdgeOfABuffer() throws IOException {
        for (int before : new int[] {0, 1, 7, (1 << 20) - 5, (1 << 20) + 3, (2 << 20) + 31}) {
            for (int from : new int[] {0, 8, 8 * 380}) {
                ByteArrayOutputStream file = new ByteArrayOutputStream();
                file.writeBytes(new byte[before]);
                file.writeBytes(Arrays.copyOfRange(vector, from, from + WINDOW));
                Path written = Files.write(folder.resolve("heap"), file.toByteArray());

                assertThat(scan.file(written)).containsExactly(new WindowScan.Finding("vector", written, before));
            }
        }
    }

    @Test
    void findsNothingWhereLessThanAWindowIs() throws IOException {
        Files.write(folder.resolve("short"), Arrays.copyOf(vector, WINDOW - 1));
        Files.write(folder.resolve("other"), bytes(3 << 20));
        byte[] changed = Arrays.copyOf(vector, WINDOW);
        changed[WINDOW - 1] ^= 1;
        Files.write(folder.resolve("changed"), changed);
        Files.write(folder.resolve("between"), Arrays.copyOfRange(vector, 4, 4 + WINDOW));

        assertThat(scan.files(folder)).isEmpty();
    }

    @Test
    void findsManySequencesThatBeginAlike() throws IOException {
        byte[] head = bytes(16);
        WindowScan alike = new WindowScan();
        for (int i = 0; i < 300; i++) {
            byte[] one = Arrays.copyOf(head, WINDOW);
            one[20] = (byte) i;
            one[21] = (byte) (i >> 8);
            alike.add("s" + i, one, 8, WINDOW);
        }
        alike.plant(folder.resolve("planted"));

        List<WindowScan.Finding> found = alike.file(folder.resolve("planted"));
        assertThat(found).hasSize(300);
        assertThat(WindowScan.names(found)).isEqualTo(alike.names());
        assertThat(alike.windows()).isEqualTo(300);
    }

    @Test
    void refusesWindowsThatChanceWouldFind() {
        assertThatThrownBy(() -> scan.add("short", new byte[64], 1, 8)).hasMessageContaining("16 or more");
        assertThatThrownBy(() -> scan.add("short", new byte[31], 1, 32)).hasMessageContaining("less than a window");
    }
}
