package io.latticegate.common.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AuditRecordTest {
    private static final AuditRecord FULL = AuditRecord.builder(AuditPhase.END, "proxy_request", 1_790_000_000_123_456L)
            .actor(new AuditActor(AuditActor.Kind.WALLET, "0xabc"))
            .requestId("req-1")
            .correlationId("cor-1")
            .projectId("project")
            .tokenId("token-id")
            .clientIp("2001:db8::1")
            .method("POST")
            .path("/v1/chat/completions")
            .userAgent("openai/1.0 (grüße 😀)")
            .surface("openai")
            .model("gpt-4o")
            .provider("openai")
            .credentialSource("wallet")
            .keyFingerprint("a1b2c3")
            .status(429)
            .outcome(AuditOutcome.DENIED)
            .reason("rate_limit_exceeded")
            .tokensIn(123)
            .tokensOut(Long.MAX_VALUE)
            .tokensCached(7)
            .usageEstimated(true)
            .costMicroUsd(1_234_567)
            .attempts(3)
            .elapsedMicros(99_000)
            .metadata(Map.of("region", "eu", "stream", "true"))
            .build();

    private static AuditRecord roundTrip(AuditRecord record) {
        return AuditDecoder.decode(AuditEncoder.bytes(record));
    }

    @Test
    void readsBackEveryField() {
        assertThat(roundTrip(FULL)).isEqualTo(FULL);
        AuditRecord empty = AuditRecord.builder(AuditPhase.BEGIN, "", 0).build();
        assertThat(roundTrip(empty)).isEqualTo(empty);
        assertThat(AuditEncoder.bytes(empty)).hasSize(1);
    }

    @Test
    void anEncoderCanBeUsedAgain() {
        AuditEncoder encoder = new AuditEncoder();
        encoder.encode(FULL);
        AuditRecord second =
                AuditRecord.builder(AuditPhase.EVENT, "cache.purge", 5).build();
        int length = encoder.encode(second);
        assertThat(AuditDecoder.decode(Arrays.copyOf(encoder.buffer(), length))).isEqualTo(second);
    }

    @Test
    void cutsTextAtWholeCharacters() {
        AuditRecord record = AuditRecord.builder(AuditPhase.EVENT, "a".repeat(65), 0)
                .userAgent("a".repeat(254) + "é€")
                .method("😀".repeat(5))
                .build();
        AuditRecord read = roundTrip(record);
        assertThat(read.action()).isEqualTo("a".repeat(64));
        assertThat(read.userAgent()).isEqualTo("a".repeat(254) + "é");
        assertThat(read.method()).isEqualTo("😀".repeat(4));
    }

    @Test
    void keepsControlAndInvisibleCharactersAndBrokenSurrogatesOut() {
        AuditRecord record = AuditRecord.builder(AuditPhase.EVENT, "x", 0)
                .path("a\r\nb\u0000c\u007Fd\u0085e\u2028f\u202Eg\uD800h\u200Bi")
                .metadata(Map.of("k\n", "v\u001B[31m"))
                .build();
        AuditRecord read = roundTrip(record);
        assertThat(read.path()).isEqualTo("a\uFFFD\uFFFDb\uFFFDc\uFFFDd\uFFFDe\uFFFDf\uFFFDg\uFFFDh\uFFFDi");
        assertThat(read.metadata()).containsExactly(Map.entry("k\uFFFD", "v\uFFFD[31m"));
    }

    @Test
    void fitsItsBufferWhenEveryTextIsTooLong() {
        String text = "€".repeat(5000);
        Map<String, String> metadata = new HashMap<>();
        for (int i = 0; i < AuditRecord.MAX_METADATA; i++) {
            metadata.put(i + text, text);
        }
        AuditRecord record = FULL.toBuilder()
                .action(text)
                .actor(new AuditActor(AuditActor.Kind.IDENTITY, text))
                .requestId(text)
                .correlationId(text)
                .projectId(text)
                .tokenId(text)
                .clientIp(text)
                .method(text)
                .path(text)
                .userAgent(text)
                .surface(text)
                .model(text)
                .provider(text)
                .credentialSource(text)
                .keyFingerprint(text)
                .reason(text)
                .tokensIn(Long.MAX_VALUE)
                .metadata(metadata)
                .build();
        byte[] bytes = AuditEncoder.bytes(record);
        assertThat(bytes.length).isLessThan(10_000);
        AuditRecord read = AuditDecoder.decode(bytes);
        assertThat(read.path().getBytes(StandardCharsets.UTF_8)).hasSize(1023);
        assertThat(read.metadata()).hasSize(16);
        assertThat(AuditEncoder.bytes(read)).hasSameSizeAs(bytes);
    }

    @Test
    void skipsFieldsOfALaterVersion() {
        byte[] known = AuditEncoder.bytes(FULL);
        byte[] longer = Arrays.copyOf(known, known.length + 9);
        byte[] added = {(byte) 0xC8, 0x01, 0x05, (byte) 0xCB, 0x01, 0x03, 'a', 'b', 'c'};
        System.arraycopy(added, 0, longer, known.length, added.length);
        assertThat(AuditDecoder.decode(longer)).isEqualTo(FULL);
    }

    @Test
    void refusesTooMuchMetadataAndNegativeNumbers() {
        Map<String, String> metadata = new HashMap<>();
        for (int i = 0; i <= AuditRecord.MAX_METADATA; i++) {
            metadata.put("k" + i, "v");
        }
        AuditRecord.Builder builder = FULL.toBuilder().metadata(metadata);
        assertThatThrownBy(builder::build).hasMessageContaining("17").hasMessageContaining("16");
        AuditRecord.Builder negative = FULL.toBuilder().tokensOut(-1);
        assertThatThrownBy(negative::build).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesControlCharactersThatNoEncoderWrites() {
        byte[] bytes = AuditEncoder.bytes(
                AuditRecord.builder(AuditPhase.EVENT, "a~b", 0).build());
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '~') {
                bytes[i] = 0;
            }
        }
        assertThatThrownBy(() -> AuditDecoder.decode(bytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("control character");
    }

    @Test
    void answersMalformedBytesWithIllegalArgumentOnly() {
        byte[] whole = AuditEncoder.bytes(FULL);
        SplittableRandom random = new SplittableRandom(11);
        int refused = 0;
        for (int round = 0; round < 100_000; round++) {
            byte[] bytes = Arrays.copyOf(whole, round % 3 == 0 ? random.nextInt(whole.length) : whole.length);
            for (int flips = 1 + random.nextInt(4); flips > 0 && bytes.length > 0; flips--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                AuditDecoder.decode(bytes);
            } catch (IllegalArgumentException _) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(30_000);
    }
}
