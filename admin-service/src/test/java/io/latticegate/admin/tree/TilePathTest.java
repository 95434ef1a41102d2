package io.latticegate.admin.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TilePathTest {
    private static List<String> segments(String path) {
        return List.of(path.split("/", -1));
    }

    @Test
    void readsWhatTheSpecificationWrites() {
        assertThat(TilePath.parse(segments("0/x001/x234/067"))).contains(new TilePath(0, 1_234_067, 256));
        assertThat(TilePath.parse(segments("2/000.p/17"))).contains(new TilePath(2, 0, 17));
        assertThat(TilePath.parse(segments("entries/x001/002.p/255")))
                .contains(new TilePath(TilePath.ENTRIES, 1_002, 255));
        assertThat(TilePath.parse(segments("63/999"))).contains(new TilePath(63, 999, 256));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "64/000",
                "00/000",
                "-1/000",
                "0/0",
                "0/0000",
                "0/001/002",
                "0/x000/001",
                "0/x001",
                "0/000.p",
                "0/000.p/0",
                "0/000.p/256",
                "0/000.p/01",
                "0/000/12",
                "entry/000",
                "0/x1/000",
                "0/000.p/12/3",
                "0/x999/x999/x999/x999/x999/999",
                "0/..",
                "0/0a0"
            })
    void refusesEverythingElse(String path) {
        assertThat(TilePath.parse(segments(path))).isEmpty();
    }
}
