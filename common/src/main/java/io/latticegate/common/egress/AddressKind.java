package io.latticegate.common.egress;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/**
 * What kind of place an IP address is, by IANA's special-purpose registries (RFC 6890, RFC 8190) and by the addresses at
 * which clouds serve credentials to their machines. Judged on bytes alone; no name server is asked.
 *
 * <p>An IPv6 address that carries an IPv4 address is never better than the one that it carries: IPv4-mapped addresses are
 * IPv4 to the JDK already, the well-known NAT64 prefix (RFC 6052) is unwrapped because networks without IPv4 reach every
 * IPv4 provider through it, and 6to4, Teredo and IPv4-compatible addresses are {@link #RESERVED}.
 */
public enum AddressKind {
    /** Global unicast. */
    PUBLIC("a public address"),
    /** This machine. */
    LOOPBACK("a loopback address"),
    /** RFC 1918, RFC 4193, and the space that carriers and overlay networks share (RFC 6598). */
    PRIVATE("a private address"),
    /** Serves credentials or configuration of the machine that asks. */
    METADATA("a cloud's metadata address"),
    /** This link only (RFC 3927, RFC 4291), among them most metadata services. */
    LINK_LOCAL("a link-local address"),
    /** A group. */
    MULTICAST("a multicast address"),
    /** Everything else that is no place on the Internet: unspecified, documentation, benchmarks, translation, future use. */
    RESERVED("a reserved address");

    private static final List<Block> SPECIAL = List.of(
            Block.of("169.254.169.254", 32, METADATA),
            Block.of("169.254.170.2", 32, METADATA),
            Block.of("169.254.170.23", 32, METADATA),
            Block.of("100.100.100.200", 32, METADATA),
            Block.of("168.63.129.16", 32, METADATA),
            Block.of("192.0.0.192", 32, METADATA),
            Block.of("fd00:ec2::254", 128, METADATA),
            Block.of("fd00:ec2::23", 128, METADATA),
            Block.of("fd20:ce::254", 128, METADATA),
            Block.of("0.0.0.0", 8, RESERVED),
            Block.of("10.0.0.0", 8, PRIVATE),
            Block.of("100.64.0.0", 10, PRIVATE),
            Block.of("127.0.0.0", 8, LOOPBACK),
            Block.of("169.254.0.0", 16, LINK_LOCAL),
            Block.of("172.16.0.0", 12, PRIVATE),
            Block.of("192.0.0.0", 24, RESERVED),
            Block.of("192.0.2.0", 24, RESERVED),
            Block.of("192.31.196.0", 24, RESERVED),
            Block.of("192.52.193.0", 24, RESERVED),
            Block.of("192.88.99.0", 24, RESERVED),
            Block.of("192.168.0.0", 16, PRIVATE),
            Block.of("192.175.48.0", 24, RESERVED),
            Block.of("198.18.0.0", 15, RESERVED),
            Block.of("198.51.100.0", 24, RESERVED),
            Block.of("203.0.113.0", 24, RESERVED),
            Block.of("224.0.0.0", 4, MULTICAST),
            Block.of("240.0.0.0", 4, RESERVED),
            Block.of("::1", 128, LOOPBACK),
            Block.of("fc00::", 7, PRIVATE),
            Block.of("fe80::", 10, LINK_LOCAL),
            Block.of("ff00::", 8, MULTICAST),
            Block.of("2001::", 23, RESERVED),
            Block.of("2001:db8::", 32, RESERVED),
            Block.of("2002::", 16, RESERVED),
            Block.of("2620:4f:8000::", 48, RESERVED),
            Block.of("3fff::", 20, RESERVED),
            Block.of("2000::", 3, PUBLIC));
    private static final Block NAT64 = Block.of("64:ff9b::", 96, RESERVED);

    private final String words;

    AddressKind(String words) {
        this.words = words;
    }

    /** For example {@code a loopback address}. */
    public String words() {
        return words;
    }

    /** The kind of {@code address}; the first block that holds it decides. */
    public static AddressKind of(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (NAT64.holds(bytes)) {
            return of(Arrays.copyOfRange(bytes, 12, 16)) == PUBLIC ? PUBLIC : RESERVED;
        }
        return of(bytes);
    }

    private static AddressKind of(byte[] bytes) {
        for (Block block : SPECIAL) {
            if (block.holds(bytes)) {
                return block.kind;
            }
        }
        return bytes.length == 4 ? PUBLIC : RESERVED;
    }

    private record Block(byte[] network, int bits, AddressKind kind) {
        static Block of(String network, int bits, AddressKind kind) {
            return new Block(InetAddress.ofLiteral(network).getAddress(), bits, kind);
        }

        boolean holds(byte[] address) {
            if (address.length != network.length) {
                return false;
            }
            int whole = bits / 8;
            int rest = bits % 8;
            return Arrays.equals(network, 0, whole, address, 0, whole)
                    && (rest == 0 || (network[whole] ^ address[whole]) >> (8 - rest) == 0);
        }
    }
}
