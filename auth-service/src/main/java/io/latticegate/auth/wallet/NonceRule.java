package io.latticegate.auth.wallet;

/**
 * How nonces are judged.
 *
 * @param windowSize used nonces that are remembered above the floor, 1 to 4,096
 * @param strict whether a nonce must be above every accepted one instead of merely unused
 */
public record NonceRule(int windowSize, boolean strict) {

    /** Any unused nonce above the floor, 64 of them remembered. */
    public static final NonceRule DEFAULT = new NonceRule(64, false);

    public NonceRule {
        if (windowSize < 1 || windowSize > 4_096) {
            throw new IllegalArgumentException("a nonce window holds 1 to 4096 nonces, not " + windowSize);
        }
    }
}
