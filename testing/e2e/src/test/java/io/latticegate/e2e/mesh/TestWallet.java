package io.latticegate.e2e.mesh;

import fr.acinq.secp256k1.Secp256k1;
import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.crypto.Keccak256;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.SignedActions;
import io.latticegate.common.wallet.WalletDomains;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;

/** A wallet that signs relay bodies as a browser's wallet does. */
public final class TestWallet {
    private static final SignedActions ACTIONS = new SignedActions(WalletDomains.defaults());

    private final byte[] key = new byte[32];
    private final byte[] publicKey;
    private final WalletAddress address;

    /** @param signature the same as in the body, for the header */
    public record Signed(String body, String signature) {}

    public TestWallet(SecureRandom random) {
        do {
            random.nextBytes(key);
        } while (!Secp256k1.Companion.secKeyVerify(key));
        publicKey = Secp256k1.Companion.pubkeyCreate(key);
        address = WalletAddress.ofLastBytes(Keccak256.hash(publicKey, 1, 64).toBytes());
    }

    public Signed request(String prompt, String model, long nonce) {
        long now = System.currentTimeMillis() / 1_000;
        Hash32 digest =
                ACTIONS.llmRequest(1, prompt, model, address, BigInteger.valueOf(nonce), BigInteger.valueOf(now));
        return signed(
                digest,
                new JsonObject()
                        .put("name", "LLM Relay Service")
                        .put("version", "1")
                        .put("chainId", 1),
                "LLMRequest",
                new JsonArray()
                        .add(field("prompt", "string"))
                        .add(field("model", "string"))
                        .add(field("wallet", "address"))
                        .add(field("nonce", "uint256"))
                        .add(field("timestamp", "uint256")),
                new JsonObject()
                        .put("prompt", prompt)
                        .put("model", model)
                        .put("wallet", address.value())
                        .put("nonce", nonce)
                        .put("timestamp", now));
    }

    public Signed store(String provider, String apiKey) {
        long now = System.currentTimeMillis() / 1_000;
        Hash32 digest = ACTIONS.vaultStore(provider, apiKey.getBytes(StandardCharsets.UTF_8), BigInteger.valueOf(now));
        return signed(
                digest,
                new JsonObject().put("name", "LLM Relay Vault").put("version", "1"),
                "VaultStore",
                new JsonArray()
                        .add(field("provider", "string"))
                        .add(field("apiKey", "string"))
                        .add(field("timestamp", "uint256")),
                new JsonObject().put("provider", provider).put("apiKey", apiKey).put("timestamp", now));
    }

    /** Lower-case hex. */
    public String address() {
        return address.value();
    }

    /** The signature over the {@code UsageQuery} of that time, seconds since 1970. */
    public String usageQuery(long timestamp) {
        return signature(ACTIONS.usageQuery(1, address, BigInteger.valueOf(timestamp)));
    }

    private String signature(Hash32 digest) {
        byte[] compact = Secp256k1.Companion.sign(digest.toBytes(), key, null);
        int parity = 0;
        while (!Arrays.equals(Secp256k1.Companion.ecdsaRecover(compact, digest.toBytes(), parity), publicKey)) {
            parity++;
        }
        return "0x" + HexFormat.of().formatHex(compact) + HexFormat.of().toHexDigits((byte) (27 + parity));
    }

    private Signed signed(Hash32 digest, JsonObject domain, String type, JsonArray fields, JsonObject message) {
        String signature = signature(digest);
        JsonObject typedData = new JsonObject()
                .put("types", new JsonObject().put(type, fields))
                .put("domain", domain)
                .put("primaryType", type)
                .put("message", message);
        return new Signed(
                new JsonObject()
                        .put("typedData", typedData)
                        .put("signature", signature)
                        .encode(),
                signature);
    }

    private static JsonObject field(String name, String type) {
        return new JsonObject().put("name", name).put("type", type);
    }
}
