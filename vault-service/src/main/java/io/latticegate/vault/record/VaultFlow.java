package io.latticegate.vault.record;

import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.contract.VaultApi.OwnerKind;
import io.latticegate.common.crypto.Hpke;
import io.latticegate.common.crypto.SealingKeyPair;
import io.latticegate.common.value.Secret;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.vault.record.VaultAudit.Action;
import io.latticegate.vault.record.VaultAudit.Entry;
import io.latticegate.vault.record.VaultAudit.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers the questions of {@link VaultApi}: who may ask, what is recorded, what is released.
 *
 * <p>The edge (proxy-service) leases any key and looks after the keys of wallets, whose signatures it had checked;
 * admin-service looks after the keys of projects and never gets a key back. Each access is audited before its effect: a
 * lease before the key is sealed, a change before it is made and again after it. When the audit fails, so does the
 * question, and nothing is released.
 */
public final class VaultFlow {
    private static final byte[] NO_AAD = {};

    private final KeyVault vault;
    private final VaultAudit audit;
    private final Consumer<VaultApi.Changed> changed;

    /** @param changed told after a key was replaced or deleted, so that edges drop their leases of it */
    public VaultFlow(KeyVault vault, VaultAudit audit, Consumer<VaultApi.Changed> changed) {
        this.vault = vault;
        this.audit = audit;
        this.changed = changed;
    }

    /** @throws NotPermitted unless the asker is the edge */
    public VaultApi.LeaseKeyReply leaseKey(VaultApi.LeaseKey question, Asker asker) {
        Access access = new Access(Action.LEASE, question.owner(), question.provider(), asker);
        permit(asker.role() == ServiceRole.PROXY, access);
        return switch (vault.lease(question.owner(), question.provider())) {
            case KeyVault.Lease.Held(Secret key, String fingerprint, long validForMillis) -> {
                try (key) {
                    record(access, fingerprint, Outcome.RELEASED, null);
                    yield new VaultApi.Leased(asker.seal(key), fingerprint, validForMillis);
                }
            }
            case KeyVault.Lease.NoKey() -> {
                record(access, null, Outcome.NONE, null);
                yield new VaultApi.NoSuchKey();
            }
            case KeyVault.Lease.Broken(String fingerprint, var reason) -> {
                record(access, fingerprint, Outcome.CORRUPT, reason.name());
                yield new VaultApi.Corrupt();
            }
        };
    }

    /** The public key to which keys are sealed for {@link #storeKey}. Anyone may know it, so it is not audited. */
    public VaultApi.TransportKey transportKey(VaultApi.TransportKeyRequest question, Asker asker) {
        return vault.transportKey();
    }

    /** @throws NotPermitted unless the asker looks after such owners */
    public VaultApi.StoreKeyReply storeKey(VaultApi.StoreKey question, Asker asker) {
        Access access = new Access(Action.STORE, question.owner(), question.provider(), asker);
        permit(looksAfter(asker, question.owner()), access);
        Optional<SealingKeyPair> transport = vault.transportPair(question.transportKeyId());
        if (transport.isEmpty()) {
            record(access, null, Outcome.REFUSED, "sealed to a transport key that is not in use");
            return new VaultApi.UnknownTransportKey();
        }
        Optional<Secret> opened;
        try (SealingKeyPair pair = transport.get()) {
            byte[] info =
                    VaultApi.storeContext(question.owner(), question.provider()).getBytes(StandardCharsets.UTF_8);
            opened = Hpke.open(pair, info, NO_AAD, question.key());
        }
        if (opened.isEmpty()) {
            return unreadable(access, "the sealed key does not open for this owner and provider");
        }
        try (Secret key = opened.get()) {
            return KeyVault.plausible(key)
                    ? store(question, key, access)
                    : unreadable(access, "a key has 1 to " + Secret.MAX_BYTES + " bytes of visible ASCII");
        }
    }

    private VaultApi.StoreKeyReply store(VaultApi.StoreKey question, Secret key, Access access) {
        String fingerprint = vault.fingerprintOf(key);
        record(access, fingerprint, Outcome.BEGUN, null);
        return switch (vault.store(question.owner(), question.provider(), key, question.signedAtSeconds())) {
            case KeyVault.Storing.Stored _ -> {
                changed.accept(new VaultApi.Changed(question.owner(), question.provider()));
                record(access, fingerprint, Outcome.DONE, null);
                yield new VaultApi.Stored(fingerprint);
            }
            case KeyVault.Storing.NotNewer(long storedSignedAtSeconds) -> {
                record(access, fingerprint, Outcome.REFUSED, "not signed after the stored key");
                yield new VaultApi.OlderThanStored(storedSignedAtSeconds);
            }
        };
    }

    private VaultApi.StoreKeyReply unreadable(Access access, String reason) {
        record(access, null, Outcome.REFUSED, reason);
        return new VaultApi.Unreadable(reason);
    }

    /** @throws NotPermitted unless the asker looks after such owners */
    public VaultApi.DeleteKeyReply deleteKey(VaultApi.DeleteKey question, Asker asker) {
        Access access = new Access(Action.DELETE, question.owner(), question.provider(), asker);
        permit(looksAfter(asker, question.owner()), access);
        String fingerprint =
                vault.fingerprintOf(question.owner(), question.provider()).orElse(null);
        record(access, fingerprint, Outcome.BEGUN, null);
        boolean existed = vault.delete(question.owner(), question.provider());
        changed.accept(new VaultApi.Changed(question.owner(), question.provider()));
        record(access, fingerprint, existed ? Outcome.DONE : Outcome.NONE, null);
        return new VaultApi.DeleteKeyReply(existed);
    }

    /** @throws NotPermitted unless the asker looks after such owners */
    public VaultApi.KeyDescriptions describeKeys(VaultApi.DescribeKeys question, Asker asker) {
        Access access = new Access(Action.DESCRIBE, question.owner(), null, asker);
        permit(looksAfter(asker, question.owner()), access);
        record(access, null, Outcome.RELEASED, null);
        return new VaultApi.KeyDescriptions(vault.describe(question.owner()));
    }

    private record Access(
            Action action, Owner owner, @Nullable String provider, Asker asker) {}

    private static boolean looksAfter(Asker asker, Owner owner) {
        return asker.role() == (owner.kind() == OwnerKind.WALLET ? ServiceRole.PROXY : ServiceRole.ADMIN);
    }

    private void permit(boolean permitted, Access access) {
        if (!permitted) {
            String reason = access.asker().role().label() + " may not " + access.action() + " keys of a "
                    + access.owner().kind();
            record(access, null, Outcome.REFUSED, reason);
            throw new NotPermitted(reason);
        }
    }

    private void record(Access access, @Nullable String fingerprint, Outcome outcome, @Nullable String reason) {
        audit.record(new Entry(
                access.action(),
                access.owner(),
                access.provider(),
                fingerprint,
                outcome,
                reason,
                access.asker().role(),
                access.asker().node()));
    }
}
