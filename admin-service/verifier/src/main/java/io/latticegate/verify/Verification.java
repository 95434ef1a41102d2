package io.latticegate.verify;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One verification, from the signatures down to the last entry: both signatures of the head; the hashes of all entries, from
 * which the root and every tile above follow; every entry against its hash; the numbers of every journal; and the head that
 * was kept from before against the same tree.
 */
public final class Verification {
    private static final int TILE_WIDTH = 256;
    private static final int KEYS_BYTES_MAX = 256 << 10;
    private static final int CHECKPOINT_BYTES_MAX = 256 << 10;
    private static final int TILE_BYTES_MAX = TILE_WIDTH * Merkle.HASH_BYTES;
    private static final int BUNDLE_BYTES_MAX = TILE_WIDTH * (2 + 65_535);
    private static final int BROKEN_TILES_MAX = 100;

    /**
     * What is held against the log.
     *
     * @param keys the list of keys kept from before, or null to believe the source's
     * @param checkpoint kept from before, or null
     * @param prunedBefore bodies of entries with a lower index may be missing
     */
    public record Known(byte @Nullable [] keys, byte @Nullable [] checkpoint, long prunedBefore) {}

    private final LogSource source;
    private final Known known;
    private final Report report = new Report();
    private final Journals journals = new Journals(report);
    private final Merkle tree = new Merkle();
    private long removed;
    private int broken;

    private Verification(LogSource source, Known known) {
        this.source = source;
        this.known = known;
    }

    /** Reads everything that the log's head covers; a source that cannot be read is a finding. */
    public static Report of(LogSource source, Known known) {
        Verification verification = new Verification(source, known);
        try {
            verification.run();
        } catch (IOException unreadable) {
            verification.report.find(Report.Kind.UNREADABLE, String.valueOf(unreadable.getMessage()));
        }
        return verification.report;
    }

    private void run() throws IOException {
        report.state("log: " + source.describe());
        Optional<List<VerifierKey>> keys = keys();
        Optional<SignedHead> newest = head("checkpoint", source.get("checkpoint", CHECKPOINT_BYTES_MAX), keys);
        if (keys.isEmpty() || newest.isEmpty()) {
            return;
        }
        SignedHead head = newest.get();
        report.state("head: " + head.origin() + ", " + head.size() + " entries, root "
                + HexFormat.of().formatHex(head.root()));
        @Nullable SignedHead kept = kept(keys, head);
        if (!readLeaves(head, kept)) {
            return;
        }
        if (!Arrays.equals(tree.root(), head.root())) {
            report.find(
                    Report.Kind.ROOT,
                    "the entries' hashes have the root " + HexFormat.of().formatHex(tree.root())
                            + ", which is not the signed one");
        }
        checkUpperTiles();
        journals.finish(removed);
        if (removed > 0) {
            report.warn(removed + " entries below " + known.prunedBefore() + " have no body any more");
        }
    }

    private Optional<List<VerifierKey>> keys() throws IOException {
        Optional<byte[]> shown = source.get("keys", KEYS_BYTES_MAX);
        Optional<List<VerifierKey>> own = shown.flatMap(json -> list(json, "the source's keys"));
        if (shown.isEmpty()) {
            report.find(Report.Kind.KEY, "the source has no list of keys");
        }
        Optional<List<VerifierKey>> trusted = own;
        byte[] expected = known.keys();
        if (expected != null) {
            trusted = list(expected, "the expected keys");
            if (trusted.isPresent() && own.isPresent() && !same(trusted.get(), own.get())) {
                report.find(Report.Kind.KEY, "the source shows other keys than were expected");
            }
        } else if (known.checkpoint() == null) {
            report.warn("the keys are the source's own; keep them and the checkpoint, and give --keys or --checkpoint");
        }
        trusted.ifPresent(keys ->
                keys.forEach(key -> report.state("key: " + key.algorithm() + ", SHA-256 " + key.fingerprint())));
        return trusted;
    }

    private Optional<List<VerifierKey>> list(byte[] json, String which) {
        try {
            return Optional.of(VerifierKey.list(json));
        } catch (IllegalArgumentException malformed) {
            report.find(Report.Kind.KEY, which + ": " + malformed.getMessage());
            return Optional.empty();
        }
    }

    private static boolean same(List<VerifierKey> expected, List<VerifierKey> shown) {
        return expected.size() == shown.size()
                && expected.stream().allMatch(key -> shown.stream().anyMatch(key::same));
    }

    private Optional<SignedHead> head(String which, Optional<byte[]> note, Optional<List<VerifierKey>> keys) {
        if (note.isEmpty()) {
            report.find(Report.Kind.CHECKPOINT, "there is no " + which);
            return Optional.empty();
        }
        SignedHead head;
        try {
            head = SignedHead.parse(note.get());
        } catch (IllegalArgumentException malformed) {
            report.find(Report.Kind.CHECKPOINT, "the " + which + ": " + malformed.getMessage());
            return Optional.empty();
        }
        List<VerifierKey> trusted = keys.orElse(List.of());
        for (VerifierKey key : head.unsigned(trusted)) {
            report.find(
                    Report.Kind.SIGNATURE,
                    "the " + which + " is not signed by the " + key.algorithm() + " key " + key.fingerprint());
        }
        if (trusted.stream().anyMatch(key -> !key.name().equals(head.origin()))) {
            report.find(Report.Kind.CHECKPOINT, "the " + which + " is of another log than the keys");
        }
        return Optional.of(head);
    }

