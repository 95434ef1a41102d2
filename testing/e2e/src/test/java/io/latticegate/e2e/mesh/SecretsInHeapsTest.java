package io.latticegate.e2e.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import io.latticegate.e2e.CanaryScan;
import io.latticegate.e2e.HeapDump;
import io.latticegate.e2e.LocalMesh;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** After requests, neither the provider's key nor a token is in the heap of a proxy or of an auth process, nor in a file. */
@ExtendWith(SharedMesh.class)
class SecretsInHeapsTest {
    private static final int REQUESTS = 200;

    @Test
    void nothingIsKept(LocalMesh mesh, TestReporter report, @TempDir Path folder) throws Exception {
        LocalMesh.Token token = mesh.createToken(new Allowance(REQUESTS * 2, Allowance.UNLIMITED, Allowance.UNLIMITED));
        LocalMesh.Node proxy = mesh.node("proxy-1");
        for (int i = 0; i < REQUESTS; i++) {
            Client.Reply reply = Client.chat(proxy, token.secret(), "gpt-4o-mini", i % 2 == 0);
            assertThat(reply.status()).as("request %d: %s", i, reply.body()).isEqualTo(200);
        }
        CanaryScan scan = new CanaryScan(Map.of("provider key", LocalMesh.PROVIDER_KEY, "token", token.secret()));
        for (String name : List.of("proxy-1", "auth-1", "auth-2")) {
            LocalMesh.Node node = mesh.node(name);
            Path garbage = HeapDump.all(node.process(), folder);
            report.publishEntry(
                    "in garbage of " + name + " that was not collected yet",
                    CanaryScan.counts(scan.file(garbage)).toString());
            Files.delete(garbage);
            Path live = HeapDump.live(node.process(), folder);
            List<CanaryScan.Finding> held = scan.file(live);
            assertThat(held)
                    .as(() -> name + ": "
                            + String.join(
                                    "\n", held.stream().map(CanaryScan::context).toList()))
                    .isEmpty();
            Files.delete(live);
            assertThat(scan.files(written(node))).as("files of " + name).isEmpty();
        }
    }

    /** All that the process wrote: its configuration and its certificates were given to it. */
    private static Path[] written(LocalMesh.Node node) throws Exception {
        try (Stream<Path> files = Files.list(node.home())) {
            return files.filter(file -> !List.of("service.yaml", "tls").contains(String.valueOf(file.getFileName())))
                    .toArray(Path[]::new);
        }
    }
}
