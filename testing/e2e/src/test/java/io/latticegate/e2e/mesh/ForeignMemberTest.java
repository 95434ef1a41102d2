package io.latticegate.e2e.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.e2e.LocalMesh;
import io.latticegate.testing.ChildProcess;
import io.latticegate.testing.JavaProcess;
import io.latticegate.testing.Ports;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Being a member of the cluster is worth nothing: no message, no secret, and nobody else's request fails. */
@ExtendWith(SharedMesh.class)
class ForeignMemberTest {
    private static final int REQUESTS = 200;
    private static final int TOKENS = 50;

    @Test
    void aForeignMemberOnEveryAddressIsSentNothingAndBreaksNothing(LocalMesh mesh) {
        List<String> arguments = new ArrayList<>(List.of(mesh.clusterName(), String.valueOf(Ports.free())));
        mesh.memberPorts().forEach(port -> arguments.add(String.valueOf(port)));
        try (ChildProcess foreign = JavaProcess.of(ForeignMember.class.getName())
                .jvm("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m")
                .arguments(arguments.toArray(String[]::new))
                .start()) {
            var joined =
                    foreign.awaitLine("^foreign ready on (\\d+) addresses, cluster of (\\d+)", LocalMesh.START_LIMIT);
            assertThat(Integer.parseInt(joined.group(2)))
                    .as("it is a member of the processes' cluster")
                    .isGreaterThan(mesh.memberPorts().size());

            long failuresBeside = failures(mesh);
            var refused = foreign.awaitLine("^(refused|SECRET) (.*)", LocalMesh.START_LIMIT);
            foreign.kill();
            long failuresAfter = failures(mesh);

            List<String> received = Stream.of(foreign.outputText().split("\n", -1))
                    .filter(line -> line.startsWith("received"))
                    .toList();
            System.out.printf(
                    "foreign member on %s addresses: %d messages received, its question to the vault: %s; failures of"
                            + " %d requests beside it %d, after kill -9 of it %d%n",
                    joined.group(1), received.size(), refused.group(), REQUESTS, failuresBeside, failuresAfter);
            assertThat(received).isEmpty();
            assertThat(refused.group(1)).isEqualTo("refused");
            assertThat(failuresBeside).isZero();
            assertThat(failuresAfter).isZero();
        }
    }

    /** New tokens each time, so that every few requests ask auth-service and none lives on a lease from before. */
    private static long failures(LocalMesh mesh) {
        List<LocalMesh.Node> proxies = mesh.nodes(ServiceRole.PROXY);
        List<LocalMesh.Token> tokens = new ArrayList<>();
        for (int i = 0; i < TOKENS; i++) {
            tokens.add(mesh.createToken(Allowance.WITHOUT_LIMIT));
        }
        long failures = 0;
        for (int from = 0; from < REQUESTS; from += TOKENS) {
            List<Callable<Client.Reply>> calls = new ArrayList<>();
            for (int i = 0; i < TOKENS; i++) {
                LocalMesh.Node proxy = proxies.get((from + i) % proxies.size());
                String token = tokens.get(i).secret();
                calls.add(() -> Client.chat(proxy, token));
            }
            for (Client.Reply reply : Client.together(calls)) {
                if (reply.status() != 200) {
                    System.out.println("failed: " + reply.status() + " " + reply.body());
                    failures++;
                }
            }
        }
        return failures;
    }
}
