package io.latticegate.e2e.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import io.latticegate.e2e.LocalMesh;
import io.latticegate.testing.Await;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** SIGTERM to one instance of auth-service after the other, under load: the other answers, and no request fails. */
@ExtendWith(SharedMesh.class)
class RollingRestartTest {
    private static final int CLIENTS = 6;

    @Test
    void restartingAuthFailsNoRequest(LocalMesh mesh) {
        LocalMesh.Token token = mesh.createToken(Allowance.WITHOUT_LIMIT);
        List<Client.Reply> replies;
        try (Load load = new Load(mesh, token.secret(), CLIENTS)) {
            Await.until(Duration.ofSeconds(20), "load to flow", () -> load.successes() > 50);
            for (String name : List.of("auth-1", "auth-2")) {
                LocalMesh.Node node = mesh.node(name);
                mesh.terminate(node);
                long before = load.successes();
                Await.until(Duration.ofSeconds(20), "load without " + name, () -> load.successes() > before + 50);
                node.start();
                node.awaitReady();
                long joined = load.successes();
                Await.until(Duration.ofSeconds(20), "load with " + name, () -> load.successes() > joined + 50);
            }
            load.stop();
            replies = load.replies();
        }
        List<Client.Reply> failed =
                replies.stream().filter(reply -> reply.status() != 200).toList();
        System.out.printf(
                "rolling restart of auth-service under load: %d requests, %d failed%n", replies.size(), failed.size());
        assertThat(failed).isEmpty();
    }
}
