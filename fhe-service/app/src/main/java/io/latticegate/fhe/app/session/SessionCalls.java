package io.latticegate.fhe.app.session;

import io.latticegate.fhe.app.Family;
import io.latticegate.fhe.app.FheParts;
import io.latticegate.fhe.app.describe.Abilities;
import io.latticegate.fhe.app.http.Call;
import io.latticegate.fhe.app.http.Members;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.http.Route;
import io.latticegate.fhe.app.scheme.Scheme;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code /v1/fhe/sessions} and the keys below. */
public final class SessionCalls implements Family {
    private static final String SESSIONS = "/v1/fhe/sessions";
    private static final String SESSION = SESSIONS + "/{session}";
    private static final String KEYS = SESSION + "/keys";
    private static final Pattern DIGEST = Pattern.compile("(?:^|[,\\s])sha-256=:([A-Za-z0-9+/]{43}=):");

    private final FheParts parts;

    public SessionCalls(FheParts parts) {
        this.parts = parts;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.post(SESSIONS, "fhe.session.create", this::create),
                Route.get(SESSIONS, this::list),
                Route.get(SESSION, this::get),
                Route.delete(SESSION, "fhe.session.delete", this::delete),
                Route.get(KEYS, this::keys),
                Route.upload("PUT", KEYS + "/{kind}", "fhe.keys.put", this::put),
                Route.delete(KEYS + "/{kind}", "fhe.keys.delete", this::deleteKeys));
    }

    @Override
    public void describe(Abilities abilities) {
        abilities.limit("key_ttl_seconds", parts.config().keyTtl().toSeconds());
        abilities.limit("grace_seconds", parts.config().grace().toSeconds());
        abilities.limit("max_upload_bytes", parts.config().maxUploadBytes());
        abilities.limit("sessions_per_project", parts.config().quota().sessions());
        abilities.limit("key_bytes_per_project", parts.config().quota().storageBytes());
    }

    @Override
    public void report(JsonObject status) {
        status.put("open_key_sets", parts.openKeys().size());
    }

    private void create(Call call) throws IOException {
        Members members = new Members(call.json(), "The body", "preset", "replaces");
        String name = members.text("preset");
        Scheme scheme = parts.schemes().all().stream()
                .filter(offered -> offered.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Refusal.of(
                        422,
                        "preset_mismatch",
                        "The preset is not offered; allowed are "
                                + parts.schemes().names()));
        Session created = parts.sessions().create(call.caller().projectId(), scheme, members.findText("replaces"));
        call.note("session", created.id());
        call.answer(201, wire(created), Map.of("Location", SESSIONS + "/" + created.id()));
    }

    private void list(Call call) throws IOException {
        JsonArray all = new JsonArray();
        for (Session session : parts.sessions().list(call.caller().projectId())) {
            all.add(wire(session));
        }
        call.answer(200, new JsonObject().put("sessions", all));
    }

    private void get(Call call) throws IOException {
        call.answer(200, wire(usable(call)));
    }

    private void delete(Call call) throws IOException {
        call.note("session", call.value("session"));
        parts.sessions().delete(call.caller().projectId(), call.value("session"));
        parts.openKeys().closeDeleted();
        call.answerNothing();
    }

    private Session usable(Call call) throws IOException {
        return parts.sessions().requireUsable(call.caller().projectId(), call.value("session"));
    }

    private void keys(Call call) throws IOException {
        call.answer(200, new JsonObject().put("keys", wireKeys(usable(call))));
    }

    private void put(Call call) throws IOException {
        KeyKind kind = KeyKind.of(call.value("kind"));
        call.requireType("application/octet-stream");
        byte[] expected = contentDigest(call.header("Content-Digest"));
        Session session = parts.sessions().requireActive(call.caller().projectId(), call.value("session"));
        call.note("session", session.id());
        call.note("keys", kind.wireName());
        Scheme scheme = parts.scheme(session);
        KeySet keys =
                parts.keys().put(session, scheme, kind, call.body(parts.keys().bytesMax(scheme, kind)), expected);
        parts.openKeys().closeDeleted();
        call.note("sha256", keys.sha256());
        String digest =
                Base64.getEncoder().encodeToString(java.util.HexFormat.of().parseHex(keys.sha256()));
        call.answer(201, keys.toWire(), Map.of("Content-Digest", "sha-256=:" + digest + ":"));
    }

    /** The SHA-256 that RFC 9530's header names; null without it, or where it names other digests only. */
    private static byte @Nullable [] contentDigest(@Nullable String header) {
        if (header == null) {
            return null;
        }
        Matcher digest = DIGEST.matcher(header);
        if (digest.find()) {
            return Base64.getDecoder().decode(digest.group(1));
        }
        if (header.contains("sha-256")) {
            throw Refusal.invalid("Content-Digest is malformed; it reads sha-256=:<base64 of 32 bytes>:");
        }
        return null;
    }

    private void deleteKeys(Call call) throws IOException {
        KeyKind kind = KeyKind.of(call.value("kind"));
        Session session = usable(call);
        call.note("session", session.id());
        call.note("keys", kind.wireName());
        parts.keys().delete(session, kind);
        parts.openKeys().closeDeleted();
        call.answerNothing();
    }

    private JsonArray wireKeys(Session session) throws IOException {
        JsonArray all = new JsonArray();
        for (KeySet keys : parts.keys().list(session)) {
            all.add(keys.toWire());
        }
        return all;
    }

    private JsonObject wire(Session session) throws IOException {
        Session.State state = session.state(parts.context().clock().instant());
        return new JsonObject()
                .put("id", session.id())
                .put("preset", session.preset())
                .put("epoch", session.epoch())
                .put("state", state.wireName())
                .put("created_at", session.createdAt().toString())
                .put("expires_at", session.expiresAt().toString())
                .put("grace_until", session.graceUntil().toString())
                .put("keys", state == Session.State.EXPIRED ? new JsonArray() : wireKeys(session));
    }
}
