package io.latticegate.e2e.fhe;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.client.sidecar.Sidecar;
import io.latticegate.common.config.ConfiguredSecret;
import io.latticegate.common.config.SidecarConfig;
import io.latticegate.common.value.Secret;
import io.latticegate.e2e.LocalStack;
import io.latticegate.testing.NodeClients;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's own package, unmodified, gets an encrypted search from the sidecar and the whole gateway. */
final class SidecarClientsTest {
    private static final Duration DEADLINE = Duration.ofMinutes(3);

    @TempDir
    private Path folder;

    @Test
    void openAisPackageSearchesEncrypted() throws IOException {
        NodeClients clients = NodeClients.ready();
        try (LocalStack stack = LocalStack.start();
                Sidecar sidecar = Sidecar.start(new SidecarConfig(
                        0,
                        URI.create(stack.url()),
                        URI.create(stack.fheUrl()),
                        false,
                        ConfiguredSecret.of(Secret.ofText(stack.token())),
                        ConfiguredSecret.unset(),
                        folder,
                        1 << 20))) {
            NodeClients.Result result = clients.run(
                    "sidecar.test.mjs",
                    Map.of(
                            "LG_BASE_URL", sidecar.baseUrl().replace("/v1", ""),
                            "LG_TOKEN", sidecar.key(),
                            "LG_MODEL", "gpt-4o-mini"),
                    DEADLINE);

            assertThat(result.good()).as(result.output()).isTrue();
            assertThat(holding(stack.folder(), "finely ground coffee"))
                    .as("files of the services with a text that was indexed")
                    .isEmpty();
            assertThat(holding(folder, "finely ground coffee")).isNotEmpty();
        }
    }

    private static List<Path> holding(Path where, String text) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(where)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text)) {
                    found.add(file);
                }
            }
        }
        return found;
    }
}
