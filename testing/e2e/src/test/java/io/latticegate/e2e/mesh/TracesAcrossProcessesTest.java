package io.latticegate.e2e.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.e2e.LocalMesh;
import io.latticegate.e2e.OtlpCollector.Span;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One request's spans come from several processes and are one tree. */
@ExtendWith(SharedMesh.class)
class TracesAcrossProcessesTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String CLIENT_SPAN = "00f067aa0ba902b7";

    @Test
    void proxyAndAuthServiceSendPartsOfOneTree(LocalMesh mesh) throws Exception {
        LocalMesh.Token token = mesh.createToken(Allowance.WITHOUT_LIMIT);
        LocalMesh.Node proxy = mesh.nodes(ServiceRole.PROXY).getFirst();
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpRequest request = HttpRequest.newBuilder(proxy.url("/v1/chat/completions"))
                    .header("Authorization", "Bearer " + token.secret())
                    .header("Content-Type", "application/json")
                    .header("traceparent", "00-" + TRACE + "-" + CLIENT_SPAN + "-01")
                    .POST(HttpRequest.BodyPublishers.ofString(
                            "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"))
                    .build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
        }

        Span request =
                mesh.collector().await(TRACE, "request", span -> span.parentId().equals(CLIENT_SPAN));
        Span call = mesh.collector().await(TRACE, "call", span -> span.name().startsWith("chat "));
        Span lease = mesh.collector()
                .await(
                        TRACE,
                        "lease in auth-service",
                        span -> span.name().equals("auth.lease.v1")
                                && span.kind().equals("server"));
        assertThat(request.service()).isEqualTo("latticegate-proxy-service");
        assertThat(call.service()).isEqualTo("latticegate-proxy-service");
        assertThat(lease.service()).isEqualTo("latticegate-auth-service");
        assertThat(request.encloses(call)).isTrue();
        assertThat(ancestor(mesh, call)).isEqualTo(request.spanId());
        assertThat(ancestor(mesh, lease)).isEqualTo(request.spanId());
        assertThat(mesh.provider().lastRequest().header("traceparent"))
                .contains("00-" + TRACE + "-" + call.spanId() + "-01");
    }

    /** The span in the tree whose parent is the client's. */
    private static String ancestor(LocalMesh mesh, Span from) {
        Span at = from;
        while (!at.parentId().equals(CLIENT_SPAN)) {
            String parent = at.parentId();
            at = mesh.collector().await(TRACE, "parent", span -> span.spanId().equals(parent));
        }
        return at.spanId();
    }
}
