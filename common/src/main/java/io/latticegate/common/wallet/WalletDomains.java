package io.latticegate.common.wallet;

import java.util.List;

/**
 * The EIP-712 domains under which this deployment accepts signatures. The relay domain has name, version and chainId,
 * the vault domain name and version only.
 *
 * @param relayName 1 to 200 characters
 * @param relayVersion 1 to 20 characters
 * @param chainIds 1 to 64 positive chain ids; a request may be signed under any of them
 * @param vaultName 1 to 200 characters
 * @param vaultVersion 1 to 20 characters
 */
public record WalletDomains(
        String relayName, String relayVersion, List<Long> chainIds, String vaultName, String vaultVersion) {

    public WalletDomains {
        bounded("relayName", relayName, 200);
        bounded("relayVersion", relayVersion, 20);
        bounded("vaultName", vaultName, 200);
        bounded("vaultVersion", vaultVersion, 20);
        chainIds = chainIds.stream().distinct().toList();
        if (chainIds.isEmpty() || chainIds.size() > 64) {
            throw new IllegalArgumentException("chainIds must hold 1 to 64 ids, has " + chainIds.size());
        }
        if (chainIds.stream().anyMatch(id -> id <= 0)) {
            throw new IllegalArgumentException("chainIds must be positive, are " + chainIds);
        }
    }

    /** The names that clients of the wallet relay sign, on chain 1. */
    public static WalletDomains defaults() {
        return new WalletDomains("LLM Relay Service", "1", List.of(1L), "LLM Relay Vault", "1");
    }

    private static void bounded(String what, String value, int lengthMax) {
        if (value.isEmpty() || value.length() > lengthMax) {
            throw new IllegalArgumentException(
                    what + " must have 1 to " + lengthMax + " characters, has " + value.length());
        }
    }
}
