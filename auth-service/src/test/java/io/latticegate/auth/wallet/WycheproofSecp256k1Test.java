package io.latticegate.auth.wallet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.WalletSignature;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECPoint;
import org.junit.jupiter.api.Test;

/**
 * ECDSA verification expressed by recovery: a DER signature holds for a key when its scalars are canonical and one
 * parity recovers the key's account. Wycheproof's low-s file runs where {@code $LATTICEGATE_VECTORS} or
 * {@code ../shared/vectors} has it; cases of our own run everywhere.
 */
class WycheproofSecp256k1Test {

    private static final String FILE = "wycheproof/ecdsa_secp256k1_sha256_bitcoin_test.json";
    private static final List<EcdsaRecovery> BOTH = List.of(new Secp256k1Recovery(), new BouncyCastleRecovery());

    @Test
    void holdsForItsOwnSignaturesAndForNoOthers() throws Exception {
        for (int key = 1; key <= 20; key++) {
            TestWallet wallet = TestWallet.of(key);
            byte[] message = ("message " + key).getBytes(StandardCharsets.UTF_8);
            WalletSignature signature = wallet.sign(sha256(message));
            byte[] der = der(signature);
            assertThat(holds(der, message, wallet.address())).isTrue();
            assertThat(holds(der, "another".getBytes(StandardCharsets.UTF_8), wallet.address()))
                    .isFalse();
            assertThat(holds(der, message, TestWallet.of(key + 1).address())).isFalse();
            assertThat(holds(Arrays.copyOf(der, der.length + 1), message, wallet.address()))
                    .isFalse();
        }
    }

    @Test
    void agreesWithWycheproof() throws Exception {
        Optional<Path> file = vectors();
        int ran = file.isPresent() ? run(file.get()) : 0;
        System.out.println("wycheproof ecdsa_secp256k1_sha256_bitcoin: " + ran + " cases, each by both recoveries"
                + (file.isPresent() ? "" : " (no vectors folder; own cases only)"));
        assertThat(ran).isEqualTo(file.isPresent() ? 463 : 0);
    }

    private static int run(Path file) throws IOException, NoSuchAlgorithmException {
        int ran = 0;
        for (JsonNode group : new ObjectMapper().readTree(file.toFile()).path("testGroups")) {
            byte[] key = hex(group.path("publicKey").path("uncompressed"));
            WalletAddress account = PublicKeys.account(key).orElseThrow();
            for (JsonNode test : group.path("tests")) {
                byte[] signature = hex(test.path("sig"));
                byte[] message = hex(test.path("msg"));
                boolean valid = test.path("result").textValue().equals("valid");
                assertThat(holds(signature, message, account))
                        .as("tcId %s, %s", test.path("tcId"), test.path("comment"))
                        .isEqualTo(valid && !nonceBeyondOrder(signature, message, key));
                ran++;
            }
        }
        return ran;
    }

    private static boolean holds(byte[] der, byte[] message, WalletAddress account) throws NoSuchAlgorithmException {
        Optional<byte[]> scalars = scalars(der);
        if (scalars.isEmpty()) {
            return false;
        }
        Hash32 digest = sha256(message);
        boolean[] holds = new boolean[BOTH.size()];
        for (byte v = 27; v <= 28; v++) {
            byte[] full = Arrays.copyOf(scalars.get(), 65);
            full[64] = v;
            if (WalletSignature.parse(full) instanceof WalletSignature.Parsed.Valid(WalletSignature signature)) {
                for (int i = 0; i < holds.length; i++) {
                    holds[i] |= BOTH.get(i).signer(digest, signature).equals(Optional.of(account));
                }
            }
        }
        assertThat(holds[0]).isEqualTo(holds[1]);
        return holds[0];
    }

    /**
     * Whether the nonce point R = s⁻¹(eG + rQ) of a valid signature has x = r + n. Recovering such a one takes the ids 2
     * and 3 (SEC 1, section 4.1.6), for which Ethereum's v has no value; one signature in about 2^127 is like that.
     */
    private static boolean nonceBeyondOrder(byte[] der, byte[] message, byte[] key) throws NoSuchAlgorithmException {
        X9ECParameters curve = CustomNamedCurves.getByName("secp256k1");
        byte[] scalars = scalars(der).orElseThrow();
        BigInteger r = new BigInteger(1, scalars, 0, 32);
        BigInteger inverse = new BigInteger(1, scalars, 32, 32).modInverse(curve.getN());
        BigInteger onBase = new BigInteger(1, sha256(message).toBytes()).multiply(inverse);
        ECPoint nonce = ECAlgorithms.sumOfTwoMultiplies(
                        curve.getG(),
                        onBase.mod(curve.getN()),
                        curve.getCurve().decodePoint(key),
                        r.multiply(inverse).mod(curve.getN()))
                .normalize();
        return nonce.getAffineXCoord().toBigInteger().equals(r.add(curve.getN()));
    }

    /** r ‖ s of strict DER: SEQUENCE of two minimal, positive INTEGERs of at most 32 bytes, nothing after it. */
    private static Optional<byte[]> scalars(byte[] der) {
        if (der.length < 2 || der[0] != 0x30 || der[1] != der.length - 2) {
            return Optional.empty();
        }
        byte[] scalars = new byte[64];
        int at = 2;
        for (int i = 0; i < 2; i++) {
            int length = at + 1 < der.length && der[at] == 2 ? der[at + 1] : -1;
            at += 2;
            if (length < 1 || length > 33 || at + length > der.length || der[at] < 0) {
                return Optional.empty();
            }
            boolean padded = der[at] == 0;
            if ((padded && (length == 1 || der[at + 1] >= 0)) || (length == 33 && !padded)) {
                return Optional.empty();
            }
            int skip = padded ? 1 : 0;
            System.arraycopy(der, at + skip, scalars, 32 * (i + 1) - (length - skip), length - skip);
            at += length;
        }
        return at == der.length ? Optional.of(scalars) : Optional.empty();
    }

    private static byte[] der(WalletSignature signature) {
        byte[] r = new BigInteger(1, signature.r().toBytes()).toByteArray();
        byte[] s = new BigInteger(1, signature.s().toBytes()).toByteArray();
        return ByteBuffer.allocate(6 + r.length + s.length)
                .put((byte) 0x30)
                .put((byte) (4 + r.length + s.length))
                .put((byte) 2)
                .put((byte) r.length)
                .put(r)
                .put((byte) 2)
                .put((byte) s.length)
                .put(s)
                .array();
    }

    private static Hash32 sha256(byte[] message) throws NoSuchAlgorithmException {
        return Hash32.of(MessageDigest.getInstance("SHA-256").digest(message), 0);
    }

    private static byte[] hex(JsonNode text) {
        return HexFormat.of().parseHex(text.textValue());
    }

    private static Optional<Path> vectors() {
        String given = System.getenv("LATTICEGATE_VECTORS");
        Path root = Path.of(System.getProperty("latticegate.root", ".."));
        Path folder = given != null ? Path.of(given) : root.resolve("../shared/vectors");
        return Optional.of(folder.resolve(FILE)).filter(Files::isRegularFile);
    }
}
