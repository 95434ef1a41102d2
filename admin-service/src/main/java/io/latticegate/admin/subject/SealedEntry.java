package io.latticegate.admin.subject;

import io.latticegate.common.crypto.AesGcm;
import io.latticegate.common.crypto.Hkdf;
import io.latticegate.common.journal.AuditFields;
import io.latticegate.common.journal.AuditFields.Part;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An entry as it is stored: what it says of the deed in the clear, and the parts that tell of somebody in boxes of
 * AES-256-GCM. A box is locked under all the keys that it names at once, so it is lost when one of them is destroyed.
 *
 * <pre>
 * 0x02 | u32 length, fields of the deed
 *      | u8 number of keys, each 16 bytes: its id
 *      | u8 number of boxes, each: u8 part | u8 number of keys, each u8: index of a key
 *                                  | 16 bytes salt | u32 length, sealed fields and tag
 * </pre>
 *
 * <p>A box's key is HKDF-SHA256 of the keys that it names, in that order, under its salt, and used once; the nonce is zero.
 * Node, number and part are authenticated with it.
 */
record SealedEntry(byte[] deed, List<KeyId> keys, List<Box> boxes) {
    static final byte FORMAT = 2;

    private static final int SALT_BYTES = 16;
    private static final byte[] NONCE = new byte[AesGcm.NONCE_BYTES];
    private static final byte[] PURPOSE = "latticegate audit box 1".getBytes(StandardCharsets.US_ASCII);

    /** @param keys indexes into {@link SealedEntry#keys} */
    record Box(Part part, List<Integer> keys, byte[] salt, byte[] sealed) {}

    /** Where an entry stands. */
    record Place(String node, long sequence) {
        private byte[] with(Part part) {
            byte[] name = node.getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(name.length + 9)
                    .put(name)
                    .putLong(sequence)
                    .put((byte) part.code())
                    .array();
        }
    }

    /**
     * @param entry the parts that can still be opened, as a record
     * @param erased whether a part was lost
     */
    record Opening(byte[] entry, boolean erased) {}

    static Box lock(Place place, Part part, List<Integer> indexes, List<byte[]> keys, byte[] salt, byte[] fields) {
        byte[] key = boxKey(keys, salt);
        try {
            return new Box(part, indexes, salt, AesGcm.seal(key, NONCE, place.with(part), fields));
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /**
     * Opens what {@code known} opens.
     *
     * @throws IllegalArgumentException when a box was altered
     */
    Opening open(Place place, Map<KeyId, byte[]> known) {
        List<byte[]> parts = new ArrayList<>(List.of(deed));
        boolean erased = false;
        for (Box box : boxes) {
            List<byte[]> boxKeys = new ArrayList<>();
            for (int index : box.keys()) {
                byte[] key = known.get(keys.get(index));
                if (key != null) {
                    boxKeys.add(key);
                }
            }
            if (boxKeys.size() < box.keys().size()) {
                erased = true;
                continue;
            }
            byte[] key = boxKey(boxKeys, box.salt());
            try {
                parts.add(AesGcm.open(key, NONCE, place.with(box.part()), box.sealed())
                        .orElseThrow(() -> new IllegalArgumentException(
                                "a sealed part of this audit entry does not open: it was altered")));
            } finally {
                Arrays.fill(key, (byte) 0);
            }
        }
        return new Opening(AuditFields.join(parts), erased);
    }

    private static byte[] boxKey(List<byte[]> keys, byte[] salt) {
        ByteBuffer material = ByteBuffer.allocate(keys.size() * AesGcm.KEY_BYTES);
        keys.forEach(material::put);
        byte[] key = Hkdf.derive(material.array(), salt, PURPOSE, AesGcm.KEY_BYTES);
        Arrays.fill(material.array(), (byte) 0);
        return key;
    }

    byte[] bytes() {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        stored.write(FORMAT);
        stored.writeBytes(int32(deed.length));
        stored.writeBytes(deed);
        stored.write(keys.size());
        keys.forEach(key -> stored.writeBytes(key.bytes()));
        stored.write(boxes.size());
        for (Box box : boxes) {
            stored.write(box.part().code());
            stored.write(box.keys().size());
            box.keys().forEach(stored::write);
            stored.writeBytes(box.salt());
            stored.writeBytes(int32(box.sealed().length));
            stored.writeBytes(box.sealed());
        }
        return stored.toByteArray();
    }

    /** @throws IllegalArgumentException when these are not the bytes of a sealed entry */
    static SealedEntry read(byte[] stored) {
        ByteBuffer bytes = ByteBuffer.wrap(stored);
        try {
            if (bytes.get() != FORMAT) {
                throw new IllegalArgumentException("not a sealed audit entry");
            }
            byte[] deed = take(bytes, bytes.getInt());
            List<KeyId> keys = new ArrayList<>();
            for (int left = bytes.get() & 0xff; left > 0; left--) {
                keys.add(new KeyId(take(bytes, KeyId.BYTES)));
            }
            List<Box> boxes = new ArrayList<>();
            for (int left = bytes.get() & 0xff; left > 0; left--) {
                boxes.add(box(bytes, keys.size()));
            }
            if (bytes.hasRemaining()) {
                throw new IllegalArgumentException("a sealed audit entry goes on after its end");
            }
            return new SealedEntry(deed, keys, boxes);
        } catch (BufferUnderflowException cut) {
            throw new IllegalArgumentException("a sealed audit entry is cut off", cut);
        }
    }

    private static Box box(ByteBuffer bytes, int keys) {
        Part part = Part.of(bytes.get());
        List<Integer> indexes = new ArrayList<>();
        for (int left = bytes.get() & 0xff; left > 0; left--) {
            int index = bytes.get() & 0xff;
            if (index >= keys) {
                throw new IllegalArgumentException("a sealed audit entry names a key that it does not have");
            }
            indexes.add(index);
        }
        byte[] salt = take(bytes, SALT_BYTES);
        return new Box(part, indexes, salt, take(bytes, bytes.getInt()));
    }

    private static byte[] take(ByteBuffer bytes, int length) {
        if (length < 0 || length > bytes.remaining()) {
            throw new IllegalArgumentException("a sealed audit entry is cut off");
        }
        byte[] taken = new byte[length];
        bytes.get(taken);
        return taken;
    }

    private static byte[] int32(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    /** What goes into one entry, box by box. */
    static final class Builder {
        private final Place place;
        private final Map<KeyId, Integer> indexes = new LinkedHashMap<>();
        private final List<Box> boxes = new ArrayList<>();

        Builder(Place place) {
            this.place = place;
        }

        void box(Part part, List<SubjectKeys.Key> keys, byte[] salt, byte[] fields) {
            List<Integer> named = new ArrayList<>();
            for (SubjectKeys.Key key : keys) {
                named.add(indexes.computeIfAbsent(key.id(), id -> indexes.size()));
            }
            List<byte[]> bytes = keys.stream().map(SubjectKeys.Key::bytes).toList();
            boxes.add(lock(place, part, named, bytes, salt, fields));
        }

        SealedEntry build(byte[] deed) {
            return new SealedEntry(deed, List.copyOf(indexes.keySet()), boxes);
        }
    }

    static int saltBytes() {
        return SALT_BYTES;
    }
}
