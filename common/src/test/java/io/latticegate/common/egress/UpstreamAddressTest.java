package io.latticegate.common.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every spelling of an address that is not public is refused; one spelling of each public one is taken. */
final class UpstreamAddressTest {
    private static final List<String> NEAR = List.of(
            "127.0.0.1",
            "127.255.255.254",
            "10.0.0.1",
            "10.255.255.255",
            "172.16.0.1",
            "172.31.255.254",
            "192.168.0.1",
            "192.168.255.254",
            "100.64.0.1",
            "100.127.255.254");
    private static final List<String> NEVER = List.of(
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "169.254.0.1",
            "169.254.170.2",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.254",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255");
    private static final List<String> IPV6 = List.of(
            "::",
            "::1",
            "0:0:0:0:0:0:0:1",
            "0000:0000:0000:0000:0000:0000:0000:0001",
            "::0:1",
            "fc00::1",
            "fd12:3456:789a::1",
            "fdff:ffff::1",
            "fe80::1",
            "FE80::1",
            "febf::1",
            "fec0::1",
            "feff::1",
            "ff02::1",
            "ff0e::1",
            "fd00:ec2::254",
            "FD00:0EC2:0:0:0:0:0:0254",
            "fd20:ce::254",
            "100::1",
            "64:ff9b:1::a00:1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "3fff::1",
            "5f00::1",
            "4000::1");
    private static final List<String> NAMES = List.of(
            "localhost",
            "LOCALHOST",
            "api.localhost",
            "localhost.localdomain",
            "localhost.",
            "ollama",
            "printer.local",
            "db.internal",
            "api.default.svc",
            "api.default.svc.cluster.local",
            "router.lan",
            "nas.home.arpa",
            "metadata",
            "metadata.google.internal",
            "Metadata.Google.Internal",
            "instance-data");

    @Test
    void noSpellingOfAnAddressThatIsNotPublicIsTaken() {
        Set<String> spellings = new LinkedHashSet<>(NAMES);
        NEAR.forEach(address -> spellings.addAll(spellings(address)));
        NEVER.forEach(address -> spellings.addAll(spellings(address)));
        IPV6.forEach(address -> spellings.addAll(List.of(
                "[" + address + "]",
                address,
                "[" + address + "%eth0]",
                "[" + address + "%25eth0]",
                "[" + address + "].",
                "%5B" + address + "%5D")));
        assertThat(spellings).hasSizeGreaterThan(600);
        assertThat(spellings).allSatisfy(host -> {
            assertThat(taken("https://" + host + "/v1", false)).as(host).isFalse();
            assertThat(taken("https://" + host + ":8443", false)).as(host).isFalse();
            assertThat(taken("https://api.openai.com@" + host, false)).as(host).isFalse();
        });
    }

    @Test
    void metadataLinkLocalAndReservedAddressesAreNotTakenEvenWherePrivateOnesAre() {
        Set<String> spellings = new LinkedHashSet<>();
        NEVER.forEach(address -> spellings.addAll(spellings(address)));
        spellings.addAll(List.of("[fe80::1]", "[ff02::1]", "[fd00:ec2::254]", "[::]", "[2001:db8::1]", "metadata"));
        assertThat(spellings).allSatisfy(host -> {
            assertThat(taken("https://" + host, true)).as(host).isFalse();
            assertThat(taken("http://" + host, true)).as(host).isFalse();
        });
    }

