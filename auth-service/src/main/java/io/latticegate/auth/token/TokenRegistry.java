package io.latticegate.auth.token;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.AuthApi.CreateProject;
import io.latticegate.common.contract.AuthApi.CreateToken;
import io.latticegate.common.contract.AuthApi.GetProject;
import io.latticegate.common.contract.AuthApi.GetToken;
import io.latticegate.common.contract.AuthApi.ListProjects;
import io.latticegate.common.contract.AuthApi.ListTokens;
import io.latticegate.common.contract.AuthApi.Project;
import io.latticegate.common.contract.AuthApi.ProjectList;
import io.latticegate.common.contract.AuthApi.ProjectReply;
import io.latticegate.common.contract.AuthApi.RevokeProjectTokens;
import io.latticegate.common.contract.AuthApi.Revoked;
import io.latticegate.common.contract.AuthApi.RevokedCounts;
import io.latticegate.common.contract.AuthApi.Token;
import io.latticegate.common.contract.AuthApi.TokenList;
import io.latticegate.common.contract.AuthApi.TokenReply;
import io.latticegate.common.contract.AuthApi.UpdateProject;
import io.latticegate.common.contract.AuthApi.UpdateToken;
import io.latticegate.common.store.Database;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers managers' questions about projects and tokens. All methods block.
 *
 * <p>A project cannot be deleted; a token is revoked by making it inactive, and can be made active again. After each
 * committed change that takes something away or changes a limit, the edges are told to drop their leases of the whole
 * project: the table does not hold the digests by which one token could be named to them. A lost message costs at most
 * the rest of a lease, one second.
 *
 * <p>What the wire format does not allow is refused there; here it is an {@link IllegalArgumentException}.
 */
public final class TokenRegistry {
    /** Longest life of a token: 365 days. */
    public static final long DURATION_MINUTES_MAX = 525_600;

    private static final int NAME_LENGTH_MAX = 256;
    private static final int OBFUSCATED_LENGTH_MAX = 64;

    private final Database database;
    private final ProjectStore projects;
    private final TokenStore tokens;
    private final TokenPepper pepper;
    private final InstantSource clock;
    private final TimeOrderedIds ids;
    private final Consumer<Revoked> revoked;

    /** @param revoked called after a commit, on the caller's thread; it must not fail and must not block for long */
    public TokenRegistry(
            Database database,
            TokenPepper pepper,
            InstantSource clock,
            SecureRandom random,
            Consumer<Revoked> revoked) {
        this.database = database;
        this.projects = new ProjectStore(database.dialect());
        this.tokens = new TokenStore(database.dialect());
        this.pepper = pepper;
        this.clock = clock;
        this.ids = new TimeOrderedIds(clock, random);
        this.revoked = revoked;
    }

    public ProjectReply createProject(CreateProject question) {
        long now = clock.millis();
        Project project = new Project(ids.next(), checkedName(question.name()), true, null, now, now);
        database.inTransaction(connection -> {
            projects.insert(connection, project);
            return project;
        });
        return new ProjectReply.Found(project);
    }

    public ProjectReply getProject(GetProject question) {
        if (!TimeOrderedIds.isShaped(question.id())) {
            return new ProjectReply.NotFound();
        }
        return projectReply(database.<@Nullable Project>read(connection -> projects.find(connection, question.id())));
    }

    public ProjectList listProjects(ListProjects question) {
        List<Project> page = database.read(
                connection -> projects.list(connection, after(question.afterId()), AuthApi.PAGE_SIZE_MAX + 1));
        return new ProjectList(firstPage(page), page.size() > AuthApi.PAGE_SIZE_MAX);
    }

    /** Deactivation refuses leases from the commit on; {@code revokeTokens} also makes every token inactive for good. */
    public ProjectReply updateProject(UpdateProject question) {
        boolean deactivate = Boolean.FALSE.equals(question.active());
        if (question.revokeTokens() && !deactivate) {
            throw new IllegalArgumentException("revokeTokens is allowed only together with active = false");
        }
        if (!TimeOrderedIds.isShaped(question.id())) {
            return new ProjectReply.NotFound();
        }
        ProjectReply reply = database.inTransaction(connection -> {
            Project project = projects.findLocked(connection, question.id());
            if (project == null) {
                return new ProjectReply.NotFound();
            }
            if (question.ifTag() != null && !question.ifTag().equals(project.tag())) {
                return new ProjectReply.ProjectChanged();
            }
            Project next = changed(project, question);
            projects.update(connection, next);
            if (question.revokeTokens()) {
                tokens.revokeAll(connection, project.id());
            }
            return new ProjectReply.Found(next);
        });
        if (reply instanceof ProjectReply.Found(Project changed) && question.active() != null) {
            revoked.accept(new Revoked(changed.id(), null));
        }
        return reply;
    }

