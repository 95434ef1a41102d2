package io.latticegate.vault.record;

import io.latticegate.common.value.SealedSecret;
import io.latticegate.common.value.Secret;
import io.latticegate.common.value.ServiceRole;

/** Who asks, after the bus verified the question's signature. */
public interface Asker {
    ServiceRole role();

    /** The asking instance. */
    String node();

    /** Seals {@code secret} to this asker's key and to this question; {@code secret} stays open. */
    SealedSecret seal(Secret secret);
}
