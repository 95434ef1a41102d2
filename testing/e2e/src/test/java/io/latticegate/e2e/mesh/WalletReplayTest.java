package io.latticegate.e2e.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.ServiceRole;
import io.latticegate.e2e.LocalMesh;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A signed body is good once, whichever edges it is sent to. */
@ExtendWith(SharedMesh.class)
class WalletReplayTest {
    @Test
    void oneBodySentFiftyTimesAtOnceSucceedsOnce(LocalMesh mesh) {
        List<LocalMesh.Node> proxies = mesh.nodes(ServiceRole.PROXY);
        for (int round = 0; round < LocalMesh.rounds(2); round++) {
            TestWallet wallet = new TestWallet(new SecureRandom());
            TestWallet.Signed key = wallet.store("openai", "sk-wallet-key");
            assertThat(Client.post(proxies.getFirst(), "/api/vault/store", key.body(), key.signature()))
                    .satisfies(stored ->
                            assertThat(stored.status()).as(stored.body()).isEqualTo(200));
            mesh.provider().reset();
            TestWallet.Signed request = wallet.request("hello", "gpt-4", System.currentTimeMillis());
            List<Callable<Client.Reply>> calls = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                LocalMesh.Node proxy = proxies.get(i % proxies.size());
                calls.add(() -> Client.post(proxy, "/api/llm/proxy", request.body(), request.signature()));
            }

            List<Client.Reply> replies = Client.together(calls);

            long successes =
                    replies.stream().filter(reply -> reply.status() == 200).count();
            System.out.printf(
                    "one signed body 50 times at once over %d proxies: %d succeeded, %d at the provider; others %s%n",
                    proxies.size(),
                    successes,
                    mesh.provider().count(),
                    replies.stream()
                            .map(Client.Reply::status)
                            .filter(status -> status != 200)
                            .distinct()
                            .sorted()
                            .toList());
            assertThat(successes).isEqualTo(1);
            assertThat(mesh.provider().count()).isEqualTo(1);
        }
    }
}
