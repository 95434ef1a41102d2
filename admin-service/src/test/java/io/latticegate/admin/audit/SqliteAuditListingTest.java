package io.latticegate.admin.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.listing.SqliteSteps;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteAuditListingTest extends AuditListingContract {
    private static final int SHORT = 1_000;
    private static final int LONG = 6_000;

    @TempDir
    private Path directory;

    @Override
    Database emptyDatabase() {
        return Database.open("audit", new StoreLocation.Sqlite(directory));
    }

    @Test
    void aPageIsNoMoreWorkInALongLogThanInAShortOne() {
        append("one", 1, AuditListingContract.records(SHORT));
        Map<String, Long> atFirst = steps();
        for (int from = SHORT; from < LONG; from += SHORT) {
            append("one", from + 1, AuditListingContract.records(LONG).subList(from, from + SHORT));
        }
        Map<String, Long> later = steps();
        atFirst.forEach((filter, steps) -> assertThat(later.get(filter))
                .as("steps of %s, which were %d", filter, steps)
                .isLessThan(steps * 3 / 2 + 3_000));
    }

    private Map<String, Long> steps() {
        Map<String, Long> steps = new LinkedHashMap<>();
        filters()
                .keySet()
                .forEach(filter -> steps.put(
                        filter.toString(),
                        SqliteSteps.of(
                                database(), connection -> AuditQuery.list(connection, sealing(), filter, EXAMINED))));
        return steps;
    }
}
