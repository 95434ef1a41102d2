package io.latticegate.common.wallet;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.wallet.Reading.Accepted;
import io.latticegate.common.wallet.Reading.Refused;

/** Genuine bodies, and how the tests of the reader change and judge them. */
final class SignedBodies {

    static final String LLM_DIGEST = "0xa8dac1ddd943aed85b92b173f4c23379956776e6e2007ee1f8aa234f11e7ba99";
    static final String LLM_SIGNATURE =
            "0xeb7e205068099c0af0e75ef0525927258dea559356a4f87d22251f9e528219a55f2e7e023a3fdd8c6cbba60bb40d434a2a0a1a76107b6235e74167a459d8a5a91c";
    static final String FIELDS = """
            {"name":"prompt","type":"string"},{"name":"model","type":"string"},{"name":"wallet","type":"address"},\
            {"name":"nonce","type":"uint256"},{"name":"timestamp","type":"uint256"}""";
    static final String LLM = """
            {"typedData":{"types":{"LLMRequest":[%s]},\
            "domain":{"name":"LLM Relay Service","version":"1","chainId":1},"primaryType":"LLMRequest",\
            "message":{"prompt":"hi","model":"gpt-4","wallet":"0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A",\
            "nonce":1,"timestamp":1700000000}},"signature":"%s"}""".formatted(FIELDS, LLM_SIGNATURE);
    static final String STORE = """
            {"typedData":{"types":{"VaultStore":[{"name":"provider","type":"string"},\
            {"name":"apiKey","type":"string"},{"name":"timestamp","type":"uint256"}]},\
            "domain":{"name":"LLM Relay Vault","version":"1"},"primaryType":"VaultStore",\
            "message":{"provider":"openai","apiKey":"sk-test","timestamp":1700000000}},"signature":"%s"}""".formatted(
                    "0x4551f97a26b163967d5c988a75a817039010c161159f80c94ae82b539d0c4bce628e8a5fe3cb302a57d3fd4b4147675a136d8a61890cfc6d0ba45c37d8ab32cb1b");
    static final String DELETE_DATA = """
            {"types":{"VaultDelete":[{"name":"wallet","type":"address"},{"name":"provider","type":"string"},\
            {"name":"nonce","type":"uint256"},{"name":"timestamp","type":"uint256"}]},\
            "domain":{"name":"LLM Relay Vault","version":"1"},"primaryType":"VaultDelete",\
            "message":{"wallet":"0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a","provider":"openai","nonce":7,\
            "timestamp":1700000000}}""";

    private SignedBodies() {}

    static <T> T accepted(Reading<T> reading) {
        assertThat(reading).isInstanceOf(Accepted.class);
        return ((Accepted<T>) reading).body();
    }

    static <T> Refused<T> refused(Reading<T> reading) {
        assertThat(reading).isInstanceOf(Refused.class);
        return (Refused<T>) reading;
    }

    static String changed(String body, String part, String replacement) {
        assertThat(body).contains(part);
        return body.replace(part, replacement);
    }
}
