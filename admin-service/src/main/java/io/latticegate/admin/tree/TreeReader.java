package io.latticegate.admin.tree;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Hashes and proofs of the stored tree, for one question. Read are whole tiles: leaves of one by their indexes, and above
 * them the stored heads of full tiles, so that a proof among 10⁷ leaves reads about six tiles and none of the entries.
 *
 * <p>Knows nothing of sizes beyond the last signed head: the caller asks for no more.
 */
final class TreeReader {
    private static final int TILE_HEIGHT = 8;
    private static final int TILE_WIDTH = 1 << TILE_HEIGHT;

    private record TileKey(int level, long index) {}

    private final Connection connection;
    private final Map<TileKey, List<byte[]>> tiles = new HashMap<>();

    TreeReader(Connection connection) {
        this.connection = connection;
    }

    /** The root of the tree's first {@code size} leaves. */
    byte[] root(long size) throws SQLException {
        return size == 0 ? TreeHash.empty() : hash(0, size);
    }

    /** The inclusion proof of a leaf in the tree of {@code size} leaves (RFC 9162, section 2.1.3.1), from the bottom up. */
    List<byte[]> inclusion(long index, long size) throws SQLException {
        List<byte[]> path = new ArrayList<>();
        long from = 0;
        long to = size;
        while (to - from > 1) {
            long middle = from + split(to - from);
            if (index < middle) {
                path.addFirst(hash(middle, to));
                to = middle;
            } else {
                path.addFirst(hash(from, middle));
                from = middle;
            }
        }
        return path;
    }

    /** The consistency proof between two sizes, 1 ≤ from ≤ to (RFC 9162, section 2.1.4.1). */
    List<byte[]> consistency(long from, long to) throws SQLException {
        List<byte[]> path = new ArrayList<>();
        long begin = 0;
        long end = to;
        boolean whole = true;
        while (from != end) {
            long middle = begin + split(end - begin);
            if (from <= middle) {
                path.addFirst(hash(middle, end));
                end = middle;
            } else {
                path.addFirst(hash(begin, middle));
                begin = middle;
                whole = false;
            }
        }
        if (!whole) {
            path.addFirst(hash(begin, end));
        }
        return path;
    }

    /** The hashes of a tile from its first on, each of 32 bytes. */
    byte[] tile(int level, long index, int width) throws SQLException {
        List<byte[]> hashes = tile(new TileKey(level, index));
        if (hashes.size() < width) {
            throw missing(level, index, width);
        }
        byte[] bytes = new byte[width * TreeHash.BYTES];
        for (int at = 0; at < width; at++) {
            System.arraycopy(hashes.get(at), 0, bytes, at * TreeHash.BYTES, TreeHash.BYTES);
        }
        return bytes;
    }

    /** The largest power of two below {@code n}, for n ≥ 2. */
    private static long split(long n) {
        return Long.highestOneBit(n - 1);
    }

    /** The hash over the leaves from one index up to another, where {@code from} is a multiple of the subtree's width. */
    private byte[] hash(long from, long to) throws SQLException {
        long count = to - from;
        if (Long.bitCount(count) == 1) {
            return perfect(Long.numberOfTrailingZeros(count), from);
        }
        long middle = from + split(count);
        return TreeHash.node(hash(from, middle), hash(middle, to));
    }

    /** The head of a perfect subtree of the given height whose first leaf is {@code from}. */
    private byte[] perfect(int height, long from) throws SQLException {
        int level = height / TILE_HEIGHT;
        int count = 1 << (height % TILE_HEIGHT);
        long first = from >>> (TILE_HEIGHT * level);
        long index = first / TILE_WIDTH;
        int offset = (int) (first % TILE_WIDTH);
        List<byte[]> hashes = tile(new TileKey(level, index));
        if (hashes.size() < offset + count) {
            throw missing(level, index, offset + count);
        }
        List<byte[]> row = hashes.subList(offset, offset + count);
        while (row.size() > 1) {
            List<byte[]> above = new ArrayList<>(row.size() / 2);
            for (int at = 0; at < row.size(); at += 2) {
                above.add(TreeHash.node(row.get(at), row.get(at + 1)));
            }
            row = above;
        }
        return row.getFirst();
    }

    private List<byte[]> tile(TileKey key) throws SQLException {
        List<byte[]> hashes = tiles.get(key);
        if (hashes == null) {
            hashes = read(key);
            tiles.put(key, hashes);
        }
        return hashes;
    }

    private List<byte[]> read(TileKey key) throws SQLException {
        long first = key.index() * TILE_WIDTH;
        return key.level() == 0 ? leaves(first) : heads(key.level(), first);
    }

    private List<byte[]> leaves(long first) throws SQLException {
        List<byte[]> hashes = new ArrayList<>();
        LeafRuns.read(connection, first, first + TILE_WIDTH, run -> {
            for (int at = 0; at < run.size() && run.index() + at == first + hashes.size(); at++) {
                hashes.add(run.hash(at));
            }
        });
        return hashes;
    }

    private List<byte[]> heads(int level, long first) throws SQLException {
        List<byte[]> hashes = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT idx, hash FROM audit_subtree WHERE idx BETWEEN ? AND ? AND level = ? ORDER BY idx")) {
            select.setLong(1, first);
            select.setLong(2, first + TILE_WIDTH - 1);
            select.setInt(3, level);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next() && rows.getLong(1) == first + hashes.size()) {
                    hashes.add(Arrays.copyOf(rows.getBytes(2), TreeHash.BYTES));
                }
            }
        }
        return hashes;
    }

    private static TreeDamage missing(int level, long index, int width) {
        return new TreeDamage("tile " + index + " of level " + level + " has fewer than " + width + " hashes");
    }
}
