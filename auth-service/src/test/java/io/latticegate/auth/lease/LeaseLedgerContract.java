package io.latticegate.auth.lease;

import static io.latticegate.common.value.Allowance.UNLIMITED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latticegate.auth.servers.StoreKind;
import io.latticegate.auth.token.TokenPepper;
import io.latticegate.auth.token.TokenRegistry;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.AuthApi.LeaseReply;
import io.latticegate.common.contract.AuthApi.LeaseReply.Granted;
import io.latticegate.common.contract.AuthApi.LeaseReply.Refused;
import io.latticegate.common.contract.AuthApi.LeaseRequest;
import io.latticegate.common.contract.AuthApi.LeaseUse;
import io.latticegate.common.contract.AuthApi.ProjectReply;
import io.latticegate.common.contract.AuthApi.Refusal;
import io.latticegate.common.contract.AuthApi.Settlement;
import io.latticegate.common.contract.AuthApi.Token;
import io.latticegate.common.contract.AuthApi.TokenReply;
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
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a ledger of leases promises on any database. */
abstract class LeaseLedgerContract {
    private static final Allowance ONE = new Allowance(1, 0, 0);
    private static final String EDGE = "edge-1";

    @TempDir
    Path directory;

    private final SecureRandom random = new SecureRandom();
    private final FakeTime time = new FakeTime();
    private final TokenPepper pepper = new TokenPepper(Secret.owning(random.generateSeed(32)));
    private StoreLocation location;
    private Database database;
    private TokenRegistry registry;
    private LeaseLedger ledger;
    private String project;

    abstract StoreKind store();

    @BeforeEach
    void open() {
        location = store().empty(directory);
        database = Database.open("auth", location);
        registry = new TokenRegistry(database, pepper, time, random, _ -> {});
        ledger = new LeaseLedger(database, pepper, time, LeaseTerms.DEFAULT);
        project = ((ProjectReply.Found) registry.createProject(new AuthApi.CreateProject("tenant")))
                .project()
                .id();
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void grantsExactlyTheLimitToManyAtOnce() throws Exception {
        Issued token = issue(limit(5));
        try (Database second = Database.open("auth", location);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var other = new LeaseLedger(second, pepper, time, LeaseTerms.DEFAULT);
            List<Callable<LeaseReply>> asking = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                LeaseLedger one = i % 2 == 0 ? ledger : other;
                String node = "edge-" + i % 3;
                asking.add(() -> one.grant(new LeaseRequest(node, token.digest, ONE)));
            }
            List<LeaseReply> replies =
                    threads.invokeAll(asking).stream().map(Future::resultNow).toList();
            assertThat(replies)
                    .filteredOn(Granted.class::isInstance)
                    .hasSize(5)
                    .allSatisfy(reply ->
                            assertThat(((Granted) reply).block().requests()).isEqualTo(1));
            assertThat(replies)
                    .filteredOn(Refused.class::isInstance)
                    .hasSize(59)
                    .allSatisfy(
                            reply -> assertThat(((Refused) reply).refusal()).isEqualTo(Refusal.RATE_LIMIT_EXCEEDED));
        }
    }

    @Test
    void keepsUnlimitedDimensionsUnlimitedAndCountsThemWhenSettled() {
        Issued token = issue(Allowance.WITHOUT_LIMIT);
        Granted lease = granted(token, new Allowance(1, 100, 100));
        assertThat(lease.block()).isEqualTo(Allowance.WITHOUT_LIMIT);
        settle(lease, new Allowance(3, 1_234, 56), true);
        assertThat(read(token))
                .returns(3L, Token::requestCount)
                .returns(1_234L, Token::tokenCount)
                .returns(56L, Token::microUsd);
    }

    @Test
    void returnsTheRestOfAnEndedLease() {
        Issued token = issue(new Allowance(10, 1_000, UNLIMITED));
        Granted lease = granted(token, new Allowance(10, 1_000, 0));
        assertThat(refusal(token, ONE)).isEqualTo(Refusal.RATE_LIMIT_EXCEEDED);
        settle(lease, new Allowance(4, 400, 9), true);
        assertThat(granted(token, new Allowance(99, 9_999, 0)).block()).isEqualTo(new Allowance(6, 600, UNLIMITED));
    }

