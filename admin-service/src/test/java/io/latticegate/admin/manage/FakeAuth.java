package io.latticegate.admin.manage;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.AuthApi.Project;
import io.latticegate.common.contract.AuthApi.ProjectReply;
import io.latticegate.common.contract.AuthApi.RevokedCounts;
import io.latticegate.common.contract.AuthApi.Token;
import io.latticegate.common.contract.AuthApi.TokenReply;
import io.latticegate.common.contract.AuthApi.UpdateProject;
import io.latticegate.common.contract.AuthApi.UpdateToken;
import io.latticegate.common.contract.Endpoint;
import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.TokenDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** auth-service's registry in memory, with the same rules; endpoints can be made to fail. */
final class FakeAuth {
    private final InstantSource clock;
    private final Set<String> failing = ConcurrentHashMap.newKeySet();
    private final NavigableMap<String, Project> projects = new TreeMap<>();
    private final NavigableMap<String, Token> tokens = new TreeMap<>();
    private final Map<TokenDigest, String> digests = new HashMap<>();
    private int ids;

    FakeAuth(MeshBus bus, Executor executor, InstantSource clock) {
        this.clock = clock;
        serve(bus, executor, AuthApi.CREATE_PROJECT, this::createProject);
        serve(bus, executor, AuthApi.GET_PROJECT, question -> project(question.id()));
        serve(bus, executor, AuthApi.LIST_PROJECTS, question -> {
            List<Project> page = page(projects, question.afterId(), any -> true);
            return new AuthApi.ProjectList(first(page), page.size() > AuthApi.PAGE_SIZE_MAX);
        });
        serve(bus, executor, AuthApi.UPDATE_PROJECT, this::updateProject);
        serve(bus, executor, AuthApi.CREATE_TOKEN, this::createToken);
        serve(bus, executor, AuthApi.GET_TOKEN, question -> token(question.id()));
        serve(bus, executor, AuthApi.LIST_TOKENS, this::listTokens);
        serve(bus, executor, AuthApi.UPDATE_TOKEN, this::updateToken);
        serve(bus, executor, AuthApi.REVOKE_PROJECT_TOKENS, question -> revokeAll(question.projectId()));
    }

    /** From now on questions to this endpoint get no answer. */
    void fail(Endpoint<?, ?> endpoint) {
        failing.add(endpoint.address());
    }

    void recover() {
        failing.clear();
    }

    synchronized List<Project> projects() {
        return List.copyOf(projects.values());
    }

    synchronized List<Token> tokens() {
        return List.copyOf(tokens.values());
    }

    /** The id of the token with this digest, or null. */
    synchronized @Nullable String idOf(TokenDigest digest) {
        return digests.get(digest);
    }

    /** What the edge would report. */
    synchronized void use(String tokenId, long requests, long modelTokens, long microUsd) {
        tokens.computeIfPresent(
                tokenId,
                (id, token) -> new Token(
                        id,
                        token.obfuscated(),
                        token.projectId(),
                        token.expiresAt(),
                        token.active(),
                        requests,
                        modelTokens,
                        microUsd,
                        token.limits(),
                        token.createdAt(),
                        clock.millis()));
    }

    /** Adds projects without going through the API. */
    synchronized void seedProjects(int count) {
        for (int i = 0; i < count; i++) {
            createProject(new AuthApi.CreateProject("project " + i));
        }
    }

    private <Q extends Record, R> void serve(
            MeshBus bus, Executor executor, Endpoint<Q, R> endpoint, Function<Q, R> handler) {
        bus.serve(endpoint, executor, question -> {
            if (failing.contains(endpoint.address())) {
                throw new IllegalStateException("told to fail");
            }
            synchronized (this) {
                return handler.apply(question);
            }
        });
    }

    private String nextId() {
        return String.format("00000000-0000-7000-8000-%012x", ++ids);
    }

    private synchronized ProjectReply createProject(AuthApi.CreateProject question) {
        Project project = new Project(nextId(), question.name(), true, null, clock.millis(), clock.millis());
        projects.put(project.id(), project);
        return new ProjectReply.Found(project);
    }

    private ProjectReply project(String id) {
        Project project = projects.get(id);
        return project == null ? new ProjectReply.NotFound() : new ProjectReply.Found(project);
    }

