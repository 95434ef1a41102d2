package io.latticegate.proxy.sigv4;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vectors of AWS's signing test suite, under the names that they have there. */
class SigV4RequestTest {
    private static final String KEY = "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private static final String TOKEN =
            "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRX"
                    + "mxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9"
                    + "HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabI"
                    + "Qwj2ICCR/oLxBA==";
    private static final Instant AT = Instant.parse("2015-08-30T12:36:00Z");
    private static final SigV4Request.Scope SCOPE = new SigV4Request.Scope("us-east-1", "service");

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "get-vanilla, GET, /, 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        "post-vanilla, POST, /, 5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        "post-vanilla-query, POST, /?Param1=value1, 28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
        "get-vanilla-empty-query-key, GET, /?Param1=value1, a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
        "get-vanilla-query-order-key-case, GET, /?Param2=value2&Param1=value1, b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        "get-utf8, GET, /ሴ, 8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
        "get-space-unnormalized, GET, /example space/, 652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"
    })
    void signsAsTheSuiteDoes(String name, String method, String uri, String signature) {
        assertThat(authorization(method, uri, "", KEY, null))
                .isEqualTo("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                        + "SignedHeaders=host;x-amz-date, Signature=" + signature);
    }

    /** Vector post-x-www-form-urlencoded of the suite's first edition, which signs what a Bedrock call signs. */
    @Test
    void signsBodyAndContentType() {
        assertThat(authorization("POST", "/", "Param1=value1", KEY, "application/x-www-form-urlencoded"))
                .endsWith("SignedHeaders=content-type;host;x-amz-date, "
                        + "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
    }

    /** Vector post-sts-header-before. */
    @Test
    void signsAndSendsASessionToken() {
        assertThat(authorization("POST", "/", "", KEY + ":" + TOKEN, null))
                .endsWith("SignedHeaders=host;x-amz-date;x-amz-security-token, "
                        + "Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"
                        + "\r\nX-Amz-Security-Token: " + TOKEN);
    }

    @Test
    void encodesThePathOnceMoreThanItIs() {
        assertThat(authorization("POST", "/model/a.b-v1%3A0/converse", "", KEY, null))
                .isNotEqualTo(authorization("POST", "/model/a.b-v1:0/converse", "", KEY, null))
                .isEqualTo(authorization("POST", "/model/a.b-v1%3A0/converse", "", KEY, null));
    }

    @Test
    void everyPartOfTheRequestChangesTheSignature() {
        assertThat(authorization("POST", "/a", "x", KEY, "text/plain"))
                .isNotEqualTo(authorization("PUT", "/a", "x", KEY, "text/plain"))
                .isNotEqualTo(authorization("POST", "/b", "x", KEY, "text/plain"))
                .isNotEqualTo(authorization("POST", "/a", "y", KEY, "text/plain"))
                .isNotEqualTo(authorization("POST", "/a", "x", KEY, "text/html"));
    }

    @Test
    void refusesHeadersThatWouldHaveToStandAfterTheToken() {
        var headers = new TreeMap<>(java.util.Map.of("host", "h", "x-amz-user-agent", "u"));
        assertThatThrownBy(() -> new SigV4Request(SCOPE, AT, "GET", "/", headers, ByteBuffer.allocate(0)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "'AKID:secret', true",
        "'AKID:secret:token', true",
        "'AKID:', false",
        "':secret', false",
        "'AKID:secret:', false",
        "'AK ID:secret', false",
        "'AK/ID:secret', false",
        "'AKID:sec ret', false",
        "'AKID:0123456789012345678901234567890123456789012345678901234567890', false"
    })
    void takesOnlyWhatIsAnAwsKey(String stored, boolean good) {
        MemorySegment key = MemorySegment.ofArray(stored.getBytes(UTF_8));
        assertThat(AwsKey.isMeant(key)).isTrue();
        assertThat(AwsKey.read(key) != null).isEqualTo(good);
    }

    @Test
    void aKeyWithALineBreakCannotBecomeAnotherHeader() {
        assertThat(AwsKey.read(MemorySegment.ofArray("AKID:secret:tok\r\nX-Evil: 1".getBytes(UTF_8))))
                .isNull();
        assertThat(AwsKey.isMeant(MemorySegment.ofArray("ABSKQmVkcm9jaw==".getBytes(UTF_8))))
                .isFalse();
    }

    @Test
    void printsNothingOfAKey() {
        assertThat(AwsKey.read(MemorySegment.ofArray(KEY.getBytes(UTF_8)))).hasToString("AwsKey(****)");
    }

    private static String authorization(String method, String uri, String body, String stored, @Nullable String type) {
        var headers = new TreeMap<String, String>();
        headers.put("host", "example.amazonaws.com");
        if (type != null) {
            headers.put("content-type", type);
        }
        var request = new SigV4Request(SCOPE, AT, method, uri, headers, ByteBuffer.wrap(body.getBytes(UTF_8)));
        AwsKey key = java.util.Objects.requireNonNull(AwsKey.read(MemorySegment.ofArray(stored.getBytes(UTF_8))));
        ByteBuffer written = ByteBuffer.allocate(request.authorizationBytes(key));
        request.authorize(key, written);
        assertThat(written.remaining()).isZero();
        return new String(written.array(), UTF_8);
    }
}
