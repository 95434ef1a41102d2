package io.latticegate.vault.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.crypto.AesGcm;
import io.latticegate.common.crypto.Hkdf;
import io.latticegate.common.value.Secret;
import io.latticegate.vault.envelope.Envelope.Opening.Corrupt;
import io.latticegate.vault.envelope.Envelope.Opening.Opened;
import io.latticegate.vault.envelope.Envelope.Reason;
import io.latticegate.vault.envelope.Envelope.Renewal;
import io.latticegate.vault.kms.KekRing;
import io.latticegate.vault.kms.StaticKek;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnvelopeTest {
    private static final String WALLET = "0x00000000000000000000000000000000000000aa";
    private static final Binding BINDING = Binding.ofKey(Owner.wallet(WALLET), "openai", "record-1", 7);

    private final SecureRandom random = new SecureRandom();
    private final StaticKek kek = StaticKek.of("kek-1", randomKey(), random);
    private final Envelope envelope = new Envelope(new KekRing(kek, List.of()), random);
    private final Secret secret = Secret.ofText("sk-test-0123456789");

    @Test
    void opensWhatItSealed() {
        for (int length : new int[] {1, 16, 8_192}) {
            Secret any = Secret.owning(new byte[length]);
            Envelope.Sealed sealed = envelope.seal(BINDING, any);
            assertThat(sealed.kekId()).isEqualTo(kek.id());
            assertThat(envelope.open(BINDING, sealed.bytes())).isEqualTo(new Opened(any));
        }
    }

    @Test
    void laysARecordOutAsDocumented() {
        byte[] sealed = envelope.seal(BINDING, secret).bytes();
        int idLength = kek.id().length();
        int wrappedLength = 12 + 32 + 16;
        assertThat(sealed).startsWith(2, 1, idLength);
        assertThat(new String(sealed, 3, idLength, java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo(kek.id());
        assertThat(sealed[3 + idLength]).isZero();
        assertThat(sealed[4 + idLength]).isEqualTo((byte) wrappedLength);
        assertThat(sealed).hasSize(49 + idLength + wrappedLength + secret.length() + 16);
    }

    @Test
    void refusesEveryFlippedBit() {
        byte[] sealed = envelope.seal(BINDING, secret).bytes();
        for (int bit = 0; bit < sealed.length * 8; bit++) {
            byte[] changed = sealed.clone();
            changed[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(envelope.open(BINDING, changed)).as("bit %d", bit).isInstanceOf(Corrupt.class);
        }
    }

    @Test
    void refusesEveryTruncationAndExtension() {
        byte[] sealed = envelope.seal(BINDING, secret).bytes();
        for (int length = 0; length <= sealed.length + 1; length++) {
            if (length != sealed.length) {
                assertThat(envelope.open(BINDING, java.util.Arrays.copyOf(sealed, length)))
                        .as("length %d", length)
                        .isInstanceOf(Corrupt.class);
            }
        }
    }

    @Test
    void refusesAnyOtherBinding() {
        byte[] sealed = envelope.seal(BINDING, secret).bytes();
        List<Binding> others = List.of(
                new Binding("PROJECT", WALLET, "openai", "record-1", 7),
                new Binding("WALLET", WALLET.replace("aa", "ab"), "openai", "record-1", 7),
                new Binding("WALLET", WALLET, "anthropic", "record-1", 7),
                new Binding("WALLET", WALLET, "openai", "record-2", 7),
                new Binding("WALLET", WALLET, "openai", "record-1", 6),
                new Binding("WALLET", WALLET, "openai", "record-1", 8),
                new Binding("WALLET", WALLET + "o", "penai", "record-1", 7),
                Binding.ofServiceKey("openai", "record-1", 7));
        for (Binding other : others) {
            assertThat(envelope.open(other, sealed)).as("%s", other).isEqualTo(new Corrupt(Reason.WRAPPED_KEY));
        }
    }

    @Test
    void everyFieldChangesTheAuthenticatedBytes() {
        List<byte[]> encodings = List.of(
                BINDING.canonical(1, 1, "k"),
                BINDING.canonical(2, 1, "k"),
                BINDING.canonical(1, 2, "k"),
                BINDING.canonical(1, 1, "l"),
                new Binding("WALLET", WALLET, "openaik", "record-1", 7).canonical(1, 1, ""));
        assertThat(encodings).doesNotHaveDuplicates();
    }

    @Test
    void refusesRecordsSwappedInAllPairs() {
        List<Binding> bindings = new ArrayList<>();
        for (String owner : List.of(WALLET, WALLET.replace("aa", "ab"))) {
            for (String provider : List.of("openai", "anthropic", "gemini")) {
                bindings.add(Binding.ofKey(Owner.wallet(owner), provider, "record-" + bindings.size(), 1));
            }
        }
        List<byte[]> sealed = bindings.stream()
                .map(binding -> envelope.seal(binding, secret).bytes())
                .toList();
        for (int row = 0; row < bindings.size(); row++) {
            for (int blob = 0; blob < sealed.size(); blob++) {
                assertThat(envelope.open(bindings.get(row), sealed.get(blob)))
                        .as("row %d, bytes of %d", row, blob)
                        .isInstanceOf(row == blob ? Opened.class : Corrupt.class);
            }
        }
    }

    @Test
    void refusesColumnsSwappedWithinOneRecordsHistory() {
        byte[] one = envelope.seal(BINDING, secret).bytes();
        byte[] two = envelope.seal(BINDING, Secret.ofText("sk-other-123456789")).bytes();
        int head = 5 + kek.id().length();
        int[] starts = {head, head + 60, head + 92, head + 104};
        int[] ends = {head + 60, head + 92, head + 104, one.length};
        Reason[] reasons = {Reason.COMMITMENT, Reason.COMMITMENT, Reason.CIPHERTEXT, Reason.CIPHERTEXT};
        for (int part = 0; part < starts.length; part++) {
            byte[] mixed = one.clone();
            System.arraycopy(two, starts[part], mixed, starts[part], ends[part] - starts[part]);
            assertThat(envelope.open(BINDING, mixed)).as("part %d", part).isEqualTo(new Corrupt(reasons[part]));
        }
    }

    @Test
    void opensUnderAPreviousKekAndNamesAMissingOne() {
        byte[] sealed = envelope.seal(BINDING, secret).bytes();
        StaticKek newer = StaticKek.of("kek-2", randomKey(), random);
        Envelope rotated = new Envelope(new KekRing(newer, List.of(kek)), random);
        assertThat(rotated.open(BINDING, sealed)).isEqualTo(new Opened(secret));
        assertThat(rotated.seal(BINDING, secret).kekId()).isEqualTo(newer.id());
        assertThat(new Envelope(new KekRing(newer, List.of()), random).open(BINDING, sealed))
                .isEqualTo(new Corrupt(Reason.UNKNOWN_KEK));
    }

    @Test
    void wrapsTheDataKeyAnewWithoutTouchingTheContent() {
        byte[] sealed = envelope.seal(BINDING, secret).bytes();
        StaticKek newer = StaticKek.of("kek-2", randomKey(), random);
        Envelope rotated = new Envelope(new KekRing(newer, List.of(kek)), random);

        Envelope.Sealed rewrapped = renewed(rotated.rewrap(BINDING, sealed));

        assertThat(rewrapped.kekId()).isEqualTo("kek-2");
        int head = 5 + kek.id().length() + 60;
        assertThat(content(rewrapped.bytes(), head)).isEqualTo(content(sealed, head));
        assertThat(new Envelope(new KekRing(newer, List.of()), random).open(BINDING, rewrapped.bytes()))
                .isEqualTo(new Opened(secret));
        assertThat(envelope.open(BINDING, rewrapped.bytes())).isEqualTo(new Corrupt(Reason.UNKNOWN_KEK));
    }

    @Test
    void renewsTheDataKeyUnderTheNextVersion() {
        byte[] sealed = envelope.seal(BINDING, secret).bytes();
        Binding next = new Binding("WALLET", WALLET, "openai", "record-1", 8);

        Envelope.Sealed fresh = renewed(envelope.renew(BINDING, sealed, next));

        assertThat(envelope.open(next, fresh.bytes())).isEqualTo(new Opened(secret));
        assertThat(envelope.open(BINDING, fresh.bytes())).isEqualTo(new Corrupt(Reason.WRAPPED_KEY));
        int head = 5 + kek.id().length() + 60;
        assertThat(content(fresh.bytes(), head)).isNotEqualTo(content(sealed, head));
    }

    @Test
    void wrapsNothingThatDoesNotOpen() {
        byte[] sealed = envelope.seal(BINDING, secret).bytes();
        int wrapped = 5 + kek.id().length();
        assertThat(envelope.rewrap(BINDING, flipped(sealed, wrapped)))
                .isEqualTo(new Renewal.Corrupt(Reason.WRAPPED_KEY));
        assertThat(envelope.rewrap(BINDING, flipped(sealed, wrapped + 60)))
                .isEqualTo(new Renewal.Corrupt(Reason.COMMITMENT));
        assertThat(envelope.rewrap(BINDING, new byte[3])).isEqualTo(new Renewal.Corrupt(Reason.FORMAT));
        assertThat(envelope.renew(BINDING, flipped(sealed, sealed.length - 1), BINDING))
                .isEqualTo(new Renewal.Corrupt(Reason.CIPHERTEXT));
    }

    @Test
    void opensAndRewrapsARecordOfTheFirstFormat() {
        byte[] first = recordOfFormatOne(kek, BINDING, "sk-of-the-first-format");
        StaticKek newer = StaticKek.of("kek-2", randomKey(), random);
        Envelope rotated = new Envelope(new KekRing(newer, List.of(kek)), random);
        Opened expected = new Opened(Secret.ofText("sk-of-the-first-format"));

        assertThat(envelope.open(BINDING, first)).isEqualTo(expected);
        Envelope.Sealed rewrapped = renewed(rotated.rewrap(BINDING, first));

        assertThat(rewrapped.bytes()).startsWith(2);
        assertThat(rotated.open(BINDING, rewrapped.bytes())).isEqualTo(expected);
        first[0] = 2;
        assertThat(envelope.open(BINDING, first)).isEqualTo(new Corrupt(Reason.WRAPPED_KEY));
    }

    /** As docs/vault.md lays it out, with the content bound to the key-encryption key. */
    private byte[] recordOfFormatOne(StaticKek wrapping, Binding binding, String text) {
        byte[] aad = binding.canonical(1, 1, wrapping.id());
        byte[] dek = new byte[32];
        byte[] nonce = new byte[AesGcm.NONCE_BYTES];
        random.nextBytes(dek);
        random.nextBytes(nonce);
        byte[] keys = Hkdf.derive(dek, binding.recordId().getBytes(StandardCharsets.UTF_8), aad, 64);
        byte[] wrapped = wrapping.wrap(dek, aad);
        byte[] id = wrapping.id().getBytes(StandardCharsets.US_ASCII);
        byte[] ciphertext = AesGcm.seal(Arrays.copyOf(keys, 32), nonce, aad, text.getBytes(StandardCharsets.US_ASCII));
        return ByteBuffer.allocate(5 + id.length + wrapped.length + 32 + nonce.length + ciphertext.length)
                .put((byte) 1)
                .put((byte) 1)
                .put((byte) id.length)
                .put(id)
                .putShort((short) wrapped.length)
                .put(wrapped)
                .put(Arrays.copyOfRange(keys, 32, 64))
                .put(nonce)
                .put(ciphertext)
                .array();
    }

    private static Envelope.Sealed renewed(Renewal renewal) {
        assertThat(renewal).isInstanceOf(Renewal.Renewed.class);
        return ((Renewal.Renewed) renewal).sealed();
    }

    private static byte[] content(byte[] sealed, int head) {
        return Arrays.copyOfRange(sealed, head, sealed.length);
    }

    private static byte[] flipped(byte[] sealed, int at) {
        byte[] changed = sealed.clone();
        changed[at] ^= 1;
        return changed;
    }

    @Test
    void refusesAnotherKekOfTheSameId() {
        byte[] sealed = envelope.seal(BINDING, secret).bytes();
        StaticKek impostor = StaticKek.of(kek.id(), randomKey(), random);
        assertThat(new Envelope(new KekRing(impostor, List.of()), random).open(BINDING, sealed))
                .isEqualTo(new Corrupt(Reason.WRAPPED_KEY));
    }

    @Test
    void neverSealsTheSameWayTwice() {
        assertThat(envelope.seal(BINDING, secret).bytes())
                .isNotEqualTo(envelope.seal(BINDING, secret).bytes());
    }

    @Test
    void printsNothingOfTheSecret() {
        assertThat(envelope.open(BINDING, envelope.seal(BINDING, secret).bytes()))
                .asInstanceOf(type(Opened.class))
                .hasToString("Opened[secret=Secret(****)]");
    }

    private Secret randomKey() {
        byte[] key = new byte[32];
        random.nextBytes(key);
        return Secret.owning(key);
    }
}
