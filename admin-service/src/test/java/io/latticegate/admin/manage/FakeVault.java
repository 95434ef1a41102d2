package io.latticegate.admin.manage;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.Endpoint;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.KeyDescription;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.contract.VaultApi.OwnerKind;
import io.latticegate.common.crypto.Hpke;
import io.latticegate.common.crypto.SealingKeyPair;
import io.latticegate.common.value.Secret;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The vault in memory: opens what is sealed to it, under the agreed context, and describes keys as the real one does. */
final class FakeVault {
    private final InstantSource clock;
    private final Set<String> failing = ConcurrentHashMap.newKeySet();
    private final Map<String, Map<Place, Kept>> keys = new ConcurrentHashMap<>();
    private volatile SealingKeyPair pair = SealingKeyPair.generate(new SecureRandom());
    private volatile int generation = 1;
    private volatile boolean rotateAfterAnswer;
    private volatile VaultApi.@Nullable Rotation rotation;

    FakeVault(MeshBus bus, Executor executor, InstantSource clock) {
        this.clock = clock;
        serve(bus, executor, VaultApi.TRANSPORT_KEY, question -> transportKey());
        serve(bus, executor, VaultApi.STORE_KEY, this::store);
        serve(bus, executor, VaultApi.DELETE_KEY, this::delete);
        serve(bus, executor, VaultApi.WEIGH_KEY, this::weigh);
        serve(
                bus,
                executor,
                VaultApi.DESCRIBE_KEYS,
                question -> new VaultApi.KeyDescriptions(describe(question.owner())));
        serve(bus, executor, VaultApi.DESCRIBE_VAULT, question -> describeVault());
        serve(bus, executor, VaultApi.ROTATE, this::rotate);
        serve(bus, executor, VaultApi.LIST_RECORDS, this::list);
    }

    /** What the last rotation is told to be. */
    void rotating(VaultApi.Rotation rotation) {
        this.rotation = rotation;
    }

    private VaultApi.VaultDescription describeVault() {
        return new VaultApi.VaultDescription(
                "k2", List.of(new VaultApi.KekUse("k1", 3, true), new VaultApi.KekUse("k2", 4, true)), 7, rotation);
    }

    private synchronized VaultApi.RotateReply rotate(VaultApi.Rotate question) {
        VaultApi.Rotation current = rotation;
        if (current != null && current.state() == VaultApi.RotationState.RUNNING) {
            return current.what() == question.what()
                    ? new VaultApi.RotationStarted(current.id())
                    : new VaultApi.OtherRotationUnderWay(current.id());
        }
        String id = UUID.randomUUID().toString();
        rotation = new VaultApi.Rotation(
                id, question.what(), VaultApi.RotationState.RUNNING, 7, 3, 0, "", clock.millis(), null);
        return new VaultApi.RotationStarted(id);
    }

    private VaultApi.RecordRows list(VaultApi.ListRecords question) {
        List<VaultApi.RecordRow> rows = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            String id = "0b3f7a52-0000-4000-8000-00000000000" + i;
            if (id.compareTo(question.after()) > 0) {
                rows.add(new VaultApi.RecordRow(
                        id, OwnerKind.PROJECT, "proj_" + i, "openai", "default", "0123456789ab", "k1", 1_000, null));
            }
        }
        boolean more = rows.size() > question.limit();
        return new VaultApi.RecordRows(List.copyOf(more ? rows.subList(0, question.limit()) : rows), more);
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
        return key(projectId, provider, VaultApi.DEFAULT_KEY);
    }

    /** The key of this name that is stored, in full, or null. */
    @Nullable
    String key(String projectId, String provider, String name) {
        Kept kept = of(projectId).get(new Place(provider, name));
        return kept == null ? null : kept.key();
    }

    private record Place(String provider, String name) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            return Comparator.comparing(Place::provider)
                    .thenComparing(Place::name)
                    .compare(this, other);
        }
    }

    private record Kept(String key, int weight) {}

    private Map<Place, Kept> of(String projectId) {
        return keys.computeIfAbsent(projectId, id -> new TreeMap<>());
    }

    private synchronized VaultApi.DeleteKeyReply delete(VaultApi.DeleteKey question) {
        Kept removed = of(question.owner().id()).remove(new Place(question.provider(), question.name()));
        return new VaultApi.DeleteKeyReply(removed != null);
    }

    private synchronized VaultApi.WeighKeyReply weigh(VaultApi.WeighKey question) {
        Kept weighed = of(question.owner().id())
                .computeIfPresent(
                        new Place(question.provider(), question.name()),
                        (place, kept) -> new Kept(kept.key(), question.weight()));
        return new VaultApi.WeighKeyReply(weighed != null);
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
            Integer weight = question.weight();
            of(question.owner().id())
                    .put(new Place(question.provider(), question.name()), new Kept(text, weight == null ? 1 : weight));
        }
        return new VaultApi.Stored("fp-" + question.provider());
    }

    private List<KeyDescription> describe(Owner owner) {
        List<KeyDescription> all = new ArrayList<>();
        of(owner.id()).forEach((place, kept) -> {
            String key = kept.key();
            String shown = key.length() <= 12 ? "..." : key.substring(0, 8) + "..." + key.substring(key.length() - 4);
            all.add(new KeyDescription(
                    place.provider(),
                    place.name(),
                    kept.weight(),
                    "fp-" + place.provider(),
                    shown,
                    clock.millis(),
                    null));
        });
        return all;
    }
}
