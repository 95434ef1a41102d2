package io.latticegate.admin.tree;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The files of a log with given entries, as whoever makes another log would make them. */
final class TreeFiles {
    private TreeFiles() {}

    /** Reads the entries out of the bundles of {@code files}. */
    static List<byte[]> entries(Map<String, byte[]> files, int size) {
        List<byte[]> entries = new ArrayList<>();
        for (int first = 0; first < size; first += TilePath.FULL_WIDTH) {
            entries.addAll(split(requireNonNull(files.get(name(TilePath.ENTRIES, first, size)))));
        }
        return entries;
    }

    static List<byte[]> split(byte[] bundle) {
        List<byte[]> entries = new ArrayList<>();
        int at = 0;
        while (at < bundle.length) {
            int length = (bundle[at] & 0xff) << 8 | bundle[at + 1] & 0xff;
            entries.add(Arrays.copyOfRange(bundle, at + 2, at + 2 + length));
            at += 2 + length;
        }
        return entries;
    }

    static byte[] join(List<byte[]> entries) {
        ByteArrayOutputStream bundle = new ByteArrayOutputStream();
        for (byte[] entry : entries) {
            bundle.write(entry.length >>> 8);
            bundle.write(entry.length);
            bundle.writeBytes(entry);
        }
        return bundle.toByteArray();
    }

    static String name(int level, int first, int size) {
        return LogOnDisk.name(
                new TilePath(level, first / TilePath.FULL_WIDTH, Math.min(TilePath.FULL_WIDTH, size - first)));
    }

    /** Tiles and bundles of a tree whose upper levels fit one tile, without keys and checkpoint. */
    static Map<String, byte[]> tiles(List<byte[]> entries) {
        Map<String, byte[]> files = new TreeMap<>();
        List<byte[]> heads = new ArrayList<>();
        CompactRange range = new CompactRange();
        for (int first = 0; first < entries.size(); first += TilePath.FULL_WIDTH) {
            List<byte[]> bundle = entries.subList(first, Math.min(entries.size(), first + TilePath.FULL_WIDTH));
            ByteArrayOutputStream hashes = new ByteArrayOutputStream();
            for (byte[] entry : bundle) {
                byte[] hash = TreeHash.leaf(entry);
                hashes.writeBytes(hash);
                range.append(hash, (level, index, head) -> heads.add(head));
            }
            files.put(name(0, first, entries.size()), hashes.toByteArray());
            files.put(name(TilePath.ENTRIES, first, entries.size()), join(bundle));
        }
        if (!heads.isEmpty()) {
            ByteArrayOutputStream level = new ByteArrayOutputStream();
            heads.forEach(level::writeBytes);
            files.put(name(1, 0, heads.size()), level.toByteArray());
        }
        return files;
    }

    static byte[] checkpoint(String origin, List<byte[]> entries, CheckpointSigner signer) {
        CompactRange range = new CompactRange();
        entries.forEach(entry -> range.append(TreeHash.leaf(entry), (level, index, hash) -> {}));
        return new Checkpoint(origin, range.size(), range.root()).sign(signer).getBytes(StandardCharsets.UTF_8);
    }
}
