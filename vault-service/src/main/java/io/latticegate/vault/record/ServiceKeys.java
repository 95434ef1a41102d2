package io.latticegate.vault.record;

import io.latticegate.common.crypto.Fingerprint;
import io.latticegate.common.crypto.SealingKeyPair;
import io.latticegate.common.value.Secret;
import io.latticegate.vault.envelope.Binding;
import io.latticegate.vault.envelope.Envelope;
import io.latticegate.vault.envelope.Envelope.Opening.Corrupt;
import io.latticegate.vault.envelope.Envelope.Opening.Opened;
import io.latticegate.vault.envelope.Envelope.Renewal;
import io.latticegate.vault.record.Statements.Change;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Table {@code vault_service_keys}: the keys that the vault keeps for itself, sealed like records and shared by all
 * instances. The first instance to insert one wins; the others use what it inserted.
 */
final class ServiceKeys {
    private static final int FINGERPRINT_KEY_BYTES = 32;

    private enum Purpose {
        TRANSPORT,
        FINGERPRINT
    }

    private record Row(String keyId, String kekId, byte[] sealed) {}

    /** A transport key and its id; closing it wipes the private key. */
    record Transport(String id, SealingKeyPair pair) implements AutoCloseable {
        @Override
        public void close() {
            pair.close();
        }
    }

    private final DataSource database;
    private final Envelope envelope;
    private final SecureRandom random;
    private final InstantSource clock;

    ServiceKeys(DataSource database, Envelope envelope, SecureRandom random, InstantSource clock) {
        this.database = database;
        this.envelope = envelope;
        this.random = random;
        this.clock = clock;
    }

    /** Makes the keys that do not exist yet. */
    void createMissing() {
        for (Purpose purpose : Purpose.values()) {
            if (find(purpose).isEmpty()) {
                write(
                        purpose,
                        "INSERT INTO vault_service_keys (key_id, kek_id, sealed, created_at, purpose)"
                                + " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                        null);
            }
        }
    }

    /** The current transport key; the caller closes it. */
    Transport transport() {
        Row row = existing(Purpose.TRANSPORT);
        return new Transport(row.keyId(), SealingKeyPair.of(open(Purpose.TRANSPORT, row)));
    }

    /** Replaces the transport key; the old one is gone, and what was sealed to it is to be sealed again. */
    void rotateTransport() {
        write(
                Purpose.TRANSPORT,
                "UPDATE vault_service_keys SET key_id = ?, kek_id = ?, sealed = ?, created_at = ?"
                        + " WHERE purpose = ? AND key_id = ?",
                existing(Purpose.TRANSPORT).keyId());
    }

    /** Names provider keys; the caller closes it. */
    Fingerprint fingerprint() {
        return new Fingerprint(open(Purpose.FINGERPRINT, existing(Purpose.FINGERPRINT)));
    }

    /** How a rotation changes the vault's own keys: the secrets stay, and with them what they have opened and named. */
    record Renewals(List<Change> changes, int corrupt) {}

    /** How many of the vault's own keys there are. */
    static int count() {
        return Purpose.values().length;
    }

    /** How many of them other keys than {@code kekId} protect. */
    int countUnderOtherKeks(String kekId) {
        int others = 0;
        for (Purpose purpose : Purpose.values()) {
            others += existing(purpose).kekId().equals(kekId) ? 0 : 1;
        }
        return others;
    }

    /**
     * The vault's own keys under the active key-encryption key.
     *
     * @param freshDek whether each gets another data key; otherwise only those are changed that another key protects
     */
    Renewals renewals(String activeKek, boolean freshDek) {
        List<Change> changes = new ArrayList<>();
        int corrupt = 0;
        for (Purpose purpose : Purpose.values()) {
            Row row = existing(purpose);
            if (!freshDek && row.kekId().equals(activeKek)) {
                continue;
            }
            Binding binding = binding(purpose, row.keyId());
            switch (freshDek
                    ? envelope.renew(binding, row.sealed(), binding)
                    : envelope.rewrap(binding, row.sealed())) {
                case Renewal.Corrupt broken -> corrupt++;
                case Renewal.Renewed(Envelope.Sealed sealed) ->
                    changes.add(Change.of(
                            "UPDATE vault_service_keys SET kek_id = ?, sealed = ?"
                                    + " WHERE purpose = ? AND key_id = ? AND sealed = ?",
                            sealed.kekId(),
                            sealed.bytes(),
                            purpose.name(),
                            row.keyId(),
                            row.sealed()));
            }
        }
        return new Renewals(changes, corrupt);
    }

    private void write(Purpose purpose, String sql, @Nullable String replacedKeyId) {
        String keyId = UUID.randomUUID().toString();
        try (Secret fresh = fresh(purpose)) {
            Envelope.Sealed sealed = envelope.seal(binding(purpose, keyId), fresh);
            try (Connection connection = database.getConnection();
                    PreparedStatement statement = connection.prepareStatement(sql)) {
                Statements.bind(statement, keyId, sealed.kekId(), sealed.bytes(), clock.millis(), purpose.name());
                if (replacedKeyId != null) {
                    statement.setString(6, replacedKeyId);
                }
                statement.executeUpdate();
            } catch (SQLException failed) {
                throw new RecordsUnavailable("writing its " + purpose + " key", failed);
            }
        }
    }

    private Secret fresh(Purpose purpose) {
        return switch (purpose) {
            case TRANSPORT -> {
                try (SealingKeyPair pair = SealingKeyPair.generate(random)) {
                    yield pair.copyPrivateKey();
                }
            }
            case FINGERPRINT -> {
                byte[] key = new byte[FINGERPRINT_KEY_BYTES];
                random.nextBytes(key);
                yield Secret.owning(key);
            }
        };
    }

    private Secret open(Purpose purpose, Row row) {
        return switch (envelope.open(binding(purpose, row.keyId()), row.sealed())) {
            case Opened opened -> opened.secret();
            case Corrupt corrupt ->
                throw new IllegalStateException("the vault's own " + purpose + " key does not open (" + corrupt.reason()
                        + "): it was changed, or the configured key-encryption key is another one of the same id;"
                        + " restore vault_service_keys or the key");
        };
    }

    private Row existing(Purpose purpose) {
        return find(purpose)
                .orElseThrow(() -> new IllegalStateException("the vault's own " + purpose
                        + " key is gone from vault_service_keys; restore it, or restart to make another"));
    }

    private Optional<Row> find(Purpose purpose) {
        String sql = "SELECT key_id, kek_id, sealed FROM vault_service_keys WHERE purpose = ?";
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, purpose.name());
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next()
                        ? Optional.of(
                                new Row(rows.getString("key_id"), rows.getString("kek_id"), rows.getBytes("sealed")))
                        : Optional.empty();
            }
        } catch (SQLException failed) {
            throw new RecordsUnavailable("reading its " + purpose + " key", failed);
        }
    }

    private static Binding binding(Purpose purpose, String keyId) {
        return Binding.ofServiceKey(purpose.name(), keyId, 1);
    }
}
