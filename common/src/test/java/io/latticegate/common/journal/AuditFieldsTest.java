package io.latticegate.common.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.journal.AuditFields.Part;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AuditFieldsTest {
    private static final AuditRecord RECORD = AuditRecord.builder(
                    AuditPhase.END, "proxy_request", 1_790_000_000_000_000L)
            .actor(new AuditActor(AuditActor.Kind.WALLET, "0xabc"))
            .requestId("r1")
            .clientIp("192.0.2.1")
            .userAgent("Grüße")
            .path("/v1/x")
            .tokenId("t1")
            .reason("because")
            .status(200)
            .outcome(AuditOutcome.SUCCESS)
            .costMicroUsd(Long.MAX_VALUE)
            .metadata(Map.of("a", "b", "c", "d"))
            .build();

    private static String text(Map<Part, byte[]> parts, Part part) {
        return new String(parts.getOrDefault(part, new byte[0]), StandardCharsets.UTF_8);
    }

    @Test
    void splitsByWhomAFieldTellsOfAndJoinsToTheSameRecord() {
        Map<Part, byte[]> parts = AuditFields.split(AuditEncoder.bytes(RECORD), false);
        assertThat(text(parts, Part.DEED))
                .contains("proxy_request", "r1", "/v1/x")
                .doesNotContain("0xabc", "192.0.2.1", "t1", "because");
        assertThat(text(parts, Part.WHO)).contains("0xabc").doesNotContain("r1");
        assertThat(text(parts, Part.FROM)).contains("192.0.2.1", "Grüße");
        assertThat(text(parts, Part.ABOUT)).contains("t1", "because", "a", "d");
        assertThat(AuditDecoder.decode(AuditFields.join(List.copyOf(parts.values()))))
                .isEqualTo(RECORD);
    }

    @Test
    void putsThePathToTheTextWhereItTellsOfSomebody() {
        Map<Part, byte[]> parts = AuditFields.split(AuditEncoder.bytes(RECORD), true);
        assertThat(text(parts, Part.DEED)).doesNotContain("/v1/x");
        assertThat(text(parts, Part.ABOUT)).contains("/v1/x");
    }

    @Test
    void keepsFieldsOfNewerWritersWithTheText() {
        byte[] record = AuditEncoder.bytes(RECORD);
        byte[] newer = Arrays.copyOf(record, record.length + 5);
        System.arraycopy(new byte[] {61, 3, 'n', 'e', 'w'}, 0, newer, record.length, 5);
        Map<Part, byte[]> parts = AuditFields.split(newer, false);
        assertThat(text(parts, Part.ABOUT)).endsWith("new");
    }

    @Test
    void refusesWhatIsCutOffOrNoRecord() {
        byte[] record = AuditEncoder.bytes(RECORD);
        assertThatThrownBy(() -> AuditFields.split(new byte[0], false)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AuditFields.split(new byte[] {2, 1, 1}, false))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AuditFields.split(Arrays.copyOf(record, record.length - 1), false))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
