package io.latticegate.common.config;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * A block of IP addresses such as {@code 10.0.0.0/8} or {@code ::1}. Never asks a name server.
 *
 * @param network bits after the prefix are ignored
 */
public record CidrBlock(InetAddress network, int prefixBits) {
    static final SettingType<CidrBlock> TYPE = new SettingType<>("CIDR block", CidrBlock::parse, CidrBlock::toString);

    public CidrBlock {
        if (prefixBits < 0 || prefixBits > network.getAddress().length * 8) {
            throw new IllegalArgumentException("is not a block of addresses such as 10.0.0.0/8");
        }
    }

    public static CidrBlock parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        try {
            InetAddress network = InetAddress.ofLiteral(address);
            int bits = slash < 0 ? network.getAddress().length * 8 : Integer.parseInt(text.substring(slash + 1));
            return new CidrBlock(network, bits);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException(
                    "is " + SettingType.quote(text) + ", not a block of addresses such as 10.0.0.0/8", malformed);
        }
    }

    public boolean contains(InetAddress candidate) {
        byte[] block = network.getAddress();
        byte[] other = candidate.getAddress();
        if (block.length != other.length) {
            return false;
        }
        int whole = prefixBits / 8;
        if (!Arrays.equals(block, 0, whole, other, 0, whole)) {
            return false;
        }
        int rest = prefixBits % 8;
        return rest == 0 || ((block[whole] ^ other[whole]) & 0xFF) >> (8 - rest) == 0;
    }

    @Override
    public String toString() {
        return network.getHostAddress() + "/" + prefixBits;
    }
}
