package io.latticegate.vault.record;

import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.vault.envelope.Binding;
import org.jspecify.annotations.Nullable;

/**
 * A provider key as it is stored: sealed, with what may be known about it. Times are UTC milliseconds since 1970.
 *
 * @param name tells it from the owner's other keys for the provider; not authenticated
 * @param weight its share of the requests; not authenticated
 * @param version counts replacements from 1; part of what the sealed bytes are bound to
 * @param kekId which key-encryption key protects it, for reports; {@code sealed} itself decides
 * @param fingerprint names the key; not authenticated
 * @param signedAtSeconds when the wallet signed for storing it; null for projects
 * @param expiresAt when it becomes unreadable unless used before; null: never
 * @param endsAt when it becomes unreadable however much it is used; null: never
 */
record KeyRecord(
        String recordId,
        Owner owner,
        String provider,
        String name,
        int weight,
        long version,
        String kekId,
        byte[] sealed,
        String fingerprint,
        long createdAt,
        @Nullable Long signedAtSeconds,
        @Nullable Long expiresAt,
        @Nullable Long endsAt) {

    Binding binding() {
        return Binding.ofKey(owner, provider, recordId, version);
    }
}
