package io.latticegate.auth.wallet;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.WalletSignature;
import io.latticegate.common.wallet.WalletSignature.Parsed;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.web3j.crypto.Keys;
import org.web3j.crypto.Sign;

class EcdsaRecoveryTest {

    private final EcdsaRecovery secp256k1 = new Secp256k1Recovery();
    private final EcdsaRecovery bouncyCastle = new BouncyCastleRecovery();

    @Test
    void recoversTheSignerOfBothVectorsOnWhichFourWalletLibrariesAgree() {
        WalletAddress signer = WalletAddress.parse("0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A");
        Hash32 request = Hash32.parse("0xa8dac1ddd943aed85b92b173f4c23379956776e6e2007ee1f8aa234f11e7ba99");
        Hash32 deposit = Hash32.parse("0x50f2d1ef91a430ea99ea867f1f21e5676eea4805a971d6408d57fcf440ac8aad");
        WalletSignature onRequest = signature(
                "0xeb7e205068099c0af0e75ef0525927258dea559356a4f87d22251f9e528219a55f2e7e023a3fdd8c6cbba60bb40d434a2a0a1a76107b6235e74167a459d8a5a91c");
        WalletSignature onDeposit = signature(
                "0x4551f97a26b163967d5c988a75a817039010c161159f80c94ae82b539d0c4bce628e8a5fe3cb302a57d3fd4b4147675a136d8a61890cfc6d0ba45c37d8ab32cb1b");
        for (EcdsaRecovery recovery : List.of(secp256k1, bouncyCastle)) {
            assertThat(recovery.signer(request, onRequest)).contains(signer);
            assertThat(recovery.signer(deposit, onDeposit)).contains(signer);
            assertThat(recovery.signer(request, onDeposit)).isNotEqualTo(Optional.of(signer));
        }
    }

    /** About half of the random r have no point on the curve, so both outcomes are compared thousands of times. */
    @Test
    void bothImplementationsAgreeOnTenThousandRandomSignatures() {
        long seed = 0x5eed_ec05L;
        Random random = new Random(seed);
        int recovered = 0;
        for (int round = 0; round < 10_000; round++) {
            Hash32 digest = random(random);
            WalletSignature signature = lowS(random);
            Optional<WalletAddress> expected = bouncyCastle.signer(digest, signature);
            assertThat(secp256k1.signer(digest, signature))
                    .as("seed %d, round %d: %s over %s", seed, round, signature, digest)
                    .isEqualTo(expected);
            recovered += expected.isPresent() ? 1 : 0;
        }
        assertThat(recovered).isBetween(4_000, 6_000);
    }

    @Test
    void bothImplementationsAgreeWithWeb3jOnItsOwnSignatures() throws Exception {
        long seed = 0x5eed_3e3bL;
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            TestWallet wallet = TestWallet.of(1 + random.nextLong(Long.MAX_VALUE));
            Hash32 digest = random(random);
            Sign.SignatureData data = Sign.signMessage(digest.toBytes(), wallet.key(), false);
            String web3j = "0x" + Keys.getAddress(Sign.signedMessageHashToKey(digest.toBytes(), data));
            WalletSignature signature = wallet.sign(digest);
            assertThat(secp256k1.signer(digest, signature))
                    .as("seed %d, round %d", seed, round)
                    .contains(WalletAddress.parse(web3j))
                    .contains(wallet.address());
            assertThat(bouncyCastle.signer(digest, signature)).contains(wallet.address());
        }
    }

    @Test
    void bothImplementationsAgreeAtTheEdges() {
        Hash32 generatorX = Hash32.parse("0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
        Hash32 one = new Hash32(0, 0, 0, 1);
        Hash32 halfOrder = Hash32.parse("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
        Hash32 orderLessOne = Hash32.parse("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140");
        Hash32 allOnes = new Hash32(-1, -1, -1, -1);
        for (Hash32 digest : List.of(Hash32.ZERO, one, halfOrder, orderLessOne, allOnes)) {
            for (Hash32 r : List.of(generatorX, one, new Hash32(0, 0, 0, 5), halfOrder, orderLessOne)) {
                for (Hash32 s : List.of(one, halfOrder)) {
                    for (int yParity = 0; yParity < 2; yParity++) {
                        WalletSignature signature = new WalletSignature(r, s, yParity);
                        assertThat(secp256k1.signer(digest, signature))
                                .as("%s over %s", signature, digest)
                                .isEqualTo(bouncyCastle.signer(digest, signature));
                    }
                }
            }
        }
    }

    /** With R = G and s = e the key would be r⁻¹(eG − eG), the point at infinity. */
    @Test
    void findsNoSignerWhereTheKeyWouldBeThePointAtInfinity() {
        Hash32 generatorX = Hash32.parse("0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
        Hash32 digest = new Hash32(0, 1, 2, 3);
        WalletSignature signature = new WalletSignature(generatorX, digest, 0);
        assertThat(secp256k1.signer(digest, signature)).isEmpty();
        assertThat(bouncyCastle.signer(digest, signature)).isEmpty();
    }

    @Test
    void choosesLibsecp256k1AndFallsBackWhereItCannotLoad() {
        assertThat(EcdsaRecovery.load().name()).isEqualTo("libsecp256k1");
        EcdsaRecovery withoutLibrary = EcdsaRecovery.choose(() -> {
            throw new UnsatisfiedLinkError("no native library in this test");
        });
        assertThat(withoutLibrary.name()).isEqualTo("Bouncy Castle");
    }

    private static WalletSignature signature(String hex) {
        return ((Parsed.Valid) WalletSignature.parse(hex)).signature();
    }

    private static Hash32 random(Random random) {
        return new Hash32(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    }

    private static WalletSignature lowS(Random random) {
        BigInteger half = new BigInteger("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0", 16);
        Hash32 r = random(random);
        byte[] bytes = random(random).toBytes();
        byte[] s = new BigInteger(1, bytes).mod(half).add(BigInteger.ONE).toByteArray();
        byte[] word = new byte[32];
        System.arraycopy(s, 0, word, 32 - s.length, s.length);
        return new WalletSignature(r, Hash32.of(word, 0), random.nextInt(2));
    }
}