    @Test
    void changesNothingWhenASettlementIsRepeatedOrLate() {
        Issued token = issue(limit(10));
        Granted lease = granted(token, requests(8));
        settle(lease, requests(5), false);
        settle(lease, requests(3), false);
        settle(lease, requests(5), false);
        assertThat(read(token).requestCount()).isEqualTo(5);
        settle(lease, requests(6), true);
        settle(lease, requests(6), true);
        settle(lease, requests(5), false);
        assertThat(read(token).requestCount()).isEqualTo(6);
        assertThat(granted(token, requests(99)).block().requests()).isEqualTo(4);
    }

    @Test
    void adsUpSeveralUsesOfOneLeaseInOneSettlement() {
        Issued token = issue(limit(10));
        Granted lease = granted(token, requests(8));
        var uses = List.of(use(lease, 2, 0, false), use(lease, 7, 0, false), use(lease, 7, 0, true));
        assertThat(ledger.settle(new Settlement(EDGE, uses)).unknown()).isEmpty();
        assertThat(read(token).requestCount()).isEqualTo(7);
        assertThat(granted(token, requests(99)).block().requests()).isEqualTo(3);
    }

    @Test
    void returnsWhatTheEdgeNoLongerKeeps() {
        Issued token = issue(new Allowance(10, 1_000, UNLIMITED));
        Granted lease = granted(token, new Allowance(10, 1_000, 0));
        settle(lease, new Allowance(2, 100, 0), new Allowance(1, 300, UNLIMITED));
        Granted second = granted(token, new Allowance(99, 9_999, 0));
        assertThat(second.block()).isEqualTo(new Allowance(7, 600, UNLIMITED));
        settle(lease, new Allowance(2, 100, 0), new Allowance(8, 900, UNLIMITED));
        assertThat(refusal(token, ONE)).isEqualTo(Refusal.RATE_LIMIT_EXCEEDED);
        settle(lease, new Allowance(3, 350, 0), true);
        assertThat(refusal(token, ONE)).isEqualTo(Refusal.RATE_LIMIT_EXCEEDED);
        assertThat(granted(token, new Allowance(0, 9_999, 0)).block().tokens()).isEqualTo(50);
    }

    @Test
    void losesOnlyWhatTheEdgeStillKept() {
        Issued token = issue(limit(10));
        Granted lease = granted(token, requests(8));
        settle(lease, requests(2), requests(1));
        time.advance(Duration.ofMillis(11_001));
        assertThat(ledger.sweep().lost()).isEqualTo(1);
        assertThat(read(token).requestCount()).isEqualTo(3);
        assertThat(granted(token, requests(99)).block().requests()).isEqualTo(7);
    }

    @Test
    void countsAUseAboveTheBlockInFull() {
        Issued token = issue(new Allowance(UNLIMITED, 1_000, UNLIMITED));
        Granted lease = granted(token, new Allowance(1, 900, 0));
        settle(lease, new Allowance(1, 1_100, 0), true);
        assertThat(read(token).tokenCount()).isEqualTo(1_100);
        assertThat(refusal(token, new Allowance(1, 1, 0))).isEqualTo(Refusal.RATE_LIMIT_EXCEEDED);
    }

    @Test
    void countsALostLeaseAsSpentAndReportsItAsUnknown() {
        Issued token = issue(limit(10));
        Granted lease = granted(token, requests(4));
        settle(lease, requests(1), false);
        time.advance(Duration.ofMillis(11_001));
        assertThat(ledger.sweep().lost()).isEqualTo(1);
        assertThat(read(token).requestCount()).isEqualTo(4);
        assertThat(settle(lease, requests(2), true)).containsExactly(lease.leaseId());
        assertThat(read(token).requestCount()).isEqualTo(4);
        assertThat(granted(token, requests(99)).block().requests()).isEqualTo(6);
    }

