package io.latticegate.e2e.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.e2e.LocalMesh;
import io.latticegate.testing.Await;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Limits and revocation hold across three edges and two auth-services. */
@ExtendWith(SharedMesh.class)
class TokensAcrossProxiesTest {
    private static final Allowance FIVE_REQUESTS = new Allowance(5, Allowance.UNLIMITED, Allowance.UNLIMITED);

    @Test
    void exactlyFiveOf200ParallelRequestsReachTheProvider(LocalMesh mesh) {
        List<LocalMesh.Node> proxies = mesh.nodes(ServiceRole.PROXY);
        for (int round = 0; round < LocalMesh.rounds(2); round++) {
            LocalMesh.Token token = mesh.createToken(FIVE_REQUESTS);
            mesh.provider().reset();
            List<Callable<Client.Reply>> calls = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                LocalMesh.Node proxy = proxies.get(i % proxies.size());
                calls.add(() -> Client.chat(proxy, token.secret()));
            }

            List<Client.Reply> replies = Client.together(calls);

            System.out.printf(
                    "max_requests 5, 200 parallel over %d proxies: %d at the provider, %d × 200, %d × 429%n",
                    proxies.size(), mesh.provider().count(), count(replies, 200), count(replies, 429));
            assertThat(mesh.provider().count()).isEqualTo(5);
            assertThat(count(replies, 200)).isEqualTo(5);
            assertThat(replies.stream().filter(reply -> reply.status() != 200))
                    .allSatisfy(
                            reply -> assertThat(reply.status()).as(reply.body()).isEqualTo(429));
            Await.until(
                    Duration.ofSeconds(5),
                    "five requests to be counted",
                    () -> mesh.token(token.id()).requestCount() == 5);
        }
    }

    @Test
    void aRevokedTokenIs401OnEveryNodeWithinASecond(LocalMesh mesh) {
        revoked(mesh, "broadcast", token -> {
            assertThat(mesh.ask(AuthApi.UPDATE_TOKEN, new AuthApi.UpdateToken(token.id(), false, null)))
                    .isInstanceOf(AuthApi.TokenReply.Found.class);
        });
    }

    @Test
    void aRevokedTokenIs401OnEveryNodeWithinASecondWithoutTheBroadcast(LocalMesh mesh) {
        revoked(mesh, "no broadcast", token -> {
            try (Connection connection = mesh.database();
                    PreparedStatement update =
                            connection.prepareStatement("UPDATE auth.tokens SET active = FALSE WHERE id = ?")) {
                update.setString(1, token.id());
                assertThat(update.executeUpdate()).isEqualTo(1);
            } catch (SQLException fault) {
                throw new AssertionError("the token's row was not changed", fault);
            }
        });
    }

    private interface Revocation {
        void of(LocalMesh.Token token);
    }

    /** Every proxy holds a warm lease and is asked without pause; none may say 200 a second after the revocation. */
    private static void revoked(LocalMesh mesh, String how, Revocation revocation) {
        for (int round = 0; round < LocalMesh.rounds(2); round++) {
            LocalMesh.Token token = mesh.createToken(Allowance.WITHOUT_LIMIT);
            List<LocalMesh.Node> proxies = mesh.nodes(ServiceRole.PROXY);
            for (LocalMesh.Node proxy : proxies) {
                assertThat(Client.chat(proxy, token.secret()).status()).isEqualTo(200);
            }

            revocation.of(token);
            long revokedAt = System.nanoTime();

            List<Callable<Long>> watches = new ArrayList<>();
            for (LocalMesh.Node proxy : proxies) {
                watches.add(() -> {
                    while (true) {
                        long askedAt = System.nanoTime();
                        Client.Reply reply = Client.chat(proxy, token.secret());
                        if (reply.status() == 401) {
                            return askedAt - revokedAt;
                        }
                        assertThat(askedAt - revokedAt)
                                .as("%s still answers %d", proxy.name(), reply.status())
                                .isLessThan(1_000_000_000L);
                    }
                });
            }
            List<Long> delays = Client.together(watches);
            System.out.printf(
                    "revoked (%s): first 401 per node after %s ms%n",
                    how, delays.stream().map(nanos -> nanos / 1_000_000).toList());
            assertThat(delays).allSatisfy(delay -> assertThat(delay).isLessThan(1_000_000_000L));
        }
    }

    private static long count(List<Client.Reply> replies, int status) {
        return replies.stream().filter(reply -> reply.status() == status).count();
    }
}