    @Test
    void aPrivateAddressIsTakenInItsPlainSpellingOnly() {
        for (String address : NEAR) {
            assertThat(taken("https://" + address, true)).as(address).isTrue();
            assertThat(taken("http://" + address, true)).as(address).isTrue();
            List<String> others = new ArrayList<>(spellings(address));
            others.remove(address);
            assertThat(others).noneMatch(host -> taken("https://" + host, true));
        }
        assertThat(taken("http://ollama:11434", true)).isTrue();
        assertThat(taken("http://[::1]:11434", true)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://api.openai.com/v1",
                "https://API.OpenAI.com/v1/",
                "https://generativelanguage.googleapis.com",
                "https://my-resource.openai.azure.com/openai/deployments/gpt-4o",
                "https://eu-west1-aiplatform.googleapis.com/v1/projects/p/locations/l:x",
                "https://xn--bcher-kva.example",
                "https://gateway.example:8443",
                "https://a.b.c.d.e.example",
                "https://1.1.1.1",
                "https://8.8.8.8:443",
                "https://9.255.255.255",
                "https://11.0.0.0",
                "https://100.63.255.255",
                "https://100.128.0.0",
                "https://126.255.255.255",
                "https://128.0.0.1",
                "https://172.15.255.255",
                "https://172.32.0.1",
                "https://192.167.255.255",
                "https://192.169.0.1",
                "https://198.17.255.255",
                "https://198.20.0.0",
                "https://223.255.255.255",
                "https://[2606:4700::6810:1]",
                "https://[2a00:1450:4001::200e]:8443/v1",
                "https://[64:ff9b::808:808]"
            })
    void publicAddressesAreTaken(String url) {
        assertThat(taken(url, false)).isTrue();
        assertThat(taken(url.replace("https:", "http:"), false)).isFalse();
        assertThat(taken(url.replace("https:", "http:"), true)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "ftp://api.openai.com, must begin with https",
        "file:///etc/passwd, must begin with https",
        "//api.openai.com, must begin with https",
        "https:api.openai.com, without user",
        "https://u:p@api.openai.com, without user",
        "https://api.openai.com?x=1, without user",
        "https://api.openai.com#x, without user",
        "https://api.openai.com:0, from 1 to 65535",
        "https://api.openai.com:65536, from 1 to 65535",
        "https://api.openai.com:, from 1 to 65535",
        "https://api.openai.com:22, only 80 and 443",
        "https://api.openai.com:25, only 80 and 443",
        "https://api.openai.com/a/../b, dot segments",
        "https://api.openai.com/a%2e, without escapes",
        "https://api.openai.com/a;b, plain segments",
        "https://-a.example, letters",
        "https://a..example, letters",
        "https://a_b.example, letters",
        "https://127.0.0.1, allow_private",
        "http://api.openai.com, allow_http"
    })
    void whatIsRefusedSaysWhy(String url, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UpstreamAddress.parse(url, false, false))
                .withMessageContaining(reason);
    }

    @Test
    void saysWhatWasWritten() {
        UpstreamAddress address = UpstreamAddress.parse("http://[::1]:8080/base/", true, true);
        assertThat(address.host()).isEqualTo("::1");
        assertThat(address.literal()).isEqualTo(InetAddress.ofLiteral("::1"));
        assertThat(address.port()).isEqualTo(8080);
        assertThat(address.tls()).isFalse();
        assertThat(address.path()).isEqualTo("/base");
        assertThat(UpstreamAddress.parse("https://Example.COM", false, false).host())
                .isEqualTo("example.com");
    }

    private static boolean taken(String url, boolean allowPrivate) {
        try {
            UpstreamAddress.parse(url, allowPrivate, allowPrivate);
            return true;
        } catch (IllegalArgumentException refused) {
            return false;
        }
    }

    /** How the same IPv4 address can be written for some parser in use. */
    private static List<String> spellings(String address) {
        byte[] b = InetAddress.ofLiteral(address).getAddress();
        int first = b[0] & 0xFF;
        int second = b[1] & 0xFF;
        int third = b[2] & 0xFF;
        int fourth = b[3] & 0xFF;
        int low = third << 8 | fourth;
        long whole = Integer.toUnsignedLong(first << 24 | second << 16 | low);
        int high = first << 8 | second;
        return List.of(
                address,
                address + ".",
                Long.toString(whole),
                "0" + Long.toOctalString(whole),
                "0x" + Long.toHexString(whole),
                "0X" + Long.toHexString(whole),
                "%o.%o.%o.%o".replace("%o", "0%o").formatted(first, second, third, fourth),
                "0x%x.0x%x.0x%x.0x%x".formatted(first, second, third, fourth),
                "0x%02X.%d.0%o.%d".formatted(first, second, third, fourth),
                "%03d.%03d.%03d.%03d".formatted(first, second, third, fourth) + ".",
                "00%d.%d.%d.%d".formatted(first, second, third, fourth),
                first + "." + second + "." + low,
                first + "." + ((long) second << 16 | low),
                "0x%x.%d".formatted(first, (long) second << 16 | low),
                address.replace(".", "%2e"),
                address.replace('.', '\u3002'),
                address.replace('.', '\uFF0E'),
                address.replace('.', '\uFF61'),
                wide(address),
                "%%%02x".formatted((int) address.charAt(0)) + address.substring(1),
                "[::ffff:" + address + "]",
                "[::ffff:%x:%x]".formatted(high, low),
                "[0:0:0:0:0:ffff:%x:%x]".formatted(high, low),
                "[::" + address + "]",
                "[::%x:%x]".formatted(high, low),
                "[2002:%x:%x::1]".formatted(high, low),
                "[64:ff9b::%x:%x]".formatted(high, low),
                "[64:ff9b::" + address + "]",
                "[64:ff9b:1::%x:%x]".formatted(high, low),
                "[2001:0:%x:%x::1]".formatted(high, low),
                "[2001:0:4136:e378:8000:63bf:%x:%x]".formatted(high ^ 0xFFFF, low ^ 0xFFFF),
                address + ":65536",
                "x@" + address);
    }

    private static String wide(String digits) {
        StringBuilder wide = new StringBuilder();
        digits.chars().forEach(c -> wide.append(c == '.' ? '.' : (char) (c - '0' + '\uFF10')));
        return wide.toString();
    }
}
