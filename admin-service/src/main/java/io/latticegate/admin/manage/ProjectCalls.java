package io.latticegate.admin.manage;

import io.latticegate.admin.manage.ProviderKeys.Named;
import io.latticegate.common.bus.BusFault;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.AuthApi.Project;
import io.latticegate.common.contract.AuthApi.ProjectReply;
import io.latticegate.common.contract.AuthApi.RevokedCounts;
import io.latticegate.common.contract.AuthApi.UpdateProject;
import io.latticegate.common.contract.VaultApi.KeyDescription;
import io.latticegate.common.contract.VaultApi.TransportKey;
import io.latticegate.common.value.Secret;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls under {@code /manage/projects}. A project lives in auth-service and its provider keys in the vault, so a call
 * that changes both can be cut in half by an outage; the order of the two steps is chosen so that the half that may
 * remain is the harmless one, and the answer says which half was done.
 */
final class ProjectCalls implements Calls {
    private static final String AUTH = "auth-service";
    private static final String VAULT = "vault-service";
    private static final int NAME_LENGTH_MAX = 256;
    private static final String KEY_UNKNOWN = "****";

    private final MeshBus bus;
    private final ProviderKeys keys;
    private final Supplier<Set<String>> providers;

    /** @param providers for which a project may have a key */
    ProjectCalls(MeshBus bus, ProviderKeys keys, Supplier<Set<String>> providers) {
        this.bus = bus;
        this.keys = keys;
        this.providers = providers;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.VIEWER, "project.list", this::list, "projects");
        rows.add("POST", Role.OPERATOR, "project.create", this::create, "projects");
        rows.add("GET", Role.VIEWER, "project.read", this::read, "projects", "{id}");
        rows.add("PATCH", Role.OPERATOR, "project.update", this::update, "projects", "{id}");
        rows.add(
                "POST",
                Role.OPERATOR,
                "token.revoke_batch",
                this::revokeTokens,
                "projects",
                "{id}",
                "tokens",
                "revoke");
        rows.refuse("DELETE", "project.delete", this::delete, "projects", "{id}");
    }

    /** {@code GET /manage/projects}. */
    Answer list(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery("after", "limit");
        Paging.Rows<Project> rows;
        List<List<KeyDescription>> described;
        try {
            rows = Paging.collect(request, "projects", this::page, Project::id, project -> audited.shows(project.id()));
        } catch (BusFault fault) {
            throw Refused.unanswered(AUTH, fault, "nothing was listed");
        }
        try {
            described = keys.describeAll(rows.rows().stream().map(Project::id).toList());
        } catch (BusFault fault) {
            throw Refused.unanswered(VAULT, fault, "nothing was listed");
        }
        JsonArray array = new JsonArray();
        for (int i = 0; i < rows.rows().size(); i++) {
            array.add(json(rows.rows().get(i), described.get(i)));
        }
        audited.note("count", Integer.toString(array.size()));
        return Answer.json(array, rows.headers(request, rows.rows().size()));
    }

    /** {@code GET /manage/projects/{id}}. */
    Answer read(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        Project project = find(request, audited);
        try {
            return Answer.json(200, json(project, keys.describe(project.id())), etag(project));
        } catch (BusFault fault) {
            throw Refused.unanswered(VAULT, fault, "the project was not read");
        }
    }

    /** {@code POST /manage/projects}. A project whose key cannot be stored is left inactive, and the answer says so. */
    Answer create(ManageRequest request, AuditedCall audited) {
        request.allowQuery();
        try (MemberValues members = request.members(Member.NAME, Member.API_KEY, Member.PROVIDER)) {
            String name = checkedName(members);
            Secret key = checkedKey(members);
            if (name == null || key == null) {
                throw Refused.badRequest(
                        name == null && key == null
                                ? "name and api_key are required"
                                : (name == null ? "name" : "api_key") + " is required");
            }
            String provider = provider(members);
            audited.note("provider", provider);
            TransportKey transport;
            try {
                transport = keys.transportKey();
            } catch (BusFault fault) {
                throw Refused.unanswered(VAULT, fault, "nothing was created");
            }
            audited.begin();
            Project project = created(name);
            audited.project(project.id());
            storeOrDeactivate(project, provider, key, transport, audited);
            return Answer.json(201, described(project));
        }
    }

    /** {@code PATCH /manage/projects/{id}}. */
    Answer update(ManageRequest request, AuditedCall audited) {
        request.allowQuery();
        try (MemberValues members =
                request.members(Member.NAME, Member.API_KEY, Member.PROVIDER, Member.IS_ACTIVE, Member.REVOKE_TOKENS)) {
            Boolean active = members.flag(Member.IS_ACTIVE);
            boolean revoke = Boolean.TRUE.equals(members.flag(Member.REVOKE_TOKENS));
            if (revoke && !Boolean.FALSE.equals(active)) {
                throw Refused.badRequest("revoke_tokens requires is_active=false");
            }
            String name = checkedName(members);
            Secret key = checkedKey(members);
            if (members.has(Member.PROVIDER) && key == null) {
                throw Refused.badRequest("provider says whose key api_key is; give both");
            }
            String provider = provider(members);
            String expected = request.expectedTag();
            Project project = find(request, audited);
            if (expected != null && !expected.equals(project.tag())) {
                throw Refused.stale("project");
            }
            if (members.isEmpty()) {
                return tagged(project);
            }
            audited.note("fields", members.names());
            audited.begin();
            var change = new UpdateProject(project.id(), name, active, revoke, expected);
            boolean changes = name != null || active != null;
            boolean takesAwayFirst = changes && Boolean.FALSE.equals(active);
            if (takesAwayFirst) {
                project = changed(change, "nothing was changed that is known of; repeat the call");
            }
            if (key != null) {
                replaceKey(project.id(), provider, key, takesAwayFirst, audited);
            }
            if (changes && !takesAwayFirst) {
                project = changed(
                        change,
                        key == null
                                ? "whether the project was changed is unknown; repeat the call"
                                : "the key for " + provider
                                        + " was stored, whether the rest was changed is unknown; repeat the call");
            }
            return tagged(project);
        }
    }

    private Answer tagged(Project project) {
        return Answer.json(200, described(project), etag(project));
    }

    /** Of the project itself; its keys are with the vault. */
    private static Map<String, String> etag(Project project) {
        return Map.of("ETag", "\"" + project.tag() + "\"");
    }

    /** {@code DELETE /manage/projects/{id}}. */
    Answer delete(ManageRequest request, AuditedCall audited) {
        audited.project(
                ManageRequest.isUuid(request.segments().get(1))
                        ? request.segments().get(1)
                        : "");
        throw Refused.methodNotAllowed("GET, PATCH", "project deletion is not permitted");
    }

    /** {@code POST /manage/projects/{id}/tokens/revoke}. */
    Answer revokeTokens(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        String id = request.id("project");
        audited.project(id);
        audited.begin();
        RevokedCounts counts;
        try {
            counts = bus.ask(AuthApi.REVOKE_PROJECT_TOKENS, new AuthApi.RevokeProjectTokens(id))
                    .await();
        } catch (BusFault fault) {
            throw Refused.unanswered(AUTH, fault, "whether tokens were revoked is unknown; repeat the call");
        }
        if (!counts.projectFound()) {
            throw Refused.notFound("project");
        }
        audited.note("revoked", Integer.toString(counts.revoked()));
        return Answer.json(
                200,
                new JsonObject()
                        .put("revoked_count", counts.revoked())
                        .put("already_revoked_count", counts.alreadyRevoked())
                        .put("total_tokens", counts.total()));
    }

    private Paging.Page<Project> page(@Nullable String after) {
        AuthApi.ProjectList list =
                bus.ask(AuthApi.LIST_PROJECTS, new AuthApi.ListProjects(after)).await();
        return new Paging.Page<>(list.projects(), list.more());
    }

    /** The project that the path names. */
    Project find(ManageRequest request, AuditedCall audited) {
        String id = request.id("project");
        audited.project(id);
        try {
            return found(
                    bus.ask(AuthApi.GET_PROJECT, new AuthApi.GetProject(id)).await());
        } catch (BusFault fault) {
            throw Refused.unanswered(AUTH, fault, "nothing was done");
        }
    }

    private Project created(String name) {
        try {
            return found(bus.ask(AuthApi.CREATE_PROJECT, new AuthApi.CreateProject(name))
                    .await());
        } catch (BusFault fault) {
            throw Refused.unanswered(
                    AUTH,
                    fault,
                    "whether the project was created is unknown; if it was, it has no key: look at the list before"
                            + " repeating the call");
        }
    }

    private void storeOrDeactivate(
            Project project, String provider, Secret key, TransportKey transport, AuditedCall audited) {
        try {
            audited.note("key", keys.store(Named.unnamed(project.id(), provider), null, key, transport));
        } catch (BusFault fault) {
            throw Refused.unanswered(VAULT, fault, deactivated(project));
        } catch (Refused refused) {
            throw refused.status() == 503
                    ? Refused.unavailable(refused.error() + "; " + deactivated(project))
                    : Refused.failed(refused.status(), refused.error() + "; " + deactivated(project), null);
        }
    }

    /** Makes the project that got no key inactive and says what is left of it. */
    private String deactivated(Project project) {
        String left = "project " + project.id() + " was created but its key is not known to be stored; it ";
        try {
            found(bus.ask(AuthApi.UPDATE_PROJECT, new UpdateProject(project.id(), null, false, false))
                    .await());
            return left + "was made inactive; PATCH it with api_key and is_active=true to use it";
        } catch (BusFault | Refused fault) {
            return left + "could not be made inactive either; PATCH it with api_key, or with is_active=false";
        }
    }

    private void replaceKey(
            String projectId, String provider, Secret key, boolean projectChanged, AuditedCall audited) {
        String before = projectChanged ? "the project was made inactive, " : "";
        try {
            audited.note("provider", provider);
            audited.note("key", keys.store(Named.unnamed(projectId, provider), null, key, keys.transportKey()));
        } catch (BusFault fault) {
            throw Refused.unanswered(
                    VAULT,
                    fault,
                    before + "whether the key for " + provider + " was stored is unknown; repeat the call");
        } catch (Refused refused) {
            throw projectChanged && refused.status() != 503
                    ? Refused.failed(refused.status(), before + refused.error(), null)
                    : refused;
        }
    }

    private Project changed(UpdateProject change, String consequence) {
        try {
            return found(bus.ask(AuthApi.UPDATE_PROJECT, change).await());
        } catch (BusFault fault) {
            throw Refused.unanswered(AUTH, fault, consequence);
        }
    }

    /** What was done stays done when the vault cannot describe the keys now. */
    private JsonObject described(Project project) {
        try {
            return json(project, keys.describe(project.id()));
        } catch (BusFault fault) {
            return json(project, KEY_UNKNOWN);
        }
    }

    private static Project found(ProjectReply reply) {
        return switch (reply) {
            case ProjectReply.Found(Project project) -> project;
            case ProjectReply.NotFound() -> throw Refused.notFound("project");
            case ProjectReply.ProjectChanged() -> throw Refused.stale("project");
        };
    }

    private static JsonObject json(Project project, List<KeyDescription> described) {
        KeyDescription shown = described.stream()
                .filter(key -> key.provider().equals(ProviderKeys.DEFAULT_PROVIDER))
                .findFirst()
                .orElse(described.isEmpty() ? null : described.getFirst());
        JsonObject json = json(project, shown == null ? "" : shown.obfuscated());
        JsonObject all = new JsonObject();
        described.reversed().forEach(key -> all.put(key.provider(), key.obfuscated()));
        return json.put("provider", shown == null ? null : shown.provider()).put("api_keys", all);
    }

    private static JsonObject json(Project project, String obfuscatedKey) {
        JsonObject json = new JsonObject()
                .put("id", project.id())
                .put("name", project.name())
                .put("api_key", obfuscatedKey)
                .put("is_active", project.active());
        Long deactivatedAt = project.deactivatedAt();
        if (deactivatedAt != null) {
            json.put("deactivated_at", Instant.ofEpochMilli(deactivatedAt).toString());
        }
        return json.put("created_at", Instant.ofEpochMilli(project.createdAt()).toString())
                .put("updated_at", Instant.ofEpochMilli(project.updatedAt()).toString());
    }

    private static @Nullable String checkedName(MemberValues members) {
        String name = members.text(Member.NAME);
        if (name != null
                && (name.isBlank()
                        || name.length() > NAME_LENGTH_MAX
                        || name.chars().anyMatch(Character::isISOControl))) {
            throw Refused.badRequest(
                    "name must have 1 to " + NAME_LENGTH_MAX + " characters, none of them a control character");
        }
        return name;
    }

    static @Nullable Secret checkedKey(MemberValues members) {
        Secret key = members.secret(Member.API_KEY);
        if (key != null && key.expose(SecretText::looksObfuscated)) {
            throw Refused.badRequest("api_key holds ... or ****, so it is an obfuscated key and not a real one");
        }
        return key;
    }

    /** The provider that a body names, one for which a project may have a key. */
    String provider(MemberValues members) {
        String provider = members.text(Member.PROVIDER);
        if (provider == null) {
            return ProviderKeys.DEFAULT_PROVIDER;
        }
        Set<String> known = providers.get();
        if (!known.contains(provider)) {
            throw Refused.badRequest("provider must be one of: "
                    + String.join(", ", known.stream().sorted().toList()));
        }
        return provider;
    }
}
