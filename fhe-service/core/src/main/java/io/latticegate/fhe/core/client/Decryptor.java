package io.latticegate.fhe.core.client;

import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;

/**
 * Decrypts. The result holds the noise, from which, given the ciphertext, the key can be computed: it must not be shown
 * to anybody else as it is (Li and Micciancio, eprint 2020/1533).
 */
public final class Decryptor {
    private final CkksParameters parameters;
    private final RnsBackend backend;
    private final SecretKey secret;

    public Decryptor(CkksParameters parameters, RnsBackend backend, SecretKey secret) {
        if (secret.parameters() != parameters) {
            throw new IllegalArgumentException(
                    "a secret key of " + secret.parameters() + " for a decryptor of " + parameters);
        }
        this.parameters = parameters;
        this.backend = backend;
        this.secret = secret;
    }

    /** c_0 + c_1·s (+ c_2·s²), by Horner's rule. */
    public Plaintext decrypt(Ciphertext ciphertext) {
        if (ciphertext.parameters() != parameters) {
            throw new IllegalArgumentException(
                    "a ciphertext of " + ciphertext.parameters() + " for a decryptor of " + parameters);
        }
        int last = ciphertext.parts().size() - 1;
        Poly<Eval> message = backend.allocate(parameters.ring().data(ciphertext.level()));
        backend.copy(ciphertext.parts().get(last), message);
        for (int i = last - 1; i >= 0; i--) {
            backend.multiply(message, secret.poly(), message);
            backend.add(message, ciphertext.parts().get(i), message);
        }
        return new Plaintext(parameters, ciphertext.scale(), message);
    }
}
