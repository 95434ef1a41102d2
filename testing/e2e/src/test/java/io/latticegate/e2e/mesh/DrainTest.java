package io.latticegate.e2e.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import io.latticegate.e2e.LocalMesh;
import io.latticegate.testing.Await;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** SIGTERM lets streams finish and takes nothing new. */
@ExtendWith(SharedMesh.class)
class DrainTest {
    private static final int CHUNKS = 8;

    @Test
    void aLongStreamFinishesAndNewRequestsAreRefused(LocalMesh mesh) throws Exception {
        LocalMesh.Node proxy = mesh.node("proxy-3");
        LocalMesh.Token token = mesh.createToken(Allowance.WITHOUT_LIMIT);
        assertThat(Client.chat(proxy, token.secret()).status()).isEqualTo(200);
        mesh.provider().reset();
        CompletableFuture<Client.Reply> stream = CompletableFuture.supplyAsync(
                () -> Client.chat(proxy, token.secret(), "gpt-4o-mini+chunks=" + CHUNKS + "+gap=400ms", true));
        Await.until(
                Duration.ofSeconds(10),
                "the stream to begin",
                () -> mesh.provider().inFlight() == 1);

        long from = System.nanoTime();
        proxy.process().signal("TERM");
        Await.until(Duration.ofSeconds(5), "new requests to be refused", () -> {
            int status = Client.chat(proxy, token.secret()).status();
            return status == 503 || status == 0;
        });
        boolean streaming = !stream.isDone();
        Client.Reply whole = stream.get(30, TimeUnit.SECONDS);
        int exit = proxy.process().awaitExit(Duration.ofSeconds(30));

        System.out.printf(
                "SIGTERM during a stream: refused new requests while it ran: %s, stream ended with [DONE]: %s, process"
                        + " ended after %d ms with %d%n",
                streaming, whole.body().contains("[DONE]"), (System.nanoTime() - from) / 1_000_000, exit);
        assertThat(streaming).isTrue();
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.body()).contains("[DONE]");
    }
}
