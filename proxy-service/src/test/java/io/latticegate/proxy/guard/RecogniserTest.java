package io.latticegate.proxy.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.config.GuardAction;
import io.latticegate.common.config.GuardPolicyConfig;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RecogniserTest {
    private static final String BASE64URL = "abcDEF0123456789_-xyzABC";

    /** Numbers that payment networks and processors publish for tests. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "4111111111111111",
                "4012888888881881",
                "4222222222222",
                "4242424242424242",
                "4000056655665556",
                "5555555555554444",
                "5105105105105100",
                "5200828282828210",
                "2223003122003222",
                "378282246310005",
                "371449635398431",
                "378734493671000",
                "30569309025904",
                "38520000023237",
                "36227206271667",
                "3056930009020004",
                "6011111111111117",
                "6011000990139424",
                "6011981111111113",
                "3530111333300000",
                "3566002020360505",
                "6200000000000005",
                "6200000000000047",
                "6759649826438453",
                "4111 1111 1111 1111",
                "4111-1111-1111-1111",
                "3782 822463 10005"
            })
    void aCardIsFound(String number) {
        assertThat(Texts.redacted(number)).isEqualTo("[CARD]");
        assertThat(Texts.redacted("card: " + number + ".")).isEqualTo("card: [CARD].");
        assertThat(Texts.redacted("(" + number + " 12/29)")).isEqualTo("([CARD] 12/29)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4111111111111112",
                "4111111111111",
                "41111111111111111",
                "x4111111111111111",
                "4111111111111111x",
                "1234567812345670",
                "0000000000000000",
                "9999999999999995",
                "378282246310006",
                "37828224631000",
                "6011111111111118",
                "2220000000000000",
                "3.4111111111111111",
                "1763752184000",
                "4111  1111  1111  1111",
                "4111.1111.1111.1111",
                "2026-11-21 19:15:00",
                "550e8400-e29b-41d4-a716-446655440000"
            })
    void whatIsNoCardIsNot(String number) {
        assertThat(Texts.redacted(number)).isEqualTo(number);
    }

    /** Examples of the IBAN registry. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "AD1200012030200359100100",
                "AE070331234567890123456",
                "AL47212110090000000235698741",
                "AT611904300234573201",
                "BE68539007547034",
                "BG80BNBG96611020345678",
                "CH9300762011623852957",
                "CY17002001280000001200527600",
                "CZ6508000000192000145399",
                "DE89370400440532013000",
                "DK5000400440116243",
                "EE382200221020145685",
                "ES9121000418450200051332",
                "FI2112345600000785",
                "FR1420041010050500013M02606",
                "GB29NWBK60161331926819",
                "GB82WEST12345698765432",
                "GR1601101250000000012300695",
                "HU42117730161111101800000000",
                "IE29AIBK93115212345678",
                "IS140159260076545510730339",
                "IT60X0542811101000000123456",
                "LT121000011101001000",
                "LU280019400644750000",
                "LV80BANK0000435195001",
                "MT84MALT011000012345MTLCAST001S",
                "NL91ABNA0417164300",
                "NO9386011117947",
                "PL61109010140000071219812874",
                "PT50000201231234567890154",
                "RO49AAAA1B31007593840000",
                "SA0380000000608010167519",
                "SE4550000000058398257466",
                "SI56263300012039086",
                "SK3112000000198742637541",
                "TR330006100519786457841326",
                "DE89 3704 0044 0532 0130 00",
                "de89370400440532013000"
            })
    void anIbanIsFound(String number) {
        assertThat(Texts.redacted("to " + number + ", please")).isEqualTo("to [IBAN], please");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DE89370400440532013001",
                "DE88370400440532013000",
                "DE8937040044053201300",
                "DE893704004405320130000",
                "ZZ89370400440532013000",
                "XDE89370400440532013000",
                "NO9386011117948",
                "GB82WEST1234569876543",
                "BE68-5390-0754-7034"
            })
    void whatIsNoIbanIsNot(String number) {
        assertThat(Texts.redacted(number)).isEqualTo(number);
    }

    @ParameterizedTest
    @ValueSource(strings = {"123-45-6789", "001-01-0001", "899-99-9999", "665-12-3456", "123 45 6789"})
    void aSocialSecurityNumberIsFound(String number) {
        assertThat(Texts.redacted("ssn " + number + ";")).isEqualTo("ssn [US_SSN];");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "000-12-3456",
                "666-12-3456",
                "900-12-3456",
                "999-99-9999",
                "123-00-4567",
                "123-45-0000",
                "078-05-1120",
                "219-09-9999",
                "123-456789",
                "123-45 6789",
                "1123-45-6789",
                "123-45-67890",
                "123-45-6789-1",
                "123456789"
            })
    void whatIsNoSocialSecurityNumberIsNot(String number) {
        assertThat(Texts.redacted(number)).isEqualTo(number);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bob@example.com",
                "first.last+tag@sub.example.co.uk",
                "a_b%c@x-y.example.org",
                "-odd.@no@example.com",
                "UPPER@EXAMPLE.COM"
            })
    void anEmailAddressIsFound(String address) {
        String rest = address.startsWith("-odd") ? "-odd.@" : "";
        assertThat(Texts.redacted("<" + address + ">")).isEqualTo("<" + rest + "[EMAIL]>");
    }

    @Test
    void anEmailAddressEndsBeforeTheSentenceDoes() {
        assertThat(Texts.redacted("Write to bob@example.com. Thanks")).isEqualTo("Write to [EMAIL]. Thanks");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "@handle",
                "bob@localhost",
                "bob@example.c",
                "bob@-example.com1",
                "user@.com",
                "a@b",
                "10@20.30",
                "git@",
                "decorator @Override"
            })
    void whatIsNoEmailAddressIsNot(String text) {
        assertThat(Texts.redacted(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"+14155552671", "+1 (415) 555-2671", "+442071838750", "+49 30 901820", "+55.11.5525.6325"})
    void aPhoneNumberIsFound(String number) {
        assertThat(Texts.redacted("call " + number + " now")).isEqualTo("call [PHONE] now");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"+1234567", "+1234567890123456", "1+14155552671", "+04155552671", "555-2671", "1 + 2", "C++20"})
    void whatIsNoPhoneNumberIsNot(String text) {
        assertThat(Texts.redacted(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.168.0.1", "8.8.8.8", "255.255.255.255", "0.0.0.0"})
    void anIpv4AddressIsFound(String address) {
        assertThat(Texts.redacted("at " + address + ":80")).isEqualTo("at [IPV4]:80");
        assertThat(Texts.redacted(address + ".")).isEqualTo("[IPV4].");
    }

    @ParameterizedTest
    @ValueSource(strings = {"256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "v1.2.3.4", "1.2.3.4b", "1..2.3"})
    void whatIsNoIpv4AddressIsNot(String text) {
        assertThat(Texts.redacted(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2001:db8:85a3:0:0:8a2e:370:7334",
                "2001:db8::1",
                "fe80::1",
                "2001:0db8:0000:0000:0000:ff00:0042:8329"
            })
    void anIpv6AddressIsFound(String address) {
        assertThat(Texts.redacted("[" + address + "]")).isEqualTo("[[IPV6]]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "std::vector",
                "a::b",
                "::1",
                "::",
                "12:30:45",
                "dead::beef",
                "1:2:3:4:5:6:7:8:9",
                "2001:db8:::1",
                "1:2:3:4:5:6:7"
            })
    void whatIsNoIpv6AddressIsNot(String text) {
        assertThat(Texts.redacted(text)).isEqualTo(text);
    }

    static Stream<String[]> secrets() {
        String jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0." + BASE64URL;
        return Stream.of(
                new String[] {"AKIA" + "IOSFODNN7EXAMPLE", "[AWS_KEY]"},
                new String[] {"ASIA" + "IOSFODNN7EXAMPLE", "[AWS_KEY]"},
                new String[] {"ghp_" + "a1B2".repeat(9), "[GITHUB_TOKEN]"},
                new String[] {"gho_" + "a1B2".repeat(9), "[GITHUB_TOKEN]"},
                new String[] {"github_pat_" + "a1B2".repeat(20) + "xy", "[GITHUB_TOKEN]"},
                new String[] {"sk-" + "a1B2".repeat(12), "[OPENAI_KEY]"},
                new String[] {"sk-proj-" + "a1B2_".repeat(30), "[OPENAI_KEY]"},
                new String[] {"sk-ant-api03-" + "a1B2-".repeat(70), "[OPENAI_KEY]"},
                new String[] {"AIza" + "SyA1B2C3D4E5F6G7H8I9J0K1L2M3N4O5P6Q", "[GOOGLE_KEY]"},
                new String[] {jwt, "[JWT]"},
                new String[] {jwt + "x".repeat(2_000), "[JWT]"},
                new String[] {pem("RSA PRIVATE KEY", "\n"), "[PRIVATE_KEY]"},
                new String[] {pem("PRIVATE KEY", "\r\n"), "[PRIVATE_KEY]"},
                new String[] {pem("ENCRYPTED PRIVATE KEY", "\\n"), "[PRIVATE_KEY]"},
                new String[] {pem("PGP PRIVATE KEY BLOCK", "\n"), "[PRIVATE_KEY]"});
    }

    private static String pem(String kind, String lineEnd) {
        return "-----BEGIN " + kind + "-----" + lineEnd + ("MIIEpAIBAAKCAQEA0Z3VS5" + lineEnd).repeat(40) + "-----END "
                + kind + "-----";
    }

    @ParameterizedTest
    @MethodSource("secrets")
    void aSecretIsTakenOutToItsEnd(String secret, String label) {
        assertThat(Texts.redacted("key=\"" + secret + "\" is it")).isEqualTo("key=\"" + label + "\" is it");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AKIAIOSFODNN7EXAMPL",
                "AKIAIOSFODNN7EXAMPLEX",
                "AKIAIOSFODNN7EXAMPL0",
                "xAKIAIOSFODNN7EXAMPLE",
                "ghp_short",
                "sk-learn-and-other-words-here",
                "sk-12345",
                "risk-a1B2a1B2a1B2a1B2a1B2",
                "AIzaShort",
                "eyJ.eyJ.x",
                "eyJhbGciOiJIUzI1NiJ9",
                "-----BEGIN CERTIFICATE-----",
                "-----BEGIN PUBLIC KEY-----"
            })
    void whatOnlyResemblesASecretIsNone(String text) {
        assertThat(Texts.redacted(text)).isEqualTo(text);
    }

    @Test
    void textBehindAPrivateKeyStays() {
        assertThat(Texts.redacted(pem("PRIVATE KEY", "\n") + " and this\n")).isEqualTo("[PRIVATE_KEY] and this\n");
    }

    @Test
    void wordsAreFoundAsWholeWordsInAnyCase() {
        assertThat(Texts.redacted("BLUE HERON and herons, Heron; überfall"))
                .isEqualTo("[PROJECTS] and herons, [PROJECTS]; [PROJECTS]");
    }

    @Test
    void everyRecogniserOfTheConfigurationExists() {
        assertThat(Texts.set(Texts.everything(GuardAction.FLAG))).isNotNull();
        assertThat(GuardPolicyConfig.RECOGNISERS).hasSize(13);
    }

    /** Ordinary prose and code, in which nothing is to be found. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "The meeting is on 2026-11-21 at 10:30, room 4.11, with 12 people and 3 dogs.",
                "Order 1234-5678-9012 was shipped; tracking 1Z999AA10123456784.",
                "for (int i = 0; i < 100; i++) { total += values[i] * 3.14159265358979; }",
                "git commit -m 'fix' && git push origin HEAD:refs/heads/main # 0daa975cc1f2",
                "SELECT * FROM users WHERE id = 4294967296 AND rank BETWEEN 1000000 AND 2000000",
                "ISBN 978-3-16-148410-0, DOI 10.1000/182, RFC 9110 section 5.5",
                "uuid 123e4567-e89b-12d3-a456-426614174000 sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709",
                "template<class T> std::vector<T>::iterator begin() noexcept;",
                "Version 1.2.3 replaces 1.2.2; Java 25, Vert.x 5.2.1, macOS 15.1",
                "Pi is 3.141592653589793238462643383279502884197",
                "The population is 8 000 000 000 and the budget 1,234,567,890.12 EUR",
                "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
            })
    void ordinaryTextIsLeftAlone(String text) {
        assertThat(Texts.redacted(text)).isEqualTo(text);
    }
}
