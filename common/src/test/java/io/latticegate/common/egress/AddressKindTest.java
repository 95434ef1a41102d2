package io.latticegate.common.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** First and last address of each block of the IANA special-purpose registries, and their neighbours. */
final class AddressKindTest {
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, RESERVED",
        "0.255.255.255, RESERVED",
        "1.0.0.0, PUBLIC",
        "9.255.255.255, PUBLIC",
        "10.0.0.0, PRIVATE",
        "10.255.255.255, PRIVATE",
        "11.0.0.0, PUBLIC",
        "100.63.255.255, PUBLIC",
        "100.64.0.0, PRIVATE",
        "100.127.255.255, PRIVATE",
        "100.128.0.0, PUBLIC",
        "100.100.100.200, METADATA",
        "127.0.0.0, LOOPBACK",
        "127.255.255.255, LOOPBACK",
        "128.0.0.0, PUBLIC",
        "168.63.129.16, METADATA",
        "169.253.255.255, PUBLIC",
        "169.254.0.0, LINK_LOCAL",
        "169.254.169.254, METADATA",
        "169.254.255.255, LINK_LOCAL",
        "172.15.255.255, PUBLIC",
        "172.16.0.0, PRIVATE",
        "172.31.255.255, PRIVATE",
        "172.32.0.0, PUBLIC",
        "192.0.0.0, RESERVED",
        "192.0.0.192, METADATA",
        "192.0.1.0, PUBLIC",
        "192.0.2.255, RESERVED",
        "192.88.99.1, RESERVED",
        "192.168.0.0, PRIVATE",
        "192.169.0.0, PUBLIC",
        "198.18.0.0, RESERVED",
        "198.19.255.255, RESERVED",
        "198.20.0.0, PUBLIC",
        "198.51.100.1, RESERVED",
        "203.0.113.255, RESERVED",
        "223.255.255.255, PUBLIC",
        "224.0.0.0, MULTICAST",
        "239.255.255.255, MULTICAST",
        "240.0.0.0, RESERVED",
        "255.255.255.255, RESERVED",
        "::, RESERVED",
        "::1, LOOPBACK",
        "::2, RESERVED",
        "::7f00:1, RESERVED",
        "64:ff9b::808:808, PUBLIC",
        "64:ff9b::7f00:1, RESERVED",
        "64:ff9b::a9fe:a9fe, RESERVED",
        "64:ff9b:1::808:808, RESERVED",
        "100::1, RESERVED",
        "1fff:ffff::1, RESERVED",
        "2000::1, PUBLIC",
        "2001::1, RESERVED",
        "2001:1ff:ffff::1, RESERVED",
        "2001:200::1, PUBLIC",
        "2001:db8::1, RESERVED",
        "2001:db9::1, PUBLIC",
        "2002:808:808::1, RESERVED",
        "2003::1, PUBLIC",
        "3ffe::1, PUBLIC",
        "3fff:fff::1, RESERVED",
        "3fff:1000::1, PUBLIC",
        "4000::1, RESERVED",
        "fbff::1, RESERVED",
        "fc00::1, PRIVATE",
        "fd00:ec2::254, METADATA",
        "fdff:ffff::1, PRIVATE",
        "fe00::1, RESERVED",
        "fe80::1, LINK_LOCAL",
        "febf::1, LINK_LOCAL",
        "fec0::1, RESERVED",
        "ff00::1, MULTICAST"
    })
    void isWhatTheRegistriesSay(String address, AddressKind kind) {
        assertThat(AddressKind.of(InetAddress.ofLiteral(address))).isEqualTo(kind);
    }

    @Test
    void aMappedAddressIsTheOneThatItMaps() throws UnknownHostException {
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xFF;
        mapped[11] = (byte) 0xFF;
        mapped[12] = 127;
        mapped[15] = 1;
        assertThat(AddressKind.of(InetAddress.getByAddress(mapped))).isEqualTo(AddressKind.LOOPBACK);
    }
}
