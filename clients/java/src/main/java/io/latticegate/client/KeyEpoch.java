package io.latticegate.client;

import io.latticegate.fhe.core.client.KeyGenerator;
import io.latticegate.fhe.core.client.SecretKey;
import java.time.Instant;

/**
 * The keys of one session of the service. Whoever computes with them enters and leaves; once the epoch is retired and its
 * grace over, the secret is destroyed when the last has left.
 */
final class KeyEpoch {
    private final String sessionId;
    private final SecretKey secret;
    private final KeyGenerator generator;
    private final Instant renewAt;
    private final Instant expiresAt;
    private final Instant graceEnd;
    private int users;
    private boolean retired;

    /**
     * Fresh keys.
     *
     * @param renewAt when a successor should take over, by this machine's clock
     * @param expiresAt when the service counts these keys as old, by this machine's clock
     * @param graceEnd when the service computes with these keys no more, by this machine's clock
     */
    KeyEpoch(String sessionId, KeyGenerator generator, Instant renewAt, Instant expiresAt, Instant graceEnd) {
        this.sessionId = sessionId;
        this.generator = generator;
        this.secret = generator.secretKey();
        this.renewAt = renewAt;
        this.expiresAt = expiresAt;
        this.graceEnd = graceEnd;
    }

    String sessionId() {
        return sessionId;
    }

    SecretKey secret() {
        return secret;
    }

    KeyGenerator generator() {
        return generator;
    }

    Instant graceEnd() {
        return graceEnd;
    }

    boolean isDue(Instant now) {
        return !now.isBefore(renewAt);
    }

    boolean isExpired(Instant now) {
        return !now.isBefore(expiresAt);
    }

    synchronized void enter() {
        if (retired) {
            throw new IllegalStateException("a retired key epoch");
        }
        users++;
    }

    synchronized void leave() {
        users--;
        destroyIfUnused();
    }

    /** Nobody enters any more, and the secret ends with its last user. */
    synchronized void retire() {
        retired = true;
        destroyIfUnused();
    }

    private void destroyIfUnused() {
        if (retired && users == 0 && !secret.isDestroyed()) {
            secret.destroy();
        }
    }
}
