package io.latticegate.common.wallet;

import static io.latticegate.common.wallet.SignedBodies.LLM;
import static io.latticegate.common.wallet.SignedBodies.LLM_DIGEST;
import static io.latticegate.common.wallet.SignedBodies.LLM_SIGNATURE;
import static io.latticegate.common.wallet.SignedBodies.changed;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.wallet.Reading.Accepted;
import io.latticegate.common.wallet.Reading.Refused;
import io.latticegate.common.wallet.SignedBody.LlmRequest;
import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignedBodyReaderTest {

    private final SignedActions actions =
            new SignedActions(new WalletDomains("LLM Relay Service", "1", List.of(1L, 8453L), "LLM Relay Vault", "1"));
    private final SignedBodyReader reader = new SignedBodyReader(actions, new SignedBodyLimits(65_536, 4_096));

    @Test
    void readsARequestAndComputesTheDigestThatWalletsSign() {
        LlmRequest request = accepted(LLM);
        assertThat(request.digest()).hasToString(LLM_DIGEST);
        assertThat(request.prompt()).isEqualTo("hi");
        assertThat(request.model()).isEqualTo("gpt-4");
        assertThat(request.wallet()).hasToString("0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a");
        assertThat(request.nonce()).isEqualTo(BigInteger.ONE);
        assertThat(request.timestamp()).isEqualTo(1_700_000_000L);
        assertThat(request.options()).isEqualTo(RequestOptions.NONE);
        assertThat(request.claim().digest()).isEqualTo(request.digest());
        assertThat(request.toString()).doesNotContain("hi,").contains("promptLength=2");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"LLMRequest":[ | {"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},{"name":"chainId","type":"uint256"}],"LLMRequest":[
            "chainId":1     | "chainId":"1"
            "chainId":1     | "chainId":"0x1"
            "nonce":1       | "nonce":"1"
            "nonce":1       | "nonce":"0x01"
            1700000000}     | "0x6553F100"}
            {"name":"prompt","type":"string"} | {"type":"string","name":"prompt"}
            1700000000}     | 1700000000,"options":{}}
            1700000000}     | 1700000000,"options":null}
            1700000000}     | 1700000000,"options":{"model":"gpt-4","temperature":0.7}}
            0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A | 0x19E7E376E7C213B7E7E7E46CC70A5DD086DAFF2A
            "prompt":"hi"   | "prompt":"\\u0068\\u0069"
            """)
    void readsEverySpellingThatWalletsProduceAsTheSameRequest(String part, String spelling) {
        assertThat(accepted(changed(LLM, part, spelling)).digest()).hasToString(LLM_DIGEST);
    }

    @Test
    void takesMembersInAnyOrderAndAnyWhiteSpace() {
        String message = LLM.substring(LLM.indexOf("\"message\""), LLM.indexOf("},\"signature\""));
        String reordered = "\n{ \"signature\" : \"" + LLM_SIGNATURE + "\" ,\r\n\t\"typedData\" : {" + message + " , "
                + LLM.substring(LLM.indexOf("\"types\""), LLM.indexOf(",\"message\"")) + "} } \n";
        assertThat(accepted(reordered).digest()).hasToString(LLM_DIGEST);
    }

    @Test
    void takesEveryChainOnTheListAndBindsTheDigestToIt() {
        LlmRequest request = accepted(changed(LLM, "\"chainId\":1", "\"chainId\":8453"));
        assertThat(request.digest())
                .isEqualTo(actions.llmRequest(
                        8453, "hi", "gpt-4", request.wallet(), BigInteger.ONE, BigInteger.valueOf(1_700_000_000)))
                .isNotEqualTo(accepted(LLM).digest());
    }

    /** C-01: whatever else the victim signed, its types do not count here, even when the message has all our fields. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "primaryType":"LLMRequest"   | "primaryType":"Order"
            "primaryType":"LLMRequest"   | "primaryType":7
            "primaryType":"LLMRequest",  | ''
            "LLMRequest":[               | "Order":[
            {"LLMRequest":[              | {"Order":[],"LLMRequest":[
            {"LLMRequest":[              | {"EIP712Domain":[],"LLMRequest":[
            {"LLMRequest":[              | {"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"}],"LLMRequest":[
            {"LLMRequest":[              | {"EIP712Domain":7,"LLMRequest":[
            {"name":"prompt","type":"string"},{"name":"model","type":"string"} | {"name":"model","type":"string"},{"name":"prompt","type":"string"}
            {"name":"prompt","type":"string"}, | ''
            {"name":"prompt","type":"string"}  | {"name":"promt","type":"string"}
            {"name":"prompt","type":"string"}  | {"name":"prompt","type":"bytes"}
            {"name":"prompt","type":"string"}  | {"name":"prompt","type":"string","x":1}
            {"name":"prompt","type":"string"}  | {"name":"prompt"}
            {"name":"prompt","type":"string"}  | "prompt string"
            {"name":"nonce","type":"uint256"}  | {"name":"nonce","type":"uint"}
            {"name":"timestamp","type":"uint256"}] | {"name":"timestamp","type":"uint256"},{"name":"options","type":"string"}]
            "name":"LLM Relay Service"   | "name":"LLM Relay Servicе"
            "name":"LLM Relay Service"   | "name":"LLM Relay Vault"
            "name":"LLM Relay Service",  | ''
            "version":"1"                | "version":"2"
            "version":"1"                | "version":1
            "version":"1",               | ''
            ,"chainId":1                 | ''
            "chainId":1                  | "chainId":5
            "chainId":1                  | "chainId":1.0
            "chainId":1                  | "chainId":null
            "chainId":1                  | "chainId":"01"
            "chainId":1                  | "chainId":18446744073709551617
            "chainId":1                  | "chainId":1,"salt":"0x00"
            "chainId":1                  | "chainId":1,"verifyingContract":"0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"
            "domain":{"name":"LLM Relay Service","version":"1","chainId":1} | "domain":[]
            "domain":{"name":"LLM Relay Service","version":"1","chainId":1}, | ''
            """)
    void refusesTypedDataThatIsNotTheServersOwn(String part, String replacement) {
        Refused<LlmRequest> refused = refused(changed(LLM, part, replacement));
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.code()).isEqualTo("typed_data_schema_mismatch");
        assertThat(refused.detail()).startsWith("Invalid signature");
    }

    @Test
    void refusesAForeignSignatureDressedUpAsARequest() {
        String forged = """
                {"typedData":{"types":{"Order":[{"name":"offerer","type":"address"},{"name":"amount","type":"uint256"}]},\
                "domain":{"name":"Market","version":"1","chainId":1},"primaryType":"Order","message":{"offerer":\
                "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a","amount":5,"prompt":"hi","model":"gpt-4",\
                "wallet":"0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a","nonce":1,"timestamp":1700000000}},\
                "signature":"%s"}""".formatted(LLM_SIGNATURE);
        assertThat(refused(forged).code()).isEqualTo("typed_data_schema_mismatch");
        assertThat(SignedBodies.refused(reader.readVaultStore(forged.getBytes(UTF_8), null))
                        .code())
                .isEqualTo("typed_data_schema_mismatch");
    }

    @ParameterizedTest
    @CsvSource({
        "'\"prompt\":\"hi\",', prompt",
        "'\"model\":\"gpt-4\",', model",
        "'\"wallet\":\"0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A\",', wallet",
        "'\"nonce\":1,', nonce",
        "',\"timestamp\":1700000000', timestamp"
    })
    void namesTheFieldThatIsMissing(String member, String field) {
        Refused<LlmRequest> refused = refused(changed(LLM, member, ""));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.code()).isEqualTo("missing_field");
        assertThat(refused.detail()).isEqualTo("Missing field: " + field);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "nonce":1      | "nonce":1.0      | message.nonce
            "nonce":1      | "nonce":1e3      | message.nonce
            "nonce":1      | "nonce":-1       | message.nonce
            "nonce":1      | "nonce":-0       | message.nonce
            "nonce":1      | "nonce":true     | message.nonce
            "nonce":1      | "nonce":[1]      | message.nonce
            "nonce":1      | "nonce":""       | message.nonce
            "nonce":1      | "nonce":"0x"     | message.nonce
            "nonce":1      | "nonce":"010"    | message.nonce
            "nonce":1      | "nonce":" 1"     | message.nonce
            "nonce":1      | "nonce":"1.0"    | message.nonce
            "nonce":1      | "nonce":"-1"     | message.nonce
            "nonce":1      | "nonce":"+1"     | message.nonce
            "nonce":1      | "nonce":"1n"     | message.nonce
            "nonce":1      | "nonce":"٣"      | message.nonce
            "nonce":1      | "nonce":115792089237316195423570985008687907853269984665640564039457584007913129639936 | message.nonce
            "nonce":1      | "nonce":"115792089237316195423570985008687907853269984665640564039457584007913129639936" | message.nonce
            "nonce":1      | "nonce":"0x10000000000000000000000000000000000000000000000000000000000000000" | message.nonce
            1700000000}    | 1700000000.5}    | message.timestamp
            1700000000}    | "now"}           | message.timestamp
            "prompt":"hi"  | "prompt":""      | message.prompt
            "prompt":"hi"  | "prompt":7       | message.prompt
            "prompt":"hi"  | "prompt":["hi"]  | message.prompt
            "prompt":"hi"  | "prompt":"\\ud800" | message.prompt
            "prompt":"hi"  | "prompt":"\\udc00\\ud800" | message.prompt
            "model":"gpt-4" | "model":""      | message.model
            "model":"gpt-4" | "model":"gpt-../../x" | message.model
            "model":"gpt-4" | "model":"gpt 4" | message.model
            "model":"gpt-4" | "model":"gpt-4\\r\\nX: y" | message.model
            "model":"gpt-4" | "model":"gpt-4?a=b" | message.model
            DAff2A          | DAff2a          | EIP-55
            DAff2A          | DAff2           | message.wallet
            0x19E7          | 0X19E7          | message.wallet
            "nonce":1       | "nonce":1,"tools":[] | message.tools
            "nonce":1       | "nonce":1,"apiKey":"x" | message.apiKey
            1700000000}     | 1700000000,"options":[]} | message.options
            "primaryType"   | "extra":1,"primaryType" | typedData.extra
            "signature"     | "stream":true,"signature" | stream
            "signature":    | "signature":7,"x": | signature
            """)
    void refusesValuesOutsideTheirRangeAndSaysWhich(String part, String replacement, String named) {
        Refused<LlmRequest> refused = refused(changed(LLM, part, replacement));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.code()).isEqualTo("invalid_field");
        assertThat(refused.detail()).contains(named);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "null x",
                "{\"typedData\":{\"types\":{\"LLMRequest\":[",
                "{\"typedData\":{},\"typedData\":{}}",
                "{\"a\":1,\"\\u0061\":2}",
                "{\"signature\":\"\\x\"}",
                "{'signature':'x'}",
                "{\"signature\":\"a\nb\"}",
                "{\"signature\":NaN}",
                "{\"signature\":01}",
                "{\"signature\":\"x\",}",
                "{/**/}",
                "\uFEFF{}"
            })
    void refusesWhatIsNotOneJsonDocument(String body) {
        Refused<LlmRequest> refused = refused(body);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.code()).isIn("malformed_body", "invalid_field");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "7", "\"x\"", "null", "{}", "{\"typedData\":[]}", "{\"typedData\":null}"})
    void refusesOtherDocuments(String body) {
        assertThat(refused(body).status()).isEqualTo(400);
    }

    @Test
    void refusesTextAfterTheDocumentAndRepeatedMembersAnywhere() {
        assertThat(refused(LLM + "{}").status()).isEqualTo(400);
        assertThat(refused(LLM + "x").code()).isEqualTo("malformed_body");
        assertThat(refused(changed(LLM, "\"nonce\":1", "\"nonce\":1,\"nonce\":1"))
                        .code())
                .isEqualTo("malformed_body");
        assertThat(refused(changed(LLM, "\"nonce\":1", "\"nonce\":1,\"n\\u006fnce\":2"))
                        .code())
                .isEqualTo("malformed_body");
        assertThat(refused(changed(LLM, "\"chainId\":1", "\"chainId\":5,\"chainId\":1"))
                        .code())
                .isEqualTo("malformed_body");
        assertThat(refused(changed(LLM, "1700000000}", "1700000000,\"options\":{\"seed\":1,\"seed\":1}}"))
                        .code())
                .isEqualTo("malformed_body");
    }

    @Test
    void refusesOtherEncodingsThanUtf8() {
        assertThat(refused(changed(LLM, "hi", "hé").getBytes(ISO_8859_1)).detail())
                .contains("UTF-8");
        assertThat(refused(LLM.getBytes(UTF_16)).status()).isEqualTo(400);
        assertThat(refused(LLM.getBytes(UTF_16LE)).status()).isEqualTo(400);
        byte[] overlong = changed(LLM, "hi", "??").getBytes(UTF_8);
        int at = LLM.indexOf("hi\"");
        overlong[at] = (byte) 0xc1;
        overlong[at + 1] = (byte) 0xa8;
        assertThat(refused(overlong).detail()).contains("UTF-8");
        byte[] surrogate = changed(LLM, "hi", "???").getBytes(UTF_8);
        surrogate[at] = (byte) 0xed;
        surrogate[at + 1] = (byte) 0xa0;
        surrogate[at + 2] = (byte) 0x80;
        assertThat(refused(surrogate).detail()).contains("UTF-8");
    }

    @Test
    void boundsSizeDepthAndTokens() {
        assertThat(refused(new byte[65_537]).status()).isEqualTo(413);
        assertThat(refused("[".repeat(60_000)).status()).isEqualTo(400);
        assertThat(refused("{\"a\":" + "[".repeat(60_000)).code()).isEqualTo("malformed_body");
        assertThat(refused("{\"a\":" + "[".repeat(31) + "]".repeat(31) + "}").code())
                .isEqualTo("invalid_field");
        assertThat(refused("{\"a\":" + "[".repeat(32) + "]".repeat(32) + "}").code())
                .isEqualTo("malformed_body");
        assertThat(refused("{\"a\":[" + "1,".repeat(20_000) + "1]}").code()).isEqualTo("malformed_body");
        assertThat(refused("{\"" + "n".repeat(300) + "\":1}").code()).isEqualTo("malformed_body");
        assertThat(refused(changed(LLM, "\"nonce\":1", "\"nonce\":" + "9".repeat(5_000)))
                        .status())
                .isEqualTo(400);
        String prompt = "p".repeat(60_000);
        assertThat(accepted(changed(LLM, "\"hi\"", "\"" + prompt + "\"")).prompt())
                .isEqualTo(prompt);
    }

    @Test
    void readsAllOptionsThatAreAllowed() {
        LlmRequest request = accepted(changed(LLM, "1700000000}", """
                1700000000,"options":{"temperature":0.7,"top_p":1,"max_tokens":4096,"stop":["a","b"],\
                "presence_penalty":-2,"frequency_penalty":2.0,"seed":-9223372036854775808,"model":{"any":["thing"]}}}"""));
        assertThat(request.options())
                .isEqualTo(new RequestOptions(0.7, 1.0, 4_096, List.of("a", "b"), -2.0, 2.0, Long.MIN_VALUE));
        assertThat(request.digest()).hasToString(LLM_DIGEST);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "temperature":2.1        | options.temperature
            "temperature":-0.1       | options.temperature
            "temperature":"0.7"      | options.temperature
            "temperature":1e400      | options.temperature
            "top_p":1.01             | options.top_p
            "max_tokens":0           | options.max_tokens
            "max_tokens":4097        | options.max_tokens
            "max_tokens":1.5         | options.max_tokens
            "max_tokens":99999999999999999999 | options.max_tokens
            "stop":[]                | options.stop
            "stop":["a","b","c","d","e"] | options.stop
            "stop":""                | options.stop
            "stop":[7]               | options.stop
            "stop":{"a":1}           | options.stop
            "presence_penalty":2.01  | options.presence_penalty
            "frequency_penalty":-3   | options.frequency_penalty
            "seed":1.5               | options.seed
            "seed":9223372036854775808 | options.seed
            "n":128                  | options.n
            "tools":[]               | options.tools
            "stream":true            | options.stream
            "messages":[]            | options.messages
            "extra_headers":{"a":"b"} | options.extra_headers
            "logit_bias":{"1":100}   | options.logit_bias
            "Temperature":1          | options.Temperature
            """)
    void refusesOptionsThatAreUnknownOrOutsideTheirRange(String option, String named) {
        Refused<LlmRequest> refused = refused(changed(LLM, "1700000000}", "1700000000,\"options\":{" + option + "}}"));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.detail()).contains(named);
    }

    @Test
    void takesTheSignatureFromHeaderOrBodyButNotTwoDifferentOnes() {
        String without = changed(LLM, ",\"signature\":\"" + LLM_SIGNATURE + "\"", "");
        assertThat(llm(without, LLM_SIGNATURE)).isInstanceOf(Accepted.class);
        assertThat(llm(LLM, LLM_SIGNATURE)).isInstanceOf(Accepted.class);
        assertThat(llm(changed(LLM, "\"" + LLM_SIGNATURE + "\"", "null"), LLM_SIGNATURE))
                .isInstanceOf(Accepted.class);
        Refused<LlmRequest> none = SignedBodies.refused(llm(without, null));
        assertThat(none.status()).isEqualTo(401);
        assertThat(none.detail()).startsWith("Invalid signature: ").contains("X-Wallet-Signature");
        Refused<LlmRequest> two = SignedBodies.refused(llm(LLM, LLM_SIGNATURE.replace("0xeb", "0xea")));
        assertThat(two.code()).isEqualTo("invalid_signature");
        assertThat(two.detail()).contains("differ");
        Refused<LlmRequest> high = SignedBodies.refused(llm(without, LLM_SIGNATURE.replace("5f2e7e02", "ff2e7e02")));
        assertThat(high.status()).isEqualTo(401);
        assertThat(high.detail()).startsWith("Invalid signature: s ");
    }

    @Test
    void reportsTimestampsBeyondLongAsTheLargestLong() {
        LlmRequest request = accepted(changed(LLM, "1700000000}", "\"0x" + "f".repeat(64) + "\"}"));
        assertThat(request.timestamp()).isEqualTo(Long.MAX_VALUE);
        assertThat(request.digest())
                .isEqualTo(actions.llmRequest(
                        1, "hi", "gpt-4", request.wallet(), BigInteger.ONE, SignedActions.UINT256_MAX));
    }

    /** Damage in one to three places is refused with a 4xx, or leaves a request whose digest is that of its values. */
    @Test
    void answersEveryDamagedBody() {
        long seed = 0x5eed_b0d7L;
        Random random = new Random(seed);
        String[] pieces = {
            "\"", "{", "}", "[", "]", ",", ":", "\\", "0", "-", "\\u0000", "null", "\u00e9", "9".repeat(99)
        };
        for (int round = 0; round < 20_000; round++) {
            StringBuilder body = new StringBuilder(LLM);
            for (int damage = random.nextInt(3); damage >= 0; damage--) {
                int at = random.nextInt(body.length());
                switch (random.nextInt(3)) {
                    case 0 -> body.deleteCharAt(at);
                    case 1 -> body.insert(at, pieces[random.nextInt(pieces.length)]);
                    default -> body.setCharAt(at, (char) random.nextInt(0x80));
                }
            }
            switch (llm(body.toString(), null)) {
                case Refused<LlmRequest>(int status, String code, String detail) ->
                    assertThat(status)
                            .as("seed %d, round %d: %s %s", seed, round, code, detail)
                            .isIn(400, 401);
                case Accepted<LlmRequest>(LlmRequest request) ->
                    assertThat(request.digest())
                            .as("seed %d, round %d", seed, round)
                            .isEqualTo(actions.llmRequest(
                                    1,
                                    request.prompt(),
                                    request.model(),
                                    request.wallet(),
                                    request.nonce(),
                                    BigInteger.valueOf(request.timestamp())));
            }
        }
    }

    private Reading<LlmRequest> llm(String body, @Nullable String header) {
        return reader.readLlmRequest(body.getBytes(UTF_8), header);
    }

    private LlmRequest accepted(String body) {
        return SignedBodies.accepted(llm(body, null));
    }

    private Refused<LlmRequest> refused(String body) {
        return refused(body.getBytes(UTF_8));
    }

    private Refused<LlmRequest> refused(byte[] body) {
        return SignedBodies.refused(reader.readLlmRequest(body, null));
    }
}
