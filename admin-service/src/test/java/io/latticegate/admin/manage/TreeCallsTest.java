package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.crypto.Sha256;
import io.latticegate.testing.Await;
import io.latticegate.verify.VerifierProgram;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeCallsTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final HexFormat HEX = HexFormat.of();

    @TempDir
    private Path directory;

    @TempDir
    private Path outside;

    private AdminStack admin;

    @BeforeEach
    void start() {
        admin = new AdminStack(directory);
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    private JsonObject proof(String id) {
        return Await.value(SOON, "a head that covers " + id, () -> {
                    AdminStack.Reply reply = admin.get("/manage/audit/" + id + "/proof");
                    return reply.status() == 200 ? Optional.of(reply) : Optional.empty();
                })
                .object();
    }

    private String event() {
        admin.get("/manage/tokens");
        admin.deliverAudit();
        return admin.journal.nodeId() + "-1";
    }

    /** RFC 9162, section 2.1.3.2. */
    private static byte[] rootFrom(long index, long size, byte[] leaf, JsonArray path) {
        long fn = index;
        long sn = size - 1;
        byte[] root = leaf;
        for (Object step : path) {
            byte[] hash = HEX.parseHex((String) step);
            if ((fn & 1) == 1 || fn == sn) {
                root = Sha256.of(new byte[] {1}, hash, root);
                while ((fn & 1) == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                root = Sha256.of(new byte[] {1}, root, hash);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return root;
    }

    @Test
    void provesAnEventToWhoeverHasOnlyTheCheckpoint() {
        String id = event();
        JsonObject proof = proof(id);

        byte[] data = Base64.getDecoder().decode(proof.getString("leaf_data"));
        byte[] leaf = Sha256.of(new byte[] {0}, data);
        assertThat(HEX.formatHex(leaf)).isEqualTo(proof.getString("leaf_hash"));
        byte[] root =
                rootFrom(proof.getLong("leaf_index"), proof.getLong("tree_size"), leaf, proof.getJsonArray("path"));
        assertThat(HEX.formatHex(root)).isEqualTo(proof.getString("root_hash"));
        assertThat(proof.getString("checkpoint"))
                .startsWith("latticegate.audit/default\n" + proof.getLong("tree_size") + "\n"
                        + Base64.getEncoder().encodeToString(root) + "\n\n— latticegate.audit/default ");
        assertThat(proof.getString("event_id")).isEqualTo(id);
        assertThat(data).containsSequence(id.substring(0, 36).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void refusesWhatIsNotThere() {
        proof(event());

        assertThat(admin.get("/manage/audit/" + admin.journal.nodeId() + "-999999/proof")
                        .status())
                .isEqualTo(404);
        assertThat(admin.get("/manage/audit/nonsense/proof").error()).isEqualTo("audit event not found");
        assertThat(admin.get("/manage/audit/tile/0/x1").error()).contains("C2SP tlog-tiles");
        assertThat(admin.get("/manage/audit/tile/0/999").error()).isEqualTo("tile not found");
        assertThat(admin.get("/manage/audit/consistency?from=0&to=1").error()).startsWith("from must be");
        assertThat(admin.get("/manage/audit/consistency?from=1&to=99999999").error())
                .startsWith("to must be");
        assertThat(admin.get("/manage/audit/consistency?from=1").status()).isEqualTo(400);
        AdminStack.Reply wrongMethod = admin.delete("/manage/audit/checkpoint");
        assertThat(wrongMethod.status()).isEqualTo(405);
        assertThat(wrongMethod.header("Allow")).isEqualTo("GET");
    }

    @Test
    void tellsKeysStatusAndConsistency() {
        long size = proof(event()).getLong("tree_size");

        JsonObject keys = admin.get("/manage/audit/keys").object();
        assertThat(keys.getJsonArray("keys"))
                .extracting(key -> ((JsonObject) key).getString("algorithm"))
                .containsExactly("ECDSA-P256-SHA256", "ML-DSA-65");
        JsonObject status = admin.get("/manage/audit/status").object();
        assertThat(status.getLong("checkpoint_size")).isGreaterThanOrEqualTo(size);
        assertThat(status.getString("refusal")).isEmpty();
        assertThat(status.getJsonArray("nodes").getJsonObject(0).getString("node"))
                .isEqualTo(admin.journal.nodeId().toString());
        JsonObject consistency = admin.get("/manage/audit/consistency?from=" + size + "&to=" + size)
                .object();
        assertThat(consistency.getJsonArray("path")).isEmpty();
        assertThat(consistency.getString("from_root")).isEqualTo(consistency.getString("to_root"));
    }

    @Test
    void theVerifierReadsItOverHttpAndKeepsACopyThatHoldsLater() throws IOException {
        for (int call = 0; call < 300; call++) {
            admin.get("/manage/tokens/none");
        }
        admin.deliverAudit();
        proof(admin.journal.nodeId() + "-300");
        Path token = Files.writeString(outside.resolve("token"), AdminStack.TOKEN + "\n");
        Path copy = outside.resolve("copy");
        String url = "http://127.0.0.1:" + admin.port;

        VerifierProgram.Result online =
                VerifierProgram.run("--url", url, "--token-file", token.toString(), "--save", copy.toString());
        assertThat(online.status()).as(online.output()).isZero();
        assertThat(online.output())
                .contains("warning: the keys are the source's own")
                .endsWith("verified\n");

        String keys = copy.resolve("keys").toString();
        String checkpoint = copy.resolve("checkpoint").toString();
        VerifierProgram.Result offline = VerifierProgram.run("--dir", copy.toString(), "--keys", keys);
        assertThat(offline.status()).as(offline.output()).isZero();
        admin.deliverAudit();
        VerifierProgram.Result grown = VerifierProgram.run(
                "--url", url, "--token-file", token.toString(), "--keys", keys, "--checkpoint", checkpoint);
        assertThat(grown.status()).as(grown.output()).isZero();

        Path bundle = copy.resolve("tile/entries/000");
        byte[] bytes = Files.readAllBytes(bundle);
        bytes[bytes.length / 2] ^= 1;
        Files.write(bundle, bytes);
        VerifierProgram.Result changed = VerifierProgram.run("--dir", copy.toString(), "--keys", keys);
        assertThat(changed.status()).isEqualTo(1);
        assertThat(changed.output()).contains("FINDING entry: ").contains("NOT VERIFIED");
        assertThat(Arrays.asList(changed.output().split("\n", -1)))
                .anySatisfy(line -> assertThat(line).startsWith("FINDING"));
    }
}
