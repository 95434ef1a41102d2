package io.latticegate.vault.record;

import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.value.ServiceRole;
import org.jspecify.annotations.Nullable;

/** Where every access to a key is recorded. */
@FunctionalInterface
public interface VaultAudit {
    /** What was asked for. */
    enum Action {
        LEASE,
        STORE,
        DELETE,
        WEIGH,
        DESCRIBE,
        /** All records are made new, or one of them does not open while they are. */
        ROTATE
    }

    /** How far it got. */
    enum Outcome {
        /** A change is about to be made; another entry follows. */
        BEGUN,
        /** The key is about to be sealed to the asker; recorded before it is. */
        RELEASED,
        /** The change was made. */
        DONE,
        /** There is no such key. */
        NONE,
        /** The record does not open; nothing is released. */
        CORRUPT,
        /** Not permitted, or not acceptable. */
        REFUSED
    }

    /**
     * @param provider null where the question is about all keys of the owner
     * @param fingerprint of the key, where there is one
     * @param reason why it was refused or is corrupt
     */
    record Entry(
            Action action,
            Owner owner,
            @Nullable String provider,
            @Nullable String fingerprint,
            Outcome outcome,
            @Nullable String reason,
            ServiceRole askerRole,
            String askerNode) {}

    /** Returns once {@code entry} will not be lost; throws when it might be, and then nothing is released or changed. */
    void record(Entry entry);
}
