package io.latticegate.common.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalletAddressTest {

    private static final String LOWER = "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a";

    @Test
    void spellsItselfInLowerCaseWhateverTheInput() {
        assertThat(WalletAddress.parse("0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"))
                .hasToString(LOWER)
                .isEqualTo(WalletAddress.parse(LOWER));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0x",
                "19e7e376e7c213b7e7e7e46cc70a5dd086daff2a",
                "0X19e7e376e7c213b7e7e7e46cc70a5dd086daff2a",
                "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2",
                "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a0",
                "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2g",
                "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a\n",
                " 0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2",
                "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff٢a"
            })
    void refusesEverythingButFortyHexadecimalDigits(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> WalletAddress.parse(text));
    }

    @Test
    void isNeverBuiltInAnotherSpelling() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new WalletAddress("0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"));
    }

    @Test
    void survivesItsOwnBytes() {
        WalletAddress address = WalletAddress.parse(LOWER);
        assertThat(address.toBytes()).hasSize(20);
        assertThat(WalletAddress.ofLastBytes(address.toBytes())).isEqualTo(address);
        assertThatIllegalArgumentException().isThrownBy(() -> WalletAddress.ofLastBytes(new byte[19]));
    }
}
