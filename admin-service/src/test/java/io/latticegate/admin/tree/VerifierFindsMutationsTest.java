package io.latticegate.admin.tree;

import static io.latticegate.admin.tree.LogOnDisk.NODE;
import static io.latticegate.admin.tree.LogOnDisk.OTHER;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.verify.LogSource;
import io.latticegate.verify.Report;
import io.latticegate.verify.Verification;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever is done to a log after a checkpoint of it was kept, the verifier finds. Every build does a few rounds of each
 * kind; {@code -Dlatticegate.mutations=100000} does that many.
 */
class VerifierFindsMutationsTest {
    private static final int MUTATIONS = Integer.getInteger("latticegate.mutations", 2_000);
    private static final int KEPT = 400;
    private static final int SIZE = 700;
    private static final String ORIGIN = "latticegate.audit/test";

    private enum Mutation {
        FLIP_IN_TILE,
        FLIP_IN_BUNDLE,
        FLIP_IN_CHECKPOINT,
        FLIP_IN_SIGNATURE,
        DROP_FILE,
        DROP_ENTRY,
        DROP_ENTRY_AND_HASH,
        TRUNCATE_FILE,
        TRUNCATE_LOG,
        SWAP_ENTRIES,
        SWAP_HASHES,
        SWAP_FILES,
        REORDER,
        INSERT_ENTRY,
        REPEAT_ENTRY,
        REMOVE_BODY,
        FORK_WITH_OTHER_KEYS,
        FORK_UNDER_THE_OLD_SIGNATURE,
        FORK_WITH_THE_KEYS,
        REPLAY_HEAD,
        CHANGE_STORED_PAYLOAD
    }

    @TempDir
    private Path folder;

    private final SplittableRandom random = new SplittableRandom(20_261_122);
    private LogOnDisk log;
    private CheckpointSigner signer;
    private CheckpointSigner attacker;
    private byte[] kept;
    private byte[] keys;
    private Map<String, byte[]> original;
    private List<byte[]> entries;

    @BeforeEach
    void build() {
        log = LogOnDisk.sqlite(folder);
        log.append(NODE, 1, 250);
        log.append(OTHER, 1, KEPT - 250);
        log.log.tend();
        kept = log.head().note().getBytes(StandardCharsets.UTF_8);
        log.append(OTHER, KEPT - 249, KEPT - 100);
        log.append(NODE, 251, SIZE - (KEPT - 100));
        log.log.tend();
        original = log.files();
        keys = file("keys");
        entries = TreeFiles.entries(original, SIZE);
        signer = SigningKeys.open(log.database, ORIGIN, folder, 0, new SecureRandom())
                .signer()
                .orElseThrow();
        attacker = LocalSigner.generate(ORIGIN, new SecureRandom());
    }

    @AfterEach
    void close() {
        log.close();
    }

    private byte[] file(String name) {
        return requireNonNull(original.get(name), name);
    }

    private Report verify(Map<String, byte[]> files) {
        LogSource source = new LogSource() {
            @Override
            public Optional<byte[]> get(String name, int bytesMax) {
                return Optional.ofNullable(files.get(name));
            }

            @Override
            public String describe() {
                return "memory";
            }
        };
        return Verification.of(source, new Verification.Known(keys, kept, 0));
    }

    @Test
    void verifiesWhatNobodyChanged() {
        assertThat(log.head().size()).isEqualTo(SIZE);
        Report report = verify(original);
        assertThat(report.findings()).isEmpty();
        assertThat(report.warnings()).isEmpty();
        assertThat(report.text()).contains("700 entries").endsWith("verified\n");
    }