    private ProjectReply updateProject(UpdateProject question) {
        Project was = projects.get(question.id());
        if (was == null) {
            return new ProjectReply.NotFound();
        }
        if (question.ifTag() != null && !question.ifTag().equals(was.tag())) {
            return new ProjectReply.ProjectChanged();
        }
        boolean active = question.active() == null ? was.active() : question.active();
        Long deactivatedAt = was.deactivatedAt() == null ? Long.valueOf(clock.millis()) : was.deactivatedAt();
        Project now = new Project(
                was.id(),
                question.name() == null ? was.name() : question.name(),
                active,
                active ? null : deactivatedAt,
                was.createdAt(),
                clock.millis());
        projects.put(now.id(), now);
        if (question.revokeTokens()) {
            RevokedCounts unread = revokeAll(now.id());
            if (!unread.projectFound()) {
                throw new IllegalStateException("the project vanished");
            }
        }
        return new ProjectReply.Found(now);
    }

    private TokenReply createToken(AuthApi.CreateToken question) {
        Project project = projects.get(question.projectId());
        if (project == null) {
            return new TokenReply.ProjectNotFound();
        }
        if (!project.active()) {
            return new TokenReply.ProjectInactive();
        }
        Token token = new Token(
                nextId(),
                question.obfuscated(),
                question.projectId(),
                clock.millis() + Duration.ofMinutes(question.durationMinutes()).toMillis(),
                true,
                0,
                0,
                0,
                question.limits(),
                clock.millis(),
                null);
        tokens.put(token.id(), token);
        digests.put(question.digest(), token.id());
        return new TokenReply.Found(token);
    }

    private TokenReply token(String id) {
        Token token = tokens.get(id);
        return token == null ? new TokenReply.NotFound() : new TokenReply.Found(token);
    }

    private AuthApi.TokenList listTokens(AuthApi.ListTokens question) {
        List<Token> page = page(
                tokens,
                question.afterId(),
                token -> (question.projectId() == null || token.projectId().equals(question.projectId()))
                        && (!question.activeOnly() || (token.active() && token.expiresAt() > clock.millis())));
        return new AuthApi.TokenList(first(page), page.size() > AuthApi.PAGE_SIZE_MAX);
    }

    private TokenReply updateToken(UpdateToken question) {
        Token was = tokens.get(question.id());
        if (was == null) {
            return new TokenReply.NotFound();
        }
        if (question.ifTag() != null && !question.ifTag().equals(was.tag())) {
            return new TokenReply.TokenChanged();
        }
        Long maxRequests = question.maxRequests();
        var limits = maxRequests == null
                ? was.limits()
                : new Allowance(maxRequests, was.limits().tokens(), was.limits().microUsd());
        Token now = new Token(
                was.id(),
                was.obfuscated(),
                was.projectId(),
                was.expiresAt(),
                question.active() == null ? was.active() : question.active(),
                was.requestCount(),
                was.tokenCount(),
                was.microUsd(),
                limits,
                was.createdAt(),
                was.lastUsedAt());
        tokens.put(now.id(), now);
        return new TokenReply.Found(now);
    }

    private RevokedCounts revokeAll(String projectId) {
        if (!projects.containsKey(projectId)) {
            return new RevokedCounts(false, 0, 0, 0);
        }
        List<Token> all = tokens.values().stream()
                .filter(token -> token.projectId().equals(projectId))
                .toList();
        List<Token> active = all.stream().filter(Token::active).toList();
        active.forEach(token -> updateToken(new UpdateToken(token.id(), false, null)));
        return new RevokedCounts(true, active.size(), all.size() - active.size(), all.size());
    }

    private static <T> List<T> page(NavigableMap<String, T> rows, @Nullable String after, Predicate<T> wanted) {
        Stream<T> later = (after == null ? rows : rows.tailMap(after, false)).values().stream();
        return later.filter(wanted).limit(AuthApi.PAGE_SIZE_MAX + 1L).toList();
    }

    private static <T> List<T> first(List<T> rows) {
        return List.copyOf(rows.subList(0, Math.min(rows.size(), AuthApi.PAGE_SIZE_MAX)));
    }
}
