package io.latticegate.fhe.core.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.backend.CpuVector;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.RnsBackend;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of indexes: their size, and what is refused. */
final class SearchIndexTest {
    private static final int ROWS = 300;
    private static final int DIMENSION = 64;
    private static final int ROWS_AT = 24;
    private static final int DIGEST_AT = 84;

    private final RnsBackend backend = new CpuVector();
    private final float[][] rows = SearchFixture.unitVectors(new Random(7), ROWS, DIMENSION);

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("index");
    }

    private void write(byte[] bytes) throws IOException, InvalidRowsException {
        new IndexWriter(Preset.S12, ROWS, DIMENSION, backend).write(file, new ByteArrayInputStream(bytes));
    }

    @ParameterizedTest
    @CsvSource({"300, 64, S12", "1, 1, S12", "1, 4096, S12", "5000, 384, S12", "5000, 384, S13", "777, 100, S14"})
    void hasTheBytesThatWerePredicted(int count, int dimension, Preset preset)
            throws IOException, InvalidRowsException {
        IndexWriter writer = new IndexWriter(preset, count, dimension, backend);
        byte[] zeros = new byte[Math.toIntExact(writer.rowBytes())];
        writer.write(file, new ByteArrayInputStream(zeros));
        assertThat(Files.size(file))
                .isEqualTo(SearchIndex.bytesFor(count, dimension, preset))
                .isEqualTo(writer.bytes());
        SearchIndex index = SearchIndex.open(file);
        assertThat(index.rows()).isEqualTo(count);
        assertThat(index.dimension()).isEqualTo(dimension);
        assertThat(index.preset()).isEqualTo(preset);
        assertThat(index.bytes()).isEqualTo(Files.size(file));
        assertThat(index.elements()).isEmpty();
    }

    @Test
    void theSizeOfALargeIndexIsEightBytesAComponentAndTheHeader() {
        long components = 98L * 96 * 4096;
        assertThat(SearchIndex.bytesFor(100_000, 384, Preset.S12)).isEqualTo(4096 + components * 8);
    }

    @ParameterizedTest
    @CsvSource({"0, 64", "10000001, 64", "-1, 64", "100, 0", "100, 4097", "100, -5"})
    void refusesShapes(int count, int dimension) {
        assertThatThrownBy(() -> SearchIndex.bytesFor(count, dimension, Preset.S12))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("allowed are 1 to");
        assertThatThrownBy(() -> new IndexWriter(Preset.S12, count, dimension, backend))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1.1f, Float.MAX_VALUE})
    void refusesRowsThatAreNoUnitVectors(float component) {
        rows[257][3] = component;
        assertThatThrownBy(() -> write(SearchFixture.bytes(rows)))
                .isInstanceOf(InvalidRowsException.class)
                .hasMessageContaining("row 257 has norm")
                .hasMessageContaining("up to 1.001");
        assertThat(file).doesNotExist();
    }

    @Test
    void refusesTooFewAndTooManyRows() {
        byte[] bytes = SearchFixture.bytes(rows);
        assertThatThrownBy(() -> write(Arrays.copyOf(bytes, bytes.length - 1)))
                .isInstanceOf(InvalidRowsException.class)
                .hasMessageContaining("the rows end in row 299 after 255 bytes");
        assertThat(file).doesNotExist();
        assertThatThrownBy(() -> write(Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(InvalidRowsException.class)
                .hasMessageContaining("more than " + bytes.length + " bytes");
        assertThat(file).doesNotExist();
    }

    @Test
    void neverWritesOverAFile() throws IOException {
        Files.writeString(file, "mine");
        assertThatThrownBy(() -> write(SearchFixture.bytes(rows))).isInstanceOf(IOException.class);
        assertThat(file).hasContent("mine");
    }

    @Test
    void refusesFilesThatWereChanged() throws IOException, InvalidRowsException {
        write(SearchFixture.bytes(rows));
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(11);
        for (int at = 0; at < DIGEST_AT + 40; at++) {
            assertRefused(flipped(whole, at, random));
        }
        for (int i = 0; i < 100; i++) {
            assertRefused(flipped(whole, random.nextInt(whole.length), random));
        }
        for (int length : new int[] {0, 1, 4095, 4096, whole.length - 1, whole.length - 8}) {
            assertRefused(Arrays.copyOf(whole, length));
        }
        assertRefused(Arrays.copyOf(whole, whole.length + 8));
        ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).putInt(ROWS_AT, Integer.MAX_VALUE);
        assertRefused(whole);
    }

    private static byte[] flipped(byte[] whole, int at, Random random) {
        byte[] changed = whole.clone();
        changed[at] ^= (byte) (1 << random.nextInt(8));
        return changed;
    }

    private void assertRefused(byte[] bytes) throws IOException {
        Path changed = folder.resolve("changed");
        Files.write(changed, bytes);
        assertThatThrownBy(() -> SearchIndex.open(changed)).isInstanceOf(IndexFormatException.class);
    }
}