    @Test
    void countsALateUseOfALostLeaseWhereNothingWasDeducted() {
        Issued token = issue(limit(10));
        Granted lease = granted(token, requests(4));
        time.advance(Duration.ofMillis(11_001));
        ledger.sweep();
        settle(lease, new Allowance(2, 700, 30), true);
        assertThat(read(token)).returns(4L, Token::requestCount).returns(700L, Token::tokenCount);
    }

    @Test
    void keepsALeaseOpenAsLongAsItIsSettledAndNotForEver() {
        Issued token = issue(limit(10));
        Granted lease = granted(token, requests(4));
        for (int seconds = 0; seconds < 3_600; seconds += 9) {
            assertThat(settle(lease, requests(1), false)).isEmpty();
            time.advance(Duration.ofSeconds(9));
            if (seconds % 450 == 0) {
                assertThat(ledger.sweep().lost()).isZero();
            }
        }
        settle(lease, requests(1), false);
        time.advance(Duration.ofSeconds(2));
        assertThat(ledger.sweep().lost()).isEqualTo(1);
    }

    @Test
    void forgetsClosedLeasesAfterAWhile() {
        Issued token = issue(limit(10));
        settle(granted(token, requests(4)), requests(1), true);
        time.advance(Duration.ofMinutes(11));
        assertThat(ledger.sweep()).isEqualTo(new LeaseLedger.Swept(0, 1));
    }

    @Test
    void doesNotLetOneNodeSettleTheLeaseOfAnother() {
        Issued token = issue(limit(10));
        Granted lease = granted(token, requests(4));
        var stolen = new Settlement("edge-2", List.of(use(lease, 4, 0, true)));
        assertThat(ledger.settle(stolen).unknown()).containsExactly(lease.leaseId());
        assertThat(read(token).requestCount()).isZero();
    }

