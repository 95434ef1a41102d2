package io.latticegate.auth.wallet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.latticegate.common.crypto.Eip55;
import io.latticegate.common.wallet.Reading;
import io.latticegate.common.wallet.SignedActions;
import io.latticegate.common.wallet.SignedBody;
import io.latticegate.common.wallet.SignedBodyLimits;
import io.latticegate.common.wallet.SignedBodyReader;
import io.latticegate.common.wallet.WalletClaim;
import io.latticegate.common.wallet.WalletDomains;
import io.latticegate.common.wallet.WalletSignature;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.web3j.crypto.StructuredDataEncoder;

/** From a body that ethers produced to its signer; and our digests against web3j's on random messages. */
class WalletVectorsTest {

    private final ObjectMapper mapper = new ObjectMapper();
    private final SignedActions actions = new SignedActions(
            new WalletDomains("LLM Relay Service", "1", List.of(1L, 10L, 8_453L, 11_155_111L), "LLM Relay Vault", "1"));
    private final SignedBodyReader reader = new SignedBodyReader(actions, SignedBodyLimits.defaults());

    @Test
    void readsAndRecoversEveryBodyThatEthersSigned() throws IOException {
        int count = 0;
        for (JsonNode vector : vectors()) {
            String signature = vector.path("signature").textValue();
            WalletClaim claim =
                    claim(vector.path("action").textValue(), vector.path("body").textValue());
            String what = "vector " + count;
            assertThat(claim.digest())
                    .as(what)
                    .hasToString(vector.path("digest").textValue());
            assertThat(WalletSignature.parse(vector.path("compact").textValue()))
                    .as(what)
                    .isEqualTo(WalletSignature.parse(signature))
                    .isEqualTo(new WalletSignature.Parsed.Valid(claim.signature()));
            for (EcdsaRecovery recovery : List.of(new Secp256k1Recovery(), new BouncyCastleRecovery())) {
                assertThat(recovery.signer(claim.digest(), claim.signature()).map(Eip55::spell))
                        .as(what)
                        .contains(vector.path("address").textValue());
            }
            count++;
        }
        assertThat(count).isEqualTo(60);
    }

    @Test
    void agreesWithWeb3jOnTheDigestsOfRandomMessages() throws IOException {
        long seed = 0x5eed_712aL;
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            BigInteger nonce = new BigInteger(random.nextInt(257), random);
            BigInteger timestamp = new BigInteger(random.nextInt(257), random);
            TestWallet wallet = TestWallet.of(1 + random.nextInt(1_000));
            String typedData =
                    """
                    {"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},\
                    {"name":"chainId","type":"uint256"}],"LLMRequest":[{"name":"prompt","type":"string"},\
                    {"name":"model","type":"string"},{"name":"wallet","type":"address"},\
                    {"name":"nonce","type":"uint256"},{"name":"timestamp","type":"uint256"}]},\
                    "domain":{"name":"LLM Relay Service","version":"1","chainId":10},"primaryType":"LLMRequest",\
                    "message":{"prompt":%s,"model":"gpt-4","wallet":"%s","nonce":"%s","timestamp":"%s"}}""".formatted(mapper.writeValueAsString(text(random)), wallet.address(), nonce, timestamp);
            byte[] web3j = new StructuredDataEncoder(typedData).hashStructuredData();
            String body = "{\"typedData\":" + typedData + ",\"signature\":\"0x"
                    + HexFormat.of()
                            .formatHex(wallet.sign(actions.vaultSeparator()).toBytes()) + "\"}";
            assertThat(claim("LLMRequest", body).digest().toBytes())
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(web3j);
        }
    }

    private WalletClaim claim(String action, String body) {
        byte[] bytes = body.getBytes(UTF_8);
        Reading<? extends SignedBody> reading = switch (action) {
            case "LLMRequest" -> reader.readLlmRequest(bytes, null);
            case "VaultStore" -> reader.readVaultStore(bytes, null);
            default -> reader.readVaultDelete(bytes, null);
        };
        assertThat(reading).as(body).isInstanceOf(Reading.Accepted.class);
        return ((Reading.Accepted<? extends SignedBody>) reading).body().claim();
    }

    private List<JsonNode> vectors() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(WalletVectorsTest.class.getResourceAsStream("wallet-vectors.json"))) {
            List<JsonNode> vectors = new ArrayList<>();
            mapper.readTree(in).path("vectors").forEach(vectors::add);
            return vectors;
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder("p");
        for (int length = random.nextInt(200); length > 0; length--) {
            int point = random.nextInt(Character.MAX_CODE_POINT + 1);
            text.appendCodePoint(point >= 0xd800 && point <= 0xdfff ? ' ' : point);
        }
        return text.toString();
    }
}
