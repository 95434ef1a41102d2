package io.latticegate.admin.subject;

import io.latticegate.admin.subject.SealedEntry.Box;
import io.latticegate.admin.subject.SealedEntry.Place;
import io.latticegate.common.crypto.AesGcm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.crypto.SecretKey;

/**
 * Seals entries of one journal that are stored together, each entry once. Deriving a key costs as much as sealing several
 * entries, so each set of owners has one box key in a batch. Confined to one thread; closing wipes the subjects' keys.
 */
final class EntrySealer implements AutoCloseable {
    private final String node;
    private final Map<Subject, SubjectKeys.Key> known;
    private final byte[] salt;
    private final AesGcm.Engine cipher = new AesGcm.Engine();
    private final Map<Set<Subject>, Lock> locks = new HashMap<>();

    private record Lock(List<KeyId> keys, SecretKey key) {}

    /**
     * @param known the key of every owner; taken over
     * @param salt random, 16 bytes, for this batch only
     */
    EntrySealer(String node, Map<Subject, SubjectKeys.Key> known, byte[] salt) {
        this.node = node;
        this.known = known;
        this.salt = salt;
    }

    /**
     * The stored form of an entry.
     *
     * @param deed what stays in the clear
     * @param fields what each set of owners seals
     */
    byte[] seal(long sequence, byte[] deed, Map<Set<Subject>, byte[]> fields) {
        Map<KeyId, Integer> indexes = new LinkedHashMap<>();
        List<Box> boxes = new ArrayList<>(fields.size());
        fields.forEach((owners, closed) -> {
            Lock lock = locks.computeIfAbsent(owners, this::lock);
            List<Integer> named = new ArrayList<>(lock.keys().size());
            for (KeyId key : lock.keys()) {
                Integer index = indexes.get(key);
                if (index == null) {
                    index = indexes.size();
                    indexes.put(key, index);
                }
                named.add(index);
            }
            Place place = new Place(node, sequence, boxes.size());
            boxes.add(new Box(named, cipher.seal(lock.key(), place.nonce(), place.authenticated(), closed)));
        });
        return new SealedEntry(deed, salt, List.copyOf(indexes.keySet()), boxes).bytes();
    }

    private Lock lock(Set<Subject> owners) {
        List<KeyId> ids = new ArrayList<>();
        List<byte[]> keys = new ArrayList<>();
        for (Subject owner : owners) {
            SubjectKeys.Key key = Objects.requireNonNull(known.get(owner), "an owner without a key");
            ids.add(key.id());
            keys.add(key.bytes());
        }
        byte[] boxKey = SealedEntry.boxKey(keys, salt);
        try {
            return new Lock(ids, AesGcm.key(boxKey));
        } finally {
            Arrays.fill(boxKey, (byte) 0);
        }
    }

    @Override
    public void close() {
        known.values().forEach(key -> Arrays.fill(key.bytes(), (byte) 0));
    }
}