    @Test
    void findsEveryMutation() {
        Map<Mutation, Integer> found = new EnumMap<>(Mutation.class);
        for (int round = 0; round < MUTATIONS; round++) {
            Mutation mutation = Mutation.values()[round % Mutation.values().length];
            Map<String, byte[]> mutated = mutate(mutation);
            Report report = verify(mutated);
            assertThat(report.verified())
                    .as("round %d, %s:%n%s", round, mutation, report.text())
                    .isFalse();
            found.merge(mutation, 1, Integer::sum);
        }
        assertThat(verify(original).findings())
                .as("the mutations left the original alone")
                .isEmpty();
        assertThat(found.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(MUTATIONS);
    }

    private Map<String, byte[]> mutate(Mutation mutation) {
        Map<String, byte[]> files = new TreeMap<>(original);
        switch (mutation) {
            case FLIP_IN_TILE -> flip(files, anyTile());
            case FLIP_IN_BUNDLE -> flip(files, anyBundle());
            case FLIP_IN_CHECKPOINT -> flip(files, "checkpoint");
            case FLIP_IN_SIGNATURE -> files.put("checkpoint", flippedSignature());
            case DROP_FILE -> files.remove(random.nextInt(10) == 0 ? "checkpoint" : anyFile());
            case DROP_ENTRY -> {
                String name = anyBundle();
                List<byte[]> bundle = new ArrayList<>(TreeFiles.split(file(name)));
                bundle.remove(random.nextInt(bundle.size()));
                files.put(name, TreeFiles.join(bundle));
            }
            case DROP_ENTRY_AND_HASH -> {
                List<byte[]> fewer = new ArrayList<>(entries);
                fewer.remove(random.nextInt(SIZE));
                replaceTiles(files, fewer);
            }
            case TRUNCATE_FILE -> {
                String name = random.nextInt(10) == 0 ? "checkpoint" : anyFile();
                files.put(name, Arrays.copyOf(file(name), random.nextInt(file(name).length)));
            }
            case TRUNCATE_LOG -> replaceTiles(files, entries.subList(0, random.nextInt(SIZE)));
            case SWAP_ENTRIES -> {
                String name = anyBundle();
                List<byte[]> bundle = new ArrayList<>(TreeFiles.split(file(name)));
                swapTwo(bundle);
                files.put(name, TreeFiles.join(bundle));
            }
            case SWAP_HASHES -> files.compute(anyTile(), (name, tile) -> swappedHashes(requireNonNull(tile)));
            case SWAP_FILES -> swapFiles(files);
            case REORDER -> {
                List<byte[]> other = new ArrayList<>(entries);
                swapTwo(other);
                replaceTiles(files, other);
            }
            case INSERT_ENTRY -> {
                List<byte[]> more = new ArrayList<>(entries);
                more.add(random.nextInt(SIZE), LeafData.of("another", 1, bytes(40)));
                replaceTiles(files, more.subList(0, SIZE));
            }
            case REPEAT_ENTRY -> {
                List<byte[]> more = new ArrayList<>(entries);
                more.add(entries.get(random.nextInt(SIZE)));
                replaceTiles(files, more);
                files.put("checkpoint", TreeFiles.checkpoint(ORIGIN, more, signer));
            }
            case REMOVE_BODY -> {
                String name = anyBundle();
                List<byte[]> bundle = new ArrayList<>(TreeFiles.split(file(name)));
                bundle.set(random.nextInt(bundle.size()), new byte[0]);
                files.put(name, TreeFiles.join(bundle));
            }
            case FORK_WITH_OTHER_KEYS -> {
                List<byte[]> other = changed(SIZE);
                replaceTiles(files, other);
                files.put("checkpoint", TreeFiles.checkpoint(ORIGIN, other, attacker));
                if (random.nextBoolean()) {
                    files.put("keys", LogOnDisk.keys(attacker.keys()));
                }
            }
            case FORK_UNDER_THE_OLD_SIGNATURE -> replaceTiles(files, changed(SIZE));
            case FORK_WITH_THE_KEYS -> {
                List<byte[]> other = changed(KEPT);
                replaceTiles(files, other);
                files.put("checkpoint", TreeFiles.checkpoint(ORIGIN, other, signer));
            }
            case REPLAY_HEAD -> {
                List<byte[]> before = entries.subList(0, random.nextInt(KEPT));
                replaceTiles(files, before);
                files.put("checkpoint", TreeFiles.checkpoint(ORIGIN, before, signer));
            }
            case CHANGE_STORED_PAYLOAD -> files.putAll(changedInTheDatabase());
        }
        assertThat(files.entrySet().stream()
                                .allMatch(file -> Arrays.equals(original.get(file.getKey()), file.getValue()))
                        && files.size() == original.size())
                .as("%s changes something", mutation)
                .isFalse();
        return files;
    }

    private static void replaceTiles(Map<String, byte[]> files, List<byte[]> entries) {
        files.keySet().removeIf(name -> name.startsWith("tile/"));
        files.putAll(TreeFiles.tiles(entries));
    }

    private String anyOf(String prefix) {
        List<String> names = original.keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .toList();
        return names.get(random.nextInt(names.size()));
    }

    private String anyTile() {
        return anyOf(random.nextInt(4) == 0 ? "tile/1/" : "tile/0/");
    }

    private String anyBundle() {
        return anyOf("tile/entries/");
    }

    private String anyFile() {
        return anyOf("tile/");
    }

    private void flip(Map<String, byte[]> files, String name) {
        byte[] bytes = file(name).clone();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        files.put(name, bytes);
    }

    private byte[] flippedSignature() {
        String[] lines = new String(file("checkpoint"), StandardCharsets.UTF_8).split("\n", -1);
        int line = 4 + random.nextInt(2);
        String[] parts = lines[line].split(" ", -1);
        byte[] signature = Base64.getDecoder().decode(parts[2]);
        signature[random.nextInt(signature.length)] ^= (byte) (1 << random.nextInt(8));
        lines[line] = parts[0] + " " + parts[1] + " " + Base64.getEncoder().encodeToString(signature);
        return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    }

    private void swapTwo(List<byte[]> list) {
        int one = random.nextInt(list.size());
        int other = random.nextInt(list.size() - 1);
        Collections.swap(list, one, other < one ? other : other + 1);
    }

    private byte[] swappedHashes(byte[] tile) {
        List<byte[]> hashes = new ArrayList<>();
        for (int at = 0; at < tile.length; at += TreeHash.BYTES) {
            hashes.add(Arrays.copyOfRange(tile, at, at + TreeHash.BYTES));
        }
        swapTwo(hashes);
        byte[] swapped = new byte[tile.length];
        for (int at = 0; at < hashes.size(); at++) {
            System.arraycopy(hashes.get(at), 0, swapped, at * TreeHash.BYTES, TreeHash.BYTES);
        }
        return swapped;
    }

    private void swapFiles(Map<String, byte[]> files) {
        String one = anyFile();
        String other = one;
        while (other.equals(one)) {
            other = anyFile();
        }
        files.put(one, file(other));
        files.put(other, file(one));
    }

    /** The entries with one among the first {@code within} replaced. */
    private List<byte[]> changed(int within) {
        List<byte[]> other = new ArrayList<>(entries);
        other.set(random.nextInt(within), LeafData.of(NODE, 1 + random.nextInt(SIZE), bytes(60)));
        return other;
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** The bundles after somebody has changed one stored payload, which is then put right again. */
    private Map<String, byte[]> changedInTheDatabase() {
        int index = random.nextInt(SIZE);
        Map<String, byte[]> files = new TreeMap<>();
        log.database.inTransaction(connection -> {
            LeafRuns.Run leaf = LeafRuns.at(connection, index).orElseThrow();
            String where = " WHERE node = '" + leaf.node() + "' AND seq = " + leaf.sequence();
            for (String table : List.of("audit_log", "audit_begin")) {
                byte[] before;
                try (var select = connection.prepareStatement("SELECT payload FROM " + table + where);
                        var rows = select.executeQuery()) {
                    if (!rows.next()) {
                        continue;
                    }
                    before = rows.getBytes(1);
                }
                byte[] after = before.clone();
                after[random.nextInt(after.length)] ^= (byte) (1 << random.nextInt(8));
                try (var update = connection.prepareStatement("UPDATE " + table + " SET payload = ?" + where)) {
                    update.setBytes(1, after);
                    update.executeUpdate();
                    int first = index / TilePath.FULL_WIDTH * TilePath.FULL_WIDTH;
                    int width = Math.min(TilePath.FULL_WIDTH, SIZE - first);
                    files.put(
                            TreeFiles.name(TilePath.ENTRIES, first, SIZE),
                            new EntryReader(connection).bundle(first, width));
                    update.setBytes(1, before);
                    update.executeUpdate();
                }
            }
            return files;
        });
        return files;
    }
}
