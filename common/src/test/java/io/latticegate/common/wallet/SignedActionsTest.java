package io.latticegate.common.wallet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latticegate.common.value.WalletAddress;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignedActionsTest {

    private static final WalletAddress WALLET = WalletAddress.parse("0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A");
    private static final BigInteger TIME = BigInteger.valueOf(1_700_000_000);

    private final SignedActions actions = new SignedActions(WalletDomains.defaults());

    @Test
    void computesTheDigestThatFourWalletLibrariesAgreeOnForARequest() {
        assertThat(actions.llmRequest(1, "hi", "gpt-4", WALLET, BigInteger.ONE, TIME))
                .hasToString("0xa8dac1ddd943aed85b92b173f4c23379956776e6e2007ee1f8aa234f11e7ba99");
    }

    @Test
    void computesTheDigestThatFourWalletLibrariesAgreeOnForADeposit() {
        assertThat(actions.vaultStore("openai", "sk-test".getBytes(StandardCharsets.UTF_8), TIME))
                .hasToString("0x50f2d1ef91a430ea99ea867f1f21e5676eea4805a971d6408d57fcf440ac8aad");
    }

    @Test
    void bindsEveryFieldAndTheDomain() {
        SignedActions other =
                new SignedActions(new WalletDomains("Another Relay", "1", List.of(1L, 10L), "Another Vault", "1"));
        WalletAddress stranger = WalletAddress.parse("0x" + "11".repeat(20));
        assertThat(List.of(
                        actions.llmRequest(1, "hi", "gpt-4", WALLET, BigInteger.ONE, TIME),
                        actions.llmRequest(1, "hj", "gpt-4", WALLET, BigInteger.ONE, TIME),
                        actions.llmRequest(1, "hi", "gpt-5", WALLET, BigInteger.ONE, TIME),
                        actions.llmRequest(1, "hi", "gpt-4", stranger, BigInteger.ONE, TIME),
                        actions.llmRequest(1, "hi", "gpt-4", WALLET, BigInteger.TWO, TIME),
                        actions.llmRequest(1, "hi", "gpt-4", WALLET, BigInteger.ONE, TIME.add(BigInteger.ONE)),
                        other.llmRequest(1, "hi", "gpt-4", WALLET, BigInteger.ONE, TIME),
                        other.llmRequest(10, "hi", "gpt-4", WALLET, BigInteger.ONE, TIME),
                        actions.vaultDelete(WALLET, "openai", BigInteger.ONE, TIME),
                        other.vaultDelete(WALLET, "openai", BigInteger.ONE, TIME),
                        actions.vaultDelete(WALLET, "anthropic", BigInteger.ONE, TIME)))
                .doesNotHaveDuplicates();
    }

    @Test
    void refusesChainsOffTheListAndNumbersThatAreNoUint256() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> actions.llmRequest(2, "hi", "gpt-4", WALLET, BigInteger.ONE, TIME))
                .withMessageContaining("[1]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> actions.vaultDelete(WALLET, "openai", BigInteger.TWO.pow(256), TIME));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> actions.vaultDelete(WALLET, "openai", BigInteger.ONE.negate(), TIME));
    }

    @Test
    void refusesDomainsThatNobodyCouldMean() {
        assertThatIllegalArgumentException().isThrownBy(() -> new WalletDomains("", "1", List.of(1L), "V", "1"));
        assertThatIllegalArgumentException().isThrownBy(() -> new WalletDomains("R", "1", List.of(), "V", "1"));
        assertThatIllegalArgumentException().isThrownBy(() -> new WalletDomains("R", "1", List.of(-1L), "V", "1"));
        assertThatIllegalArgumentException().isThrownBy(() -> new WalletDomains("R", "1", List.of(0L), "V", "1"));
    }
}
