package io.latticegate.common.contract;

import static java.time.Duration.ofMillis;

import io.latticegate.common.value.SealedSecret;
import io.latticegate.common.value.ServiceRole;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Everything that other services may ask vault-service. Questions are signed by the asker, answers by the vault; a
 * provider key crosses the bus only sealed: to the asker's key and bound to the question in {@link Leased}, to the
 * vault's transport key in {@link StoreKey}.
 */
public final class VaultApi {
    public static final Endpoint<LeaseKey, LeaseKeyReply> LEASE_KEY = new Endpoint<>(
            "vault.lease-key.v2",
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

    public static final Endpoint<WeighKey, WeighKeyReply> WEIGH_KEY = new Endpoint<>(
            "vault.weigh-key.v1",
            WeighKey.class,
            WeighKeyReply.class,
            ofMillis(5_000),
            ServiceRole.VAULT,
            Set.of(ServiceRole.ADMIN));

    public static final Endpoint<Rotate, RotateReply> ROTATE = new Endpoint<>(
            "vault.rotate.v1",
            Rotate.class,
            RotateReply.class,
            ofMillis(5_000),
            ServiceRole.VAULT,
            Set.of(ServiceRole.ADMIN));
    public static final Endpoint<DescribeVault, VaultDescription> DESCRIBE_VAULT = new Endpoint<>(
            "vault.describe.v1",
            DescribeVault.class,
            VaultDescription.class,
            ofMillis(5_000),
            ServiceRole.VAULT,
            Set.of(ServiceRole.ADMIN));
    public static final Endpoint<ListRecords, RecordRows> LIST_RECORDS = new Endpoint<>(
            "vault.list-records.v1",
            ListRecords.class,
            RecordRows.class,
            ofMillis(5_000),
            ServiceRole.VAULT,
            Set.of(ServiceRole.ADMIN));

    /** Tells every edge to drop its leases of an owner's keys for a provider, after one of them was changed or deleted. */
    public static final Broadcast<Changed> CHANGED =
            new Broadcast<>("vault.changed.v1", Changed.class, ServiceRole.VAULT);

    /** Longest life of a key lease. */
    public static final long LEASE_MILLIS_MAX = 60_000;

    /** Name of an owner's key for a provider where nobody gave it another: a wallet's, and the first of a project. */
    public static final String DEFAULT_KEY = "default";

    /** Most keys of one owner for one provider. */
    public static final int KEYS_MAX = 16;

    /** Largest weight of a key; the least is 1. */
    public static final int WEIGHT_MAX = 1_000;

    /** Most records in one listing. */
    public static final int RECORDS_LISTED_MAX = 1_000;

    private static final Pattern KEY_NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

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

    /** Asks for all of the owner's keys for a provider. */
    public record LeaseKey(Owner owner, String provider) {}

    /** The answer to {@link LeaseKey}. */
    public sealed interface LeaseKeyReply {}

    /**
     * @param keys at least one, at most {@link #KEYS_MAX}, in the order of their names; damaged ones are left out
     * @param validForMillis 0: for this one request only (wallet keys), else at most {@link #LEASE_MILLIS_MAX}
     */
    public record Leased(List<LentKey> keys, long validForMillis) implements LeaseKeyReply {
        public Leased {
            keys = List.copyOf(keys);
            if (keys.isEmpty()) {
                throw new IllegalArgumentException("a lease holds at least one key");
            }
        }
    }

    /**
     * One of the keys that are lent together.
     *
     * @param name among the owner's keys for the provider
     * @param weight its share of the requests, 1 to {@link #WEIGHT_MAX}
     * @param key sealed to the asker
     * @param fingerprint names the key in audit and usage records without revealing it
     */
    public record LentKey(String name, int weight, SealedSecret key, String fingerprint) {}

    public record NoSuchKey() implements LeaseKeyReply {}

    /** Records exist but all failed authentication: flipped, swapped or rolled back. Nothing was released. */
    public record Corrupt() implements LeaseKeyReply {}

    public record TransportKeyRequest() {}

    /** @param publicKey X25519 public key shared by all vault instances, to which keys are sealed for storing */
    public record TransportKey(String id, byte[] publicKey) {}

    /**
     * Stores a key, or replaces the one of this name.
     *
     * @param name matches {@link #isKeyName}; a wallet's is {@link #DEFAULT_KEY}
     * @param weight its share of the requests; null: that of the key that it replaces, else 1
     * @param transportKeyId which key {@code key} is sealed to; a retired one is refused so that the asker asks again
     * @param key sealed with {@link #storeContext} as HPKE info
     * @param signedAtSeconds for wallets, the signed timestamp: an older one than the stored one is refused; null for
     *     projects
     */
    public record StoreKey(
            Owner owner,
            String provider,
            String name,
            @Nullable Integer weight,
            String transportKeyId,
            SealedSecret key,
            @Nullable Long signedAtSeconds) {
        /** The key that nobody gave a name. */
        public static StoreKey unnamed(
                Owner owner, String provider, String transportKeyId, SealedSecret key, @Nullable Long signedAtSeconds) {
            return new StoreKey(owner, provider, DEFAULT_KEY, null, transportKeyId, key, signedAtSeconds);
        }
    }

    /** The answer to {@link StoreKey}. */
    public sealed interface StoreKeyReply {}

    public record Stored(String fingerprint) implements StoreKeyReply {}

    public record OlderThanStored(long storedSignedAtSeconds) implements StoreKeyReply {}

    public record UnknownTransportKey() implements StoreKeyReply {}

    /** The owner has {@link #KEYS_MAX} other keys for the provider. */
    public record TooManyKeys() implements StoreKeyReply {}

    /** The sealed key did not open or is not a plausible key: 1 to 8,192 bytes of visible ASCII. */
    public record Unreadable(String reason) implements StoreKeyReply {}

    public record DeleteKey(Owner owner, String provider, String name) {}

    public record DeleteKeyReply(boolean existed) {}

    /** @param weight the key's new share of the requests, 1 to {@link #WEIGHT_MAX} */
    public record WeighKey(Owner owner, String provider, String name, int weight) {}

    public record WeighKeyReply(boolean existed) {}

    public record DescribeKeys(Owner owner) {}

    public record KeyDescriptions(List<KeyDescription> keys) {}

    /**
     * @param obfuscated first 8 and last 4 characters where the key is longer than 12, else only dots
     * @param expiresAt null: does not expire
     */
    public record KeyDescription(
            String provider,
            String name,
            int weight,
            String fingerprint,
            String obfuscated,
            long createdAt,
            @Nullable Long expiresAt) {}

    public record Changed(Owner owner, String provider) {}

    /** What a rotation makes new. */
    public enum RotatedPart {
        /** Every data key is wrapped by the active key-encryption key. */
        KEK,
        /** Every record gets another data key, wrapped by the active key-encryption key. */
        DEK
    }

    /** Makes every record of the vault new in the background; asked again while it runs, changes nothing. */
    public record Rotate(RotatedPart what) {}

    /** The answer to {@link Rotate}. */
    public sealed interface RotateReply {}

    /** @param id of the rotation, which may have been under way already */
    public record RotationStarted(String id) implements RotateReply {}

    /** A rotation of the other part is under way; nothing was changed. */
    public record OtherRotationUnderWay(String id) implements RotateReply {}

    public record DescribeVault() {}

    /**
     * @param activeKek id of the key that wraps new data keys
     * @param keks those that are configured or protect a record, by their ids
     * @param records in all, the vault's own keys included
     * @param rotation the last one; null: there was none
     */
    public record VaultDescription(
            String activeKek,
            List<KekUse> keks,
            long records,
            @Nullable Rotation rotation) {}

    /** @param configured whether this instance has the key; one that is configured and protects nothing may be retired */
    public record KekUse(String id, long records, boolean configured) {}

    /** Whether a rotation goes on. */
    public enum RotationState {
        RUNNING,
        DONE,
        /** It ended, and some records are as they were. */
        FAILED
    }

    /**
     * How far a rotation is. Times are UTC milliseconds since 1970.
     *
     * @param total records that were to be made new when it began
     * @param done of them
     * @param failed records that do not open
     * @param reason why it failed, or empty
     */
    public record Rotation(
            String id,
            RotatedPart what,
            RotationState state,
            long total,
            long done,
            long failed,
            String reason,
            long startedAt,
            @Nullable Long finishedAt) {}

    /**
     * @param after the record id behind which to begin; empty: at the first
     * @param limit 1 to {@link #RECORDS_LISTED_MAX}
     */
    public record ListRecords(String after, int limit) {}

    /** @param more whether there are records behind these */
    public record RecordRows(List<RecordRow> rows, boolean more) {}

    /**
     * A record without its key. Times are UTC milliseconds since 1970.
     *
     * @param kek id of the key-encryption key that protects it
     * @param createdAt when the key was stored
     * @param rotatedAt when a rotation made the record new since then; null: none has
     */
    public record RecordRow(
            String recordId,
            OwnerKind ownerKind,
            String ownerId,
            String provider,
            String name,
            String fingerprint,
            String kek,
            long createdAt,
            @Nullable Long rotatedAt) {}

    /** Whether a key may be called this: 1 to 64 of a-z, 0-9, dots, dashes and underscores, the first no sign. */
    public static boolean isKeyName(String name) {
        return KEY_NAME.matcher(name).matches();
    }

    /** HPKE info for a key on its way to the vault: binds it to its owner and provider. */
    public static String storeContext(Owner owner, String provider) {
        return "latticegate/vault/store/v1|" + owner.kind() + "|" + owner.id() + "|" + provider;
    }

    /** Every endpoint of this file. */
    public static Set<Endpoint<?, ?>> endpoints() {
        return Set.of(
                LEASE_KEY,
                TRANSPORT_KEY,
                STORE_KEY,
                DELETE_KEY,
                DESCRIBE_KEYS,
                WEIGH_KEY,
                ROTATE,
                DESCRIBE_VAULT,
                LIST_RECORDS);
    }

    private VaultApi() {}
}
