package io.latticegate.proxy.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestScanTest {

    @Test
    void readsTheFieldsThatAdmissionNeeds() {
        RequestScan.Accepted seen = accepted("""
                {"messages":[{"role":"user","content":"model: \\"x\\"","model":"inner"}],
                 "model":"gpt-5.2","stream":true,"max_tokens":10,"max_completion_tokens":400,"n":3,
                 "stream_options":{"include_usage":true,"include_obfuscation":false},"user":"u-1"}""");
        assertThat(seen.model()).isEqualTo("gpt-5.2");
        assertThat(seen.stream()).isTrue();
        assertThat(seen.maxOutputTokens()).isEqualTo(400);
        assertThat(seen.choices()).isEqualTo(3);
        assertThat(seen.includeUsage()).isTrue();
        assertThat(seen.streamsWithoutUsage()).isFalse();
        assertThat(seen.user()).isEqualTo("u-1");
    }

    @Test
    void treatsNullAsAbsent() {
        RequestScan.Accepted seen = accepted("""
                {"model":"m","stream":null,"max_tokens":null,"n":null,"user":null,"stream_options":null}""");
        assertThat(seen.stream()).isFalse();
        assertThat(seen.maxOutputTokens()).isEqualTo(-1);
        assertThat(seen.choices()).isEqualTo(1);
        assertThat(seen.user()).isNull();
    }

    @Test
    void countsBestOfLikeSeveralAnswers() {
        assertThat(accepted("{\"model\":\"m\",\"best_of\":5,\"n\":2}").choices())
                .isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{ \"model\" : \"m\" , \"stream\":true} | {\"stream_options\":{\"include_usage\":true}, \"model\" : \"m\" , \"stream\":true}",
                "{\"stream\":true,\"stream_options\":{},\"model\":\"m\"} | {\"stream\":true,\"stream_options\":{\"include_usage\":true},\"model\":\"m\"}",
                "{\"stream\":true,\"stream_options\": null,\"model\":\"m\"} | {\"stream\":true,\"stream_options\": {\"include_usage\":true},\"model\":\"m\"}",
                "{\"stream_options\":{ \"include_obfuscation\":false },\"stream\":true} | {\"stream_options\":{\"include_usage\":true, \"include_obfuscation\":false },\"stream\":true}",
                "{\"stream_options\":{\"a\":1,\"include_usage\": false},\"stream\":true} | {\"stream_options\":{\"a\":1,\"include_usage\": true},\"stream\":true}",
                "{\"stream_options\":{\"include_usage\":null,\"a\":1},\"stream\":true} | {\"stream_options\":{\"include_usage\":true,\"a\":1},\"stream\":true}",
                "{} | {\"stream_options\":{\"include_usage\":true}}",
            })
    void asksForUsageAndLeavesEveryOtherByte(String body, String expected) {
        assertThat(text(accepted(body).withIncludeUsage())).isEqualTo(expected);
        assertThat(accepted(expected).includeUsage()).isTrue();
    }

    @Test
    void forwardsTheSameArrayWhenNothingChanges() {
        byte[] body = "{\"model\":\"m\",\"stream_options\":{\"include_usage\":true}}".getBytes(UTF_8);
        var seen = (RequestScan.Accepted) RequestScan.of(body);
        assertThat(seen.rewritten("m", true)).isSameAs(body);
        assertThat(seen.rewritten(null, false)).isSameAs(body);
    }

    @Test
    void replacesTheModelBesideTheUsageInEitherOrder() {
        String after = "{\"messages\":[],\"model\":\"äl\\u0069as\",\"stream_options\":{}}";
        assertThat(text(accepted(after).rewritten("vendor/\"q\" é", true)))
                .isEqualTo(
                        "{\"messages\":[],\"model\":\"vendor/\\\"q\\\" é\",\"stream_options\":{\"include_usage\":true}}");
        String before = "{\"stream_options\":{},\"z\":\"ü\",\"model\":\"alias\",\"k\":1}";
        assertThat(text(accepted(before).rewritten("up", true)))
                .isEqualTo("{\"stream_options\":{\"include_usage\":true},\"z\":\"ü\",\"model\":\"up\",\"k\":1}");
    }

    @ParameterizedTest
    @CsvSource({"true, true", "false, false", "null, false", "1, true", "[{}], true", "'\"transparent\"', true"})
    void takesForBackgroundWhateverMightBeUnderstoodAsTrue(String value, boolean background) {
        assertThat(accepted("{\"background\":" + value + ",\"stream\":true}").background())
                .isEqualTo(background);
        assertThat(accepted("{\"background\":" + value + ",\"stream\":true}").stream())
                .isTrue();
        assertThat(accepted("{}").background()).isFalse();
    }

    @Test
    void scansAPartOfALargerArray() {
        byte[] inner = "{\"z\":\"€\",\"model\":\"alias\",\"stream\":true}".getBytes(UTF_8);
        byte[] outer = new byte[inner.length + 20];
        Arrays.fill(outer, (byte) 'x');
        System.arraycopy(inner, 0, outer, 7, inner.length);
        var seen = (RequestScan.Accepted) RequestScan.of(outer, 7, inner.length);
        assertThat(seen.body()).isEqualTo(inner);
        assertThat(text(seen.rewritten("up", true)))
                .isEqualTo(
                        "{\"stream_options\":{\"include_usage\":true},\"z\":\"€\",\"model\":\"up\",\"stream\":true}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "[]",
                "\"x\"",
                "null",
                "{",
                "{\"model\":\"m\"",
                "{\"model\":\"m\"}}",
                "{\"model\":\"m\"} {}",
                "{\"model\":\"m\"}x",
                "{'model':\"m\"}",
                "{\"model\":\"m\",}",
                "{\"a\":01}",
                "{\"a\":NaN}",
                "{\"a\":\"\u0001\"}",
                "{\"a\":tru}",
                "{\"a\":\"\\x\"}",
                "{\"model\":1}",
                "{\"model\":\"\"}",
                "{\"stream\":\"true\"}",
                "{\"max_tokens\":-1}",
                "{\"max_tokens\":1.5}",
                "{\"max_tokens\":99999999999999999999}",
                "{\"n\":0}",
                "{\"n\":129}",
                "{\"n\":\"2\"}",
                "{\"user\":1}",
                "{\"stream_options\":[]}",
                "{\"stream_options\":{\"include_usage\":1}}",
                "\uFEFF{\"model\":\"m\"}",
                "// c\n{}",
            })
    void refusesWhatIsNotAStrictRequest(String body) {
        assertThat(refused(body.getBytes(UTF_8)).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\":\"a\",\"model\":\"b\"}",
                "{\"model\":\"a\",\"mod\\u0065l\":\"b\"}",
                "{\"a\":{\"b\":[{\"c\":1,\"d\":2,\"c\":3}]}}",
                "{\"stream_options\":{\"include_usage\":false,\"include_usage\":true}}",
            })
    void refusesADuplicateKeyAtAnyLevelAndSaysWhere(String body) {
        Refusal refusal = refused(body.getBytes(UTF_8));
        assertThat(refusal.code()).isEqualTo("duplicate_key");
        assertThat(refusal.message()).contains("byte ").contains("line 1");
    }

    @Test
    void bounds64LevelsAndAHundredThousandTokens() {
        assertThat(RequestScan.of(nested(63))).isInstanceOf(RequestScan.Accepted.class);
        assertThat(refused(nested(64)).code()).isEqualTo("json_too_complex");
        assertThat(refused(nested(1_000_000)).code()).isEqualTo("json_too_complex");
        byte[] many = ("{\"a\":[" + "1,".repeat(100_000) + "1]}").getBytes(UTF_8);
        assertThat(refused(many).code()).isEqualTo("json_too_complex");
        byte[] digits = ("{\"a\":" + "1".repeat(1_000_000) + "}").getBytes(UTF_8);
        assertThat(refused(digits).status()).isEqualTo(400);
    }

    @Test
    void refusesInvalidUtf8AlsoInsideSkippedStrings() {
        int[][] wrong = {
            {0xC0, 0x80}, {0xC1, 0xBF}, {0xE0, 0x9F, 0xBF}, {0xED, 0xA0, 0x80}, {0xF0, 0x8F, 0xBF, 0xBF},
            {0xF4, 0x90, 0x80, 0x80}, {0xF5, 0x80, 0x80, 0x80}, {0x80}, {0xE2, 0x82}, {0xFF},
        };
        for (int[] sequence : wrong) {
            byte[] body = "{\"skipped\":\"0123456789    \"}".getBytes(UTF_8);
            for (int i = 0; i < sequence.length; i++) {
                body[22 + i] = (byte) sequence[i];
            }
            assertThat(refused(body).code()).as(Arrays.toString(sequence)).isEqualTo("invalid_utf8");
            assertThat(refused(body).message()).endsWith("byte 22");
        }
        assertThat(RequestScan.of("{\"a\":\"ä€𝄞\uD7FF\uE000\uDBFF\uDFFF\"}".getBytes(UTF_8)))
                .isInstanceOf(RequestScan.Accepted.class);
    }

    @Test
    void refusesOtherEncodingsThatAParserMightGuess() {
        for (String charset : List.of("UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE", "UTF-16")) {
            byte[] body = "{\"model\":\"m\"}".getBytes(java.nio.charset.Charset.forName(charset));
            assertThat(refused(body).status()).as(charset).isEqualTo(400);
        }
    }

    @Test
    void neverRepeatsTheClientsContentInARefusal() {
        assertThat(refused("{\"model\":sk_secret_value}".getBytes(UTF_8)).message())
                .doesNotContain("secret");
        assertThat(refused("{\"secret\":1,\"secret\":2}".getBytes(UTF_8)).message())
                .doesNotContain("secret");
    }

    @Test
    void survivesTwentyThousandDamagedRequests() {
        List<byte[]> requests = List.of(
                "{\"messages\":[{\"role\":\"user\",\"content\":\"hé €\"}],\"model\":\"gpt\",\"stream\":true,\"n\":2}"
                        .getBytes(UTF_8),
                "{\"stream_options\":{\"include_usage\":false},\"model\":\"m\",\"max_tokens\":5,\"user\":\"u\"}"
                        .getBytes(UTF_8));
        Mutations.run(20_000, requests, body -> {
            if (RequestScan.of(body) instanceof RequestScan.Accepted seen) {
                byte[] rewritten = seen.rewritten("other", true);
                var again = (RequestScan.Accepted) RequestScan.of(rewritten);
                assertThat(again.includeUsage()).isTrue();
                assertThat(again.model()).isEqualTo(seen.model() == null ? null : "other");
            }
        });
    }

    private static byte[] nested(int arrays) {
        return ("{\"a\":" + "[".repeat(arrays) + "]".repeat(arrays) + "}").getBytes(UTF_8);
    }

    private static RequestScan.Accepted accepted(String body) {
        return (RequestScan.Accepted) RequestScan.of(body.getBytes(UTF_8));
    }

    private static Refusal refused(byte[] body) {
        return ((RequestScan.Refused) RequestScan.of(body)).refusal();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }
}
