package io.latticegate.admin.manage;

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

    /** @param action its name in the audit */
    record Call(String action, Work work) {}

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

    private final List<Row> rows = new ArrayList<>();

    CallTable(
            ProjectCalls projects,
            KeyCalls keys,
            TokenCalls tokens,
            AuditCalls audit,
            CacheCalls cache,
            ConfigCalls config,
            PrivacyCalls privacy) {
        add("GET", "project.list", projects::list, "projects");
        add("POST", "project.create", projects::create, "projects");
        add("GET", "project.read", projects::read, "projects", "{id}");
        add("PATCH", "project.update", projects::update, "projects", "{id}");
        rows.add(new Row("DELETE", List.of("projects", "{id}"), false, new Call("project.delete", projects::delete)));
        add("POST", "token.revoke_batch", projects::revokeTokens, "projects", "{id}", "tokens", "revoke");
        add("GET", "key.list", keys::list, "projects", "{id}", "keys");
        add("POST", "key.store", keys::store, "projects", "{id}", "keys");
        add("PATCH", "key.weigh", keys::weigh, "projects", "{id}", "keys", "{id}", "{id}");
        add("DELETE", "key.delete", keys::delete, "projects", "{id}", "keys", "{id}", "{id}");
        add("GET", "token.list", tokens::list, "tokens");
        add("POST", "token.create", tokens::create, "tokens");
        add("GET", "token.read", tokens::read, "tokens", "{id}");
        add("PATCH", "token.update", tokens::update, "tokens", "{id}");
        add("DELETE", "token.revoke", tokens::revoke, "tokens", "{id}");
        add("GET", "audit.list", audit::list, "audit");
        add("GET", "audit.show", audit::show, "audit", "{id}");
        add("POST", "cache.purge", cache::purge, "cache", "purge");
        add("GET", "config.read", config::read, CONFIG);
        add("PUT", "config.replace", config::replace, CONFIG);
        add("PATCH", "config.update", config::update, CONFIG);
        add("POST", "config.validate", config::validate, CONFIG, "validate");
        add("GET", "config.diff", config::diff, CONFIG, "diff");
        add("GET", "config.list", config::list, CONFIG, "versions");
        add("GET", "config.show", config::show, CONFIG, "versions", "{id}");
        add("GET", "privacy.list", privacy::list, "privacy", "budgets");
        add("POST", "privacy.reset", privacy::reset, "privacy", "budgets", "reset");
        add("POST", "config.rollback", config::rollback, CONFIG, "versions", "{id}", "rollback");
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
            return new Call(ACCESS, (request, audited) -> {
                throw Refused.notFound("path");
            });
        }
        String allow = String.join(
                ", ", here.stream().filter(Row::offered).map(Row::method).toList());
        return new Call(ACCESS, (request, audited) -> {
            throw Refused.methodNotAllowed(allow, null);
        });
    }

    private void add(String method, String action, Work work, String... path) {
        rows.add(new Row(method, List.of(path), true, new Call(action, work)));
    }
}
