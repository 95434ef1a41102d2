package io.latticegate.proxy.relay;

import io.latticegate.common.crypto.Fingerprint;
import io.latticegate.common.value.Secret;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.lease.KeyLease;
import io.latticegate.proxy.lease.KeyLeases;
import io.latticegate.proxy.lease.KeySource;
import io.vertx.core.MultiMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The provider keys that came with a request: {@code X-Provider-Key-<provider>} for the provider of that name, or one
 * {@code X-Provider-Key} for the only provider that the request can go to. They serve this request alone, are kept nowhere,
 * and go to no other provider.
 */
final class ClientKeys {
    static final String HEADER = "X-Provider-Key";

    /** Longest key, in bytes. */
    static final int KEY_BYTES_MAX = 4_096;

    private static final String NAMED = HEADER + "-";
    private static final char FIRST_VISIBLE = 0x21;
    private static final char LAST_VISIBLE = 0x7e;

    private final Map<String, String> named;
    private final @Nullable String unnamed;
    private final Fingerprint fingerprint;

    private ClientKeys(Map<String, String> named, @Nullable String unnamed, Fingerprint fingerprint) {
        this.named = Map.copyOf(named);
        this.unnamed = unnamed;
        this.fingerprint = fingerprint;
    }

    /** What the headers hold. */
    sealed interface Reading {
        /** @param keys null: none */
        record Read(@Nullable ClientKeys keys) implements Reading {}

        record Refused(Refusal refusal) implements Reading {}
    }

    /** @param providers gives the names that are configured; asked only where there is a key */
    static Reading read(MultiMap headers, Supplier<Set<String>> providers, Fingerprint fingerprint) {
        Map<String, String> named = new HashMap<>();
        String unnamed = null;
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey();
            boolean plain = name.equalsIgnoreCase(HEADER);
            if (!plain && !name.regionMatches(true, 0, NAMED, 0, NAMED.length())) {
                continue;
            }
            String provider = plain ? "" : name.substring(NAMED.length()).toLowerCase(Locale.ROOT);
            if (!plain && !providers.get().contains(provider)) {
                return refused(400, "unknown_provider", HEADER + "-… names no configured provider");
            }
            if (!isKey(header.getValue())) {
                return refused(
                        400,
                        "invalid_provider_key",
                        name + " must be 1 to " + KEY_BYTES_MAX + " visible ASCII characters");
            }
            boolean twice = plain ? unnamed != null : named.containsKey(provider);
            if (twice) {
                return refused(400, "ambiguous_credentials", name + " is sent more than once");
            }
            if (plain) {
                unnamed = header.getValue();
            } else {
                named.put(provider, header.getValue());
            }
        }
        if (unnamed != null && !named.isEmpty()) {
            return refused(400, "ambiguous_credentials", "Send " + HEADER + " or " + HEADER + "-<provider>, not both");
        }
        boolean none = unnamed == null && named.isEmpty();
        return new Reading.Read(none ? null : new ClientKeys(named, unnamed, fingerprint));
    }

    private static Reading refused(int status, String code, String message) {
        return new Reading.Refused(new Refusal(status, code, message, null));
    }

    private static boolean isKey(String value) {
        return !value.isEmpty()
                && value.length() <= KEY_BYTES_MAX
                && value.chars().allMatch(one -> one >= FIRST_VISIBLE && one <= LAST_VISIBLE);
    }

    /** Whether a key does not say whose it is, and so may go to any one of these only if there is one. */
    boolean isUnclear(Set<String> providers) {
        return unnamed != null && providers.size() != 1;
    }

    /** Whether there is a key for one of these; unclear ones aside. */
    boolean isForAny(Set<String> providers) {
        return unnamed != null || providers.stream().anyMatch(named::containsKey);
    }

    /** Names the keys in the order of their providers, without revealing them. */
    List<String> fingerprints() {
        return unnamed != null
                ? List.of(fingerprintOf(unnamed))
                : named.keySet().stream()
                        .sorted()
                        .map(provider -> provider + "=" + fingerprintOf(named.get(provider)))
                        .toList();
    }

    private String fingerprintOf(@Nullable String key) {
        try (Secret secret = Secret.ofText(String.valueOf(key))) {
            return fingerprint.of(secret);
        }
    }

    /** The keys for a request that may go to the providers for which {@link #isUnclear} was false, and to no other. */
    KeySource source(Set<String> providers) {
        return (provider, outcomes) -> find(provider, providers, outcomes);
    }

    private void find(String provider, Set<String> providers, KeyLeases.Outcomes outcomes) {
        String key = unnamed != null ? unnamed : named.get(provider);
        if (key == null || !providers.contains(provider)) {
            outcomes.none();
            return;
        }
        try (Secret secret = Secret.ofText(key)) {
            outcomes.leased(List.of(KeyLease.ofClient(provider, fingerprint.of(secret), secret)));
        }
    }

    @Override
    public String toString() {
        return "ClientKeys(" + fingerprints() + ")";
    }
}
