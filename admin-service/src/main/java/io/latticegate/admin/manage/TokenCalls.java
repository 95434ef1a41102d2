package io.latticegate.admin.manage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.common.bus.BusFault;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.config.TokensConfig;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.AuthApi.Token;
import io.latticegate.common.contract.AuthApi.TokenReply;
import io.latticegate.common.contract.AuthApi.UpdateToken;
import io.latticegate.common.value.AccessToken;
import io.latticegate.common.value.Allowance;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The calls under {@code /manage/tokens}. A token is made here, shown once, and known to others only by its digest. */
final class TokenCalls implements Calls {
    private static final JsonFactory JSON = new JsonFactory();
    private static final String AUTH = "auth-service";
    private static final long DURATION_MINUTES_MAX = 525_600;
    private static final long LIMIT_MAX = 1_000_000_000_000_000L;
    private static final BigDecimal COST_USD_MAX = new BigDecimal(1_000_000_000);
    private static final int MICRO_USD_DIGITS = 6;

    private final MeshBus bus;
    private final SecureRandom random;
    private final long durationMinutesMax;
    private final long durationMinutesDefault;

    TokenCalls(MeshBus bus, SecureRandom random, TokensConfig config) {
        this.bus = bus;
        this.random = random;
        this.durationMinutesMax = Math.min(config.maxDuration().toMinutes(), DURATION_MINUTES_MAX);
        this.durationMinutesDefault = Math.clamp(config.defaultDuration().toMinutes(), 1, this.durationMinutesMax);
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.VIEWER, "token.list", this::list, "tokens");
        rows.add("POST", Role.OPERATOR, "token.create", this::create, "tokens");
        rows.add("GET", Role.VIEWER, "token.read", this::read, "tokens", "{id}");
        rows.add("PATCH", Role.OPERATOR, "token.update", this::update, "tokens", "{id}");
        rows.add("DELETE", Role.OPERATOR, "token.revoke", this::revoke, "tokens", "{id}");
    }

    /** {@code POST /manage/tokens}. */
    Answer create(ManageRequest request, AuditedCall audited) {
        request.allowQuery();
        try (MemberValues members = request.members(
                        Member.PROJECT_ID,
                        Member.DURATION_MINUTES,
                        Member.MAX_REQUESTS,
                        Member.MAX_TOKENS,
                        Member.MAX_COST_USD);
                AccessToken token = AccessToken.create(random)) {
            String projectId = members.text(Member.PROJECT_ID);
            if (projectId == null) {
                throw Refused.badRequest("project_id is required");
            }
            if (!ManageRequest.isUuid(projectId)) {
                throw Refused.badRequest("project_id must be the id of a project");
            }
            audited.project(projectId);
            long minutes = minutes(members);
            Allowance limits = new Allowance(
                    limit(members, Member.MAX_REQUESTS), limit(members, Member.MAX_TOKENS), cost(members));
            audited.begin();
            var question = new AuthApi.CreateToken(projectId, token.digest(), token.obfuscated(), minutes, limits);
            Token made;
            try {
                made = found(bus.ask(AuthApi.CREATE_TOKEN, question).await());
            } catch (BusFault fault) {
                throw Refused.unanswered(
                        AUTH,
                        fault,
                        "whether the token was made is unknown; nobody has seen it, so repeat the call and revoke what"
                                + " the list shows too much");
            }
            audited.token(made.id());
            return Answer.written("application/json", shownOnce(made, token), Map.of());
        }
    }

    /** {@code GET /manage/tokens}. */
    Answer list(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery("projectId", "project_id", "activeOnly", "active_only", "after", "limit");
        String projectId = request.query("projectId", "project_id");
        if (projectId != null && !ManageRequest.isUuid(projectId)) {
            throw Refused.badRequest("projectId must be the id of a project");
        }
        boolean activeOnly = flag(request.query("activeOnly", "active_only"));
        audited.project(projectId == null ? "" : projectId);
        Paging.Rows<Token> rows;
        try {
            rows = Paging.collect(
                    request,
                    "tokens",
                    after -> page(projectId, activeOnly, after),
                    Token::id,
                    token -> audited.shows(token.projectId()));
        } catch (BusFault fault) {
            throw Refused.unanswered(AUTH, fault, "nothing was listed");
        }
        JsonArray array = new JsonArray();
        rows.rows().forEach(token -> array.add(json(token)));
        audited.note("count", Integer.toString(array.size()));
        return Answer.json(array, rows.headers(request, rows.rows().size()));
    }

    /** {@code GET /manage/tokens/{id}}. */
    Answer read(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        String id = request.id("token");
        audited.token(id);
        try {
            Token token =
                    found(bus.ask(AuthApi.GET_TOKEN, new AuthApi.GetToken(id)).await());
            audited.project(token.projectId());
            return Answer.json(200, json(token), Map.of("ETag", "\"" + token.tag() + "\""));
        } catch (BusFault fault) {
            throw Refused.unanswered(AUTH, fault, "the token was not read");
        }
    }

    /** {@code PATCH /manage/tokens/{id}}. */
    Answer update(ManageRequest request, AuditedCall audited) {
        request.allowQuery();
        try (MemberValues members = request.members(Member.IS_ACTIVE, Member.MAX_REQUESTS)) {
            if (members.isEmpty()) {
                throw Refused.badRequest("no fields to update");
            }
            Long maxRequests =
                    members.has(Member.MAX_REQUESTS) ? Long.valueOf(limit(members, Member.MAX_REQUESTS)) : null;
            String id = request.id("token");
            audited.token(id);
            String expected = request.expectedTag();
            audited.note("fields", members.names());
            findWhereLimited(id, audited);
            audited.begin();
            Token token = changed(new UpdateToken(id, members.flag(Member.IS_ACTIVE), maxRequests, expected));
            audited.project(token.projectId());
            return Answer.json(200, json(token), Map.of("ETag", "\"" + token.tag() + "\""));
        }
    }

    /** {@code DELETE /manage/tokens/{id}}: revokes; may be repeated. */
    Answer revoke(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        String id = request.id("token");
        audited.token(id);
        String expected = request.expectedTag();
        findWhereLimited(id, audited);
        audited.begin();
        audited.project(changed(new UpdateToken(id, false, null, expected)).projectId());
        return Answer.empty();
    }

    /** The project of a token is known before it is changed for someone who is limited to some projects. */
    private void findWhereLimited(String id, AuditedCall audited) {
        if (!audited.limited()) {
            return;
        }
        try {
            audited.project(
                    found(bus.ask(AuthApi.GET_TOKEN, new AuthApi.GetToken(id)).await())
                            .projectId());
        } catch (BusFault fault) {
            throw Refused.unanswered(AUTH, fault, "nothing was changed");
        }
    }

    private Token changed(UpdateToken change) {
        try {
            return found(bus.ask(AuthApi.UPDATE_TOKEN, change).await());
        } catch (BusFault fault) {
            throw Refused.unanswered(AUTH, fault, "whether the token was changed is unknown; repeat the call");
        }
    }

    private Paging.Page<Token> page(@Nullable String projectId, boolean activeOnly, @Nullable String after) {
        AuthApi.TokenList list = bus.ask(AuthApi.LIST_TOKENS, new AuthApi.ListTokens(projectId, activeOnly, after))
                .await();
        return new Paging.Page<>(list.tokens(), list.more());
    }

    private static Token found(TokenReply reply) {
        return switch (reply) {
            case TokenReply.Found(Token token) -> token;
            case TokenReply.NotFound() -> throw Refused.notFound("token");
            case TokenReply.TokenChanged() -> throw Refused.stale("token");
            case TokenReply.ProjectNotFound() -> throw Refused.notFound("project");
            case TokenReply.ProjectInactive() ->
                throw Refused.failed(403, "cannot create tokens for inactive projects", "project_inactive");
        };
    }

    /** The only answer that holds a token, written from its bytes. */
    private static Buffer shownOnce(Token made, AccessToken token) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("id", made.id());
            json.writeFieldName("token");
            token.expose(ascii -> {
                try {
                    json.writeUTF8String(ascii, 0, ascii.length);
                    return ascii.length;
                } catch (IOException impossible) {
                    throw new UncheckedIOException("writing to memory failed", impossible);
                }
            });
            json.writeStringField(
                    "expires_at", Instant.ofEpochMilli(made.expiresAt()).toString());
            if (made.limits().requests() != Allowance.UNLIMITED) {
                json.writeNumberField("max_requests", made.limits().requests());
            }
            if (made.limits().tokens() != Allowance.UNLIMITED) {
                json.writeNumberField("max_tokens", made.limits().tokens());
            }
            if (made.limits().microUsd() != Allowance.UNLIMITED) {
                json.writeNumberField("max_cost_usd", usd(made.limits().microUsd()));
            }
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory failed", impossible);
        }
        return Buffer.buffer(bytes.toByteArray());
    }

    private static JsonObject json(Token token) {
        Allowance limits = token.limits();
        Long lastUsedAt = token.lastUsedAt();
        return new JsonObject()
                .put("id", token.id())
                .put("token", token.obfuscated())
                .put("project_id", token.projectId())
                .put("expires_at", Instant.ofEpochMilli(token.expiresAt()).toString())
                .put("is_active", token.active())
                .put("request_count", token.requestCount())
                .put("max_requests", limited(limits.requests()))
                .put("created_at", Instant.ofEpochMilli(token.createdAt()).toString())
                .put(
                        "last_used_at",
                        lastUsedAt == null
                                ? null
                                : Instant.ofEpochMilli(lastUsedAt).toString())
                .put("cache_hit_count", 0)
                .put("token_count", token.tokenCount())
                .put("max_tokens", limited(limits.tokens()))
                .put("cost_usd", usd(token.microUsd()))
                .put("max_cost_usd", limits.microUsd() == Allowance.UNLIMITED ? null : usd(limits.microUsd()));
    }

    private static @Nullable Long limited(long limit) {
        return limit == Allowance.UNLIMITED ? null : Long.valueOf(limit);
    }

    private static BigDecimal usd(long microUsd) {
        return BigDecimal.valueOf(microUsd, MICRO_USD_DIGITS);
    }

    private long minutes(MemberValues members) {
        Long minutes = members.number(Member.DURATION_MINUTES);
        if (minutes == null) {
            return durationMinutesDefault;
        }
        if (minutes < 1 || minutes > durationMinutesMax) {
            throw Refused.badRequest("duration_minutes must be 1 to " + durationMinutesMax);
        }
        return minutes;
    }

    /** In the wire format, 0 and absent mean without limit. */
    private static long limit(MemberValues members, Member member) {
        Long limit = members.number(member);
        if (limit == null || limit == 0) {
            return Allowance.UNLIMITED;
        }
        if (limit < 0 || limit > LIMIT_MAX) {
            throw Refused.badRequest(member.wireName() + " must be 0 (no limit) to " + LIMIT_MAX);
        }
        return limit;
    }

    private static long cost(MemberValues members) {
        BigDecimal usd = members.decimal(Member.MAX_COST_USD);
        if (usd == null || usd.signum() == 0) {
            return Allowance.UNLIMITED;
        }
        boolean bounded = usd.signum() > 0 && usd.compareTo(COST_USD_MAX) <= 0;
        if (!bounded || usd.stripTrailingZeros().scale() > MICRO_USD_DIGITS) {
            throw Refused.badRequest(
                    "max_cost_usd must be 0 (no limit) to " + COST_USD_MAX + " with at most 6 decimal places");
        }
        return usd.movePointRight(MICRO_USD_DIGITS).longValueExact();
    }

    private static boolean flag(@Nullable String text) {
        return switch (text) {
            case null -> false;
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw Refused.badRequest("activeOnly must be true or false");
        };
    }
}
