package io.latticegate.auth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latticegate.auth.servers.StoreKind;
import io.latticegate.common.contract.AuthApi.CreateProject;
import io.latticegate.common.contract.AuthApi.CreateToken;
import io.latticegate.common.contract.AuthApi.GetProject;
import io.latticegate.common.contract.AuthApi.GetToken;
import io.latticegate.common.contract.AuthApi.ListProjects;
import io.latticegate.common.contract.AuthApi.ListTokens;
import io.latticegate.common.contract.AuthApi.Project;
import io.latticegate.common.contract.AuthApi.ProjectReply;
import io.latticegate.common.contract.AuthApi.RevokeProjectTokens;
import io.latticegate.common.contract.AuthApi.Revoked;
import io.latticegate.common.contract.AuthApi.RevokedCounts;
import io.latticegate.common.contract.AuthApi.Token;
import io.latticegate.common.contract.AuthApi.TokenReply;
import io.latticegate.common.contract.AuthApi.UpdateProject;
import io.latticegate.common.contract.AuthApi.UpdateToken;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import io.latticegate.common.value.AccessToken;
import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.Secret;
import io.latticegate.common.value.TokenDigest;
import io.latticegate.testing.FakeTime;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a registry of projects and tokens promises on any database. */
abstract class TokenRegistryContract {
    private static final String ABSENT = "00000000-0000-7000-8000-000000000000";

    @TempDir
    Path directory;

    private final SecureRandom random = new SecureRandom();
    private final FakeTime time = new FakeTime();
    private final TokenPepper pepper = new TokenPepper(Secret.owning(random.generateSeed(32)));
    private final List<Revoked> told = new ArrayList<>();
    private StoreLocation location;
    private Database database;
    private TokenRegistry registry;

    abstract StoreKind store();

