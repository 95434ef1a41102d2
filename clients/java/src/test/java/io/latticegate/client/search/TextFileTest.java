package io.latticegate.client.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.client.error.LocalStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TextFileTest {
    @TempDir
    private Path folder;

    private TextFile open() {
        return TextFile.open(folder.resolve("texts"), 2);
    }

    private Path file() {
        return folder.resolve("texts/texts.jsonl");
    }

    private static void add(TextFile texts, String... ids) {
        List<TextEntry> entries = new ArrayList<>();
        List<float[]> vectors = new ArrayList<>();
        for (String id : ids) {
            entries.add(TextEntry.of(id, "text of " + id + " \u00e9\n\"", Map.of("n", id.length(), "even", true)));
            vectors.add(vector(id));
        }
        texts.add(entries, vectors);
    }

    private static float[] vector(String id) {
        return new float[] {id.hashCode(), -id.length()};
    }

    private static List<String> ids(TextFile texts) {
        List<String> ids = new ArrayList<>();
        for (int row = 0; row < texts.size(); row++) {
            assertThat(texts.entry(row).label()).isEqualTo(texts.label(row));
            assertThat(texts.entry(row).text())
                    .isEqualTo("text of " + texts.label(row).id() + " \u00e9\n\"");
            assertThat(texts.vector(row)).isEqualTo(vector(texts.label(row).id()));
            ids.add(texts.label(row).id());
        }
        return ids;
    }

    @Test
    void anotherProcessFindsWhatWasAdded() {
        try (TextFile texts = open()) {
            add(texts, "a", "bb");
            add(texts, "ccc");
        }
        try (TextFile texts = open()) {
            assertThat(ids(texts)).containsExactly("a", "bb", "ccc");
            assertThat(texts.label(1).metadata()).containsEntry("n", 2).containsEntry("even", true);
        }
    }

    @Test
    void onlyItsOwnerCanReadIt() throws IOException {
        try (TextFile texts = open()) {
            add(texts, "a");
            texts.removeIf(label -> label.id().equals("none"));
            texts.removeIf(label -> label.id().equals("a"));
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file().getParent())))
                .isEqualTo("rwx------");
    }

    /** The process died while it added "ccc": whatever part of the line is there, the texts before it are whole. */
    @Test
    void aLineThatWasNotFinishedIsCutOff() throws IOException {
        long before;
        try (TextFile texts = open()) {
            add(texts, "a", "bb");
            before = Files.size(file());
            add(texts, "ccc");
        }
        byte[] whole = Files.readAllBytes(file());
        for (int length = (int) before; length < whole.length; length++) {
            Files.write(file(), java.util.Arrays.copyOf(whole, length));
            try (TextFile texts = open()) {
                assertThat(ids(texts)).containsExactly("a", "bb");
                assertThat(Files.size(file())).isEqualTo(before);
                add(texts, "d");
                assertThat(ids(texts)).containsExactly("a", "bb", "d");
            }
        }
    }

    @Test
    void rowsMoveUpWhereSomeAreRemovedAndTheirTextsAreGone() throws IOException {
        try (TextFile texts = open()) {
            add(texts, "a", "bb", "ccc", "dddd");
            String revision = texts.revision();

            assertThat(texts.removeIf(label -> label.id().length() % 2 == 0)).isEqualTo(2);

            assertThat(texts.revision()).isNotEqualTo(revision);
            assertThat(ids(texts)).containsExactly("a", "ccc");
            add(texts, "bb");
            assertThat(ids(texts)).containsExactly("a", "ccc", "bb");
        }
        assertThat(Files.readString(file())).doesNotContain("dddd");
        try (TextFile texts = open()) {
            assertThat(ids(texts)).containsExactly("a", "ccc", "bb");
        }
    }

    @Test
    void vectorsStreamAsAnIndexTakesThem() throws IOException {
        try (TextFile texts = open()) {
            add(texts, "a", "bb", "ccc");
            ByteBuffer expected = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
            for (String id : List.of("a", "bb", "ccc")) {
                expected.putFloat(vector(id)[0]).putFloat(vector(id)[1]);
            }
            assertThat(texts.vectors().readAllBytes()).isEqualTo(expected.array());
        }
    }

    @Test
    void equalRevisionsAreEqualRows() {
        String one;
        try (TextFile texts = open()) {
            add(texts, "a");
            one = texts.revision();
        }
        try (TextFile texts = open()) {
            assertThat(texts.revision()).isEqualTo(one);
            add(texts, "b");
            assertThat(texts.revision()).isNotEqualTo(one);
            texts.removeIf(label -> label.id().equals("b"));
            assertThat(texts.revision()).isNotEqualTo(one);
        }
    }

    @Test
    void addsAllOrNothing() {
        try (TextFile texts = open()) {
            add(texts, "a");
            assertThatThrownBy(() -> add(texts, "b", "a")).hasMessageContaining("the id a is there already");
            assertThatThrownBy(() -> add(texts, "b", "b")).hasMessageContaining("the id b is there already");
            assertThatThrownBy(
                            () -> texts.add(List.of(TextEntry.of("b", "t", Map.of())), List.of(new float[] {1, 2, 3})))
                    .hasMessageContaining("3 numbers; allowed are 2");
            assertThatThrownBy(() ->
                            texts.add(List.of(TextEntry.of("b", "t", Map.of())), List.of(new float[] {1, Float.NaN})))
                    .hasMessageContaining("NaN");
            assertThat(ids(texts)).containsExactly("a");
        }
    }

    @Test
    void oneHasItAtATime() {
        try (TextFile texts = open()) {
            assertThat(texts.size()).isZero();
            assertThatThrownBy(this::open)
                    .isInstanceOf(LocalStoreException.class)
                    .hasMessageContaining("open already");
        }
        open().close();
    }

    @Test
    void refusesAFileOfAnotherKind() throws IOException {
        open().close();
        assertThatThrownBy(() -> TextFile.open(folder.resolve("texts"), 3))
                .hasMessageContaining("vectors of 3 numbers");
        Files.writeString(file(), "{\"id\":\"a\"}\n", StandardOpenOption.APPEND);
        Files.writeString(file(), "{\"id\":\"a\"}\n", StandardOpenOption.APPEND);
        assertThatThrownBy(this::open).hasMessageContaining("two lines of the id a");
        Files.writeString(file(), "nothing\n");
        assertThatThrownBy(this::open).isInstanceOf(LocalStoreException.class).hasMessageContaining("no JSON");
    }
}
