package io.latticegate.admin.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vectors that implementations of RFC 6962 and 9162 have shared since Certificate Transparency's first one. */
class TreeVectorsTest {
    private static final HexFormat HEX = HexFormat.of();

    private static final List<byte[]> LEAVES = List.of(
                    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
            .stream()
            .map(data -> TreeHash.leaf(HEX.parseHex(data)))
            .toList();

    private static final List<String> ROOTS = List.of(
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    private static final String LEAF_0 = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
    private static final String LEAF_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
    private static final String LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
    private static final String LEAVES_0_TO_1 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125";
    private static final String LEAVES_2_TO_3 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
    private static final String LEAVES_4_TO_5 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
    private static final String LEAVES_6_TO_7 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
    private static final String LEAVES_0_TO_3 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7";
    private static final String LEAVES_4_TO_7 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";

    private static List<String> hex(List<byte[]> hashes) {
        return hashes.stream().map(HEX::formatHex).toList();
    }

    @Test
    void rootsAreThoseOfTheVectors() {
        CompactRange range = new CompactRange();
        List<String> roots = new ArrayList<>(List.of(HEX.formatHex(range.root())));
        for (byte[] leaf : LEAVES) {
            range.append(leaf, (level, index, hash) -> {});
            roots.add(HEX.formatHex(range.root()));
            CompactRange again = CompactRange.of(range.size(), range.packed());
            assertThat(again.root()).isEqualTo(range.root());
        }
        assertThat(roots).isEqualTo(ROOTS);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, ''",
        "0, 8, " + LEAF_1 + " " + LEAVES_2_TO_3 + " " + LEAVES_4_TO_7,
        "5, 8, " + LEAF_4 + " " + LEAVES_6_TO_7 + " " + LEAVES_0_TO_3,
        "2, 3, " + LEAVES_0_TO_1,
        "1, 5, " + LEAF_0 + " " + LEAVES_2_TO_3 + " " + LEAF_4,
    })
    void inclusionProofsAreThoseOfTheVectors(int index, int size, String path) {
        assertThat(String.join(" ", hex(NaiveTree.inclusion(index, LEAVES.subList(0, size)))))
                .isEqualTo(path);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, ''",
        "1, 8, " + LEAF_1 + " " + LEAVES_2_TO_3 + " " + LEAVES_4_TO_7,
        "6, 8, " + LEAVES_4_TO_5 + " " + LEAVES_6_TO_7 + " " + LEAVES_0_TO_3,
        "2, 5, " + LEAVES_2_TO_3 + " " + LEAF_4,
    })
    void consistencyProofsAreThoseOfTheVectors(int from, int to, String path) {
        assertThat(String.join(" ", hex(NaiveTree.consistency(from, LEAVES.subList(0, to)))))
                .isEqualTo(path);
    }
}
