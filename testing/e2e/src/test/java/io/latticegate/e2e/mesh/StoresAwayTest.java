package io.latticegate.e2e.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.e2e.LocalMesh;
import io.latticegate.testing.Await;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Without Redis or PostgreSQL nothing is admitted that is not counted, and service returns by itself. */
@ExtendWith(SharedMesh.class)
class StoresAwayTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final int CLIENTS = 6;
    private static final AtomicLong NONCES = new AtomicLong(System.currentTimeMillis());

    @Test
    void withoutPostgresLeasesRunOutThenRequestsAre503UntilItReturns(LocalMesh mesh) {
        mesh.provider().reset();
        LocalMesh.Token token = mesh.createToken(new Allowance(100_000, Allowance.UNLIMITED, Allowance.UNLIMITED));
        try (Load load = new Load(mesh, token.secret(), CLIENTS)) {
            Await.until(Duration.ofSeconds(20), "load to flow", () -> load.successes() > 50);

            mesh.postgres().stop();
            for (LocalMesh.Node proxy : mesh.nodes(ServiceRole.PROXY)) {
                Await.until(
                        Duration.ofSeconds(10),
                        "the lease of " + proxy.name() + " to end",
                        () -> refusedForNow(Client.chat(proxy, token.secret())));
            }
            long atProvider = mesh.provider().count();
            for (int i = 0; i < 20; i++) {
                assertThat(refusedForNow(Client.chat(mesh.node("proxy-" + (1 + i % 3)), token.secret())))
                        .isTrue();
            }
            assertThat(mesh.provider().count()).isEqualTo(atProvider);

            mesh.postgres().restart();
            long back = System.nanoTime();
            for (LocalMesh.Node proxy : mesh.nodes(ServiceRole.PROXY)) {
                Await.until(
                        PATIENCE,
                        proxy.name() + " to serve again",
                        () -> Client.chat(proxy, token.secret()).status() == 200);
            }
            long recovery = (System.nanoTime() - back) / 1_000_000;
            load.stop();
            Set<String> reached = Audit.atProvider(mesh);
            Await.until(
                    PATIENCE,
                    "the audit to be delivered",
                    () -> Audit.read(mesh).ended().containsAll(reached));
            Audit audit = Audit.read(mesh);
            Await.until(
                    PATIENCE,
                    "every request at the provider to be counted",
                    () -> mesh.token(token.id()).requestCount()
                            >= mesh.provider().count());
            System.out.printf(
                    "PostgreSQL away under load: %d at the provider, %d counted on the token, audit doubled %d,"
                            + " missing %d; service on all nodes %d ms after its return; statuses %s%n",
                    mesh.provider().count(),
                    mesh.token(token.id()).requestCount(),
                    audit.doubled().size(),
                    audit.missing(),
                    recovery,
                    load.replies().stream()
                            .map(Client.Reply::status)
                            .distinct()
                            .sorted()
                            .toList());
            assertThat(audit.begun()).containsAll(reached);
            assertThat(audit.doubled()).isEmpty();
            assertThat(audit.missing()).isZero();
            assertThat(load.replies())
                    .allSatisfy(reply -> assertThat(reply.status() == 200 || refusedForNow(reply))
                            .as("%d %s", reply.status(), reply.body())
                            .isTrue());
        }
    }

    @Test
    void withoutRedisWalletsAre503UntilItReturnsAndNoNonceIsAcceptedTwice(LocalMesh mesh) {
        LocalMesh.Node proxy = mesh.node("proxy-1");
        SecureRandom random = new SecureRandom();
        TestWallet wallet = new TestWallet(random);
        TestWallet.Signed key = wallet.store("openai", "sk-wallet-key");
        assertThat(Client.post(proxy, "/api/vault/store", key.body(), key.signature())
                        .status())
                .isEqualTo(200);
        TestWallet.Signed before = wallet.request("before", "gpt-4", NONCES.incrementAndGet());
        assertThat(send(proxy, before).status()).isEqualTo(200);
        mesh.provider().reset();

        mesh.redis().stop();
        TestWallet.Signed meanwhile = wallet.request("meanwhile", "gpt-4", NONCES.incrementAndGet());
        Client.Reply refused = send(proxy, meanwhile);
        assertThat(refused.status()).as(refused.body()).isEqualTo(503);
        assertThat(refused.retryAfter()).isPresent();
        assertThat(mesh.provider().count()).isZero();
        LocalMesh.Token token = mesh.createToken(Allowance.WITHOUT_LIMIT);
        assertThat(Client.chat(proxy, token.secret()).status())
                .as("tokens do not need Redis")
                .isEqualTo(200);

        mesh.redis().restart();
        long back = System.nanoTime();
        Await.until(
                PATIENCE,
                "wallets to be served again",
                () -> send(proxy, wallet.request("after", "gpt-4", NONCES.incrementAndGet()))
                                .status()
                        == 200);
        long recovery = (System.nanoTime() - back) / 1_000_000;
        Client.Reply replayed = Await.value(PATIENCE, "every auth-service to have Redis again", () -> {
            Client.Reply reply = send(proxy, before);
            return reply.status() == 503 ? Optional.empty() : Optional.of(reply);
        });

        System.out.printf(
                "Redis away: wallet %d with Retry-After %s, tokens served; wallets served %d ms after its return;"
                        + " replay of an earlier body %d%n",
                refused.status(), refused.retryAfter().orElse("none"), recovery, replayed.status());
        assertThat(replayed.status()).isIn(List.of(401, 429));
    }

    private static Client.Reply send(LocalMesh.Node proxy, TestWallet.Signed request) {
        return Client.post(proxy, "/api/llm/proxy", request.body(), request.signature());
    }

    private static boolean refusedForNow(Client.Reply reply) {
        return reply.status() == 503 && reply.retryAfter().isPresent();
    }
}
