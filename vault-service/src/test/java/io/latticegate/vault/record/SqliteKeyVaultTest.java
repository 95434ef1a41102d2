package io.latticegate.vault.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.value.Secret;
import io.latticegate.vault.kms.KekRing;
import io.latticegate.vault.kms.StaticKek;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteKeyVaultTest extends KeyVaultContract {
    @TempDir
    private Path folder;

    @Override
    DataSource database() {
        return TestDatabases.sqlite(folder.resolve("vault.db"));
    }

    @Test
    void theDatabaseFileHoldsNothingOfAThousandKeys() throws IOException {
        SecureRandom random = new SecureRandom();
        byte[] drawn = new byte[24];
        random.nextBytes(drawn);
        String canary = HexFormat.of().formatHex(drawn);
        StaticKek kek = StaticKek.of("kek-1", Secret.owning(new byte[32]), random);
        DataSource database = TestDatabases.sqlite(folder.resolve("canary.db"));
        try (KeyVault vault = KeyVault.open(
                database, new KekRing(kek, List.of()), Lifetimes.DEFAULT, InstantSource.system(), random)) {
            for (int i = 0; i < 1_000; i++) {
                Owner owner = Owner.wallet(String.format(Locale.ROOT, "0x%040x", i));
                vault.store(owner, "openai", Secret.ofText("sk-" + canary + i), 100L);
            }
        }
        StringBuilder written = new StringBuilder();
        try (var files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                written.append(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        String content = written.toString();
        assertThat(content).contains(String.format(Locale.ROOT, "0x%040x", 999));
        for (String form : formsOf(canary)) {
            assertThat(content.contains(form)).as(form).isFalse();
        }
    }

    /** The text as it is, in hex, and in base64 at each of the three alignments, without the characters at the edges. */
    private static List<String> formsOf(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        List<String> forms = new ArrayList<>();
        forms.add(text);
        forms.add(HexFormat.of().formatHex(bytes));
        forms.add(HexFormat.of().withUpperCase().formatHex(bytes));
        for (int skipped = 0; skipped < 3; skipped++) {
            String encoded = Base64.getEncoder()
                    .withoutPadding()
                    .encodeToString(java.util.Arrays.copyOfRange(bytes, skipped, bytes.length));
            forms.add(encoded.substring(0, encoded.length() - 4));
        }
        return forms;
    }
}
