package io.latticegate.auth.wallet;

import fr.acinq.secp256k1.Secp256k1;
import fr.acinq.secp256k1.Secp256k1Exception;
import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.WalletSignature;
import java.util.Optional;

/** Recovery by libsecp256k1 through JNI. The native library is unpacked into the JVM's temporary folder. */
public final class Secp256k1Recovery implements EcdsaRecovery {

    private final Secp256k1 library;

    /**
     * Loads the native library.
     *
     * @throws RuntimeException or {@link LinkageError} when it cannot be loaded
     */
    public Secp256k1Recovery() {
        this.library = Secp256k1.get();
    }

    @Override
    public Optional<WalletAddress> signer(Hash32 digest, WalletSignature signature) {
        byte[] key;
        try {
            key = library.ecdsaRecover(signature.scalars(), digest.toBytes(), signature.yParity());
        } catch (Secp256k1Exception noKey) {
            return Optional.empty();
        }
        return PublicKeys.account(key);
    }

    @Override
    public String name() {
        return "libsecp256k1";
    }
}
