package io.latticegate.common.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** C2SP's Wycheproof vectors, where they lie beside the project or in {@code LATTICEGATE_VECTORS}; counts what it ran. */
class WycheproofTest {
    @FunctionalInterface
    private interface Case {
        boolean run(JsonNode group, JsonNode test);
    }

    @Test
    void aesGcmAgrees() throws IOException {
        int ran = each("aes_gcm_test.json", (group, test) -> {
            if (group.get("keySize").intValue() != 256 || group.get("ivSize").intValue() != 96) {
                return false;
            }
            byte[] sealed = hex(test.get("ct").textValue() + test.get("tag").textValue());
            byte[] key = hex(test.get("key").textValue());
            byte[] nonce = hex(test.get("iv").textValue());
            byte[] aad = hex(test.get("aad").textValue());
            byte[] message = hex(test.get("msg").textValue());
            String name = "tcId " + test.get("tcId");
            if (test.get("result").textValue().equals("valid")) {
                assertThat(AesGcm.seal(key, nonce, aad, message)).as(name).isEqualTo(sealed);
                assertThat(AesGcm.open(key, nonce, aad, sealed)).as(name).contains(message);
            } else {
                assertThat(AesGcm.open(key, nonce, aad, sealed)).as(name).isEmpty();
            }
            return true;
        });
        System.out.println("Wycheproof AES-256-GCM: " + ran + " cases");
    }

    @Test
    void hkdfAgrees() throws IOException {
        int ran = each("hkdf_sha256_test.json", (_, test) -> {
            byte[] keyMaterial = hex(test.get("ikm").textValue());
            byte[] salt = hex(test.get("salt").textValue());
            byte[] info = hex(test.get("info").textValue());
            int size = test.get("size").intValue();
            String name = "tcId " + test.get("tcId");
            if (test.get("result").textValue().equals("valid")) {
                assertThat(Hkdf.derive(keyMaterial, salt, info, size))
                        .as(name)
                        .isEqualTo(hex(test.get("okm").textValue()));
            } else {
                assertThatThrownBy(() -> Hkdf.derive(keyMaterial, salt, info, size))
                        .as(name)
                        .isInstanceOf(IllegalArgumentException.class);
            }
            return true;
        });
        System.out.println("Wycheproof HKDF-SHA256: " + ran + " cases");
    }

    private static int each(String file, Case check) throws IOException {
        String named = System.getenv("LATTICEGATE_VECTORS");
        Path vectors = named == null
                ? Path.of(System.getProperty("latticegate.root", ".."), "..", "shared", "vectors")
                : Path.of(named);
        Path source = vectors.resolve("wycheproof").resolve(file);
        if (!Files.exists(source)) {
            return 0;
        }
        int ran = 0;
        for (JsonNode group : new ObjectMapper().readTree(source.toFile()).get("testGroups")) {
            for (JsonNode test : group.get("tests")) {
                ran += check.run(group, test) ? 1 : 0;
            }
        }
        assertThat(ran).as(file).isPositive();
        return ran;
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
