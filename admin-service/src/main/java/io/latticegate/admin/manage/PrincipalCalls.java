package io.latticegate.admin.manage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.admin.session.Account;
import io.latticegate.admin.session.Accounts;
import io.latticegate.admin.session.Accounts.Change;
import io.latticegate.admin.session.Accounts.Terms;
import io.latticegate.admin.session.PrincipalToken;
import io.latticegate.common.store.StoreFault;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The calls under {@code /manage/principals}: who else manages the gateway. A token is made here and shown once. */
final class PrincipalCalls implements Calls {
    private static final JsonFactory JSON = new JsonFactory();
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}](?:[\\p{L}\\p{N} ._@+-]{0,98}[\\p{L}\\p{N}.])?");
    private static final Duration LIFE_MAX = Duration.ofDays(3_660);
    private static final String PRINCIPALS = "principals";

    private final Accounts accounts;
    private final SecureRandom random;
    private final InstantSource clock;

    PrincipalCalls(Accounts accounts, SecureRandom random, InstantSource clock) {
        this.accounts = accounts;
        this.random = random;
        this.clock = clock;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.ADMIN, "principal.list", this::list, PRINCIPALS);
        rows.add("POST", Role.ADMIN, "principal.create", this::create, PRINCIPALS);
        rows.add("GET", Role.ADMIN, "principal.read", this::read, PRINCIPALS, "{id}");
        rows.add("PATCH", Role.ADMIN, "principal.update", this::update, PRINCIPALS, "{id}");
        rows.add("DELETE", Role.ADMIN, "principal.delete", this::delete, PRINCIPALS, "{id}");
        rows.add("POST", Role.ADMIN, "principal.rotate", this::rotate, PRINCIPALS, "{id}", "rotate");
    }

    /** {@code GET /manage/principals}: all of them, by name. */
    Answer list(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        JsonArray all = new JsonArray();
        stored("nothing was listed", accounts::list).forEach(account -> all.add(json(account)));
        audited.note("count", Integer.toString(all.size()));
        return Answer.json(all, Map.of());
    }

    /** {@code POST /manage/principals}: the answer is the only one that ever holds the token. */
    Answer create(ManageRequest request, AuditedCall audited) {
        request.allowQuery();
        try (MemberValues members = request.members(
                        Member.NAME, Member.ROLE, Member.PROJECTS, Member.ALL_PROJECTS, Member.EXPIRES_AT);
                PrincipalToken token = PrincipalToken.create(random)) {
            String name = name(members);
            Role role = role(members);
            if (name == null || role == null) {
                throw Refused.badRequest("name and role are required");
            }
            var terms = new Terms(name, role.wireName(), projects(members), end(members));
            note(audited, terms);
            audited.begin();
            Account made = made(stored(
                    "whether the principal was made is unknown; nobody has seen its token, so look at the list before"
                            + " repeating the call",
                    () -> accounts.create(terms, token.digest())));
            audited.note("principal", made.id());
            return new Answer(201, shownOnce(made, token), "application/json", etag(made));
        }
    }

    /** {@code GET /manage/principals/{id}}. */
    Answer read(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        String id = id(request, audited);
        Account account =
                stored("nothing was read", () -> accounts.find(id)).orElseThrow(() -> Refused.notFound("principal"));
        return Answer.json(200, json(account), etag(account));
    }

    /** {@code PATCH /manage/principals/{id}}: ends its sessions; its token stays. */
    Answer update(ManageRequest request, AuditedCall audited) {
        request.allowQuery();
        try (MemberValues members =
                request.members(Member.NAME, Member.ROLE, Member.PROJECTS, Member.ALL_PROJECTS, Member.EXPIRES_AT)) {
            if (members.isEmpty()) {
                throw Refused.badRequest("no fields to update");
            }
            String name = name(members);
            Role role = role(members);
            List<String> projects = projects(members);
            boolean all = Boolean.TRUE.equals(members.flag(Member.ALL_PROJECTS));
            Instant end = end(members);
            String id = id(request, audited);
            String expected = request.expectedTag();
            audited.note("fields", members.names());
            if (role != null) {
                audited.note("role", role.wireName());
            }
            audited.begin();
            Change change = stored(
                    "whether the principal was changed is unknown; repeat the call",
                    () -> accounts.update(
                            id,
                            expected,
                            now -> new Terms(
                                    name == null ? now.name() : name,
                                    role == null ? now.role() : role.wireName(),
                                    all ? null : projects == null ? now.projects() : projects,
                                    end == null ? now.expiresAt() : end)));
            Account account = made(change);
            return Answer.json(200, json(account), etag(account));
        }
    }

    /** {@code DELETE /manage/principals/{id}}: its token and its sessions end with the answer. */
    Answer delete(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        String id = id(request, audited);
        String expected = request.expectedTag();
        audited.begin();
        return switch (stored(
                "whether the principal was removed is unknown; repeat the call", () -> accounts.remove(id, expected))) {
            case REMOVED -> Answer.empty();
            case NOT_FOUND -> throw Refused.notFound("principal");
            case STALE -> throw Refused.stale("principal");
        };
    }

    /** {@code POST /manage/principals/{id}/rotate}: a new token in place of the old one, which ends with the answer. */
    Answer rotate(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        String id = id(request, audited);
        String expected = request.expectedTag();
        try (PrincipalToken token = PrincipalToken.create(random)) {
            audited.begin();
            Account made = made(stored(
                    "whether the token was replaced is unknown; repeat the call",
                    () -> accounts.rotate(id, expected, token.digest())));
            return Answer.written("application/json", shownOnce(made, token), etag(made));
        }
    }

    private static String id(ManageRequest request, AuditedCall audited) {
        String id = request.id("principal");
        audited.note("principal", id);
        return id;
    }

    private static void note(AuditedCall audited, Terms terms) {
        List<String> projects = terms.projects();
        audited.note("name", terms.name());
        audited.note("role", terms.role());
        audited.note("projects", projects == null ? "all" : Integer.toString(projects.size()));
    }

    private static Account made(Change change) {
        return switch (change) {
            case Change.Made(Account account) -> account;
            case Change.NameTaken() -> throw Refused.failed(409, "another principal has this name", "name_taken");
            case Change.Stale() -> throw Refused.stale("principal");
            case Change.NotFound() -> throw Refused.notFound("principal");
            case Change.TooMany() ->
                throw Refused.failed(409, "there are " + Accounts.ACCOUNTS_MAX + " principals already", "too_many");
        };
    }

    private static Map<String, String> etag(Account account) {
        return Map.of("ETag", "\"" + account.tag() + "\"");
    }

    private static <T> T stored(String consequence, Supplier<T> work) {
        try {
            return work.get();
        } catch (StoreFault fault) {
            throw Refused.unavailable("the store does not answer; " + consequence);
        }
    }

    private static @Nullable String name(MemberValues members) {
        String name = members.text(Member.NAME);
        if (name != null && !NAME.matcher(name).matches()) {
            throw Refused.badRequest(
                    "name must have 1 to 100 letters, digits, spaces, ., _, @, + and -, and begin with a"
                            + " letter or digit");
        }
        return name;
    }

    private static @Nullable Role role(MemberValues members) {
        String role = members.text(Member.ROLE);
        return role == null
                ? null
                : Role.named(role).orElseThrow(() -> Refused.badRequest("role must be viewer, operator or admin"));
    }

    private static @Nullable List<String> projects(MemberValues members) {
        List<String> projects = members.texts(Member.PROJECTS);
        if (projects == null) {
            if (Boolean.FALSE.equals(members.flag(Member.ALL_PROJECTS))) {
                throw Refused.badRequest("all_projects is false, so projects must name some");
            }
            return null;
        }
        if (Boolean.TRUE.equals(members.flag(Member.ALL_PROJECTS))) {
            throw Refused.badRequest("all_projects and projects contradict each other; give one");
        }
        if (projects.isEmpty()
                || projects.size() > Accounts.PROJECTS_MAX
                || !projects.stream().allMatch(ManageRequest::isUuid)) {
            throw Refused.badRequest("projects must hold 1 to " + Accounts.PROJECTS_MAX
                    + " ids of projects; leave it out, or give all_projects, for all");
        }
        return List.copyOf(new TreeSet<>(projects));
    }

    private @Nullable Instant end(MemberValues members) {
        String text = members.text(Member.EXPIRES_AT);
        if (text == null) {
            return null;
        }
        try {
            Instant end = OffsetDateTime.parse(text).toInstant();
            Instant now = clock.instant();
            if (end.isAfter(now) && end.isBefore(now.plus(LIFE_MAX))) {
                return end;
            }
        } catch (DateTimeParseException malformed) {
            throw Refused.badRequest("expires_at must be a time such as 2027-01-31T12:00:00Z");
        }
        throw Refused.badRequest("expires_at must lie in the next " + LIFE_MAX.toDays() + " days");
    }

    private static JsonObject json(Account account) {
        List<String> projects = account.projects();
        return new JsonObject()
                .put("id", account.id())
                .put("name", account.name())
                .put("role", account.role())
                .put("projects", projects == null ? null : new JsonArray(List.copyOf(projects)))
                .put("created_at", account.createdAt().toString())
                .put("last_used_at", text(account.lastUsedAt()))
                .put("expires_at", text(account.expiresAt()));
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    /** The principal with its token, written from the token's bytes. */
    private static Buffer shownOnce(Account made, PrincipalToken token) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeFieldName("token");
            token.expose(ascii -> {
                try {
                    json.writeUTF8String(ascii, 0, ascii.length);
                    return ascii.length;
                } catch (IOException impossible) {
                    throw new UncheckedIOException("writing to memory failed", impossible);
                }
            });
            json.writeStringField("id", made.id());
            json.writeStringField("name", made.name());
            json.writeStringField("role", made.role());
            List<String> projects = made.projects();
            if (projects == null) {
                json.writeNullField("projects");
            } else {
                json.writeArrayFieldStart("projects");
                for (String project : projects) {
                    json.writeString(project);
                }
                json.writeEndArray();
            }
            json.writeStringField("created_at", made.createdAt().toString());
            json.writeStringField("last_used_at", text(made.lastUsedAt()));
            json.writeStringField("expires_at", text(made.expiresAt()));
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory failed", impossible);
        }
        return Buffer.buffer(bytes.toByteArray());
    }
}
