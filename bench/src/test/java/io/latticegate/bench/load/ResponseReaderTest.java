package io.latticegate.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ResponseReaderTest {
    private static final String STREAM = """
            HTTP/1.1 200 OK
            Transfer-Encoding: chunked

            9
            data: 1|
            4;x=y
            data
            A
            : [DONE]|
            0
            Trailer: t

            """.replace("\n", "\r\n").replace("|", "\n\n");

    @Test
    void countsEventsOfAStreamThatComesByteByByte() throws MalformedResponseException {
        ResponseReader reader = new ResponseReader();
        reader.reset();
        byte[] bytes = STREAM.getBytes(StandardCharsets.US_ASCII);

        for (int i = 0; i < bytes.length; i++) {
            assertThat(reader.read(ByteBuffer.wrap(bytes, i, 1))).isEqualTo(i == bytes.length - 1);
        }

        assertThat(reader.status()).isEqualTo(200);
        assertThat(reader.events()).isEqualTo(2);
        assertThat(reader.ended()).isTrue();
    }

    @Test
    void leavesWhatFollowsAnAnswerAlone() throws MalformedResponseException {
        ResponseReader reader = new ResponseReader();
        reader.reset();
        ByteBuffer bytes = ByteBuffer.wrap("HTTP/1.1 429 Slow\r\ncontent-length: 2\r\nConnection: close\r\n\r\n{}HTTP"
                .getBytes(StandardCharsets.US_ASCII));

        assertThat(reader.read(bytes)).isTrue();

        assertThat(bytes.remaining()).isEqualTo(4);
        assertThat(reader.status()).isEqualTo(429);
        assertThat(reader.isObject()).isTrue();
        assertThat(reader.persistent()).isFalse();
    }

    @Test
    void refusesAnAnswerWhoseEndNobodyKnows() {
        ResponseReader reader = new ResponseReader();
        reader.reset();
        ByteBuffer bytes = ByteBuffer.wrap("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

        assertThatThrownBy(() -> reader.read(bytes)).isInstanceOf(MalformedResponseException.class);
    }
}
