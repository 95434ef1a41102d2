package io.latticegate.admin.subject;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteAuditRecordsTest extends AuditRecordsContract {
    @TempDir
    private Path directory;

    @Override
    Database emptyDatabase() {
        return Database.open("audit", new StoreLocation.Sqlite(directory));
    }

    @Test
    void noByteOfAnErasedSubjectStaysInTheFilesOfTheStore() throws IOException {
        for (int batch = 0; batch < 20; batch++) {
            AuditRecord[] requests = new AuditRecord[100];
            for (int at = 0; at < requests.length; at++) {
                boolean erased = (batch + at) % 3 == 0;
                String canary = (erased ? "canary-" : "other-") + "x".repeat(1 + (batch * at) % 90);
                requests[at] = walletRequest(
                                erased ? WALLET : String.format(Locale.ROOT, "0x%040x", batch * 100 + at),
                                erased ? "203.0.113.77" : "198.51.100." + at,
                                canary)
                        .build();
            }
            append(requests);
        }
        assertThat(files()).contains("canary-").contains("203.0.113.77");

        erasure.erase(Subject.parse(Subject.Kind.WALLET, WALLET));

        String files = files();
        assertThat(files).contains("other-");
        for (String gone : List.of("canary-", WALLET.toLowerCase(Locale.ROOT), "203.0.113.77")) {
            assertThat(files.contains(gone)).as(gone).isFalse();
        }
    }

    /** The database, its write-ahead log and whatever else lies beside it. */
    private String files() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return all.toString().toLowerCase(Locale.ROOT);
    }
}
