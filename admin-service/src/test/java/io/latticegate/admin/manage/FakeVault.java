package io.latticegate.admin.manage;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.Endpoint;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.KeyDescription;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.crypto.Hpke;
import io.latticegate.common.crypto.SealingKeyPair;
import io.latticegate.common.value.Secret;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The vault in memory: opens what is sealed to it, under the agreed context, and describes keys as the real one does. */
final class FakeVault {
    private final InstantSource clock;
    private final Set<String> failing = ConcurrentHashMap.newKeySet();
    private final Map<String, Map<String, String>> keys = new ConcurrentHashMap<>();
    private volatile SealingKeyPair pair = SealingKeyPair.generate(new SecureRandom());
    private volatile int generation = 1;
    private volatile boolean rotateAfterAnswer;

    FakeVault(MeshBus bus, Executor executor, InstantSource clock) {
        this.clock = clock;
        serve(bus, executor, VaultApi.TRANSPORT_KEY, question -> transportKey());
        serve(bus, executor, VaultApi.STORE_KEY, this::store);
        serve(
                bus,
                executor,
                VaultApi.DESCRIBE_KEYS,
                question -> new VaultApi.KeyDescriptions(describe(question.owner())));
    }

    void fail(Endpoint<?, ?> endpoint) {
        failing.add(endpoint.address());
    }

    void recover() {
        failing.clear();
    }

    /** The transport key retires right after it is next given out. */
    void rotateAfterNextAnswer() {
        rotateAfterAnswer = true;
    }

    /** The key that is stored, in full, or null. */
    @Nullable
    String key(String projectId, String provider) {
        return keys.getOrDefault(projectId, Map.of()).get(provider);
    }

    private <Q extends Record, R> void serve(
            MeshBus bus, Executor executor, Endpoint<Q, R> endpoint, Function<Q, R> handler) {
        bus.serveSigned(endpoint, executor, (question, asker) -> {
            if (failing.contains(endpoint.address())) {
                throw new IllegalStateException("told to fail");
            }
            return handler.apply(question);
        });
    }

    private synchronized VaultApi.TransportKey transportKey() {
        VaultApi.TransportKey given = new VaultApi.TransportKey("transport-" + generation, pair.publicKey());
        if (rotateAfterAnswer) {
            rotateAfterAnswer = false;
            pair = SealingKeyPair.generate(new SecureRandom());
            generation = generation + 1;
        }
        return given;
    }

    private synchronized VaultApi.StoreKeyReply store(VaultApi.StoreKey question) {
        if (!question.transportKeyId().equals("transport-" + generation)) {
            return new VaultApi.UnknownTransportKey();
        }
        byte[] context =
                VaultApi.storeContext(question.owner(), question.provider()).getBytes(StandardCharsets.UTF_8);
        Optional<Secret> opened = Hpke.open(pair, context, new byte[0], question.key());
        if (opened.isEmpty()) {
            return new VaultApi.Unreadable("it does not open");
        }
        try (Secret key = opened.get()) {
            String text = key.expose(bytes -> new String(bytes, StandardCharsets.US_ASCII));
            keys.computeIfAbsent(question.owner().id(), id -> new TreeMap<>()).put(question.provider(), text);
        }
        return new VaultApi.Stored("fp-" + question.provider());
    }

    private List<KeyDescription> describe(Owner owner) {
        List<KeyDescription> all = new ArrayList<>();
        keys.getOrDefault(owner.id(), Map.of()).forEach((provider, key) -> {
            String shown = key.length() <= 12 ? "..." : key.substring(0, 8) + "..." + key.substring(key.length() - 4);
            all.add(new KeyDescription(provider, "fp-" + provider, shown, clock.millis(), null));
        });
        return all;
    }
}
