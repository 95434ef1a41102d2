package io.latticegate.admin.manage;

import io.latticegate.admin.rules.RulesBook;
import io.latticegate.admin.rules.RulesVersion;
import io.latticegate.admin.rules.RulesVersion.Origin;
import io.latticegate.common.config.ConfigException;
import io.latticegate.common.config.ConfigProblem;
import io.latticegate.common.config.ProviderConfig;
import io.latticegate.common.config.RulesDocument;
import io.latticegate.common.config.RulesDocument.Difference;
import io.latticegate.common.config.RulesDocument.Format;
import io.latticegate.common.store.StoreFault;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The calls under {@code /manage/config}: the rules in force, their versions, and changes to them. A change names the version
 * that it changes in {@code If-Match} (RFC 9110 section 13.1.1), so that nobody overwrites what he has not seen. Documents
 * hold no secrets, so they are shown whole.
 */
final class ConfigCalls implements Calls {
    private static final String CONFIG = "config";
    private static final Pattern ETAG = Pattern.compile("\"([1-9][0-9]{0,17})\"");
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,17}");
    private static final int LISTED = 20;
    private static final int LISTED_MAX = 50;
    private static final int NOTED_LENGTH_MAX = 200;
    private static final String BODY = "body";
    private static final String FILE = "file";

    private final RulesBook book;

    /** Makes the next document of the one in force. */
    @FunctionalInterface
    private interface Edit {
        /** @throws ConfigException where what is asked for cannot be read */
        RulesDocument of(RulesDocument current);
    }

    ConfigCalls(RulesBook book) {
        this.book = book;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.VIEWER, "config.read", this::read, CONFIG);
        rows.add("PUT", Role.ADMIN, "config.replace", this::replace, CONFIG);
        rows.add("PATCH", Role.ADMIN, "config.update", this::update, CONFIG);
        rows.add("POST", Role.VIEWER, "config.validate", this::validate, CONFIG, "validate");
        rows.add("GET", Role.VIEWER, "config.diff", this::diff, CONFIG, "diff");
        rows.add("GET", Role.VIEWER, "config.list", this::list, CONFIG, "versions");
        rows.add("GET", Role.VIEWER, "config.show", this::show, CONFIG, "versions", "{id}");
        rows.add("POST", Role.ADMIN, "config.rollback", this::rollback, CONFIG, "versions", "{id}", "rollback");
    }

    /** Names of the providers for which a project may have a key. */
    Set<String> providersWithKeys() {
        return stored(() -> book.config().providers().values().stream()
                .filter(provider -> provider.kind() != ProviderConfig.Kind.ECHO)
                .map(ProviderConfig::name)
                .collect(Collectors.toUnmodifiableSet()));
    }

    /** {@code GET /manage/config}. */
    Answer read(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        RulesVersion now = stored(book::current);
        audited.note("version", Long.toString(now.version()));
        return answer(now, null);
    }

    /** {@code GET /manage/config/versions}. */
    Answer list(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery("before", "limit");
        String before = request.query().get("before");
        long below = before == null ? Long.MAX_VALUE : number("before", before);
        List<RulesVersion> found = stored(() -> book.list(below, request.number("limit", LISTED, LISTED_MAX)));
        JsonArray versions = new JsonArray();
        found.forEach(version -> versions.add(head(version)));
        audited.note("count", Integer.toString(found.size()));
        return Answer.json(200, new JsonObject().put("versions", versions));
    }

    /** {@code GET /manage/config/versions/{n}}. */
    Answer show(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        return answer(version(request), null);
    }

    /** {@code GET /manage/config/diff}. */
    Answer diff(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery("from", "to");
        String to = request.query().get("to");
        RulesVersion newer = to == null ? stored(book::current) : find(number("to", to));
        String from = request.query().get("from");
        RulesDocument older = FILE.equals(from)
                ? book.ofFile()
                : find(from == null ? Math.max(1, newer.version() - 1) : number("from", from))
                        .document();
        return Answer.json(
                200,
                new JsonObject()
                        .put("from", from == null ? Long.toString(Math.max(1, newer.version() - 1)) : from)
                        .put("to", Long.toString(newer.version()))
                        .put("changes", changes(older.differencesTo(newer.document()))));
    }

    /** {@code POST /manage/config/validate}: what a {@code PUT}, or with a merge patch a {@code PATCH}, would say. */
    Answer validate(ManageRequest request, AuditedCall audited) {
        request.allowQuery();
        boolean patch = request.isMergePatch();
        Format format = format(request, patch);
        RulesVersion now = stored(book::current);
        List<ConfigProblem> problems;
        List<Difference> differences = List.of();
        try {
            RulesDocument proposed = patch
                    ? now.document().patched(format, BODY, request.body())
                    : RulesDocument.read(format, BODY, request.body());
            problems = stored(() -> book.problems(proposed));
            if (problems.isEmpty()) {
                differences = now.document().differencesTo(proposed);
            }
        } catch (ConfigException malformed) {
            problems = malformed.problems();
        }
        audited.note("problems", Integer.toString(problems.size()));
        return Answer.json(
                200,
                new JsonObject()
                        .put("valid", problems.isEmpty())
                        .put("version", now.version())
                        .put("problems", Refused.problems(problems))
                        .put("changes", changes(differences)));
    }

    /** {@code PUT /manage/config}. */
    Answer replace(ManageRequest request, AuditedCall audited) {
        request.allowQuery();
        Format format = format(request, false);
        return change(request, audited, Origin.CHANGE, current -> RulesDocument.read(format, BODY, request.body()));
    }

    /** {@code PATCH /manage/config}, with a merge patch (RFC 7396). */
    Answer update(ManageRequest request, AuditedCall audited) {
        request.allowQuery();
        Format format = format(request, true);
        return change(request, audited, Origin.CHANGE, current -> current.patched(format, BODY, request.body()));
    }

    /** {@code POST /manage/config/versions/{n}/rollback}. */
    Answer rollback(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        RulesVersion older = version(request);
        audited.note("rolled_back_to", Long.toString(older.version()));
        return change(request, audited, Origin.ROLLBACK, current -> older.document());
    }

    /** What a refused document says is not in the audit: a name in it that is no setting's may be a key put in the wrong place. */
    private Answer change(ManageRequest request, AuditedCall audited, Origin origin, Edit edit) {
        long expected = expected(request);
        RulesVersion now = stored(book::current);
        audited.note("from_version", Long.toString(now.version()));
        if (now.version() != expected) {
            throw late(now.version());
        }
        RulesDocument proposed;
        try {
            proposed = edit.of(now.document());
        } catch (ConfigException malformed) {
            throw Refused.config(malformed.problems());
        }
        List<ConfigProblem> found = stored(() -> book.problems(proposed));
        if (!found.isEmpty()) {
            throw Refused.config(found);
        }
        List<Difference> differences = now.document().differencesTo(proposed);
        audited.note("changes", noted(differences));
        audited.begin();
        RulesBook.Outcome outcome;
        try {
            outcome = book.change(expected, proposed, origin, request.requestId());
        } catch (StoreFault.OutcomeUnknown lost) {
            throw Refused.unavailable(
                    "the store was lost during the change; GET /manage/config tells whether it was made");
        } catch (StoreFault away) {
            throw Refused.unavailable("the store of the rules does not answer; nothing was changed");
        }
        return switch (outcome) {
            case RulesBook.Outcome.Made(RulesVersion made) -> {
                audited.note("version", Long.toString(made.version()));
                yield answer(made, changes(differences));
            }
            case RulesBook.Outcome.Same(RulesVersion same) -> {
                audited.note("version", Long.toString(same.version()));
                yield answer(same, new JsonArray());
            }
            case RulesBook.Outcome.Late(long version) -> throw late(version);
            case RulesBook.Outcome.Refused(List<ConfigProblem> problems) -> throw Refused.config(problems);
        };
    }

    private static Refused late(long version) {
        return Refused.failed(
                412, "version " + version + " is in force now; read it and repeat the change", "version_conflict");
    }

    /** The version that the client has seen. */
    private static long expected(ManageRequest request) {
        if (request.ifMatch().isEmpty()) {
            throw Refused.denied(
                    428, "If-Match is required, with the ETag of the version that is to be changed, such as \"7\"");
        }
        Matcher tag = ETAG.matcher(request.ifMatch());
        if (!tag.matches()) {
            throw Refused.badRequest("If-Match must be one ETag of GET /manage/config, such as \"7\"");
        }
        return Long.parseLong(tag.group(1));
    }

    private static Format format(ManageRequest request, boolean patchable) {
        if (request.isYaml()) {
            return Format.YAML;
        }
        if (request.isJson() && (patchable || !request.isMergePatch())) {
            return Format.JSON;
        }
        throw Refused.denied(
                415,
                patchable
                        ? "Content-Type must be application/merge-patch+json, application/json or application/yaml"
                        : "Content-Type must be application/json or application/yaml");
    }

    private RulesVersion version(ManageRequest request) {
        String number = request.segments().get(2);
        if (!NUMBER.matcher(number).matches()) {
            throw Refused.notFound("version");
        }
        return find(Long.parseLong(number));
    }

    private RulesVersion find(long number) {
        Optional<RulesVersion> found = stored(() -> book.find(number));
        return found.orElseThrow(() -> Refused.notFound("version"));
    }

    private static long number(String name, @Nullable String text) {
        if (text == null || !NUMBER.matcher(text).matches()) {
            throw Refused.badRequest(name + " must be the number of a version");
        }
        return Long.parseLong(text);
    }

    private static <T> T stored(Supplier<T> question) {
        try {
            return question.get();
        } catch (StoreFault away) {
            throw Refused.unavailable("the store of the rules does not answer; nothing was read or changed");
        }
    }

    /** The version with its document as it is stored: a parser in between would round numbers. */
    private Answer answer(RulesVersion version, @Nullable JsonArray changes) {
        JsonObject head = head(version);
        if (changes != null) {
            head.put("changes", changes);
        }
        String open = head.encode();
        Buffer body = Buffer.buffer(open.substring(0, open.length() - 1) + ",\"config\":"
                + version.document().json() + "}");
        return Answer.written("application/json", body, Map.of("ETag", "\"" + version.version() + "\""));
    }

    private JsonObject head(RulesVersion version) {
        return new JsonObject()
                .put("version", version.version())
                .put("origin", version.origin().name().toLowerCase(Locale.ROOT))
                .put("created_at", version.createdAt().toString())
                .put("request_id", version.requestId())
                .put("same_as_file", version.document().equals(book.ofFile()));
    }

    private static JsonArray changes(List<Difference> differences) {
        JsonArray changes = new JsonArray();
        for (Difference difference : differences) {
            JsonObject one = new JsonObject().put("path", difference.pointer());
            if (difference.before() != null) {
                one.put("before", Json.decodeValue(difference.before()));
            }
            if (difference.after() != null) {
                one.put("after", Json.decodeValue(difference.after()));
            }
            changes.add(one);
        }
        return changes;
    }

    /** Places without values, as far as an audit entry has room. */
    private static String noted(List<Difference> differences) {
        StringBuilder noted = new StringBuilder();
        int left = differences.size();
        for (Difference difference : differences) {
            String next = difference.summary();
            if (noted.length() + next.length() > NOTED_LENGTH_MAX) {
                return noted + (noted.isEmpty() ? "" : "; ") + left + " more";
            }
            noted.append(noted.isEmpty() ? "" : "; ").append(next);
            left--;
        }
        return noted.toString();
    }
}
