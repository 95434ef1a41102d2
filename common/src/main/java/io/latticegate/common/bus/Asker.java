package io.latticegate.common.bus;

import io.latticegate.common.crypto.Hpke;
import io.latticegate.common.crypto.VerifiedPeer;
import io.latticegate.common.value.SealedSecret;
import io.latticegate.common.value.Secret;
import io.latticegate.common.value.ServiceRole;

/** Who asked a signed question, as proved by certificate and signature. */
public final class Asker {
    private final VerifiedPeer peer;
    private final byte[] sealingKey;
    private final byte[] questionHash;

    Asker(VerifiedPeer peer, byte[] sealingKey, byte[] questionHash) {
        this.peer = peer;
        this.sealingKey = sealingKey;
        this.questionHash = questionHash;
    }

    public ServiceRole role() {
        return peer.role();
    }

    public String node() {
        return peer.node();
    }

    /** Encrypts {@code secret} so that only this asker can read it, and only as part of the answer to this question. */
    public SealedSecret seal(Secret secret) {
        return Hpke.seal(sealingKey, SignedExchange.sealingInfo(), questionHash, secret);
    }

    @Override
    public String toString() {
        return peer.role().label() + "/" + peer.node();
    }
}
