package io.latticegate.proxy.edge;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How metrics name wallets: {@code w_} and 12 hexadecimal digits of SHA-256 over mesh and address, for the first so many
 * wallets; every further one is {@code other}. The same on all nodes of a mesh and after a restart. It keeps addresses out of
 * dashboards; it does not hide a wallet from someone who knows its address and asks whether it was here.
 */
public final class WalletLabel {
    /** Of requests that no wallet has signed. */
    public static final String NONE = "none";

    /** Of wallets beyond the bound. */
    public static final String OTHER = "other";

    private static final int DIGITS = 12;

    private final String mesh;
    private final int walletsMax;
    private final Map<String, String> labels = new ConcurrentHashMap<>();

    /** @param walletsMax wallets with a label of their own, 0 and more */
    public WalletLabel(String mesh, int walletsMax) {
        this.mesh = mesh;
        this.walletsMax = walletsMax;
    }

    /** @param wallet an address that was proved by a signature */
    public String of(String wallet) {
        String known = labels.get(wallet);
        return known == null ? admit(wallet) : known;
    }

    private synchronized String admit(String wallet) {
        String known = labels.get(wallet);
        if (known != null || labels.size() >= walletsMax) {
            return known == null ? OTHER : known;
        }
        String label = hash(mesh, wallet);
        labels.put(wallet, label);
        return label;
    }

    private static String hash(String mesh, String wallet) {
        try {
            byte[] text = ("latticegate wallet label\n" + mesh + "\n" + wallet.toLowerCase(Locale.ROOT))
                    .getBytes(StandardCharsets.UTF_8);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text);
            return "w_" + HexFormat.of().formatHex(digest).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
