package io.latticegate.e2e.mesh;

import io.latticegate.admin.subject.Sealing;
import io.latticegate.admin.subject.Sealing.Opened;
import io.latticegate.admin.subject.Sealing.Stored;
import io.latticegate.common.journal.AuditDecoder;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.store.Dialect;
import io.latticegate.common.value.Secret;
import io.latticegate.e2e.LocalMesh;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The audit as it lies in PostgreSQL, compared with what clients and provider saw. */
final class Audit {
    private static final int OPENED_AT_ONCE = 1_000;
    private static final Pattern MARK = Pattern.compile("mark-[0-9a-f]+-[0-9]+-");

    private final Set<String> begun = new HashSet<>();
    private final Set<String> ended = new HashSet<>();
    private final List<String> doubled = new ArrayList<>();
    private long missing;

    private Audit() {}

    static Audit read(LocalMesh mesh) {
        Audit audit = new Audit();
        try (Connection connection = mesh.database();
                Statement statement = connection.createStatement()) {
            connection.setSchema("audit");
            List<Stored> entries = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery("SELECT node, seq, payload FROM audit_begin UNION ALL"
                    + " SELECT node, seq, payload FROM audit_log WHERE correlation_id LIKE 'mark-%'")) {
                while (rows.next()) {
                    entries.add(new Stored(rows.getString(1), rows.getLong(2), rows.getBytes(3)));
                }
            }
            try (Secret key = mesh.sealingKey();
                    Sealing sealing = new Sealing(key, Dialect.POSTGRESQL, new SecureRandom())) {
                for (int from = 0; from < entries.size(); from += OPENED_AT_ONCE) {
                    List<Stored> some = entries.subList(from, Math.min(entries.size(), from + OPENED_AT_ONCE));
                    for (Opened entry : sealing.open(connection, some)) {
                        audit.note(AuditDecoder.decode(entry.bytes()));
                    }
                }
            }
            try (ResultSet rows = statement.executeQuery(
                    "SELECT COALESCE(SUM(highest - number), 0) FROM (SELECT node, MAX(seq) AS highest, COUNT(*) AS"
                            + " number FROM (SELECT node, seq FROM audit.audit_log UNION ALL"
                            + " SELECT node, seq FROM audit.audit_begin) AS entries GROUP BY node) AS nodes")) {
                rows.next();
                audit.missing = rows.getLong(1);
            }
            return audit;
        } catch (SQLException fault) {
            throw new AssertionError("the audit cannot be read", fault);
        }
    }

    private void note(AuditRecord entry) {
        String mark = entry.correlationId();
        if (mark.startsWith("mark-")) {
            Set<String> seen = entry.phase() == AuditPhase.BEGIN ? begun : ended;
            if (!seen.add(mark)) {
                doubled.add(mark);
            }
        }
    }

    /** Marks of the requests that the provider has seen since its last reset. */
    static Set<String> atProvider(LocalMesh mesh) {
        Set<String> marks = new HashSet<>();
        mesh.provider().requests().forEach(request -> {
            Matcher mark = MARK.matcher(request.bodyText());
            if (mark.find()) {
                marks.add(mark.group());
            }
        });
        return marks;
    }

    Set<String> begun() {
        return begun;
    }

    Set<String> ended() {
        return ended;
    }

    /** Marks with more than one beginning or more than one ending. */
    List<String> doubled() {
        return doubled;
    }

    /** Sequence numbers that no entry has, below the highest of each node. */
    long missing() {
        return missing;
    }
}
