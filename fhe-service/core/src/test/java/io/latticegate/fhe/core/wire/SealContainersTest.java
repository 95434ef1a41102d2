package io.latticegate.fhe.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import io.latticegate.fhe.core.wire.client.SecretKeyContainer;
import io.latticegate.testing.SealWitness;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Containers between SEAL itself and the readers and writers here, in both directions. */
class SealContainersTest {
    private static final double SCALE = 0x1p40;
    private static final double[] VALUES = {1.5, -2.25, 3, 0.125};

    private static SealWitness seal;
    private static ParameterChain chain;

    private interface Writing {
        void to(ByteArrayOutputStream out) throws IOException;
    }

    @BeforeAll
    static void startSeal() throws IOException {
        seal = SealWitness.start();
        long[] primes = seal.ask("create 4096 60,40,41,60").words().stream()
                .mapToLong(Long::parseLong)
                .toArray();
        chain = new ParameterChain(4096, primes);
        seal.ask("context", bytes(out -> SealWriter.write(chain, out, Compression.NONE)));
        seal.ask("relin");
        seal.ask("galois 1,-3");
        seal.encode("plain", SCALE, VALUES);
        seal.ask("encrypt one plain");
        seal.ask("evaluate square three one");
        seal.ask("evaluate modSwitch lower one");
    }

    @AfterAll
    static void endSeal() {
        seal.close();
    }

