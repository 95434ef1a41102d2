package io.latticegate.admin.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.listing.SqliteSteps;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteRequestLogTest extends RequestLogContract {
    @TempDir
    private Path directory;

    @Override
    Database emptyDatabase() {
        return Database.open("audit", new StoreLocation.Sqlite(directory));
    }

    @Test
    void aPageIsNoMoreWorkInALongLogThanInAShortOne() {
        List<AuditRecord> records = RequestLogContract.records(6_000);
        append("n0", records.subList(0, 1_000));
        Map<String, Long> atFirst = steps();
        for (int from = 1_000; from < 6_000; from += 1_000) {
            append("n" + from, records.subList(from, from + 1_000));
        }
        Map<String, Long> later = steps();
        atFirst.forEach((filter, steps) -> assertThat(later.get(filter))
                .as("steps of %s, which were %d", filter, steps)
                .isLessThan(steps * 3 / 2 + 3_000));
    }

    private Map<String, Long> steps() {
        Map<String, Long> steps = new LinkedHashMap<>();
        for (RequestFilter filter : List.of(
                filter(Map.of(), null, 0),
                filter(Map.of(), 599, 0),
                filter(Map.of(RequestFilter.Field.REQUEST_ID, "r17"), null, 0),
                filter(Map.of(RequestFilter.Field.OUTCOME, "error"), null, 0),
                filter(Map.of(RequestFilter.Field.PROJECT_ID, "p1", RequestFilter.Field.MODEL, "none"), null, 0),
                filter(Map.of(RequestFilter.Field.PROJECT_ID, "p1", RequestFilter.Field.TOKEN_ID, "none"), null, 0),
                filter(Map.of(RequestFilter.Field.PROJECT_ID, "none", RequestFilter.Field.TOKEN_ID, "t1"), null, 0))) {
            steps.put(
                    filter.toString(),
                    SqliteSteps.of(database(), connection -> RequestLog.list(connection, filter, EXAMINED)));
        }
        return steps;
    }
}
