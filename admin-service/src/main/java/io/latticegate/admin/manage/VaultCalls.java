package io.latticegate.admin.manage;

import io.latticegate.common.bus.BusFault;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.RotatedPart;
import io.latticegate.common.contract.VaultApi.Rotation;
import io.latticegate.common.value.ServiceRole;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The calls under {@code /manage/vault}: which key-encryption key protects which record, and making all of them new. */
final class VaultCalls implements Calls {
    private static final String VAULT = "vault-service";
    private static final int LISTED = 100;

    private final MeshBus bus;
    private final NodeRoll roll;

    VaultCalls(MeshBus bus, NodeRoll roll) {
        this.bus = bus;
        this.roll = roll;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.VIEWER, "vault.show", this::show, "vault");
        rows.add("GET", Role.VIEWER, "vault.list", this::list, "vault", "keys");
        rows.add("POST", Role.ADMIN, "vault.rotate", this::rotate, "vault", "rotate");
    }

    /** {@code GET /manage/vault}. */
    Answer show(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        VaultApi.VaultDescription vault;
        try {
            vault = describe();
        } catch (BusFault fault) {
            throw Refused.unanswered(VAULT, fault, "nothing was read");
        }
        JsonArray keks = new JsonArray();
        for (VaultApi.KekUse kek : vault.keks()) {
            keks.add(new JsonObject()
                    .put("id", kek.id())
                    .put("records", kek.records())
                    .put("configured", kek.configured()));
        }
        return Answer.json(
                200,
                new JsonObject()
                        .put("active_kek", vault.activeKek())
                        .put("keks", keks)
                        .put("records", vault.records())
                        .put("rotation", json(vault.rotation())));
    }

    private static JsonObject json(@Nullable Rotation rotation) {
        if (rotation == null) {
            return new JsonObject()
                    .put("state", "idle")
                    .put("done", 0)
                    .put("failed", 0)
                    .put("total", 0);
        }
        return new JsonObject()
                .put("id", rotation.id())
                .put("what", rotation.what().name().toLowerCase(Locale.ROOT))
                .put("state", rotation.state().name().toLowerCase(Locale.ROOT))
                .put("done", rotation.done())
                .put("failed", rotation.failed())
                .put("total", rotation.total())
                .put("reason", rotation.reason())
                .put("started_at", time(rotation.startedAt()))
                .put("finished_at", time(rotation.finishedAt()));
    }

    /** {@code GET /manage/vault/keys}. */
    Answer list(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery("limit", "after");
        int limit = request.number("limit", LISTED, VaultApi.RECORDS_LISTED_MAX);
        String after = request.after();
        VaultApi.RecordRows found;
        try {
            found = bus.askSigned(VaultApi.LIST_RECORDS, new VaultApi.ListRecords(after == null ? "" : after, limit))
                    .await()
                    .reply();
        } catch (BusFault fault) {
            throw Refused.unanswered(VAULT, fault, "nothing was listed");
        }
        JsonArray keys = new JsonArray();
        for (VaultApi.RecordRow row : found.rows()) {
            keys.add(new JsonObject()
                    .put("id", row.recordId())
                    .put("owner_kind", row.ownerKind().name().toLowerCase(Locale.ROOT))
                    .put("owner_id", row.ownerId())
                    .put("provider", row.provider())
                    .put("name", row.name())
                    .put("fingerprint", row.fingerprint())
                    .put("kek", row.kek())
                    .put("created_at", time(row.createdAt()))
                    .put("rotated_at", time(row.rotatedAt())));
        }
        audited.note("count", Integer.toString(keys.size()));
        String next = found.more() ? found.rows().getLast().recordId() : null;
        return Answer.json(
                200,
                new JsonObject().put("keys", keys).put("next", next),
                next == null
                        ? Map.of()
                        : Map.of("Link", "</manage/vault/keys?limit=" + limit + "&after=" + next + ">; rel=\"next\""));
    }

    /**
     * {@code POST /manage/vault/rotate}: begins a rotation that goes on in the background. Refused while an instance of
     * vault-service lacks the active key, since it could not open what is made new.
     */
    Answer rotate(ManageRequest request, AuditedCall audited) {
        request.allowQuery();
        RotatedPart what;
        try (MemberValues members = request.members(Member.WHAT)) {
            what = part(members.text(Member.WHAT));
        }
        audited.note("what", what.name().toLowerCase(Locale.ROOT));
        VaultApi.RotateReply reply;
        try {
            String active = describe().activeKek();
            List<String> lacking = roll.call().stream()
                    .filter(NodeRoll.Presence::answered)
                    .map(NodeRoll.Presence::report)
                    .filter(report -> report.service() == ServiceRole.VAULT
                            && !report.keks().contains(active))
                    .map(report -> report.node())
                    .toList();
            if (!lacking.isEmpty()) {
                throw Refused.failed(
                        409,
                        "vault-service on " + String.join(", ", lacking) + " does not have the key-encryption key "
                                + active + "; add it to encryption.keys everywhere first",
                        "kek_missing");
            }
            audited.note("kek", active);
            audited.begin();
            reply = bus.askSigned(VaultApi.ROTATE, new VaultApi.Rotate(what))
                    .await()
                    .reply();
        } catch (BusFault fault) {
            throw Refused.unanswered(
                    VAULT,
                    fault,
                    "whether a rotation was begun is unknown; GET /manage/vault tells, and repeating is safe");
        }
        return switch (reply) {
            case VaultApi.RotationStarted(String id) -> {
                audited.note("rotation", id);
                yield Answer.json(202, new JsonObject().put("id", id), Map.of("Location", "/manage/vault"));
            }
            case VaultApi.OtherRotationUnderWay(String id) ->
                throw Refused.failed(
                        409,
                        "the rotation " + id
                                + " of the other keys is under way; wait until GET /manage/vault says done",
                        "rotation_running");
        };
    }

    private static RotatedPart part(@Nullable String what) {
        return switch (what) {
            case "kek" -> RotatedPart.KEK;
            case "dek" -> RotatedPart.DEK;
            case null, default ->
                throw Refused.badRequest(
                        "what must be \"kek\" (wrap every data key with the active key-encryption key) or \"dek\" (give"
                                + " every record another data key)");
        };
    }

    private VaultApi.VaultDescription describe() {
        return bus.askSigned(VaultApi.DESCRIBE_VAULT, new VaultApi.DescribeVault())
                .await()
                .reply();
    }

    private static @Nullable String time(@Nullable Long millis) {
        return millis == null ? null : Instant.ofEpochMilli(millis).toString();
    }
}
