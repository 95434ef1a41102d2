package io.latticegate.auth.token;

import io.latticegate.common.value.Secret;
import io.latticegate.common.value.TokenDigest;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Turns a token's digest into what the table holds: HMAC-SHA-256(pepper, SHA-256(token)). A copy of the table alone
 * neither verifies a guessed token nor yields a digest that other services would accept; and since the lookup is by a
 * keyed hash, the time that an index takes tells nothing about tokens.
 */
public final class TokenPepper {
    private static final String ALGORITHM = "HmacSHA256";

    /** Fewest bytes of a pepper. */
    public static final int BYTES_MIN = 32;

    private final Secret pepper;

    /** @param pepper at least 32 random bytes, the same for all instances, for no other purpose; losing it voids all tokens */
    public TokenPepper(Secret pepper) {
        if (pepper.length() < BYTES_MIN) {
            throw new IllegalArgumentException("a pepper has at least " + BYTES_MIN + " bytes, not " + pepper.length());
        }
        this.pepper = pepper;
    }

    /** The 32 bytes stored for {@code token}. */
    public byte[] seal(TokenDigest token) {
        return pepper.expose(key -> {
            try {
                Mac mac = Mac.getInstance(ALGORITHM);
                mac.init(new SecretKeySpec(key, ALGORITHM));
                return mac.doFinal(token.bytes());
            } catch (NoSuchAlgorithmException | InvalidKeyException missing) {
                throw new IllegalStateException("this JDK lacks " + ALGORITHM + ", which every JDK has", missing);
            }
        });
    }
}
