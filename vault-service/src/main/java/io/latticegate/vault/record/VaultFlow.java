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
import java.util.ArrayList;
import java.util.List;
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
        List<KeyVault.Lease> found = vault.lease(question.owner(), question.provider());
        try {
            return lend(found, access, asker);
        } finally {
            for (KeyVault.Lease one : found) {
                if (one instanceof KeyVault.Lease.Held held) {
                    held.key().close();
                }
            }
        }
    }

    /** Damaged keys are recorded and left out; only where nothing else is left the question fails. */
    private VaultApi.LeaseKeyReply lend(List<KeyVault.Lease> found, Access access, Asker asker) {
        if (found.isEmpty()) {
            record(access, null, Outcome.NONE, null);
            return new VaultApi.NoSuchKey();
        }
        List<VaultApi.LentKey> lent = new ArrayList<>();
        long validForMillis = 0;
        for (KeyVault.Lease one : found) {
            switch (one) {
                case KeyVault.Lease.Held held -> {
                    record(access, held.fingerprint(), Outcome.RELEASED, null);
                    validForMillis = held.validForMillis();
                    lent.add(new VaultApi.LentKey(
                            held.name(), held.weight(), asker.seal(held.key()), held.fingerprint()));
                }
                case KeyVault.Lease.Broken(String fingerprint, var reason) ->
                    record(access, fingerprint, Outcome.CORRUPT, reason.name());
            }
        }
        return lent.isEmpty() ? new VaultApi.Corrupt() : new VaultApi.Leased(lent, validForMillis);
    }

    /** The public key to which keys are sealed for {@link #storeKey}. Anyone may know it, so it is not audited. */
    public VaultApi.TransportKey transportKey(VaultApi.TransportKeyRequest question, Asker asker) {
        return vault.transportKey();
    }

    /** @throws NotPermitted unless the asker looks after such owners */
    public VaultApi.StoreKeyReply storeKey(VaultApi.StoreKey question, Asker asker) {
        Access access = new Access(Action.STORE, question.owner(), question.provider(), asker);
        permit(looksAfter(asker, question.owner()), access);
        String fault = fault(question);
        if (fault != null) {
            return unreadable(access, fault);
        }
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

    private static @Nullable String fault(VaultApi.StoreKey question) {
        Integer weight = question.weight();
        if (!VaultApi.isKeyName(question.name())
                || question.owner().kind() == OwnerKind.WALLET
                        && !question.name().equals(VaultApi.DEFAULT_KEY)) {
            return "the key must not have this name";
        }
        return weight == null || weight >= 1 && weight <= VaultApi.WEIGHT_MAX
                ? null
                : "a weight is 1 to " + VaultApi.WEIGHT_MAX;
    }

    private VaultApi.StoreKeyReply store(VaultApi.StoreKey question, Secret key, Access access) {
        String fingerprint = vault.fingerprintOf(key);
        record(access, fingerprint, Outcome.BEGUN, null);
        KeyVault.Storing stored = vault.store(
                question.owner(),
                question.provider(),
                question.name(),
                question.weight(),
                key,
                question.signedAtSeconds());
        return switch (stored) {
            case KeyVault.Storing.Stored _ -> {
                changed.accept(new VaultApi.Changed(question.owner(), question.provider()));
                record(access, fingerprint, Outcome.DONE, null);
                yield new VaultApi.Stored(fingerprint);
            }
            case KeyVault.Storing.NotNewer(long storedSignedAtSeconds) -> {
                record(access, fingerprint, Outcome.REFUSED, "not signed after the stored key");
                yield new VaultApi.OlderThanStored(storedSignedAtSeconds);
            }
            case KeyVault.Storing.TooMany() -> {
                record(access, fingerprint, Outcome.REFUSED, "more than " + VaultApi.KEYS_MAX + " keys");
                yield new VaultApi.TooManyKeys();
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
        String fingerprint = vault.fingerprintOf(question.owner(), question.provider(), question.name())
                .orElse(null);
        record(access, fingerprint, Outcome.BEGUN, null);
        boolean existed = vault.delete(question.owner(), question.provider(), question.name());
        changed.accept(new VaultApi.Changed(question.owner(), question.provider()));
        record(access, fingerprint, existed ? Outcome.DONE : Outcome.NONE, null);
        return new VaultApi.DeleteKeyReply(existed);
    }

    /** @throws NotPermitted unless the asker looks after such owners */
    public VaultApi.WeighKeyReply weighKey(VaultApi.WeighKey question, Asker asker) {
        Access access = new Access(Action.WEIGH, question.owner(), question.provider(), asker);
        permit(looksAfter(asker, question.owner()), access);
        String fingerprint = vault.fingerprintOf(question.owner(), question.provider(), question.name())
                .orElse(null);
        record(access, fingerprint, Outcome.BEGUN, null);
        boolean existed = vault.weigh(question.owner(), question.provider(), question.name(), question.weight());
        changed.accept(new VaultApi.Changed(question.owner(), question.provider()));
        record(access, fingerprint, existed ? Outcome.DONE : Outcome.NONE, null);
        return new VaultApi.WeighKeyReply(existed);
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
