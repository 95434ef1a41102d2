package io.latticegate.vault.envelope;

import io.latticegate.common.contract.VaultApi.Owner;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What a sealed record is bound to: it opens as exactly this record and as no other.
 *
 * @param ownerKind {@code WALLET}, {@code PROJECT}, or {@code SERVICE} for the vault's own keys
 * @param ownerId wallet address, project id
 * @param provider whose API the key is for; the purpose of a service key
 * @param recordId unique per record, also the HKDF salt
 * @param version counts the replacements of the record from 1
 */
public record Binding(String ownerKind, String ownerId, String provider, String recordId, long version) {
    private static final String LABEL = "latticegate/vault/record";

    public Binding {
        if (recordId.isEmpty() || version < 1) {
            throw new IllegalArgumentException(
                    "a record has an id and a version from 1, not " + recordId + ", " + version);
        }
    }

    /** The binding of a provider key. */
    public static Binding ofKey(Owner owner, String provider, String recordId, long version) {
        return new Binding(owner.kind().name(), owner.id(), provider, recordId, version);
    }

    /** The binding of a key that the vault keeps for itself. */
    public static Binding ofServiceKey(String purpose, String recordId, long version) {
        return new Binding("SERVICE", "vault-service", purpose, recordId, version);
    }

    /**
     * The canonical bytes that are authenticated with the record: each field after its length (32 bits, big-endian), so
     * that no two bindings share an encoding.
     */
    byte[] canonical(int format, int algorithm, String kekId) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        append(bytes, text(LABEL));
        append(bytes, new byte[] {(byte) format});
        append(bytes, text(ownerKind));
        append(bytes, text(ownerId));
        append(bytes, text(provider));
        append(bytes, text(recordId));
        append(bytes, ByteBuffer.allocate(Long.BYTES).putLong(version).array());
        append(bytes, text(kekId));
        append(bytes, new byte[] {(byte) algorithm});
        return bytes.toByteArray();
    }

    private static void append(ByteArrayOutputStream bytes, byte[] field) {
        bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(field.length).array());
        bytes.writeBytes(field);
    }

    static byte[] text(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
    }
}
