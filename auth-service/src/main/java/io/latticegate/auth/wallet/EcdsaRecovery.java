package io.latticegate.auth.wallet;

import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.WalletSignature;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out who signed a digest (SEC 1, section 4.1.6). High s and values out of range cannot reach an implementation,
 * because {@link WalletSignature} excludes them; both implementations must agree on everything else. Any thread may
 * call; a call takes tens to hundreds of microseconds of CPU and never blocks.
 */
public interface EcdsaRecovery {

    /**
     * The account whose key made {@code signature} over {@code digest}.
     *
     * @return empty when no key could have made it, or the account is the zero address
     */
    Optional<WalletAddress> signer(Hash32 digest, WalletSignature signature);

    /** The implementation's name, for logs and status. */
    String name();

    /** libsecp256k1 where its native library loads and works, otherwise Bouncy Castle; the choice is logged. */
    static EcdsaRecovery load() {
        return choose(Secp256k1Recovery::new);
    }

    /** As {@link #load()}, with the way to make the native one given. */
    static EcdsaRecovery choose(Supplier<EcdsaRecovery> nativeRecovery) {
        Logger log = LoggerFactory.getLogger(EcdsaRecovery.class);
        try {
            EcdsaRecovery chosen = nativeRecovery.get();
            log.info("wallet signatures are recovered with {}", chosen.name());
            return chosen;
        } catch (LinkageError | RuntimeException notHere) {
            EcdsaRecovery fallback = new BouncyCastleRecovery();
            log.warn(
                    "wallet signatures are recovered with {}, several times slower: libsecp256k1 cannot be used: {}",
                    fallback.name(),
                    notHere.toString());
            return fallback;
        }
    }
}
