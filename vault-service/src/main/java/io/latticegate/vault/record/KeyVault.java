package io.latticegate.vault.record;

import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.KeyDescription;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.contract.VaultApi.OwnerKind;
import io.latticegate.common.contract.VaultApi.TransportKey;
import io.latticegate.common.crypto.Fingerprint;
import io.latticegate.common.crypto.SealingKeyPair;
import io.latticegate.common.value.Secret;
import io.latticegate.vault.envelope.Binding;
import io.latticegate.vault.envelope.Envelope;
import io.latticegate.vault.envelope.Envelope.Opening;
import io.latticegate.vault.envelope.Envelope.Opening.Corrupt;
import io.latticegate.vault.envelope.Envelope.Opening.Opened;
import io.latticegate.vault.kms.KekRing;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The provider keys of wallets, of projects and of the gateway, each with a name among its owner's for a provider, sealed in a database. Blocking; called on virtual
 * threads; safe for many of them and for many instances over one database.
 *
 * <p>This class decides nothing about who may ask and writes no audit: {@link VaultFlow} does. Every secret that it
 * returns belongs to the caller, who closes it.
 */
public final class KeyVault implements AutoCloseable {
    /** How often a store starts over when other stores of the same key get in between. */
    static final int STORE_ATTEMPTS_MAX = 8;

    private static final Pattern WALLET = Pattern.compile("0x[0-9a-f]{40}");
    private static final Pattern PROJECT = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern PROVIDER = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

    private final KeyRecords records;
    private final ServiceKeys serviceKeys;
    private final Rotations rotations;
    private final KekRing keks;
    private final Envelope envelope;
    private final Fingerprint fingerprint;
    private final Lifetimes lifetimes;
    private final InstantSource clock;

    private KeyVault(
            KeyRecords records,
            ServiceKeys serviceKeys,
            Rotations rotations,
            KekRing keks,
            Envelope envelope,
            Fingerprint fingerprint,
            Lifetimes lifetimes,
            InstantSource clock) {
        this.records = records;
        this.serviceKeys = serviceKeys;
        this.rotations = rotations;
        this.keks = keks;
        this.envelope = envelope;
        this.fingerprint = fingerprint;
        this.lifetimes = lifetimes;
        this.clock = clock;
    }

    /**
     * Opens the vault over a migrated database; the first start makes the transport and the fingerprint key.
     *
     * @throws IllegalStateException when something in the database is protected by a key-encryption key that is not in
     *     {@code keks}, or the vault's own keys do not open
     * @throws RecordsUnavailable when the database does not answer
     */
    public static KeyVault open(
            DataSource database, KekRing keks, Lifetimes lifetimes, InstantSource clock, SecureRandom random) {
        KeyRecords records = new KeyRecords(database);
        TreeSet<String> missing = new TreeSet<>(records.countByKek().keySet());
        missing.removeAll(keks.ids());
        if (!missing.isEmpty()) {
            throw new IllegalStateException(
                    "the vault holds keys protected by the key-encryption keys " + missing + ", but only "
                            + new TreeSet<>(keks.ids()) + " are configured; give the missing ones as previous keys");
        }
        Envelope envelope = new Envelope(keks, random);
        ServiceKeys serviceKeys = new ServiceKeys(database, envelope, random, clock);
        serviceKeys.createMissing();
        serviceKeys.transport().close();
        return new KeyVault(
                records,
                serviceKeys,
                new Rotations(new Statements(database)),
                keks,
                envelope,
                serviceKeys.fingerprint(),
                lifetimes,
                clock);
    }

    /** What became of storing a key. */
    public sealed interface Storing {
        record Stored(String fingerprint) implements Storing {}

        /** The stored key was signed for at the same time or later; nothing changed. */
        record NotNewer(long storedSignedAtSeconds) implements Storing {}

        /** The owner has {@link VaultApi#KEYS_MAX} others for the provider; nothing changed. */
        record TooMany() implements Storing {}
    }

    /** Stores or replaces the owner's key for a provider that nobody gave a name. */
    public Storing store(Owner owner, String provider, Secret key, @Nullable Long signedAtSeconds) {
        return store(owner, provider, VaultApi.DEFAULT_KEY, null, key, signedAtSeconds);
    }

