package io.latticegate.e2e.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.e2e.LocalMesh;
import io.latticegate.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kill -9 under load loses nothing from the audit, doubles nothing, and the mesh recovers. */
@ExtendWith(SharedMesh.class)
class KilledServiceTest {
    private static final Duration FULL_SERVICE = Duration.ofSeconds(30);
    private static final int CLIENTS = 6;

    @ParameterizedTest
    @ValueSource(strings = {"proxy-1", "auth-1", "vault-1", "admin-1"})
    void nothingIsLostOrDoubledWhenAProcessIsKilled(String name, LocalMesh mesh) {
        mesh.provider().reset();
        LocalMesh.Token token = mesh.createToken(Allowance.WITHOUT_LIMIT);
        List<Long> recoveries = new ArrayList<>();
        List<Client.Reply> replies = new ArrayList<>();
        LocalMesh.Node victim = mesh.node(name);
        for (int round = 0; round < LocalMesh.rounds(1); round++) {
            try (Load load = new Load(mesh, token.secret(), CLIENTS)) {
                Await.until(Duration.ofSeconds(20), "load to flow", () -> load.successes() > 50);
                victim.kill();
                long killedAt = System.nanoTime();
                victim.start();
                victim.awaitReady();
                awaitFullService(mesh, token.secret());
                recoveries.add((System.nanoTime() - killedAt) / 1_000_000);
                load.stop();
                replies.addAll(load.replies());
            }
        }
        List<String> answered = replies.stream()
                .filter(reply -> reply.status() == 200)
                .map(Client.Reply::mark)
                .toList();
        Set<String> reached = Audit.atProvider(mesh);

        Duration patience = Duration.ofSeconds(20L + 5L * recoveries.size());
        Await.until(patience, "every request to be in the audit", () -> {
            Audit audit = Audit.read(mesh);
            return audit.ended().containsAll(answered) && audit.ended().containsAll(reached);
        });
        Audit audit = Audit.read(mesh);
        Set<String> lost = new HashSet<>(reached);
        lost.addAll(answered);
        lost.removeAll(audit.begun());

        System.out.printf(
                "kill -9 %s × %d under load: %d requests, %d answered, %d at the provider; audit lost %d, doubled %d,"
                        + " numbers missing %d; full service after %s ms%n",
                name,
                recoveries.size(),
                replies.size(),
                answered.size(),
                reached.size(),
                lost.size(),
                audit.doubled().size(),
                audit.missing(),
                recoveries);
        assertThat(lost).isEmpty();
        assertThat(audit.doubled()).isEmpty();
        assertThat(audit.missing()).isZero();
        assertThat(audit.begun()).containsAll(answered);
        assertThat(recoveries).allSatisfy(millis -> assertThat(millis).isLessThan(FULL_SERVICE.toMillis()));
    }

    /** Ten answers in a row from every proxy. */
    private static void awaitFullService(LocalMesh mesh, String token) {
        Await.until(LocalMesh.START_LIMIT, "ten answers in a row from every proxy", () -> {
            for (LocalMesh.Node proxy : mesh.nodes(ServiceRole.PROXY)) {
                for (int i = 0; i < 10; i++) {
                    if (Client.chat(proxy, token).status() != 200) {
                        return false;
                    }
                }
            }
            return true;
        });
    }
}
