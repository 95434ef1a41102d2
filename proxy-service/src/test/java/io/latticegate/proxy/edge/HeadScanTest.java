package io.latticegate.proxy.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HeadScanTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\nX-Empty:\r\nX_Odd!#$%&'*+.^`|~: \t tab and caf\u00e9\r\n\r\n"
            })
    void takesAHeadThatCanBeReadInOneWay(String head) {
        HeadScan scan = new HeadScan();

        assertThat(fault(scan, head)).isNull();
        assertThat(scan.ended()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "'GET / HTTP/1.1\\n', LF without CR",
                "'GET / HTTP/1.1\\rX', CR without LF",
                "'GET /\\0 HTTP/1.1\\r\\n', control character",
                "'G\\tT / HTTP/1.1\\r\\n', request line is not ASCII",
                "'GET / HTTP/1.1\\r\\n: x\\r\\n', empty header name",
                "'GET / HTTP/1.1\\r\\n A: x\\r\\n', folded header",
                "'GET / HTTP/1.1\\r\\nA: x\\r\\n\\ty\\r\\n', folded header",
                "'GET / HTTP/1.1\\r\\nA : x\\r\\n', header name is no token",
                "'GET / HTTP/1.1\\r\\nA(b): x\\r\\n', header name is no token",
                "'GET / HTTP/1.1\\r\\nA\\r\\n', header without colon",
                "'GET / HTTP/1.1\\r\\nA: x\\ny: z\\r\\n', LF without CR",
                "'GET / HTTP/1.1\\r\\nA: x\\u007fy\\r\\n', control character"
            })
    void saysWhatIsWrongWithAnother(String escaped, String fault) {
        String head = escaped.substring(1, escaped.length() - 1)
                .replace("\\u007f", "\u007f")
                .replace("\\0", "\0")
                .replace("\\t", "\t")
                .replace("\\r", "\r")
                .replace("\\n", "\n");

        assertThat(fault(new HeadScan(), head)).isEqualTo(fault);
    }

    @Test
    void beginsAgainForTheNextRequestOfAConnection() {
        HeadScan scan = new HeadScan();
        assertThat(fault(scan, "GET / HTTP/1.1\r\nA: b\r\n\r\n")).isNull();

        scan.begin();

        assertThat(scan.ended()).isFalse();
        assertThat(fault(scan, "POST / HTTP/1.1\r\nB: c\r\n\r\n")).isNull();
        assertThat(scan.ended()).isTrue();
    }

    private static @Nullable String fault(HeadScan scan, String head) {
        for (byte octet : head.getBytes(StandardCharsets.ISO_8859_1)) {
            String fault = scan.take(octet);
            if (fault != null) {
                return fault;
            }
        }
        return null;
    }
}