    /**
     * Stores the owner's key of this name for a provider, or replaces it.
     *
     * @param weight 1 to {@link VaultApi#WEIGHT_MAX}; null: as it was, else 1
     * @param key 1 to 8,192 bytes of visible ASCII, see {@link #plausible}; stays the caller's
     * @param signedAtSeconds for wallets, and only for them: the signed timestamp, which must grow
     */
    public Storing store(
            Owner owner,
            String provider,
            String name,
            @Nullable Integer weight,
            Secret key,
            @Nullable Long signedAtSeconds) {
        check(owner, provider, name);
        if (weight != null) {
            checkWeight(weight);
        }
        if ((owner.kind() == OwnerKind.WALLET) != (signedAtSeconds != null)) {
            throw new IllegalArgumentException("a wallet's key comes with the signed time, a project's without");
        }
        if (!plausible(key)) {
            throw new IllegalArgumentException("a key has 1 to " + Secret.MAX_BYTES + " bytes of visible ASCII");
        }
        String print = fingerprint.of(key);
        for (int attempt = 0; attempt < STORE_ATTEMPTS_MAX; attempt++) {
            Optional<KeyRecord> before = records.findEvenExpired(owner, provider, name);
            Long storedAt = before.map(KeyRecord::signedAtSeconds).orElse(null);
            if (storedAt != null && signedAtSeconds != null && signedAtSeconds <= storedAt) {
                return new Storing.NotNewer(storedAt);
            }
            if (before.isEmpty() && records.count(owner, provider) >= VaultApi.KEYS_MAX) {
                return new Storing.TooMany();
            }
            int share = weight == null ? before.map(KeyRecord::weight).orElse(1) : weight;
            KeyRecord record = seal(owner, provider, name, share, key, print, signedAtSeconds, before);
            if (before.isPresent() ? records.replace(record) : records.insert(record)) {
                return new Storing.Stored(print);
            }
        }
        throw new IllegalStateException("gave up storing a key of " + owner.id() + " for " + provider + " after "
                + STORE_ATTEMPTS_MAX + " other stores of it got in between");
    }

    private KeyRecord seal(
            Owner owner,
            String provider,
            String name,
            int weight,
            Secret key,
            String print,
            @Nullable Long signedAtSeconds,
            Optional<KeyRecord> before) {
        String recordId = before.map(KeyRecord::recordId)
                .orElseGet(() -> UUID.randomUUID().toString());
        long version = before.map(KeyRecord::version).orElse(0L) + 1;
        Envelope.Sealed sealed = envelope.seal(Binding.ofKey(owner, provider, recordId, version), key);
        long now = clock.millis();
        boolean ends = owner.kind() == OwnerKind.WALLET;
        return new KeyRecord(
                recordId,
                owner,
                provider,
                name,
                weight,
                version,
                sealed.kekId(),
                sealed.bytes(),
                print,
                now,
                signedAtSeconds,
                ends ? now + lifetimes.walletIdle().toMillis() : null,
                ends ? now + lifetimes.walletTotal().toMillis() : null);
    }

    /** What became of lending one key. */
    public sealed interface Lease {
        /**
         * @param key the caller closes it
         * @param validForMillis 0: for one request only; the same for all keys of an owner
         */
        record Held(String name, int weight, Secret key, String fingerprint, long validForMillis) implements Lease {}

        /** @param fingerprint as stored, not authenticated */
        record Broken(String fingerprint, Envelope.Reason reason) implements Lease {}
    }

    /** The owner's keys for a provider by name. Counts as use, which may renew the life of a wallet's key. */
    public List<Lease> lease(Owner owner, String provider) {
        check(owner, provider);
        long now = clock.millis();
        boolean wallet = owner.kind() == OwnerKind.WALLET;
        List<KeyRecord> found = wallet && lifetimes.refreshedByUse()
                ? records.use(owner, provider, now, now + lifetimes.walletIdle().toMillis())
                : records.findAll(owner, provider, now);
        long validForMillis = wallet ? 0 : lifetimes.projectLease().toMillis();
        return found.stream().map(record -> lease(record, validForMillis)).toList();
    }

    private Lease lease(KeyRecord record, long validForMillis) {
        return switch (envelope.open(record.binding(), record.sealed())) {
            case Opened opened ->
                new Lease.Held(
                        record.name(),
                        record.weight(),
                        opened.secret(),
                        fingerprint.of(opened.secret()),
                        validForMillis);
            case Corrupt corrupt -> new Lease.Broken(record.fingerprint(), corrupt.reason());
        };
    }

    /** The stored fingerprint of the owner's live key of this name. */
    public Optional<String> fingerprintOf(Owner owner, String provider, String name) {
        check(owner, provider, name);
        return records.find(owner, provider, name, clock.millis()).map(KeyRecord::fingerprint);
    }

    /** The fingerprint that a key would be stored with. */
    public String fingerprintOf(Secret key) {
        return fingerprint.of(key);
    }

    /** Deletes the owner's key of this name; whether there was a live one. Needs no key-encryption key. */
    public boolean delete(Owner owner, String provider, String name) {
        check(owner, provider, name);
        return records.delete(owner, provider, name, clock.millis());
    }

    /**
     * Gives the owner's key of this name another share of the requests; whether there is a live one.
     *
     * @param weight 1 to {@link VaultApi#WEIGHT_MAX}
     */
    public boolean weigh(Owner owner, String provider, String name, int weight) {
        check(owner, provider, name);
        checkWeight(weight);
        return records.weigh(owner, provider, name, weight, clock.millis());
    }

