package io.latticegate.vault.record;

import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.vault.record.VaultAudit.Action;
import io.latticegate.vault.record.VaultAudit.Entry;
import io.latticegate.vault.record.VaultAudit.Outcome;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Answers what concerns the vault as a whole: admin-service rotates its keys and sees which key protects which record. No
 * answer holds a key. A rotation is recorded before it begins; reading is recorded as an access to all.
 */
public final class RotationFlow {
    private final KeyVault vault;
    private final KeyRotation rotation;
    private final VaultAudit audit;

    public RotationFlow(KeyVault vault, KeyRotation rotation, VaultAudit audit) {
        this.vault = vault;
        this.rotation = rotation;
        this.audit = audit;
    }

    /** @throws NotPermitted unless the asker is admin-service */
    public VaultApi.RotateReply rotate(VaultApi.Rotate question, Asker asker) {
        permit(asker, Action.ROTATE);
        record(Action.ROTATE, Outcome.BEGUN, question.what() + " under " + vault.activeKek(), asker);
        return rotation.begin(question.what());
    }

    /** @throws NotPermitted unless the asker is admin-service */
    public VaultApi.VaultDescription describeVault(VaultApi.DescribeVault question, Asker asker) {
        permit(asker, Action.DESCRIBE);
        record(Action.DESCRIBE, Outcome.RELEASED, "how many records each key protects", asker);
        Map<String, Long> counts = new TreeMap<>(vault.recordsByKek());
        TreeSet<String> ids = new TreeSet<>(vault.configuredKeks());
        ids.addAll(counts.keySet());
        return new VaultApi.VaultDescription(
                vault.activeKek(),
                ids.stream()
                        .map(id -> new VaultApi.KekUse(
                                id,
                                counts.getOrDefault(id, 0L),
                                vault.configuredKeks().contains(id)))
                        .toList(),
                counts.values().stream().mapToLong(Long::longValue).sum(),
                rotation.last().orElse(null));
    }

    /**
     * @throws NotPermitted unless the asker is admin-service
     * @throws IllegalArgumentException where the limit is out of bounds
     */
    public VaultApi.RecordRows listRecords(VaultApi.ListRecords question, Asker asker) {
        permit(asker, Action.DESCRIBE);
        record(Action.DESCRIBE, Outcome.RELEASED, "records without their keys", asker);
        return vault.list(question.after(), question.limit());
    }

    private void permit(Asker asker, Action action) {
        if (asker.role() != ServiceRole.ADMIN) {
            String reason = asker.role().label() + " may not " + action + " the vault as a whole";
            record(action, Outcome.REFUSED, reason, asker);
            throw new NotPermitted(reason);
        }
    }

    private void record(Action action, Outcome outcome, @Nullable String reason, Asker asker) {
        audit.record(new Entry(action, Owner.gateway(), null, null, outcome, reason, asker.role(), asker.node()));
    }
}