    @BeforeEach
    void open() {
        location = store().empty(directory);
        reopen();
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void keepsProjectsAndTokensThroughARestart() {
        Project project = createProject("tenant");
        Token token = createToken(project, 60, new Allowance(5, Allowance.UNLIMITED, 1_000));
        database.close();
        reopen();
        assertThat(registry.getProject(new GetProject(project.id()))).isEqualTo(new ProjectReply.Found(project));
        assertThat(registry.getToken(new GetToken(token.id()))).isEqualTo(new TokenReply.Found(token));
        assertThat(token)
                .returns(time.millis() + 3_600_000, Token::expiresAt)
                .returns(true, Token::active)
                .returns(0L, Token::requestCount)
                .returns(null, Token::lastUsedAt);
    }

    @Test
    void storesNothingByWhichATokenCouldBeUsedOrRecognised() throws Exception {
        Project project = createProject("tenant");
        TokenDigest digest;
        String obfuscated;
        try (AccessToken token = AccessToken.create(random)) {
            digest = token.digest();
            obfuscated = token.obfuscated();
            registry.createToken(new CreateToken(project.id(), digest, obfuscated, 1, Allowance.WITHOUT_LIMIT));
        }
        byte[] stored = database.read(connection -> {
            try (var select = connection.prepareStatement("SELECT digest FROM tokens");
                    var row = select.executeQuery()) {
                assertThat(row.next()).isTrue();
                return row.getBytes(1);
            }
        });
        assertThat(stored).hasSize(32).isNotEqualTo(digest.bytes()).isEqualTo(pepper.seal(digest));
        var otherPepper = new TokenPepper(Secret.owning(random.generateSeed(32)));
        assertThat(stored).isNotEqualTo(otherPepper.seal(digest));
    }

    @Test
    void refusesLivesOutsideOneMinuteToOneYear() {
        Project project = createProject("tenant");
        for (long minutes : new long[] {0, -1, 525_601, Long.MAX_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> createToken(project, minutes, Allowance.WITHOUT_LIMIT))
                    .withMessageContaining("1 to 525600 minutes");
        }
        assertThat(createToken(project, 525_600, Allowance.WITHOUT_LIMIT).expiresAt())
                .isEqualTo(time.millis() + Duration.ofDays(365).toMillis());
    }

    @Test
    void makesNoTokenForAProjectThatIsAbsentOrInactive() {
        Project project = createProject("tenant");
        registry.updateProject(new UpdateProject(project.id(), null, false, false));
        assertThat(tryCreateToken(project.id())).isEqualTo(new TokenReply.ProjectInactive());
        assertThat(tryCreateToken(ABSENT)).isEqualTo(new TokenReply.ProjectNotFound());
        assertThat(tryCreateToken("'; DROP TABLE tokens; --")).isEqualTo(new TokenReply.ProjectNotFound());
    }

    @Test
    void returnsTheFirstTokenWhenItsCreationIsRepeated() {
        Project project = createProject("tenant");
        var question = new CreateToken(project.id(), new TokenDigest(1, 2, 3, 4), "sk-x", 5, Allowance.WITHOUT_LIMIT);
        TokenReply first = registry.createToken(question);
        time.advance(Duration.ofSeconds(3));
        assertThat(registry.createToken(question)).isEqualTo(first);
    }

    @Test
    void revokesATokenAsOftenAsAskedAndTellsTheEdges() {
        Project project = createProject("tenant");
        Token token = createToken(project, 5, Allowance.WITHOUT_LIMIT);
        for (int i = 0; i < 2; i++) {
            assertThat(registry.updateToken(new UpdateToken(token.id(), false, null)))
                    .isInstanceOfSatisfying(
                            TokenReply.Found.class,
                            found -> assertThat(found.token().active()).isFalse());
        }
        assertThat(told).containsExactly(new Revoked(project.id(), null), new Revoked(project.id(), null));
        assertThat(registry.updateToken(new UpdateToken(ABSENT, false, null))).isEqualTo(new TokenReply.NotFound());
    }

    @Test
    void tellsTheEdgesOfANewLimit() {
        Project project = createProject("tenant");
        Token token = createToken(project, 5, Allowance.WITHOUT_LIMIT);
        registry.updateToken(new UpdateToken(token.id(), null, null));
        assertThat(told).isEmpty();
        registry.updateToken(new UpdateToken(token.id(), null, 7L));
        assertThat(told).containsExactly(new Revoked(project.id(), null));
        assertThat(registry.getToken(new GetToken(token.id())))
                .isInstanceOfSatisfying(
                        TokenReply.Found.class,
                        found -> assertThat(found.token().limits().requests()).isEqualTo(7));
    }

    @Test
    void countsRevokedAndAlreadyRevokedTokensOfAProject() {
        Project project = createProject("tenant");
        List<Token> tokens = IntStream.range(0, 5)
                .mapToObj(_ -> createToken(project, 5, Allowance.WITHOUT_LIMIT))
                .toList();
        Token other = createToken(createProject("other"), 5, Allowance.WITHOUT_LIMIT);
        registry.updateToken(new UpdateToken(tokens.get(2).id(), false, null));
        var question = new RevokeProjectTokens(project.id());
        assertThat(registry.revokeProjectTokens(question)).isEqualTo(new RevokedCounts(true, 4, 1, 5));
        assertThat(registry.revokeProjectTokens(question)).isEqualTo(new RevokedCounts(true, 0, 5, 5));
        assertThat(registry.revokeProjectTokens(new RevokeProjectTokens(ABSENT)))
                .isEqualTo(new RevokedCounts(false, 0, 0, 0));
        assertThat(registry.getToken(new GetToken(other.id()))).isEqualTo(new TokenReply.Found(other));
    }

    @Test
    void deactivatesAndReactivatesAProject() {
        Project project = createProject("tenant");
        Token token = createToken(project, 5, Allowance.WITHOUT_LIMIT);
        time.advance(Duration.ofSeconds(1));
        long deactivated = time.millis();
        registry.updateProject(new UpdateProject(project.id(), null, false, true));
        time.advance(Duration.ofSeconds(1));
        registry.updateProject(new UpdateProject(project.id(), "renamed", false, false));
        assertThat(registry.getProject(new GetProject(project.id())))
                .isEqualTo(new ProjectReply.Found(
                        new Project(project.id(), "renamed", false, deactivated, project.createdAt(), time.millis())));
        assertThat(registry.getToken(new GetToken(token.id())))
                .isInstanceOfSatisfying(
                        TokenReply.Found.class,
                        found -> assertThat(found.token().active()).isFalse());
        registry.updateProject(new UpdateProject(project.id(), null, true, false));
        assertThat(registry.getProject(new GetProject(project.id())))
                .isInstanceOfSatisfying(
                        ProjectReply.Found.class,
                        found -> assertThat(found.project())
                                .returns(true, Project::active)
                                .returns(null, Project::deactivatedAt));
        assertThat(told).hasSize(3).containsOnly(new Revoked(project.id(), null));
    }

    @Test
    void revokesTokensOnlyTogetherWithADeactivation() {
        Project project = createProject("tenant");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.updateProject(new UpdateProject(project.id(), null, null, true)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.updateProject(new UpdateProject(project.id(), null, true, true)));
    }

    @Test
    void changesNothingThatSomebodyElseHasChangedSince() {
        Project project = ((ProjectReply.Found) registry.createProject(new CreateProject("first"))).project();
        String seen = project.tag();
        assertThat(registry.updateProject(new UpdateProject(project.id(), "second", null, false, seen)))
                .isInstanceOf(ProjectReply.Found.class);
        assertThat(registry.updateProject(new UpdateProject(project.id(), "third", false, true, seen)))
                .isEqualTo(new ProjectReply.ProjectChanged());
        Project now = ((ProjectReply.Found) registry.getProject(new GetProject(project.id()))).project();
        assertThat(now.name()).isEqualTo("second");
        assertThat(now.active()).isTrue();
        assertThat(now.tag()).isNotEqualTo(seen);
    }

    @Test
    void listsInOrderOfCreationPageByPage() {
        List<String> created = new ArrayList<>();
        for (int i = 0; i < 1_003; i++) {
            time.advance(Duration.ofMillis(1));
            created.add(createProject("tenant " + i).id());
        }
        List<String> listed = new ArrayList<>();
        String after = null;
        boolean more = true;
        while (more) {
            var page = registry.listProjects(new ListProjects(after));
            page.projects().forEach(project -> listed.add(project.id()));
            after = listed.getLast();
            more = page.more();
        }
        assertThat(listed).isEqualTo(created);
    }

    @Test
    void listsTokensOfOneProjectOrOfAllAndOnlyUsableOnesIfAsked() {
        Project one = createProject("one");
        Project two = createProject("two");
        Token usable = createToken(one, 10, Allowance.WITHOUT_LIMIT);
        Token brief = createToken(one, 1, Allowance.WITHOUT_LIMIT);
        Token revoked = createToken(one, 10, Allowance.WITHOUT_LIMIT);
        Token foreign = createToken(two, 10, Allowance.WITHOUT_LIMIT);
        registry.updateToken(new UpdateToken(revoked.id(), false, null));
        time.advance(Duration.ofMinutes(1));
        assertThat(ids(new ListTokens(one.id(), false, null)))
                .containsExactlyInAnyOrder(usable.id(), brief.id(), revoked.id());
        assertThat(ids(new ListTokens(one.id(), true, null))).containsExactly(usable.id());
        assertThat(ids(new ListTokens(null, true, null))).containsExactlyInAnyOrder(usable.id(), foreign.id());
        assertThat(ids(new ListTokens(ABSENT, false, null))).isEmpty();
        assertThat(ids(new ListTokens("nonsense", false, null))).isEmpty();
    }

    @Test
    void refusesNamesThatAreEmptyLongOrNotText() {
        for (String name : new String[] {"", "  ", "x".repeat(257), "a\u0000b", "a\nb"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> createProject(name));
        }
    }

    private void reopen() {
        database = Database.open("auth", location);
        registry = new TokenRegistry(database, pepper, time, random, told::add);
    }

    private List<String> ids(ListTokens question) {
        return registry.listTokens(question).tokens().stream().map(Token::id).toList();
    }

    private Project createProject(String name) {
        return ((ProjectReply.Found) registry.createProject(new CreateProject(name))).project();
    }

    private Token createToken(Project project, long minutes, Allowance limits) {
        try (AccessToken token = AccessToken.create(random)) {
            var question = new CreateToken(project.id(), token.digest(), token.obfuscated(), minutes, limits);
            return ((TokenReply.Found) registry.createToken(question)).token();
        }
    }

    private TokenReply tryCreateToken(String projectId) {
        return registry.createToken(
                new CreateToken(projectId, new TokenDigest(4, 3, 2, 1), "sk-x", 5, Allowance.WITHOUT_LIMIT));
    }
}
