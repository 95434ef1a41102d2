package io.latticegate.proxy.dialect;

import static io.latticegate.proxy.dialect.Wire.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeminiScanTest {
    private static final String FIRST =
            "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a}]\\\"\"}]},\"index\":0},{\"content\":{},\"index\":1}]}";
    private static final String SECOND =
            "{\"candidates\":[{\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":3,\"candidatesTokenCount\":2,\"thoughtsTokenCount\":4,\"toolUsePromptTokenCount\":5,\"cachedContentTokenCount\":1}}";
    private static final String THIRD = "{\"candidates\":[{\"finishReason\":\"MAX_TOKENS\",\"index\":1}]}";
    private static final TokenUsage USAGE = new TokenUsage(8, 6, 1, 0, 4, 0, 0);

    @Test
    void aStreamIsWholeOnceEveryCandidateHasEnded() {
        StreamScan scan = StreamScan.watching();
        scan.feed(event(FIRST));
        scan.feed(event(SECOND));
        assertThat(scan.complete()).isFalse();
        scan.feed(event(THIRD));
        assertThat(scan.complete()).isTrue();
        assertThat(scan.usage()).isEqualTo(USAGE);
        assertThat(scan.outputTextBytes()).isEqualTo(5);
    }

    @Test
    void aBlockedPromptEndsAStream() {
        StreamScan scan = StreamScan.watching();
        scan.feed(event("{\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}"));
        assertThat(scan.complete()).isTrue();
    }

    @Test
    void followsAnArrayCutAtEveryByte() {
        byte[] bytes = ("[" + FIRST + ",\r\n" + SECOND + "\n,\n" + THIRD + "\n]\n").getBytes(UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            List<String> elements = new ArrayList<>();
            var array = new JsonArrayStream();
            array.feed(java.util.Arrays.copyOf(bytes, cut), element -> elements.add(new String(element, UTF_8)));
            assertThat(array.ended()).isEqualTo(cut >= bytes.length - 1);
            array.feed(
                    java.util.Arrays.copyOfRange(bytes, cut, bytes.length),
                    element -> elements.add(new String(element, UTF_8)));
            assertThat(elements).as("cut at %d", cut).containsExactly(FIRST, SECOND, THIRD);
            assertThat(array.ended()).isTrue();
            assertThat(array.broken()).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"''|[|true", "[|''|true", "[{}|,|true", "[{},|''|true", "[{|x|false", "[{}]|x|false", "{|x|false"})
    void knowsWhereAnErrorCanStand(String before, String separator, boolean fits) {
        var array = new JsonArrayStream();
        array.feed(before.getBytes(UTF_8), element -> {});
        assertThat(array.takesElement()).isEqualTo(fits);
        if (fits) {
            assertThat(array.beforeElement()).isEqualTo(separator);
        }
    }

    @Test
    void damagedArraysNeverThrow() {
        byte[] bytes = ("[" + FIRST + "," + SECOND + "]").getBytes(UTF_8);
        Mutations.run(2_000, List.of(bytes), damaged -> {
            StreamScan scan = StreamScan.watching();
            new JsonArrayStream().feed(damaged, scan::response);
        });
    }

    @Test
    void readsUsageOfACompleteReply() {
        UsageScan scan = UsageScan.of(json("""
                {'candidates':[{'finishReason':'STOP'}],'modelVersion':'gemini-3','usageMetadata':{'promptTokenCount':9,
                 'candidatesTokenCount':2,'promptTokensDetails':[{'modality':'TEXT','tokenCount':5},{'modality':'AUDIO','tokenCount':4}]}}"""));
        assertThat(scan.usage()).isEqualTo(new TokenUsage(9, 2, 0, 0, 0, 4, 0));
        assertThat(scan.model()).isEqualTo("gemini-3");
    }

    @Test
    void readsWhatPricesARequest() {
        RequestScan.Accepted scan = accepted(
                "{'contents':[],'generationConfig':{'maxOutputTokens':70,'candidateCount':3},'model':'models/m'}", "m");
        assertThat(scan.model()).isEqualTo("m");
        assertThat(scan.stream()).isTrue();
        assertThat(scan.maxOutputTokens()).isEqualTo(70);
        assertThat(scan.choices()).isEqualTo(3);
    }

    @Test
    void renamesTheModelWhereverTheBodyRepeatsIt() {
        RequestScan.Accepted scan =
                accepted("{'requests':[{'model':'models/m','content':{}},{ 'model' : 'm' }],'x':'models/m'}", "m");
        assertThat(new String(scan.rewritten("other", false), UTF_8))
                .isEqualTo(
                        "{\"requests\":[{\"model\":\"models/other\",\"content\":{}},{ \"model\" : \"models/other\" }],\"x\":\"models/m\"}");
        assertThat(scan.rewritten(null, false)).isEqualTo(scan.body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"model\":\"models/dear\"}|invalid_request",
                "{\"requests\":[{\"model\":\"dear\"}]}|invalid_request",
                "{\"generateContentRequest\":{\"model\":7}}|invalid_request",
                "{\"requests\":{}}|invalid_request",
                "{\"generationConfig\":{\"maxOutputTokens\":-1}}|invalid_request",
                "{\"generationConfig\":{\"candidateCount\":1.5}}|invalid_request",
                "{\"a\":1,\"a\":2}|duplicate_key",
                "{} x|invalid_json",
                "[]|invalid_request",
                "''|invalid_request"
            })
    void refusesWhatCouldBePricedAsOneThingAndServedAsAnother(String body, String code) {
        RequestScan scan = RequestScan.withModelInPath(body.getBytes(UTF_8), "cheap", false);
        assertThat(scan)
                .isInstanceOfSatisfying(
                        RequestScan.Refused.class,
                        refused -> assertThat(refused.refusal().code()).isEqualTo(code));
    }

    @Test
    void damagedRequestsNeverThrow() {
        byte[] body = json(
                "{'requests':[{'model':'models/m'}],'generationConfig':{'maxOutputTokens':70,'candidateCount':3}}");
        Mutations.run(3_000, List.of(body), damaged -> RequestScan.withModelInPath(damaged, "m", false));
    }

    @Test
    void anErrorInsideAStreamSaysItsStatus() {
        StreamScan scan = StreamScan.watching();
        scan.feed(event("{\"error\":{\"code\":503,\"message\":\"overloaded\",\"status\":\"UNAVAILABLE\"}}"));
        assertThat(scan.failure()).extracting(ProviderError::kind).isEqualTo(ProviderError.Kind.OVERLOAD);
    }

    private static byte[] event(String json) {
        return ("data: " + json + "\r\n\r\n").getBytes(UTF_8);
    }

    private static RequestScan.Accepted accepted(String body, String model) {
        if (RequestScan.withModelInPath(json(body), model, true) instanceof RequestScan.Accepted accepted) {
            return accepted;
        }
        throw new AssertionError("refused");
    }
}
