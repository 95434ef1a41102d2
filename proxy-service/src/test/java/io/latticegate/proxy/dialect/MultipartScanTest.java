package io.latticegate.proxy.dialect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Forms as RFC 7578 writes them; {@code ¶} stands for CR LF. */
class MultipartScanTest {
    private static final String TYPE = "multipart/form-data; boundary=x-1";
    private static final String FILE =
            "--x-1¶Content-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"¶Content-Type: audio/mpeg¶¶ab¶c¶";

    private static byte[] bytes(String form) {
        return form.replace("¶", "\r\n").getBytes(ISO_8859_1);
    }

    private static String field(String disposition, String value) {
        return "--x-1¶Content-Disposition: form-data; " + disposition + "¶¶" + value + "¶";
    }

    private static MultipartScan.Accepted accepted(String type, byte[] body) {
        MultipartScan scan = MultipartScan.of(type, body);
        if (scan instanceof MultipartScan.Accepted accepted) {
            return accepted;
        }
        throw new AssertionError("refused: " + scan);
    }

    private static Refusal refused(String form) {
        MultipartScan scan = MultipartScan.of(TYPE, bytes(form));
        if (scan instanceof MultipartScan.Refused(Refusal refusal)) {
            return refusal;
        }
        throw new AssertionError("not refused: " + form);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"name=\"model\"", "name=model", "NAME=\"model\"", "name = \"model\" ; charset=\"a;b\\\"c\""})
    void findsTheModelAndLeavesTheBytesAlone(String disposition) {
        byte[] body = bytes(FILE + field(disposition, "whisper-1") + field("name=\"language\"", "de") + "--x-1--¶");

        MultipartScan.Accepted scan = accepted(TYPE, body);

        assertThat(scan.model()).isEqualTo("whisper-1");
        assertThat(scan.body()).isSameAs(body);
    }

    @Test
    void putsAnotherModelInItsPlaceAndChangesNothingElse() {
        String before = FILE + field("name=\"model\"", "alias") + field("name=\"alias\"", "alias") + "--x-1--¶";

        byte[] after = accepted(TYPE, bytes(before)).withModel("gpt-4o-transcribe");

        assertThat(after).isEqualTo(bytes(before.replaceFirst("¶alias¶", "¶gpt-4o-transcribe¶")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "multipart/form-data; boundary=x-1",
                "Multipart/Form-Data;boundary=\"x-1\"",
                "multipart/form-data; charset=utf-8; BOUNDARY=x-1"
            })
    void takesTheBoundaryInEveryForm(String type) {
        assertThat(accepted(type, bytes(FILE + "--x-1--")).model()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "multipart/mixed; boundary=x-1",
                "multipart/form-data",
                "multipart/form-data; boundary=",
                "multipart/form-data; boundary=x-1; boundary=y",
                "multipart/form-data; boundary=\"x 1\"",
                "multipart/form-data; boundary=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            })
    void refusesEveryOtherType(String type) {
        assertThat(MultipartScan.of(type, bytes(FILE + "--x-1--")))
                .isInstanceOfSatisfying(
                        MultipartScan.Refused.class,
                        refused -> assertThat(refused.refusal().status()).isEqualTo(415));
    }

    @Test
    void refusesAMissingType() {
        assertThat(MultipartScan.of(null, bytes(FILE + "--x-1--"))).isInstanceOf(MultipartScan.Refused.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "name=\"model\"; filename=\"m\" | a | invalid_request",
                "name=\"Model\" | a | invalid_request",
                "name=\"model \" | a | invalid_request",
                "name=\"model[]\" | a | invalid_request",
                "name=\"model\" | `` | invalid_request",
                "name=\"model\" | a b | invalid_request",
                "name=\"mod\\el\" | a | invalid_multipart",
                "name=\"model\"; name=\"x\" | a | invalid_multipart",
                "name*=UTF-8''model | a | invalid_multipart",
                "name=\"model | a | invalid_multipart",
                "name | a | invalid_multipart",
                "filename=\"a\" | a | invalid_multipart",
                "name=\"x\" | b--x-1c | invalid_multipart"
            })
    void refusesWhatTwoReadersCouldUnderstandDifferently(String disposition, String value, String code) {
        assertThat(refused(field(disposition, value) + "--x-1--").code()).isEqualTo(code);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "preamble¶--x-1--",
                "--x-1",
                "--x-1¶",
                "--x-1¶Content-Disposition: form-data; name=\"a\"¶¶never ended",
                "--x-1¶Content-Disposition: form-data; name=\"a\"¶¶v¶--x-1--¶epilogue",
                "--x-1¶Content-Disposition: form-data; name=\"a\"¶¶v¶--x-1--¶--x-1¶",
                "--x-1 ¶Content-Disposition: form-data; name=\"a\"¶¶v¶--x-1--",
                "--x-1¶¶¶v¶--x-1--",
                "--x-1¶Content-Disposition: attachment; name=\"a\"¶¶v¶--x-1--",
                "--x-1¶Content-Disposition: form-data;¶ name=\"a\"¶¶v¶--x-1--",
                "--x-1¶Content-Disposition : form-data; name=\"a\"\nmodel: b¶¶v¶--x-1--",
                "--x-1¶Content-Disposition: form-data; name=\"a\"¶Content-Disposition: form-data; name=\"b\"¶¶v¶--x-1--"
            })
    void refusesWhatIsNoForm(String form) {
        assertThat(refused(form).code()).isEqualTo("invalid_multipart");
    }

    @Test
    void refusesASecondModel() {
        Refusal refusal = refused(field("name=\"model\"", "a") + field("name=\"model\"", "b") + "--x-1--");

        assertThat(refusal.code()).isEqualTo("duplicate_key");
    }

    @Test
    void boundsPartsAndTheirHeads() {
        assertThat(refused(field("name=\"a\"", "v").repeat(MultipartScan.PARTS_MAX + 1) + "--x-1--")
                        .message())
                .contains("more than 64 parts");
        assertThat(refused(field("name=\"" + "a".repeat(MultipartScan.PART_HEAD_BYTES_MAX) + "\"", "v") + "--x-1--")
                        .message())
                .contains("does not end within 8192 bytes");
    }

    @Test
    void findsTheBoundaryAfterAnyContent() {
        var random = new Random(20_261_121L);
        for (int i = 0; i < 2_000; i++) {
            String content = random.ints(random.nextInt(40), 0, 5)
                    .mapToObj(c -> "-x1\r\n".substring(c, c + 1))
                    .reduce("", String::concat);
            String form = FILE.replace("ab¶c", content) + field("name=\"model\"", "m") + "--x-1--";
            if (!content.contains("--x-1")) {
                assertThat(accepted(TYPE, bytes(form)).model()).as(content).isEqualTo("m");
            }
        }
    }

    @Test
    void neverThrowsForMutatedForms() {
        byte[] form = bytes(FILE + field("name=\"model\"", "whisper-1") + "--x-1--¶");

        Mutations.run(20_000, List.of(form), damaged -> MultipartScan.of(TYPE, damaged));
    }
}