    /** Repeating the question with the same digest returns the token made at first, so that a lost reply does no harm. */
    public TokenReply createToken(CreateToken question) {
        if (question.durationMinutes() < 1 || question.durationMinutes() > DURATION_MINUTES_MAX) {
            throw new IllegalArgumentException(
                    "a token lives 1 to " + DURATION_MINUTES_MAX + " minutes, not " + question.durationMinutes());
        }
        if (question.obfuscated().isBlank() || question.obfuscated().length() > OBFUSCATED_LENGTH_MAX) {
            throw new IllegalArgumentException("an obfuscated token has 1 to " + OBFUSCATED_LENGTH_MAX + " characters");
        }
        if (!TimeOrderedIds.isShaped(question.projectId())) {
            return new TokenReply.ProjectNotFound();
        }
        long now = clock.millis();
        long expiresAt = now + Duration.ofMinutes(question.durationMinutes()).toMillis();
        Token token = new Token(
                ids.next(),
                question.obfuscated(),
                question.projectId(),
                expiresAt,
                true,
                0,
                0,
                0,
                question.limits(),
                now,
                null);
        byte[] digest = pepper.seal(question.digest());
        return database.inTransaction(connection -> {
            Project project = projects.findLocked(connection, question.projectId());
            if (project == null) {
                return new TokenReply.ProjectNotFound();
            }
            if (!project.active()) {
                return new TokenReply.ProjectInactive();
            }
            if (tokens.insert(connection, token, digest)) {
                return new TokenReply.Found(token);
            }
            Token first = tokens.findByDigest(connection, digest);
            if (first == null || !first.projectId().equals(question.projectId())) {
                throw new IllegalArgumentException("this digest belongs to a token of another project");
            }
            return new TokenReply.Found(first);
        });
    }

    public TokenReply getToken(GetToken question) {
        if (!TimeOrderedIds.isShaped(question.id())) {
            return new TokenReply.NotFound();
        }
        return tokenReply(database.<@Nullable Token>read(connection -> tokens.find(connection, question.id())));
    }

    /** {@code activeOnly} leaves out revoked and expired tokens. */
    public TokenList listTokens(ListTokens question) {
        if (question.projectId() != null && !TimeOrderedIds.isShaped(question.projectId())) {
            return new TokenList(List.of(), false);
        }
        Long usableAt = question.activeOnly() ? clock.millis() : null;
        List<Token> page = database.read(connection -> tokens.list(
                connection, question.projectId(), usableAt, after(question.afterId()), AuthApi.PAGE_SIZE_MAX + 1));
        return new TokenList(firstPage(page), page.size() > AuthApi.PAGE_SIZE_MAX);
    }

    /**
     * Revocation is {@code active = false}, and may be repeated. A limit below what is spent refuses everything from
     * then on; leases that are out stay within what they were granted.
     */
    public TokenReply updateToken(UpdateToken question) {
        if (question.maxRequests() != null && question.maxRequests() < 0) {
            throw new IllegalArgumentException("max requests is not negative: " + question.maxRequests());
        }
        if (!TimeOrderedIds.isShaped(question.id())) {
            return new TokenReply.NotFound();
        }
        TokenReply reply = database.inTransaction(connection -> {
            Token token = tokens.findLocked(connection, question.id());
            if (token == null) {
                return new TokenReply.NotFound();
            }
            if (question.ifTag() != null && !question.ifTag().equals(token.tag())) {
                return new TokenReply.TokenChanged();
            }
            tokens.update(
                    connection,
                    token.id(),
                    question.active() == null ? token.active() : question.active(),
                    question.maxRequests() == null ? token.limits().requests() : question.maxRequests());
            return tokenReply(tokens.find(connection, token.id()));
        });
        if (reply instanceof TokenReply.Found(Token updated)
                && (question.active() != null || question.maxRequests() != null)) {
            revoked.accept(new Revoked(updated.projectId(), null));
        }
        return reply;
    }

    /** May be repeated; then everything counts as already revoked. */
    public RevokedCounts revokeProjectTokens(RevokeProjectTokens question) {
        RevokedCounts nothing = new RevokedCounts(false, 0, 0, 0);
        if (!TimeOrderedIds.isShaped(question.projectId())) {
            return nothing;
        }
        RevokedCounts counts = database.inTransaction(connection -> {
            if (projects.findLocked(connection, question.projectId()) == null) {
                return nothing;
            }
            int now = tokens.revokeAll(connection, question.projectId());
            int total = tokens.count(connection, question.projectId());
            return new RevokedCounts(true, now, total - now, total);
        });
        if (counts.projectFound()) {
            revoked.accept(new Revoked(question.projectId(), null));
        }
        return counts;
    }

    private Project changed(Project project, UpdateProject question) {
        long now = clock.millis();
        boolean active = question.active() == null ? project.active() : question.active();
        Long deactivatedAt = project.deactivatedAt() == null ? Long.valueOf(now) : project.deactivatedAt();
        return new Project(
                project.id(),
                question.name() == null ? project.name() : checkedName(question.name()),
                active,
                active ? null : deactivatedAt,
                project.createdAt(),
                now);
    }

    private static String checkedName(String name) {
        if (name.isBlank() || name.length() > NAME_LENGTH_MAX || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "a project's name has 1 to " + NAME_LENGTH_MAX + " characters, none of them a control character");
        }
        return name;
    }

    /** Everything for a cursor that is absent; a cursor that is not an id of ours finds what sorts after it. */
    private static String after(@Nullable String id) {
        return id == null || !TimeOrderedIds.isShaped(id) ? "" : id;
    }

    private static <T> List<T> firstPage(List<T> rows) {
        return List.copyOf(rows.subList(0, Math.min(rows.size(), AuthApi.PAGE_SIZE_MAX)));
    }

    private static ProjectReply projectReply(@Nullable Project project) {
        return project == null ? new ProjectReply.NotFound() : new ProjectReply.Found(project);
    }

    private static TokenReply tokenReply(@Nullable Token token) {
        return token == null ? new TokenReply.NotFound() : new TokenReply.Found(token);
    }
}
