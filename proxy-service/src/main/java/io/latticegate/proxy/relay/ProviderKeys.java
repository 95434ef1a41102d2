package io.latticegate.proxy.relay;

import io.latticegate.common.config.AuthConfig;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.contract.VaultApi.OwnerKind;
import io.latticegate.common.crypto.Fingerprint;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.lease.KeyLeases;
import io.latticegate.proxy.lease.KeySource;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.provider.Routing;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whose keys a project's request is put to providers with: the client's own, which it sent with the request, or those that the
 * vault holds for the project and, where that has none, for the gateway. A client's key is never followed by another source: a
 * request that brought a key for one of the providers it may go to goes to those for which it did. Confined to one event
 * loop.
 */
public final class ProviderKeys {
    private static final Refusal NOT_ALLOWED = new Refusal(
            400,
            "provider_key_not_allowed",
            "No provider keys are taken from this project's clients; leave out " + ClientKeys.HEADER,
            null);

    private final KeyLeases leases;
    private final AuthConfig.Mode mode;
    private final Fingerprint fingerprint;

    /** @param fingerprint names clients' keys in records */
    public ProviderKeys(KeyLeases leases, AuthConfig.Mode mode, Fingerprint fingerprint) {
        this.leases = leases;
        this.mode = mode;
        this.fingerprint = fingerprint;
    }

    /** Where keys are looked for, or why that is not clear. */
    sealed interface Choice {
        record Look(KeySource source) implements Choice {}

        record Refused(Refusal refusal) implements Choice {}
    }

    /** Reads the client's keys into the exchange; what is wrong with them, or null. */
    @Nullable
    Refusal read(Exchange exchange) {
        Supplier<Set<String>> configured = () -> exchange.rules().routing().providers().stream()
                .map(Provider::name)
                .collect(Collectors.toSet());
        return switch (ClientKeys.read(exchange.request().headers(), configured, fingerprint)) {
            case ClientKeys.Reading.Refused(Refusal refusal) -> refusal;
            case ClientKeys.Reading.Read(ClientKeys keys) -> {
                if (keys != null && mode == AuthConfig.Mode.GATEWAY) {
                    yield new Refusal(
                            400,
                            "provider_key_not_allowed",
                            "This gateway takes no provider keys from clients; leave out " + ClientKeys.HEADER,
                            null);
                }
                exchange.clientKeys(keys);
                yield null;
            }
        };
    }

    /** @param providers gives all that the request may go to; asked only where it brought a key */
    Choice choose(Exchange exchange, Supplier<Set<String>> providers) {
        ProjectAccess.Sources sources = exchange.access().sources();
        if (sources == null) {
            List<Owner> owners = List.of(TokenRelay.projectOf(exchange), Owner.gateway());
            return choose(exchange, providers, mode == AuthConfig.Mode.CLIENT ? KeySource.NONE : leases.of(owners));
        }
        if (exchange.clientKeys() != null && !sources.client()) {
            return new Choice.Refused(NOT_ALLOWED);
        }
        List<Owner> owners = sources.owners(TokenRelay.projectOf(exchange));
        return choose(exchange, providers, sources.spill() ? leases.ofAll(owners) : leases.of(owners));
    }

    /** As {@link #choose}, for what belongs to an account at the provider: the gateway's is nobody's own. */
    Choice chooseOwnAccount(Exchange exchange, String provider) {
        ProjectAccess.Sources sources = exchange.access().sources();
        if (sources != null && exchange.clientKeys() != null && !sources.client()) {
            return new Choice.Refused(NOT_ALLOWED);
        }
        boolean vault = sources == null
                ? mode != AuthConfig.Mode.CLIENT
                : sources.vault().contains(OwnerKind.PROJECT);
        List<Owner> owners = List.of(TokenRelay.projectOf(exchange));
        return choose(exchange, () -> Set.of(provider), vault ? leases.of(owners) : KeySource.NONE);
    }

    private static Choice choose(Exchange exchange, Supplier<Set<String>> possible, KeySource vault) {
        ClientKeys own = exchange.clientKeys();
        Set<String> providers = own == null ? Set.of() : possible.get();
        if (own != null && own.isUnclear(providers)) {
            return new Choice.Refused(new Refusal(
                    400,
                    "ambiguous_provider_key",
                    ClientKeys.HEADER
                            + " does not say whose key it is, and this request may go to several providers; send "
                            + ClientKeys.HEADER + "-<provider>",
                    null));
        }
        if (own != null && own.isForAny(providers)) {
            return new Choice.Look(own.source(providers));
        }
        return new Choice.Look(vault);
    }

    /** The names of the providers that a route leads to. */
    static Set<String> providersOf(Routing.Route route) {
        return route.targets().stream().map(target -> target.provider().name()).collect(Collectors.toSet());
    }

    /** What is said where no key is found. */
    Refusal missing(Exchange exchange, String providers) {
        ProjectAccess.Sources sources = exchange.access().sources();
        boolean clientsOnly = sources == null
                ? mode == AuthConfig.Mode.CLIENT
                : sources.vault().isEmpty();
        return clientsOnly
                ? new Refusal(
                        401,
                        "missing_provider_key",
                        "This gateway holds no provider keys; send your own for " + providers + " in "
                                + ClientKeys.HEADER,
                        null)
                : new Refusal(403, "no_provider_key", "The project has no API key for " + providers, null);
    }
}
