package io.latticegate.admin.manage;

import io.latticegate.admin.openapi.Operation;
import io.latticegate.common.config.RulesDocument;
import java.util.ArrayList;
import java.util.List;

/** Which path and method is which call. Paths are compared as sent, segment by segment; nothing is normalised away. */
final class CallTable {
    /** What a call does, on a virtual thread. */
    @FunctionalInterface
    interface Work {
        /** @throws Refused to answer with an error */
        Answer answer(ManageRequest request, AuditedCall audited);
    }

    /**
     * @param action its name in the audit
     * @param role the least role that may make it
     */
    record Call(String action, Role role, Work work) {}

    /** Takes the rows of a group of calls. */
    static final class Rows {
        private final List<Row> rows = new ArrayList<>();

        private Rows() {}

        private List<Operation> offered() {
            return rows.stream()
                    .filter(Row::offered)
                    .map(row -> new Operation(
                            row.method(),
                            "/manage/" + String.join("/", row.path()).replace("{id}", "{}"),
                            row.call().action(),
                            row.call().role().wireName()))
                    .toList();
        }

        /**
         * @param role the least role that may make the call
         * @param action its name in the audit
         * @param path the segments after {@code /manage}; <code>{id}</code> stands for any one that is not empty
         */
        void add(String method, Role role, String action, Work work, String... path) {
            rows.add(new Row(method, List.of(path), true, new Call(action, role, work)));
        }

        /** A call that exists only to be refused, and that {@code Allow} does not name. */
        void refuse(String method, String action, Work refusing, String... path) {
            rows.add(new Row(method, List.of(path), false, new Call(action, Role.VIEWER, refusing)));
        }
    }

    private record Row(String method, List<String> path, boolean offered, Call call) {
        boolean at(List<String> segments) {
            if (segments.size() != path.size()) {
                return false;
            }
            for (int i = 0; i < path.size(); i++) {
                boolean same = path.get(i).equals("{id}")
                        ? !segments.get(i).isEmpty()
                        : path.get(i).equals(segments.get(i));
                if (!same) {
                    return false;
                }
            }
            return true;
        }
    }

    private static final String ACCESS = "admin.access";
    private static final String CONFIG = "config";

    private final List<Row> rows;

    CallTable(List<Calls> groups) {
        Rows collected = new Rows();
        groups.forEach(group -> group.addTo(collected));
        new DescriptionCalls(collected::offered).addTo(collected);
        rows = List.copyOf(collected.rows);
    }

    /** Longest body of a call, in bytes. */
    static int bodyBytesMax(List<String> segments) {
        return !segments.isEmpty() && segments.getFirst().equals(CONFIG)
                ? RulesDocument.BODY_BYTES_MAX
                : RequestReader.BODY_BYTES_MAX;
    }

    /** The call, or one that refuses with 404 or 405. */
    Call find(String method, List<String> segments) {
        List<Row> here = rows.stream().filter(row -> row.at(segments)).toList();
        for (Row row : here) {
            if (row.method().equals(method)) {
                return row.call();
            }
        }
        if (here.isEmpty()) {
            return new Call(ACCESS, Role.VIEWER, (request, audited) -> {
                throw Refused.notFound("path");
            });
        }
        String allow = String.join(
                ", ",
                here.stream().filter(Row::offered).map(Row::method).distinct().toList());
        return new Call(ACCESS, Role.VIEWER, (request, audited) -> {
            throw Refused.methodNotAllowed(allow, null);
        });
    }
}
