package io.latticegate.fhe.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FramesTest {
    private static byte[] frame(int type, int length, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type)
                .putInt(length)
                .array());
        out.writeBytes(payload);
        return out.toByteArray();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] json(String text) {
        return frame(1, text(text).length, text(text));
    }

    private static Frames frames(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return new Frames(new ByteArrayInputStream(out.toByteArray()));
    }

    private static byte[] second(Frames frames, long bytesMax) throws IOException {
        frames.json();
        return frames.ciphertext(bytesMax, container -> container.readAllBytes());
    }

    @Test
    void readsJsonThenCiphertextsThenTheEnd() throws IOException {
        Frames frames = frames(json("{\"a\":1}"), frame(2, 3, new byte[] {7, 8, 9}), frame(2, 0, new byte[0]));
        assertThat(frames.json().getInteger("a")).isEqualTo(1);
        assertThat(frames.more()).isTrue();
        assertThat(frames.<byte[]>ciphertext(3, container -> container.readAllBytes()))
                .containsExactly(7, 8, 9);
        assertThat(frames.<byte[]>ciphertext(3, container -> container.readAllBytes()))
                .isEmpty();
        assertThat(frames.more()).isFalse();
        frames.end();
    }

    @Test
    void refusesALengthBeforeItReadsThePayload() {
        byte[] claimed = frame(2, -1, new byte[0]);
        assertThatThrownBy(() -> second(frames(json("{}"), claimed), 100))
                .hasMessageContaining("4294967295 bytes")
                .hasMessageContaining("100");
        assertThatThrownBy(() -> frames(frame(1, 1 << 30, new byte[0])).json()).hasMessageContaining("at most 65536");
    }

    @Test
    void refusesWhatIsNotInItsPlace() {
        assertThatThrownBy(() -> frames().json()).hasMessageContaining("empty");
        assertThatThrownBy(() -> frames(frame(2, 0, new byte[0])).json()).hasMessageContaining("type 2");
        assertThatThrownBy(() -> frames(json("[1]")).json()).hasMessageContaining("not a JSON object");
        assertThatThrownBy(() -> second(frames(json("{}"), json("{}")), 10)).hasMessageContaining("type 1");
        assertThatThrownBy(() -> second(frames(json("{}"), frame(0x102, 0, new byte[0])), 10))
                .hasMessageContaining("not zero");
        assertThatThrownBy(() -> second(frames(json("{}")), 10)).hasMessageContaining("ends before frame 1");
    }

    @Test
    void noticesABodyThatIsCut() {
        assertThatThrownBy(() -> second(frames(json("{}"), frame(2, 5, new byte[4])), 10))
                .hasMessageContaining("inside frame 1");
        assertThatThrownBy(() -> second(frames(json("{}"), new byte[] {2, 0, 0}), 10))
                .hasMessageContaining("inside frame 1");
        assertThatThrownBy(() -> frames(frame(1, 9, text("{}"))).json()).hasMessageContaining("inside frame 0");
    }

    @Test
    void refusesBytesBehindAContainer() throws IOException {
        Frames frames = frames(json("{}"), frame(2, 3, new byte[3]));
        frames.json();
        assertThatThrownBy(() -> frames.ciphertext(10, container -> container.read()))
                .hasMessageContaining("behind its container");
    }
}
