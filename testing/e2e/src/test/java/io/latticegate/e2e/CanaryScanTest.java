package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CanaryScanTest {
    private static final String SECRET = "sk-canary-0123456789";
    private static final int BUFFER_BYTES = 1 << 20;

    @TempDir
    private Path folder;

    @Test
    void findsASecretInEveryFormAlsoAcrossTheEdgeOfABuffer() throws IOException {
        byte[] ascii = SECRET.getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(new byte[BUFFER_BYTES - 5]);
        file.writeBytes(ascii);
        file.writeBytes(SECRET.getBytes(StandardCharsets.UTF_16LE));
        file.writeBytes(("|" + HexFormat.of().formatHex(ascii)).getBytes(StandardCharsets.US_ASCII));
        for (String before : List.of("", "x", "xy")) {
            file.write('|');
            file.writeBytes(Base64.getEncoder().encode((before + SECRET + "tail").getBytes(StandardCharsets.US_ASCII)));
        }
        Path written = Files.write(folder.resolve("store"), file.toByteArray());

        List<CanaryScan.Finding> findings = new CanaryScan(Map.of("key", SECRET)).files(folder);

        assertThat(findings)
                .extracting(CanaryScan.Finding::form)
                .containsExactlyInAnyOrder("bytes", "utf-16le", "hex", "base64/0", "base64/1", "base64/2");
        assertThat(findings.getFirst()).isEqualTo(new CanaryScan.Finding("key", "bytes", written, BUFFER_BYTES - 5));
        assertThat(CanaryScan.context(findings.getFirst())).contains(SECRET);
    }

    @Test
    void findsNothingWhereOnlyAPartIs() throws IOException {
        Files.writeString(folder.resolve("log"), SECRET.substring(0, SECRET.length() - 1) + " sk-can****6789");

        assertThat(new CanaryScan(Map.of("key", SECRET)).files(folder)).isEmpty();
    }
}
