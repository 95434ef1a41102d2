package io.latticegate.admin.subject;

import io.latticegate.common.crypto.AesGcm;
import io.latticegate.common.crypto.Hkdf;
import io.latticegate.common.journal.AuditFields;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * An entry as it is stored: what it says of the deed in the clear, and what tells of somebody in boxes of AES-256-GCM. A box
 * is locked under all the keys that it names at once, so it is lost when one of them is destroyed.
 *
 * <pre>
 * 0x02 | u32 length, fields of the deed
 *      | 16 bytes salt
 *      | u16 number of keys, each 16 bytes: its id
 *      | u8 number of boxes, each: u16 number of keys, each u16: index of a key | u32 length, sealed fields and tag
 * </pre>
 *
 * <p>A box's key is HKDF-SHA256 of the keys that it names, in that order, under the salt. Entries that are sealed together
 * share the salt, and so the keys of boxes that name the same keys in the same order; the nonce, the entry's number (u64) and
 * the box's number in it (u32), tells them apart. Node, entry and box are authenticated with the fields.
 *
 * @param salt random, of one {@link EntrySealer}
 */
record SealedEntry(byte[] deed, byte[] salt, List<KeyId> keys, List<Box> boxes) {
    static final byte FORMAT = 2;
    static final int SALT_BYTES = 16;

    private static final byte[] PURPOSE = "latticegate audit box 2".getBytes(StandardCharsets.US_ASCII);

    /** @param keys indexes into {@link SealedEntry#keys} */
    record Box(List<Integer> keys, byte[] sealed) {}

    /** Where a box stands. */
    record Place(String node, long sequence, int box) {
        byte[] nonce() {
            return ByteBuffer.allocate(AesGcm.NONCE_BYTES)
                    .putLong(sequence)
                    .putInt(box)
                    .array();
        }

        byte[] authenticated() {
            byte[] name = node.getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(name.length + AesGcm.NONCE_BYTES)
                    .put(name)
                    .putLong(sequence)
                    .putInt(box)
                    .array();
        }
    }

    /**
     * @param entry what can still be opened, as a record
     * @param erased whether a box was lost
     */
    record Opening(byte[] entry, boolean erased) {}

    /**
     * Opens what {@code known} opens.
     *
     * @throws IllegalArgumentException when a box was altered
     */
    Opening open(String node, long sequence, Map<KeyId, byte[]> known) {
        List<byte[]> parts = new ArrayList<>(List.of(deed));
        boolean erased = false;
        for (int at = 0; at < boxes.size(); at++) {
            Box box = boxes.get(at);
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
            byte[] key = boxKey(boxKeys, salt);
            Place place = new Place(node, sequence, at);
            try {
                parts.add(AesGcm.open(key, place.nonce(), place.authenticated(), box.sealed())
                        .orElseThrow(() -> new IllegalArgumentException(
                                "a sealed part of this audit entry does not open: it was altered")));
            } finally {
                Arrays.fill(key, (byte) 0);
            }
        }
        return new Opening(AuditFields.join(parts), erased);
    }

    /** The key of a box; the caller wipes it. */
    static byte[] boxKey(List<byte[]> keys, byte[] salt) {
        ByteBuffer material = ByteBuffer.allocate(keys.size() * AesGcm.KEY_BYTES);
        keys.forEach(material::put);
        byte[] key = Hkdf.derive(material.array(), salt, PURPOSE, AesGcm.KEY_BYTES);
        Arrays.fill(material.array(), (byte) 0);
        return key;
    }

    byte[] bytes() {
        int length = 1 + Integer.BYTES + deed.length + salt.length + Short.BYTES + keys.size() * KeyId.BYTES + 1;
        for (Box box : boxes) {
            length += Short.BYTES * (1 + box.keys().size()) + Integer.BYTES + box.sealed().length;
        }
        ByteBuffer stored = ByteBuffer.allocate(length)
                .put(FORMAT)
                .putInt(deed.length)
                .put(deed)
                .put(salt)
                .putShort((short) keys.size());
        keys.forEach(key -> stored.put(key.bytes()));
        stored.put((byte) boxes.size());
        for (Box box : boxes) {
            stored.putShort((short) box.keys().size());
            box.keys().forEach(index -> stored.putShort(index.shortValue()));
            stored.putInt(box.sealed().length).put(box.sealed());
        }
        return stored.array();
    }

    /** @throws IllegalArgumentException when these are not the bytes of a sealed entry */
    static SealedEntry read(byte[] stored) {
        ByteBuffer bytes = ByteBuffer.wrap(stored);
        try {
            if (bytes.get() != FORMAT) {
                throw new IllegalArgumentException("not a sealed audit entry");
            }
            byte[] deed = take(bytes, bytes.getInt());
            byte[] salt = take(bytes, SALT_BYTES);
            List<KeyId> keys = new ArrayList<>();
            for (int left = bytes.getShort() & 0xffff; left > 0; left--) {
                keys.add(new KeyId(take(bytes, KeyId.BYTES)));
            }
            List<Box> boxes = new ArrayList<>();
            for (int left = bytes.get() & 0xff; left > 0; left--) {
                boxes.add(box(bytes, keys.size()));
            }
            if (bytes.hasRemaining()) {
                throw new IllegalArgumentException("a sealed audit entry goes on after its end");
            }
            return new SealedEntry(deed, salt, keys, boxes);
        } catch (BufferUnderflowException cut) {
            throw new IllegalArgumentException("a sealed audit entry is cut off", cut);
        }
    }

    private static Box box(ByteBuffer bytes, int keys) {
        List<Integer> indexes = new ArrayList<>();
        for (int left = bytes.getShort() & 0xffff; left > 0; left--) {
            int index = bytes.getShort() & 0xffff;
            if (index >= keys) {
                throw new IllegalArgumentException("a sealed audit entry names a key that it does not have");
            }
            indexes.add(index);
        }
        return new Box(indexes, take(bytes, bytes.getInt()));
    }

    private static byte[] take(ByteBuffer bytes, int length) {
        if (length < 0 || length > bytes.remaining()) {
            throw new IllegalArgumentException("a sealed audit entry is cut off");
        }
        byte[] taken = new byte[length];
        bytes.get(taken);
        return taken;
    }
}
