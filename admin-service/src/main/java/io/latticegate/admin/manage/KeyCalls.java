package io.latticegate.admin.manage;

import io.latticegate.admin.manage.ProviderKeys.Named;
import io.latticegate.common.bus.BusFault;
import io.latticegate.common.contract.AuthApi.Project;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.KeyDescription;
import io.latticegate.common.value.Secret;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls under {@code /manage/projects/{id}/keys}: a project may have several keys for one provider, each with a name and a
 * weight. The key that a project is created with is named {@link VaultApi#DEFAULT_KEY}.
 */
final class KeyCalls implements Calls {
    private static final String VAULT = "vault-service";
    private static final String NAME_RULE =
            "name must have 1 to 64 of a-z, 0-9, ., _ and -, and begin with a letter or digit";

    private final ProjectCalls projects;
    private final ProviderKeys keys;

    KeyCalls(ProjectCalls projects, ProviderKeys keys) {
        this.projects = projects;
        this.keys = keys;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.VIEWER, "key.list", this::list, "projects", "{id}", "keys");
        rows.add("POST", Role.OPERATOR, "key.store", this::store, "projects", "{id}", "keys");
        rows.add("PATCH", Role.OPERATOR, "key.weigh", this::weigh, "projects", "{id}", "keys", "{id}", "{id}");
        rows.add("DELETE", Role.OPERATOR, "key.delete", this::delete, "projects", "{id}", "keys", "{id}", "{id}");
    }

    /** {@code GET /manage/projects/{id}/keys}. */
    Answer list(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        Project project = projects.find(request, audited);
        JsonArray all = new JsonArray();
        try {
            keys.describe(project.id()).forEach(key -> all.add(json(key)));
        } catch (BusFault fault) {
            throw Refused.unanswered(VAULT, fault, "nothing was listed");
        }
        audited.note("count", Integer.toString(all.size()));
        return Answer.json(all, Map.of());
    }

    /** {@code POST /manage/projects/{id}/keys}: adds a key, or replaces the one of that name. */
    Answer store(ManageRequest request, AuditedCall audited) {
        request.allowQuery();
        try (MemberValues members = request.members(Member.NAME, Member.PROVIDER, Member.API_KEY, Member.WEIGHT)) {
            String name = members.text(Member.NAME);
            if (name == null || !VaultApi.isKeyName(name)) {
                throw Refused.badRequest(NAME_RULE);
            }
            Secret key = ProjectCalls.checkedKey(members);
            if (key == null) {
                throw Refused.badRequest("api_key is required");
            }
            Integer weight = weight(members);
            String provider = projects.provider(members);
            Named named = new Named(projects.find(request, audited).id(), provider, name);
            note(audited, named);
            audited.begin();
            try {
                audited.note("key", keys.store(named, weight, key, keys.transportKey()));
            } catch (BusFault fault) {
                throw Refused.unanswered(
                        VAULT, fault, "whether the key " + name + " was stored is unknown; repeat the call");
            }
            return described(201, named);
        }
    }

    /** {@code PATCH /manage/projects/{id}/keys/{provider}/{name}}. */
    Answer weigh(ManageRequest request, AuditedCall audited) {
        request.allowQuery();
        try (MemberValues members = request.members(Member.WEIGHT)) {
            Integer weight = weight(members);
            if (weight == null) {
                throw Refused.badRequest("weight is required");
            }
            Named named = named(request, audited);
            audited.note("weight", Integer.toString(weight));
            audited.begin();
            try {
                if (!keys.weigh(named, weight)) {
                    throw Refused.notFound("key");
                }
            } catch (BusFault fault) {
                throw Refused.unanswered(VAULT, fault, "whether the weight was changed is unknown; repeat the call");
            }
            return described(200, named);
        }
    }

    /** {@code DELETE /manage/projects/{id}/keys/{provider}/{name}}: effective on every edge within a second. */
    Answer delete(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        Named named = named(request, audited);
        audited.begin();
        try {
            if (!keys.delete(named)) {
                throw Refused.notFound("key");
            }
        } catch (BusFault fault) {
            throw Refused.unanswered(VAULT, fault, "whether the key was deleted is unknown; repeat the call");
        }
        return Answer.empty();
    }

    private Named named(ManageRequest request, AuditedCall audited) {
        String provider = request.segments().get(3);
        String name = request.segments().get(4);
        Project project = projects.find(request, audited);
        if (!VaultApi.isKeyName(provider) || !VaultApi.isKeyName(name)) {
            throw Refused.notFound("key");
        }
        Named named = new Named(project.id(), provider, name);
        note(audited, named);
        return named;
    }

    private static void note(AuditedCall audited, Named named) {
        audited.note("provider", named.provider());
        audited.note("key_name", named.name());
    }

    /** What was done stays done when the vault cannot describe the key now. */
    private Answer described(int status, Named named) {
        KeyDescription found = null;
        try {
            found = keys.describe(named.projectId()).stream()
                    .filter(key -> key.provider().equals(named.provider())
                            && key.name().equals(named.name()))
                    .findFirst()
                    .orElse(null);
        } catch (BusFault fault) {
            return Answer.json(status, json(named));
        }
        return Answer.json(status, found == null ? json(named) : json(found));
    }

    private static JsonObject json(Named named) {
        return new JsonObject().put("provider", named.provider()).put("name", named.name());
    }

    private static JsonObject json(KeyDescription key) {
        return new JsonObject()
                .put("provider", key.provider())
                .put("name", key.name())
                .put("weight", key.weight())
                .put("api_key", key.obfuscated())
                .put("fingerprint", key.fingerprint())
                .put("created_at", Instant.ofEpochMilli(key.createdAt()).toString());
    }

    private static @Nullable Integer weight(MemberValues members) {
        Long weight = members.number(Member.WEIGHT);
        if (weight == null) {
            return null;
        }
        if (weight < 1 || weight > VaultApi.WEIGHT_MAX) {
            throw Refused.badRequest("weight must be 1 to " + VaultApi.WEIGHT_MAX);
        }
        return weight.intValue();
    }
}
