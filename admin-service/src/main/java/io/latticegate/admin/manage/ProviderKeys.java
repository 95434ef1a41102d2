package io.latticegate.admin.manage;

import io.latticegate.common.bus.BusFault;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.KeyDescription;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.contract.VaultApi.TransportKey;
import io.latticegate.common.crypto.Hpke;
import io.latticegate.common.value.SealedSecret;
import io.latticegate.common.value.Secret;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Projects' provider keys in the vault: written, never read back. A key leaves this process only sealed to the vault and
 * bound to its project and provider. Methods block and throw {@link BusFault} when the vault does not answer.
 */
final class ProviderKeys {
    /** The provider meant where none is named, as in llm-proxy. */
    static final String DEFAULT_PROVIDER = "openai";

    private static final int QUESTIONS_AT_ONCE = 32;

    private final MeshBus bus;

    /** Which of a project's keys is meant. */
    record Named(String projectId, String provider, String name) {
        /** The key that nobody gave a name. */
        static Named unnamed(String projectId, String provider) {
            return new Named(projectId, provider, VaultApi.DEFAULT_KEY);
        }
    }

    ProviderKeys(MeshBus bus) {
        this.bus = bus;
    }

    TransportKey transportKey() {
        return bus.askSigned(VaultApi.TRANSPORT_KEY, new VaultApi.TransportKeyRequest())
                .await()
                .reply();
    }

    /**
     * Stores or replaces a project's key and returns its fingerprint.
     *
     * @param weight its share of the requests; null: as it was, else 1
     * @param transport as asked a moment ago; if it was retired since, the current one is asked for once
     * @param key stays the caller's
     * @throws Refused when the vault does not take the key
     */
    String store(Named named, @Nullable Integer weight, Secret key, TransportKey transport) {
        VaultApi.StoreKeyReply reply = tryStore(named, weight, key, transport);
        if (reply instanceof VaultApi.UnknownTransportKey) {
            reply = tryStore(named, weight, key, transportKey());
        }
        return switch (reply) {
            case VaultApi.Stored(String fingerprint) -> fingerprint;
            case VaultApi.Unreadable(String reason) ->
                throw Refused.failed(400, "the vault does not take this api_key: " + reason, null);
            case VaultApi.OlderThanStored older ->
                throw Refused.failed(409, "a newer key is already stored for " + named.provider(), null);
            case VaultApi.TooManyKeys full ->
                throw Refused.failed(
                        409,
                        "the project has " + VaultApi.KEYS_MAX + " keys for " + named.provider()
                                + " already; delete one first",
                        null);
            case VaultApi.UnknownTransportKey retired ->
                throw Refused.unavailable("the vault is changing its transport key; the provider key was not stored");
        };
    }

    /** Deletes a project's key; whether there was one. */
    boolean delete(Named named) {
        return bus.askSigned(
                        VaultApi.DELETE_KEY,
                        new VaultApi.DeleteKey(Owner.project(named.projectId()), named.provider(), named.name()))
                .await()
                .reply()
                .existed();
    }

    /** Gives a project's key another share of the requests; whether there is one. */
    boolean weigh(Named named, int weight) {
        return bus.askSigned(
                        VaultApi.WEIGH_KEY,
                        new VaultApi.WeighKey(Owner.project(named.projectId()), named.provider(), named.name(), weight))
                .await()
                .reply()
                .existed();
    }

    List<KeyDescription> describe(String projectId) {
        return ask(projectId).await();
    }

    /** Descriptions in the order of {@code projectIds}; some questions are under way at the same time. */
    List<List<KeyDescription>> describeAll(List<String> projectIds) {
        List<List<KeyDescription>> all = new ArrayList<>(projectIds.size());
        for (int from = 0; from < projectIds.size(); from += QUESTIONS_AT_ONCE) {
            List<Future<List<KeyDescription>>> asked =
                    projectIds.subList(from, Math.min(projectIds.size(), from + QUESTIONS_AT_ONCE)).stream()
                            .map(this::ask)
                            .toList();
            Future.all(asked).await();
            asked.forEach(one -> all.add(one.result()));
        }
        return all;
    }

    private Future<List<KeyDescription>> ask(String projectId) {
        return bus.askSigned(VaultApi.DESCRIBE_KEYS, new VaultApi.DescribeKeys(Owner.project(projectId)))
                .map(answer -> answer.reply().keys());
    }

    private VaultApi.StoreKeyReply tryStore(Named named, @Nullable Integer weight, Secret key, TransportKey transport) {
        Owner owner = Owner.project(named.projectId());
        SealedSecret sealed = Hpke.seal(
                transport.publicKey(),
                VaultApi.storeContext(owner, named.provider()).getBytes(StandardCharsets.UTF_8),
                new byte[0],
                key);
        return bus.askSigned(
                        VaultApi.STORE_KEY,
                        new VaultApi.StoreKey(
                                owner, named.provider(), named.name(), weight, transport.id(), sealed, null))
                .await()
                .reply();
    }
}
