package io.latticegate.admin.manage;

import io.latticegate.admin.tree.Inclusion;
import io.latticegate.admin.tree.LogKey;
import io.latticegate.admin.tree.LogStatus;
import io.latticegate.admin.tree.TilePath;
import io.latticegate.admin.tree.TransparencyLog;
import io.latticegate.admin.tree.TransparencyLog.Consistency;
import io.latticegate.admin.tree.TransparencyLog.Proved;
import io.latticegate.admin.tree.TreeDamage;
import io.latticegate.admin.tree.TreeHead;
import io.latticegate.common.store.StoreFault;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The calls under {@code /manage/audit} that prove what the audit holds. */
final class TreeCalls implements Calls {
    private static final String AUDIT = "audit";
    private static final String ANY = "{id}";
    private static final int TILE_SEGMENTS_MAX = 5;
    private static final HexFormat HEX = HexFormat.of();

    private final TransparencyLog log;

    TreeCalls(TransparencyLog log) {
        this.log = log;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.VIEWER, "audit.checkpoint", this::checkpoint, AUDIT, "checkpoint");
        rows.add("GET", Role.VIEWER, "audit.keys", this::keys, AUDIT, "keys");
        rows.add("GET", Role.VIEWER, "audit.status", this::status, AUDIT, "status");
        rows.add("GET", Role.VIEWER, "audit.consistency", this::consistency, AUDIT, "consistency");
        rows.add("GET", Role.VIEWER, "audit.proof", this::proof, AUDIT, ANY, "proof");
        for (int segments = 2; segments <= TILE_SEGMENTS_MAX; segments++) {
            String[] path = new String[segments + 2];
            Arrays.fill(path, ANY);
            path[0] = AUDIT;
            path[1] = "tile";
            rows.add("GET", Role.VIEWER, "audit.tile", this::tile, path);
        }
    }

    /** {@code GET /manage/audit/checkpoint}. */
    Answer checkpoint(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        TreeHead head = head();
        audited.note("tree_size", Long.toString(head.size()));
        return Answer.written("text/plain; charset=utf-8", Buffer.buffer(head.note()), Map.of());
    }

    /** {@code GET /manage/audit/keys}. */
    Answer keys(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        if (log.keys().isEmpty()) {
            throw Refused.unavailable("the audit log has no keys yet: its store has not answered since the start");
        }
        JsonArray keys = new JsonArray();
        for (LogKey key : log.keys()) {
            keys.add(new JsonObject()
                    .put("name", key.name())
                    .put("algorithm", key.algorithm().label())
                    .put("public_key", Base64.getEncoder().encodeToString(key.spki()))
                    .put("verifier", key.verifier())
                    .put("since", log.keysSince().toString()));
        }
        return Answer.json(200, new JsonObject().put("keys", keys));
    }

    /** {@code GET /manage/audit/status}. */
    Answer status(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        LogStatus status = asked(log::status);
        TreeHead head = status.head();
        JsonArray nodes = new JsonArray();
        for (LogStatus.Node node : status.nodes()) {
            nodes.add(new JsonObject()
                    .put("node", node.node())
                    .put("stored_through", node.storedThrough())
                    .put("missing", node.missing()));
        }
        return Answer.json(
                200,
                new JsonObject()
                        .put("tree_size", status.treeSize())
                        .put("checkpoint_size", head == null ? null : head.size())
                        .put(
                                "checkpoint_at",
                                head == null
                                        ? null
                                        : Instant.EPOCH
                                                .plus(head.signedAtMicros(), ChronoUnit.MICROS)
                                                .toString())
                        .put("root_hash", head == null ? null : HEX.formatHex(head.root()))
                        .put("lag_ms", status.lagMillis())
                        .put("nodes", nodes)
                        .put("conflicts", status.conflicts())
                        .put("refusal", status.refusal()));
    }

    /** {@code GET /manage/audit/{id}/proof}. */
    Answer proof(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        String id = request.segments().get(1);
        return switch (asked(() -> log.prove(id))) {
            case Proved.Unknown() -> throw Refused.notFound("audit event");
            case Proved.NotYet() ->
                throw Refused.failed(
                        409, "no signed head covers this event yet; ask again in a second", "not_yet_in_tree");
            case Proved.Proof(Inclusion inclusion) -> {
                audited.note("event", id);
                TreeHead head = inclusion.head();
                byte[] data = inclusion.leafData();
                yield Answer.json(
                        200,
                        new JsonObject()
                                .put("event_id", id)
                                .put("leaf_index", inclusion.leafIndex())
                                .put("leaf_hash", HEX.formatHex(inclusion.leafHash()))
                                .put("tree_size", head.size())
                                .put("root_hash", HEX.formatHex(head.root()))
                                .put("path", hex(inclusion.path()))
                                .put(
                                        "leaf_data",
                                        data == null
                                                ? null
                                                : Base64.getEncoder().encodeToString(data))
                                .put("checkpoint", head.note()));
            }
        };
    }

    /** {@code GET /manage/audit/consistency}. */
    Answer consistency(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery("from", "to");
        long newest = head().size();
        long to = size(request, "to", newest);
        long from = size(request, "from", to);
        Consistency proof = asked(() -> log.consistency(from, to));
        return Answer.json(
                200,
                new JsonObject()
                        .put("from", from)
                        .put("to", to)
                        .put("from_root", HEX.formatHex(proof.fromRoot()))
                        .put("to_root", HEX.formatHex(proof.toRoot()))
                        .put("path", hex(proof.path())));
    }

    private static long size(ManageRequest request, String name, long max) {
        String text = request.query().getOrDefault(name, "");
        if (!text.matches("[1-9][0-9]{0,17}") || Long.parseLong(text) > max) {
            throw Refused.badRequest(name + " must be a number of leaves, 1 to " + max);
        }
        return Long.parseLong(text);
    }

    /** {@code GET /manage/audit/tile/…}. */
    Answer tile(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        List<String> segments = request.segments();
        TilePath path = TilePath.parse(segments.subList(2, segments.size()))
                .orElseThrow(
                        () -> Refused.badRequest(
                                "a tile is <level>/<index> or entries/<index>, partial with .p/<width>, as C2SP tlog-tiles says"));
        byte[] bytes = asked(() -> log.tile(path)).orElseThrow(() -> Refused.notFound("tile"));
        return Answer.written("application/octet-stream", Buffer.buffer(bytes), Map.of());
    }

    private TreeHead head() {
        return log.head().orElseThrow(() -> Refused.unavailable("no head of the audit log has been signed yet"));
    }

    private static <T> T asked(Supplier<T> question) {
        try {
            return question.get();
        } catch (StoreFault fault) {
            throw Refused.unavailable("the audit store does not answer; nothing was proved");
        } catch (TreeDamage damage) {
            throw Refused.failed(500, "the stored audit log is damaged: " + damage.getMessage(), "audit_log_damaged");
        }
    }

    private static JsonArray hex(List<byte[]> hashes) {
        JsonArray texts = new JsonArray();
        hashes.forEach(hash -> texts.add(HEX.formatHex(hash)));
        return texts;
    }
}