    @Test
    void settlesManyLeasesOfManyTokensAtOnce() throws Exception {
        List<Issued> tokens = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            tokens.add(issue(limit(1_000)));
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<List<String>>> settling = new ArrayList<>();
            for (int edge = 0; edge < 6; edge++) {
                String node = "edge-" + edge;
                List<LeaseUse> uses = new ArrayList<>();
                for (int i = 0; i < tokens.size(); i++) {
                    Issued token = tokens.get((i * (edge + 1)) % tokens.size());
                    Granted lease = (Granted) ledger.grant(new LeaseRequest(node, token.digest, ONE));
                    uses.add(use(lease, 1, time.millis(), true));
                }
                settling.add(() -> ledger.settle(new Settlement(node, uses)).unknown());
            }
            assertThat(threads.invokeAll(settling))
                    .allSatisfy(done -> assertThat(done.resultNow()).isEmpty());
        }
        assertThat(tokens.stream()
                        .mapToLong(token -> read(token).requestCount())
                        .sum())
                .isEqualTo(6 * 8);
        assertThat(tokens)
                .allSatisfy(token -> assertThat(
                                granted(token, requests(1_000)).block().requests())
                        .isEqualTo(1_000 - read(token).requestCount()));
    }

    @Test
    void refusesAnUnknownRevokedExpiredOrDeactivatedToken() {
        assertThat(ledger.grant(new LeaseRequest(EDGE, new TokenDigest(1, 2, 3, 4), ONE)))
                .isEqualTo(new Refused(Refusal.TOKEN_NOT_FOUND, null, null));

        Issued revoked = issue(limit(5));
        registry.updateToken(new AuthApi.UpdateToken(revoked.id, false, null));
        assertThat(ledger.grant(new LeaseRequest(EDGE, revoked.digest, ONE)))
                .isEqualTo(new Refused(Refusal.TOKEN_INACTIVE, revoked.id, project));

        Issued minute = issue(limit(5));
        time.advance(Duration.ofMillis(59_600));
        Granted last = granted(minute, ONE);
        assertThat(last.validForMillis()).isEqualTo(400);
        time.advance(Duration.ofMillis(400));
        assertThat(refusal(minute, ONE)).isEqualTo(Refusal.TOKEN_EXPIRED);

        Issued orphan = issue(limit(5));
        registry.updateProject(new AuthApi.UpdateProject(project, null, false, false));
        assertThat(refusal(orphan, ONE)).isEqualTo(Refusal.PROJECT_INACTIVE);
        registry.updateProject(new AuthApi.UpdateProject(project, null, true, false));
        assertThat(granted(orphan, ONE).validForMillis()).isEqualTo(1_000);
    }

    @Test
    void remembersTheLatestUse() {
        Issued token = issue(limit(5));
        long before = time.millis();
        Granted lease = granted(token, requests(3));
        time.advance(Duration.ofSeconds(5));
        var uses = List.of(use(lease, 1, before + 2_000, false));
        ledger.settle(new Settlement(EDGE, uses));
        ledger.settle(new Settlement(EDGE, List.of(use(lease, 1, before + 1_000, false))));
        assertThat(read(token).lastUsedAt()).isEqualTo(before + 2_000);
    }

    @Test
    void obeysALimitThatIsRaisedOrLowered() {
        Issued token = issue(limit(2));
        settle(granted(token, requests(2)), requests(2), true);
        assertThat(refusal(token, ONE)).isEqualTo(Refusal.RATE_LIMIT_EXCEEDED);
        registry.updateToken(new AuthApi.UpdateToken(token.id, null, 3L));
        assertThat(granted(token, requests(2)).block().requests()).isEqualTo(1);
        registry.updateToken(new AuthApi.UpdateToken(token.id, null, 1L));
        assertThat(refusal(token, ONE)).isEqualTo(Refusal.RATE_LIMIT_EXCEEDED);
        registry.updateToken(new AuthApi.UpdateToken(token.id, null, UNLIMITED));
        assertThat(granted(token, ONE).block().requests()).isEqualTo(UNLIMITED);
    }

    @Test
    void refusesAnImplausibleSettlement() {
        Granted lease = granted(issue(limit(5)), ONE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settle(lease, Allowance.WITHOUT_LIMIT, true))
                .withMessageContaining("at most");
    }

    private record Issued(String id, TokenDigest digest) {}

    private Issued issue(Allowance limits) {
        try (AccessToken token = AccessToken.create(random)) {
            var question = new AuthApi.CreateToken(project, token.digest(), token.obfuscated(), 1, limits);
            var found = (TokenReply.Found) registry.createToken(question);
            return new Issued(found.token().id(), token.digest());
        }
    }

    private Granted granted(Issued token, Allowance wanted) {
        LeaseReply reply = ledger.grant(new LeaseRequest(EDGE, token.digest, wanted));
        assertThat(reply).isInstanceOf(Granted.class);
        return (Granted) reply;
    }

    private Refusal refusal(Issued token, Allowance wanted) {
        LeaseReply reply = ledger.grant(new LeaseRequest(EDGE, token.digest, wanted));
        assertThat(reply).isInstanceOf(Refused.class);
        return ((Refused) reply).refusal();
    }

    private void settle(Granted lease, Allowance spent, Allowance kept) {
        var use = new LeaseUse(lease.leaseId(), spent, kept, time.millis(), false);
        assertThat(ledger.settle(new Settlement(EDGE, List.of(use))).unknown()).isEmpty();
    }

    private List<String> settle(Granted lease, Allowance spent, boolean ended) {
        var use = new LeaseUse(lease.leaseId(), spent, lease.block().minus(spent), time.millis(), ended);
        return ledger.settle(new Settlement(EDGE, List.of(use))).unknown();
    }

    private static LeaseUse use(Granted lease, long requests, long lastUsedAt, boolean ended) {
        return new LeaseUse(lease.leaseId(), requests(requests), lease.block(), lastUsedAt, ended);
    }

    private Token read(Issued token) {
        return ((TokenReply.Found) registry.getToken(new AuthApi.GetToken(token.id))).token();
    }

    private static Allowance requests(long count) {
        return new Allowance(count, 0, 0);
    }

    private static Allowance limit(long requests) {
        return new Allowance(requests, UNLIMITED, UNLIMITED);
    }
}