    private static byte[] bytes(Writing writing) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writing.to(out);
        return out.toByteArray();
    }

    private static ByteArrayInputStream in(byte[] bytes) {
        return new ByteArrayInputStream(bytes);
    }

    private static CiphertextReader ciphertexts() {
        return new CiphertextReader(chain, CiphertextRules.wellFormed(chain));
    }

    private static byte[] saved(String name, Compression compression) {
        return seal.ask("save " + name + " " + compression.name().toLowerCase(Locale.ROOT))
                .bytes();
    }

    private static byte[] seeded(String kind, Compression compression, String argument) {
        String request = "seeded " + kind + " " + compression.name().toLowerCase(Locale.ROOT);
        return seal.ask(argument.isEmpty() ? request : request + " " + argument).bytes();
    }

    @Test
    void parametersOfSealAreReadAndWrittenBackAlike() throws IOException {
        for (Compression compression : Compression.values()) {
            byte[] parameters = seal.ask("parameters " + compression.name().toLowerCase(Locale.ROOT))
                    .bytes();
            ParameterChain read = ParametersReader.read(in(parameters));

            assertThat(read.degree()).isEqualTo(4096);
            assertThat(read.primes()).isEqualTo(chain.primes());
            if (compression == Compression.NONE) {
                assertThat(bytes(out -> SealWriter.write(read, out, Compression.NONE)))
                        .isEqualTo(parameters);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void ciphertextsOfSealAreReadAndWrittenBackAlike(Compression compression) throws IOException {
        for (String name : List.of("one", "three", "lower")) {
            SealCiphertext read = ciphertexts().read(in(saved(name, compression)));

            assertThat(read.seed()).isNull();
            assertThat(bytes(out -> SealWriter.write(read, out, Compression.NONE)))
                    .as(name)
                    .isEqualTo(seal.save(name));
        }
    }

    @ParameterizedTest
    @EnumSource
    void plaintextsAndKeysOfSealAreReadAndWrittenBackAlike(Compression compression) throws IOException {
        SealPlaintext plain = new PlaintextReader(chain).read(in(saved("plain", compression)));
        assertThat(bytes(out -> SealWriter.write(plain, out, Compression.NONE))).isEqualTo(seal.save("plain"));

        SealCiphertext publicKey = new PublicKeyReader(chain).read(in(saved("public", compression)));
        assertThat(bytes(out -> SealWriter.write(publicKey, out, Compression.NONE)))
                .isEqualTo(seal.save("public"));

        KeySwitchKeys relin = KeySwitchKeyReader.relinearisation(chain).read(in(saved("relin", compression)));
        assertThat(bytes(out -> SealWriter.write(relin, out, Compression.NONE))).isEqualTo(seal.save("relin"));

        KeySwitchKeys galois = KeySwitchKeyReader.galois(chain, 2).read(in(saved("galois", compression)));
        assertThat(galois.count()).isEqualTo(2);
        assertThat(bytes(out -> SealWriter.write(galois, out, Compression.NONE)))
                .isEqualTo(seal.save("galois"));

        long[] secret = SecretKeyContainer.read(chain, in(saved("secret", compression)));
        assertThat(bytes(out -> SecretKeyContainer.write(chain, secret, out))).isEqualTo(seal.save("secret"));
    }

    @ParameterizedTest
    @EnumSource
    void seedsOfSealExpandAsInSeal(Compression compression) throws IOException {
        byte[] ciphertext = seeded("ciphertext", compression, "plain");
        SealCiphertext read = ciphertexts().read(in(ciphertext));
        seal.ask("load ciphertext full", ciphertext);
        assertThat(read.seed()).isNotNull();
        assertThat(read.expanded(chain))
                .isEqualTo(ciphertexts().read(in(seal.save("full"))).residues());

        byte[] publicKey = seeded("public", compression, "");
        SealCiphertext readKey = new PublicKeyReader(chain).read(in(publicKey));
        seal.ask("load public fullPublic", publicKey);
        assertThat(readKey.expanded(chain))
                .isEqualTo(new PublicKeyReader(chain)
                        .read(in(seal.save("fullPublic")))
                        .residues());

        byte[] relin = seeded("relin", compression, "");
        byte[] galois = seeded("galois", compression, "1,2,-5");
        seal.ask("load relin fullRelin", relin);
        seal.ask("load galois fullGalois", galois);
        assertThat(streamed(KeySwitchKeyReader.relinearisation(chain), relin))
                .isEqualTo(streamed(KeySwitchKeyReader.relinearisation(chain), seal.save("fullRelin")));
        assertThat(streamed(KeySwitchKeyReader.galois(chain, 3), galois))
                .hasSize(3 * chain.dataPrimes())
                .isEqualTo(streamed(KeySwitchKeyReader.galois(chain, 3), seal.save("fullGalois")));
        if (compression == Compression.NONE) {
            assertThat(bytes(out -> SealWriter.write(read, out, Compression.NONE)))
                    .isEqualTo(ciphertext);
            KeySwitchKeys keys = KeySwitchKeyReader.galois(chain, 3).read(in(galois));
            assertThat(bytes(out -> SealWriter.write(keys, out, Compression.NONE)))
                    .isEqualTo(galois);
        }
    }

    /** The residues of every digit as the streaming reader gives them. */
    private static Map<String, List<Long>> streamed(KeySwitchKeyReader reader, byte[] container) throws IOException {
        Map<String, long[]> arrays = new HashMap<>();
        reader.read(in(container), (index, digit, shape) -> {
            long[] residues = new long[shape.words()];
            arrays.put(index + "/" + digit, residues);
            return ResidueSink.into(residues, 0);
        });
        Map<String, List<Long>> digits = new HashMap<>();
        arrays.forEach((name, residues) ->
                digits.put(name, LongStream.of(residues).boxed().toList()));
        return digits;
    }

    @ParameterizedTest
    @EnumSource(names = {"NONE", "ZLIB"})
    void whatIsWrittenHereLoadsInSeal(Compression compression) throws IOException {
        SealCiphertext one = ciphertexts().read(in(seal.save("one")));
        seal.ask("load ciphertext back", bytes(out -> SealWriter.write(one, out, compression)));
        assertThat(seal.save("back")).isEqualTo(seal.save("one"));
        assertThat(seal.decrypt("back")).startsWith(seal.decrypt("one"));

        SealCiphertext seeded = ciphertexts().read(in(seeded("ciphertext", Compression.ZSTD, "plain")));
        seal.ask("load ciphertext seededBack", bytes(out -> SealWriter.write(seeded, out, compression)));
        assertThat(seal.decrypt("seededBack")[1]).isCloseTo(VALUES[1], offset(1e-6));

        KeySwitchKeys galois = KeySwitchKeyReader.galois(chain, 2).read(in(seeded("galois", Compression.ZLIB, "1,-3")));
        seal.ask("load galois galoisBack", bytes(out -> SealWriter.write(galois, out, compression)));
        SealPlaintext plain = new PlaintextReader(chain).read(in(seal.save("plain")));
        seal.ask("load plaintext plainBack", bytes(out -> SealWriter.write(plain, out, compression)));
        assertThat(seal.save("plainBack")).isEqualTo(seal.save("plain"));
    }

    @Test
    void secretKeysAreRecognisedByEveryReader() {
        for (Compression compression : Compression.values()) {
            byte[] secret = saved("secret", compression);
            List<Writing> readers = List.of(
                    _ -> ciphertexts().read(in(secret)),
                    _ -> new PlaintextReader(chain).read(in(secret)),
                    _ -> new PublicKeyReader(chain).read(in(secret)),
                    _ -> KeySwitchKeyReader.relinearisation(chain).read(in(secret)),
                    _ -> KeySwitchKeyReader.galois(chain, 100).read(in(secret)));
            for (Writing reader : readers) {
                assertThatThrownBy(() -> bytes(reader))
                        .isInstanceOfSatisfying(
                                ContainerException.class,
                                refusal ->
                                        assertThat(refusal.reason()).isEqualTo(ContainerException.Reason.SECRET_KEY));
            }
        }
    }
}
