package io.latticegate.common.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Eip55Test {

    /** The examples of the ERC itself: mixed, all upper, all lower. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
                "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
                "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
                "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
                "0x52908400098527886E0F7030069857D2E4169EE7",
                "0xde709f2102306220921060314715629080e2fb77"
            })
    void spellsAndReadsTheChecksum(String checksummed) {
        assertThat(Eip55.spell(Eip55.parse(checksummed))).isEqualTo(checksummed);
        String digits = checksummed.substring(2);
        assertThat(Eip55.parse("0x" + digits.toLowerCase(Locale.ROOT))).isEqualTo(Eip55.parse(checksummed));
        assertThat(Eip55.parse("0x" + digits.toUpperCase(Locale.ROOT))).isEqualTo(Eip55.parse(checksummed));
    }

    @Test
    void refusesMixedCaseThatIsNotTheChecksum() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Eip55.parse("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"))
                .withMessageContaining("EIP-55");
    }
}
