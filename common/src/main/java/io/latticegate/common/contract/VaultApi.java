package io.latticegate.common.contract;

import static java.time.Duration.ofMillis;

import io.latticegate.common.value.SealedSecret;
import io.latticegate.common.value.ServiceRole;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that other services may ask vault-service. Questions are signed by the asker, answers by the vault; a
 * provider key crosses the bus only sealed: to the asker's key and bound to the question in {@link Leased}, to the
 * vault's transport key in {@link StoreKey}.
 */
public final class VaultApi {
    public static final Endpoint<LeaseKey, LeaseKeyReply> LEASE_KEY = new Endpoint<>(
            "vault.lease-key.v1",
            LeaseKey.class,
            LeaseKeyReply.class,
            ofMillis(2_000),
            ServiceRole.VAULT,
            Set.of(ServiceRole.PROXY));
    public static final Endpoint<TransportKeyRequest, TransportKey> TRANSPORT_KEY = new Endpoint<>(
            "vault.transport-key.v1",
            TransportKeyRequest.class,
            TransportKey.class,
            ofMillis(2_000),
            ServiceRole.VAULT,
            Set.of(ServiceRole.PROXY, ServiceRole.ADMIN));
    public static final Endpoint<StoreKey, StoreKeyReply> STORE_KEY = new Endpoint<>(
            "vault.store-key.v1",
            StoreKey.class,
            StoreKeyReply.class,
            ofMillis(5_000),
            ServiceRole.VAULT,
            Set.of(ServiceRole.PROXY, ServiceRole.ADMIN));
    public static final Endpoint<DeleteKey, DeleteKeyReply> DELETE_KEY = new Endpoint<>(
            "vault.delete-key.v1",
            DeleteKey.class,
            DeleteKeyReply.class,
            ofMillis(5_000),
            ServiceRole.VAULT,
            Set.of(ServiceRole.PROXY, ServiceRole.ADMIN));
    public static final Endpoint<DescribeKeys, KeyDescriptions> DESCRIBE_KEYS = new Endpoint<>(
            "vault.describe-keys.v1",
            DescribeKeys.class,
            KeyDescriptions.class,
            ofMillis(5_000),
            ServiceRole.VAULT,
            Set.of(ServiceRole.PROXY, ServiceRole.ADMIN));

    /** Tells every edge to drop its leases of one key, after it was replaced or deleted. */
    public static final Broadcast<Changed> CHANGED =
            new Broadcast<>("vault.changed.v1", Changed.class, ServiceRole.VAULT);

    /** Longest life of a key lease. */
    public static final long LEASE_MILLIS_MAX = 60_000;

    /** Whose key it is. */
    public enum OwnerKind {
        WALLET,
        PROJECT,
        /** The deployment itself: keys from the configuration, for projects that bring none. */
        GATEWAY
    }

    /** @param id lower-case wallet address or project id */
    public record Owner(OwnerKind kind, String id) {
        public static Owner wallet(String address) {
            return new Owner(OwnerKind.WALLET, address);
        }

        /** The one owner of kind {@link OwnerKind#GATEWAY}. */
        public static Owner gateway() {
            return new Owner(OwnerKind.GATEWAY, "gateway");
        }

        public static Owner project(String id) {
            return new Owner(OwnerKind.PROJECT, id);
        }
    }

    public record LeaseKey(Owner owner, String provider) {}

    /** The answer to {@link LeaseKey}. */
    public sealed interface LeaseKeyReply {}

    /**
     * @param key sealed to the asker
     * @param fingerprint names the key in audit and usage records without revealing it
     * @param validForMillis 0: for this one request only (wallet keys), else at most {@link #LEASE_MILLIS_MAX}
     */
    public record Leased(SealedSecret key, String fingerprint, long validForMillis) implements LeaseKeyReply {}

    public record NoSuchKey() implements LeaseKeyReply {}

    /** The record exists but failed authentication: flipped, swapped or rolled back. Nothing was released. */
    public record Corrupt() implements LeaseKeyReply {}

    public record TransportKeyRequest() {}

    /** @param publicKey X25519 public key shared by all vault instances, to which keys are sealed for storing */
    public record TransportKey(String id, byte[] publicKey) {}

    /**
     * @param transportKeyId which key {@code key} is sealed to; a retired one is refused so that the asker asks again
     * @param key sealed with {@link #storeContext} as HPKE info
     * @param signedAtSeconds for wallets, the signed timestamp: an older one than the stored one is refused; null for
     *     projects
     */
    public record StoreKey(
            Owner owner,
            String provider,
            String transportKeyId,
            SealedSecret key,
            @Nullable Long signedAtSeconds) {}

    /** The answer to {@link StoreKey}. */
    public sealed interface StoreKeyReply {}

    public record Stored(String fingerprint) implements StoreKeyReply {}

    public record OlderThanStored(long storedSignedAtSeconds) implements StoreKeyReply {}

    public record UnknownTransportKey() implements StoreKeyReply {}

    /** The sealed key did not open or is not a plausible key: 1 to 8,192 bytes of visible ASCII. */
    public record Unreadable(String reason) implements StoreKeyReply {}

    public record DeleteKey(Owner owner, String provider) {}

    public record DeleteKeyReply(boolean existed) {}

    public record DescribeKeys(Owner owner) {}

    public record KeyDescriptions(List<KeyDescription> keys) {}

    /**
     * @param obfuscated first 8 and last 4 characters where the key is longer than 12, else only dots
     * @param expiresAt null: does not expire
     */
    public record KeyDescription(
            String provider,
            String fingerprint,
            String obfuscated,
            long createdAt,
            @Nullable Long expiresAt) {}

    public record Changed(Owner owner, String provider) {}

    /** HPKE info for a key on its way to the vault: binds it to its owner and provider. */
    public static String storeContext(Owner owner, String provider) {
        return "latticegate/vault/store/v1|" + owner.kind() + "|" + owner.id() + "|" + provider;
    }

    /** Every endpoint of this file. */
    public static Set<Endpoint<?, ?>> endpoints() {
        return Set.of(LEASE_KEY, TRANSPORT_KEY, STORE_KEY, DELETE_KEY, DESCRIBE_KEYS);
    }

    private VaultApi() {}
}