    /** The owner's live keys without the keys. A key that does not open is listed with dots only. */
    public List<KeyDescription> describe(Owner owner) {
        checkOwner(owner);
        return records.list(owner, clock.millis()).stream().map(this::describe).toList();
    }

    private KeyDescription describe(KeyRecord record) {
        Opening opening = envelope.open(record.binding(), record.sealed());
        String print = record.fingerprint();
        String obfuscated = "...";
        if (opening instanceof Opened(Secret secret)) {
            try (secret) {
                print = fingerprint.of(secret);
                obfuscated = obfuscated(secret);
            }
        }
        return new KeyDescription(
                record.provider(),
                record.name(),
                record.weight(),
                print,
                obfuscated,
                record.createdAt(),
                record.expiresAt());
    }

    private static String obfuscated(Secret key) {
        return key.length() <= 12
                ? "..."
                : key.expose(bytes -> new String(bytes, 0, 8, StandardCharsets.US_ASCII) + "..."
                        + new String(bytes, bytes.length - 4, 4, StandardCharsets.US_ASCII));
    }

    /** Whether this can be a provider key: visible ASCII only ({@code !} to {@code ~}), so that it fits into a header. */
    public static boolean plausible(Secret key) {
        return key.expose(bytes -> {
            for (byte character : bytes) {
                if (character < '!' || character > '~') {
                    return false;
                }
            }
            return true;
        });
    }

    /** The key to which provider keys are sealed on their way here. */
    public TransportKey transportKey() {
        try (ServiceKeys.Transport transport = serviceKeys.transport()) {
            return new TransportKey(transport.id(), transport.pair().publicKey());
        }
    }

    /** The transport key pair with this id, which the caller closes, unless it was replaced. */
    public Optional<SealingKeyPair> transportPair(String id) {
        ServiceKeys.Transport transport = serviceKeys.transport();
        if (transport.id().equals(id)) {
            return Optional.of(transport.pair());
        }
        transport.close();
        return Optional.empty();
    }

    /** Replaces the transport key for all instances; keys sealed to the old one are refused from now on. */
    public void rotateTransportKey() {
        serviceKeys.rotateTransport();
    }

    /** Removes expired records from the database; how many. Reading never depends on it. */
    public int purgeExpired() {
        return records.purgeExpired(clock.millis());
    }

    /** How many records each key-encryption key protects. */
    public Map<String, Long> recordsByKek() {
        return records.countByKek();
    }

    /** Id of the key-encryption key that wraps new data keys. */
    public String activeKek() {
        return keks.active().id();
    }

    /** Ids of the key-encryption keys that this instance has. */
    public Set<String> configuredKeks() {
        return keks.ids();
    }

    /** Makes this vault's records new on demand. */
    public KeyRotation rotation(VaultAudit audit) {
        return new KeyRotation(records, serviceKeys, rotations, envelope, activeKek(), audit, clock);
    }

    /**
     * Live records without their keys, in the order of their ids.
     *
     * @param after the id behind which to begin; empty: at the first
     * @param limit 1 to {@link VaultApi#RECORDS_LISTED_MAX}
     */
    public VaultApi.RecordRows list(String after, int limit) {
        if (limit < 1 || limit > VaultApi.RECORDS_LISTED_MAX) {
            throw new IllegalArgumentException(
                    "a listing has 1 to " + VaultApi.RECORDS_LISTED_MAX + " records, not " + limit);
        }
        List<VaultApi.RecordRow> found = records.page(after, limit + 1, clock.millis());
        boolean more = found.size() > limit;
        return new VaultApi.RecordRows(List.copyOf(more ? found.subList(0, limit) : found), more);
    }

    @Override
    public void close() {
        fingerprint.close();
    }

    private static void check(Owner owner, String provider, String name) {
        check(owner, provider);
        if (!VaultApi.isKeyName(name)) {
            throw new IllegalArgumentException("a key's name has 1 to 64 of a-z, 0-9, ., _ and -");
        }
        if (owner.kind() == OwnerKind.WALLET && !name.equals(VaultApi.DEFAULT_KEY)) {
            throw new IllegalArgumentException("a wallet has one key for a provider, named " + VaultApi.DEFAULT_KEY);
        }
    }

    private static void checkWeight(int weight) {
        if (weight < 1 || weight > VaultApi.WEIGHT_MAX) {
            throw new IllegalArgumentException("a weight is 1 to " + VaultApi.WEIGHT_MAX + ", not " + weight);
        }
    }

    private static void check(Owner owner, String provider) {
        checkOwner(owner);
        if (!PROVIDER.matcher(provider).matches()) {
            throw new IllegalArgumentException("a provider's name matches " + PROVIDER + ", not " + provider);
        }
    }

    private static void checkOwner(Owner owner) {
        Pattern allowed = owner.kind() == OwnerKind.WALLET ? WALLET : PROJECT;
        if (!allowed.matcher(owner.id()).matches()) {
            throw new IllegalArgumentException(
                    "the id of a " + owner.kind() + " matches " + allowed + ", not " + owner.id());
        }
    }
}
