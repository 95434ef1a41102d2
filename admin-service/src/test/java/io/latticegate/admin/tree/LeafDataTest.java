package io.latticegate.admin.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.crypto.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class LeafDataTest {
    private static final int WHOLE_MAX = 65_535 - 15 - 1;

    @Test
    void isWrittenAsDocumented() {
        byte[] data = LeafData.of("ab", 258, new byte[] {9, 8, 7});

        assertThat(HexFormat.of().formatHex(data))
                .isEqualTo("01" + "0002" + "6162" + "0000000000000102" + "00000003" + "090807");
    }

    @Test
    void aPayloadThatDoesNotFitABundleStandsAsItsDigest() {
        assertThat(LeafData.of("n", 1, new byte[WHOLE_MAX])).hasSize(65_535).startsWith(1);
        byte[] longer = new byte[WHOLE_MAX + 1];
        byte[] data = LeafData.of("n", 1, longer);

        assertThat(data).hasSize(16 + 32).startsWith(2);
        assertThat(Arrays.copyOfRange(data, 16, 48)).isEqualTo(Sha256.of(longer));
        assertThat(Arrays.copyOfRange(data, 12, 16)).isEqualTo(new byte[] {0, 0, (byte) 0xff, (byte) 0xf0});
    }

    @Test
    void theHashIsThatOfTheData() {
        for (int length : new int[] {1, 400, WHOLE_MAX, WHOLE_MAX + 1, 70_000}) {
            byte[] payload = new byte[length];
            assertThat(LeafData.hash(Sha256.digest(), "n".getBytes(StandardCharsets.UTF_8), 7, payload))
                    .as("%d bytes", length)
                    .isEqualTo(TreeHash.leaf(LeafData.of("n", 7, payload)));
        }
    }
}
