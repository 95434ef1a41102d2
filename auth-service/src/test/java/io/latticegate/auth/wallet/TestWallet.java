package io.latticegate.auth.wallet;

import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.SignedActions;
import io.latticegate.common.wallet.WalletAction;
import io.latticegate.common.wallet.WalletClaim;
import io.latticegate.common.wallet.WalletDomains;
import io.latticegate.common.wallet.WalletSignature;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.web3j.crypto.ECKeyPair;
import org.web3j.crypto.Keys;
import org.web3j.crypto.Sign;

/** A wallet with a key of its own, signing with web3j. */
record TestWallet(ECKeyPair key, WalletAddress address) {

    static final SignedActions ACTIONS = new SignedActions(WalletDomains.defaults());

    /** The wallet of private key {@code number}, 1 or more. */
    static TestWallet of(long number) {
        ECKeyPair key = ECKeyPair.create(BigInteger.valueOf(number));
        return new TestWallet(key, WalletAddress.parse("0x" + Keys.getAddress(key)));
    }

    WalletSignature sign(Hash32 digest) {
        Sign.SignatureData data = Sign.signMessage(digest.toBytes(), key, false);
        return new WalletSignature(Hash32.of(data.getR(), 0), Hash32.of(data.getS(), 0), data.getV()[0] - 27);
    }

    WalletClaim.Numbered request(BigInteger nonce, long timestamp) {
        Hash32 digest = ACTIONS.llmRequest(1, "hi", "gpt-4", address, nonce, BigInteger.valueOf(timestamp));
        return new WalletClaim.Numbered(WalletAction.LLM_REQUEST, digest, sign(digest), timestamp, address, nonce);
    }

    WalletClaim.Numbered request(long nonce, long timestamp) {
        return request(BigInteger.valueOf(nonce), timestamp);
    }

    WalletClaim.Numbered removal(long nonce, long timestamp) {
        BigInteger number = BigInteger.valueOf(nonce);
        Hash32 digest = ACTIONS.vaultDelete(address, "openai", number, BigInteger.valueOf(timestamp));
        return new WalletClaim.Numbered(WalletAction.VAULT_DELETE, digest, sign(digest), timestamp, address, number);
    }

    WalletClaim.Query query(long timestamp) {
        Hash32 digest = ACTIONS.usageQuery(1, address, BigInteger.valueOf(timestamp));
        return new WalletClaim.Query(digest, sign(digest), timestamp, address);
    }

    WalletClaim.SingleUse deposit(String apiKey, long timestamp) {
        Hash32 digest =
                ACTIONS.vaultStore("openai", apiKey.getBytes(StandardCharsets.UTF_8), BigInteger.valueOf(timestamp));
        return new WalletClaim.SingleUse(WalletAction.VAULT_STORE, digest, sign(digest), timestamp);
    }
}
