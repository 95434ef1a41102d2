package io.latticegate.common.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.contract.AuditApi;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.AuthApi.LeaseReply;
import io.latticegate.common.contract.AuthApi.WalletReply;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.SealedSecret;
import io.latticegate.common.value.Secret;
import io.latticegate.common.value.TokenDigest;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ContractCodecTest {
    private record Careless(Secret key) {}

    static Stream<Arguments> contracts() {
        return Stream.of(
                Arguments.of(
                        AuthApi.LeaseRequest.class,
                        new AuthApi.LeaseRequest(
                                "node", new TokenDigest(1, -2, 3, Long.MIN_VALUE), Allowance.WITHOUT_LIMIT)),
                Arguments.of(LeaseReply.class, new LeaseReply.Granted("l", "t", "p", new Allowance(1, 2, 3), 1_000)),
                Arguments.of(LeaseReply.class, new LeaseReply.Refused(AuthApi.Refusal.TOKEN_EXPIRED, null, "p")),
                Arguments.of(
                        WalletReply.class,
                        new WalletReply.Rejected(
                                AuthApi.WalletRefusal.INVALID_NONCE,
                                "nonce_used",
                                "Invalid or replayed nonce",
                                7L,
                                8,
                                0)),
                Arguments.of(
                        VaultApi.LeaseKeyReply.class,
                        new VaultApi.Leased(
                                List.of(new VaultApi.LentKey(
                                        "second", 3, new SealedSecret(new byte[32], new byte[20]), "abc")),
                                60_000)),
                Arguments.of(VaultApi.LeaseKeyReply.class, new VaultApi.NoSuchKey()),
                Arguments.of(VaultApi.LeaseKey.class, new VaultApi.LeaseKey(VaultApi.Owner.gateway(), "openai")),
                Arguments.of(AuthApi.Revoked.class, new AuthApi.Revoked("p", List.of(new TokenDigest(1, 2, 3, 4)))));
    }

    @ParameterizedTest
    @MethodSource("contracts")
    void readsWhatItWrote(Class<?> type, Object value) {
        byte[] wire = ContractCodec.write(type, value);

        assertThat(ContractCodec.read(type, wire)).isEqualTo(value);
    }

    @Test
    void keepsNumbersThatFitNoMachineWord() {
        BigInteger nonce = BigInteger.TWO.pow(256).subtract(BigInteger.ONE);
        var claim = new AuthApi.WalletClaim(
                AuthApi.WalletAction.LLM_REQUEST, new byte[32], new byte[65], "0x00", nonce, BigInteger.TEN);

        var read = ContractCodec.read(AuthApi.WalletClaim.class, ContractCodec.write(AuthApi.WalletClaim.class, claim));

        assertThat(read.nonce()).isEqualTo(nonce);
    }

    @Test
    void neverWritesASecret() {
        assertThatThrownBy(() -> ContractCodec.write(Careless.class, new Careless(Secret.ofText("sk-canary"))))
                .isInstanceOf(ContractCodec.MalformedMessage.class)
                .hasMessageNotContaining("canary");
    }

    @Test
    void refusesACaseThatTheInterfaceDoesNotPermit() {
        byte[] other = ContractCodec.write(WalletReply.class, new WalletReply.Admitted("0x00"));

        assertThatThrownBy(() -> ContractCodec.read(LeaseReply.class, other))
                .isInstanceOf(ContractCodec.MalformedMessage.class);
    }

    @Test
    void refusesMoreThanTheBound() {
        var tooMuch = new AuditApi.Append("node", 1, List.of(new byte[ContractCodec.MAX_BYTES]));

        assertThatThrownBy(() -> ContractCodec.write(AuditApi.Append.class, tooMuch))
                .isInstanceOf(ContractCodec.MalformedMessage.class)
                .hasMessageContaining("allowed are " + ContractCodec.MAX_BYTES);
    }

    @Test
    void refusesOrReadsEveryDamagedMessageAndThrowsNothingElse() {
        byte[] wire = ContractCodec.write(
                LeaseReply.class, new LeaseReply.Granted("lease", "token", "project", Allowance.WITHOUT_LIMIT, 1_000));
        long seed = 20_261_121L;
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = Arrays.copyOf(wire, random.nextInt(wire.length + 8));
            for (int flips = random.nextInt(4); flips >= 0 && damaged.length > 0; flips--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(ContractCodec.read(LeaseReply.class, damaged)).isNotNull();
            } catch (ContractCodec.MalformedMessage expected) {
                assertThat(expected).hasMessageContaining("LeaseReply");
            }
        }
    }
}
