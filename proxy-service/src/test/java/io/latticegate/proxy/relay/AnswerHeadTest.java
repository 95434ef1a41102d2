package io.latticegate.proxy.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AnswerHeadTest {
    @ParameterizedTest
    @ValueSource(ints = {200, 204, 304, 404, 529, 599})
    void ordinaryAnswersPass(int status) {
        MultiMap headers =
                headers("Content-Type", "text/plain; charset=\"utf-8\"").add("X-Words", "na\u00efve\ttext");
        assertThat(AnswerHead.fault(status, headers)).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 99, 100, 101, 199, 600, 999})
    void aStatusThatIsNoFinalAnswerIsRefused(int status) {
        assertThat(AnswerHead.fault(status, headers("A", "b"))).isNotNull();
    }

    @Test
    void everyOctetThatEndsOrHidesAValueIsRefused() {
        for (char c = 0; c < 0x180; c++) {
            boolean allowed = c == '\t' || c >= ' ' && c != 0x7f && c <= 0xff;
            assertThat(AnswerHead.fault(200, headers("X-A", "a" + c + "b")) == null)
                    .as("U+%04X", (int) c)
                    .isEqualTo(allowed);
        }
    }

    @Test
    void aNameIsAToken() {
        for (char c = 0; c < 0x180; c++) {
            boolean token = c > ' ' && c < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
            assertThat(AnswerHead.fault(200, headers("X" + c, "b")) == null)
                    .as("U+%04X", (int) c)
                    .isEqualTo(token);
        }
        assertThat(AnswerHead.fault(200, headers("", "b"))).isNotNull();
    }

    @Test
    void linesAreCounted() {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        for (int line = 0; line < AnswerHead.LINES_MAX; line++) {
            headers.add("X-Same", "a");
        }
        assertThat(AnswerHead.fault(200, headers)).isNull();
        assertThat(AnswerHead.fault(200, headers.add("X-Same", "a"))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "GZIP", "br", "zstd", "deflate", "identity, gzip", "x-unknown"})
    void aCompressedBodyIsRefused(String coding) {
        assertThat(AnswerHead.codingFault(headers("Content-Encoding", coding))).isNotNull();
    }

    @Test
    void identityIsNoCoding() {
        assertThat(AnswerHead.codingFault(headers("Content-Encoding", " Identity ")))
                .isNull();
        assertThat(AnswerHead.codingFault(headers("A", "gzip"))).isNull();
    }

    private static MultiMap headers(String name, String value) {
        return MultiMap.caseInsensitiveMultiMap().add(name, value);
    }
}
