package io.latticegate.client.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.client.error.BrokenReplyException;
import io.latticegate.client.error.FheClientException;
import io.latticegate.client.error.OverloadedException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameReaderTest {
    private static final int CIPHERTEXT_MAX = 100;
    private static final byte[] CIPHERTEXT = {1, 2, 3};

    private final ByteArrayOutputStream reply = new ByteArrayOutputStream();

    private FrameReaderTest frame(int type, byte[] payload) {
        return frame(type, payload.length, payload);
    }

    private FrameReaderTest frame(int type, int length, byte[] payload) {
        reply.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type)
                .putInt(length)
                .array());
        reply.writeBytes(payload);
        return this;
    }

    private FrameReaderTest frame(int type, String json) {
        return frame(type, json.getBytes(StandardCharsets.UTF_8));
    }

    private FrameReaderTest whole() {
        return frame(1, "{\"job\":\"j\"}").frame(2, CIPHERTEXT).frame(3, "{\"frames\":2}");
    }

    private static int readAll(byte[] bytes) throws IOException {
        try (FrameReader reader = new FrameReader(new ByteArrayInputStream(bytes), CIPHERTEXT_MAX)) {
            assertThat(reader.head().isObject()).isTrue();
            int ciphertexts = 0;
            while (reader.next().isPresent()) {
                ciphertexts++;
            }
            return ciphertexts;
        }
    }

    private int readAll() throws IOException {
        return readAll(reply.toByteArray());
    }

    @Test
    void handsOverEachFrameInItsOrder() throws IOException {
        whole();
        try (FrameReader reader = new FrameReader(new ByteArrayInputStream(reply.toByteArray()), CIPHERTEXT_MAX)) {
            assertThat(reader.head().path("job").asText()).isEqualTo("j");
            assertThat(reader.next()).hasValue(CIPHERTEXT);
            assertThat(reader.next()).isEmpty();
            assertThat(reader.next()).isEmpty();
        }
    }

    @Test
    void everyReplyThatIsCutIsIncomplete() {
        byte[] bytes = whole().reply.toByteArray();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> readAll(cut))
                    .as("cut at " + length)
                    .isInstanceOf(BrokenReplyException.class)
                    .hasMessageContaining("incomplete");
        }
    }

    @Test
    void aReplyThatGoesOnBehindItsEndIsRefused() {
        whole().frame(2, CIPHERTEXT);
        assertThatThrownBy(this::readAll)
                .isInstanceOf(BrokenReplyException.class)
                .hasMessageContaining("follows the end");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"frames\":1}", "{\"frames\":3}", "{\"frames\":\"2\"}", "{}"})
    void anEndThatCountsOtherFramesIsRefused(String end) {
        frame(1, "{}").frame(2, CIPHERTEXT).frame(3, end);
        assertThatThrownBy(this::readAll)
                .isInstanceOf(BrokenReplyException.class)
                .hasMessageContaining("counts");
    }

    @Test
    void anErrorFrameIsTheServicesRefusal() {
        frame(1, "{}").frame(2, CIPHERTEXT).frame(4, "{\"error\":{\"code\":\"overloaded\",\"message\":\"no room\"}}");
        assertThatThrownBy(this::readAll).isInstanceOfSatisfying(OverloadedException.class, refusal -> {
            assertThat(refusal.code()).isEqualTo("overloaded");
            assertThat(refusal.detail()).isEqualTo("no room");
            assertThat(refusal.status()).isZero();
        });
    }

    @Test
    void aLengthAboveTheBoundIsRefusedBeforeAnythingIsRead() {
        frame(1, "{}").frame(2, CIPHERTEXT_MAX + 1, new byte[0]);
        assertThatThrownBy(this::readAll)
                .isInstanceOf(BrokenReplyException.class)
                .hasMessageContaining("101 bytes; allowed are 100");
        reply.reset();
        frame(1, 0x80000000, new byte[0]);
        assertThatThrownBy(this::readAll)
                .isInstanceOf(BrokenReplyException.class)
                .hasMessageContaining("2147483648 bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 0x102, 0x01000002})
    void aFrameOfAnotherTypeIsRefused(int type) {
        frame(1, "{}").frame(type, "{}").frame(3, "{\"frames\":2}");
        assertThatThrownBy(this::readAll)
                .isInstanceOf(BrokenReplyException.class)
                .hasMessageContaining("has type");
    }

    @Test
    void aReplyThatDoesNotBeginWithJsonIsRefused() {
        frame(2, CIPHERTEXT);
        assertThatThrownBy(this::readAll)
                .isInstanceOf(BrokenReplyException.class)
                .hasMessageContaining("begins");
        reply.reset();
        frame(1, "[1]");
        assertThatThrownBy(this::readAll)
                .isInstanceOf(BrokenReplyException.class)
                .hasMessageContaining("no object");
        reply.reset();
        frame(1, "{");
        assertThatThrownBy(this::readAll)
                .isInstanceOf(BrokenReplyException.class)
                .hasMessageContaining("malformed");
    }

    /** Whatever arrives, the reader ends, with a value or with its own exception. */
    @Test
    void noChangedReplyBreaksTheReader() throws IOException {
        byte[] bytes = whole().reply.toByteArray();
        SplittableRandom random = new SplittableRandom(42);
        int whole = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] changed = bytes.clone();
            for (int change = random.nextInt(1, 4); change > 0; change--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            try {
                whole += readAll(changed);
            } catch (FheClientException refused) {
                assertThat(refused.getMessage()).isNotEmpty();
            }
        }
        assertThat(whole).isPositive();
    }
}
