package io.latticegate.auth.wallet;

import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.WalletSignature;
import java.math.BigInteger;
import java.util.Optional;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECPoint;

/**
 * Recovery in pure Java: Q = r⁻¹(sR − eG), where R is the curve point with x = r and the signature's parity (SEC 1,
 * section 4.1.6, for j = 0: the recovery ids 2 and 3, where x = r + n, do not occur in Ethereum signatures).
 */
public final class BouncyCastleRecovery implements EcdsaRecovery {

    private static final X9ECParameters CURVE = CustomNamedCurves.getByName("secp256k1");

    @Override
    public Optional<WalletAddress> signer(Hash32 digest, WalletSignature signature) {
        ECPoint nonce;
        try {
            nonce = CURVE.getCurve().decodePoint(compressed(signature));
        } catch (IllegalArgumentException notOnCurve) {
            return Optional.empty();
        }
        BigInteger order = CURVE.getN();
        BigInteger inverse = unsigned(signature.r()).modInverse(order);
        BigInteger onBase = unsigned(digest).negate().multiply(inverse).mod(order);
        BigInteger onNonce = unsigned(signature.s()).multiply(inverse).mod(order);
        ECPoint key = ECAlgorithms.sumOfTwoMultiplies(CURVE.getG(), onBase, nonce, onNonce)
                .normalize();
        return key.isInfinity() ? Optional.empty() : PublicKeys.account(key.getEncoded(false));
    }

    @Override
    public String name() {
        return "Bouncy Castle";
    }

    private static byte[] compressed(WalletSignature signature) {
        byte[] point = new byte[1 + Hash32.BYTES];
        point[0] = (byte) (2 + signature.yParity());
        signature.r().copyTo(point, 1);
        return point;
    }

    private static BigInteger unsigned(Hash32 value) {
        return new BigInteger(1, value.toBytes());
    }
}
