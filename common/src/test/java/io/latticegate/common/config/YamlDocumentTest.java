package io.latticegate.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class YamlDocumentTest {
    private static void parse(String yaml) {
        YamlDocument.parse("f.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "a: 1\\na: 2~f.yaml:2: has the key \"a\" twice",
                "a: &x 1\\nb: *x~f.yaml:1: uses an anchor",
                "a: [&x {}]~uses an anchor",
                "b: *x~uses an anchor",
                "a: !!java/object 1~uses the tag",
                "!x {a: 1}~uses the tag",
                "a: 1\\n---\\nb: 2~more than one document",
                "[1, 2]~must hold a mapping",
                "just text~must hold a mapping",
                "{a: 1~f.yaml:",
                "a: 'open~f.yaml:",
                "? [1]\\n: 2~a key that is not plain text",
                "a: 1\\n b: 2~f.yaml:",
                "a: \\x01~f.yaml: is not valid YAML",
            })
    void refusesNamingFileAndLine(String yaml, String reason) {
        String text = yaml.replace("\\n", "\n").replace("\\x01", "\u0001");
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void refusesDeepNestingLargeFilesAndManyValues() {
        assertThatThrownBy(() -> parse("a: " + "[".repeat(100_000))).hasMessageContaining("nested deeper than 16");
        assertThatThrownBy(() -> parse("a: " + " ".repeat(YamlDocument.SIZE_MAX)))
                .hasMessageContaining("larger than 1MiB");
        assertThatThrownBy(() -> parse("a: [" + "1,".repeat(30_000) + "1]")).hasMessageContaining("20000 values");
    }

    @Test
    void refusesBytesThatAreNotUtf8() {
        assertThatThrownBy(() -> YamlDocument.parse("f.yaml", new byte[] {'a', ':', ' ', (byte) 0xC3, '('}))
                .hasMessageContaining("not UTF-8");
    }

    @Test
    void takesAnEmptyFileForNothing() {
        assertThat(YamlDocument.parse("f.yaml", new byte[0]).entries()).isEmpty();
        parse("# only a comment\n");
    }

    @Test
    void anyTextIsEitherReadOrRefusedButNeverCrashesTheReader() {
        String alphabet = "ab:- \n\t{}[],'\"#&*!|>%@`?~.0$\\\u00e9\u0001\ufeff";
        String seedFile = """
                profile: production
                server: { host: 0.0.0.0, port: 8080, timeouts: { connect: 5s } }
                providers:
                  openai: { api_key: "${OPENAI_API_KEY:-}", allowed_methods: [GET, POST] }
                encryption:
                  keys:
                    - { id: k1, source: "file:/run/secrets/vault_key" }
                """;
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
        int refused = 0;
        for (int round = 0; round < 20_000 && System.nanoTime() < end; round++) {
            StringBuilder text = new StringBuilder(round % 2 == 0 ? seedFile : "");
            for (int change = 0; change <= random.nextInt(8); change++) {
                char letter = alphabet.charAt(random.nextInt(alphabet.length()));
                int at = random.nextInt(text.length() + 1);
                if (random.nextBoolean() || at == text.length()) {
                    text.insert(at, letter);
                } else {
                    text.setCharAt(at, letter);
                }
            }
            try {
                ConfigLoader.in(Configs.NOWHERE).yaml(text.toString()).load();
            } catch (ConfigException _) {
                refused++;
            } catch (RuntimeException crash) {
                throw new AssertionError("seed " + seed + ", round " + round + ": " + text, crash);
            }
        }
        assertThat(refused).isPositive();
    }
}