    private @Nullable SignedHead kept(Optional<List<VerifierKey>> keys, SignedHead head) {
        byte[] note = known.checkpoint();
        if (note == null) {
            return null;
        }
        Optional<SignedHead> kept = head("kept checkpoint", Optional.of(note), keys);
        if (kept.isEmpty()) {
            return null;
        }
        if (!kept.get().origin().equals(head.origin())) {
            report.find(
                    Report.Kind.FORK,
                    "the kept checkpoint is of the log " + kept.get().origin());
            return null;
        }
        if (kept.get().size() > head.size()) {
            report.find(
                    Report.Kind.ROLLBACK,
                    "the head covers " + head.size() + " entries, the kept checkpoint "
                            + kept.get().size());
            return null;
        }
        return kept.get();
    }

    /** Whether every hash of the lowest level could be read. */
    private boolean readLeaves(SignedHead head, @Nullable SignedHead kept) throws IOException {
        checkKept(kept);
        for (long index = 0; tree.size() < head.size(); index++) {
            long first = index * TILE_WIDTH;
            int width = (int) Math.min(TILE_WIDTH, head.size() - first);
            byte[] hashes = tile(0, index, width);
            List<byte[]> entries = bundle(index, width);
            if (hashes == null) {
                return false;
            }
            for (int at = 0; at < width; at++) {
                byte[] hash = Arrays.copyOfRange(hashes, at * Merkle.HASH_BYTES, (at + 1) * Merkle.HASH_BYTES);
                if (at < entries.size()) {
                    check(first + at, hash, entries.get(at));
                }
                tree.add(hash);
                checkKept(kept);
            }
        }
        return true;
    }

    private void checkKept(@Nullable SignedHead kept) {
        if (kept != null && tree.size() == kept.size() && !Arrays.equals(tree.root(), kept.root())) {
            report.find(Report.Kind.FORK, "the first " + kept.size() + " entries are not those of the kept checkpoint");
        }
    }

    private byte @Nullable [] tile(int level, long index, int width) throws IOException {
        String name = TileName.of(Integer.toString(level), index, width);
        Optional<byte[]> tile = source.get(name, TILE_BYTES_MAX);
        if (tile.isPresent() && tile.get().length == width * Merkle.HASH_BYTES) {
            return tile.get();
        }
        broken++;
        report.find(
                Report.Kind.TILE,
                name
                        + (tile.isEmpty()
                                ? " is missing"
                                : " has " + tile.get().length + " bytes, not " + width * Merkle.HASH_BYTES));
        return null;
    }

    /** The data of each entry; fewer than {@code width} when the bundle is broken, which is then found. */
    private List<byte[]> bundle(long index, int width) throws IOException {
        String name = TileName.of("entries", index, width);
        Optional<byte[]> bundle = source.get(name, BUNDLE_BYTES_MAX);
        List<byte[]> entries = new ArrayList<>();
        if (bundle.isEmpty()) {
            report.find(Report.Kind.ENTRY, name + " is missing");
            return entries;
        }
        ByteBuffer rest = ByteBuffer.wrap(bundle.get());
        while (entries.size() < width && rest.remaining() >= 2) {
            int length = Short.toUnsignedInt(rest.getShort());
            if (length > rest.remaining()) {
                break;
            }
            byte[] data = new byte[length];
            rest.get(data);
            entries.add(data);
        }
        if (entries.size() < width || rest.hasRemaining()) {
            report.find(Report.Kind.ENTRY, name + " does not hold exactly " + width + " entries");
        }
        return entries;
    }

    private void check(long index, byte[] hash, byte[] data) {
        if (data.length == 0) {
            if (index < known.prunedBefore()) {
                removed++;
            } else {
                report.find(Report.Kind.REMOVED, "entry " + index + " has no body");
            }
            return;
        }
        if (!Arrays.equals(Merkle.leafHash(data), hash)) {
            report.find(Report.Kind.ENTRY, "entry " + index + " does not have the hash under which it is in the tree");
            return;
        }
        try {
            journals.add(index, Entry.parse(data));
        } catch (IllegalArgumentException malformed) {
            report.find(Report.Kind.ENTRY, "entry " + index + ": " + malformed.getMessage());
        }
    }

    private void checkUpperTiles() throws IOException {
        for (int level = 1; level <= tree.upperLevels() && broken < BROKEN_TILES_MAX; level++) {
            List<byte[]> expected = tree.upperLevel(level);
            for (int first = 0; first < expected.size() && broken < BROKEN_TILES_MAX; first += TILE_WIDTH) {
                int width = Math.min(TILE_WIDTH, expected.size() - first);
                byte[] tile = tile(level, first / TILE_WIDTH, width);
                for (int at = 0; at < width && tile != null; at++) {
                    int from = at * Merkle.HASH_BYTES;
                    if (!Arrays.equals(
                            tile, from, from + Merkle.HASH_BYTES, expected.get(first + at), 0, Merkle.HASH_BYTES)) {
                        report.find(
                                Report.Kind.TILE,
                                "hash " + (first + at) + " of level " + level + " is not that of the tile below it");
                    }
                }
            }
        }
    }
}
