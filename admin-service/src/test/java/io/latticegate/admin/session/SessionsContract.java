package io.latticegate.admin.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.session.Accounts.Change;
import io.latticegate.admin.session.Accounts.Removal;
import io.latticegate.admin.session.Accounts.Terms;
import io.latticegate.admin.session.Sessions.Begun;
import io.latticegate.admin.session.Sessions.Holder;
import io.latticegate.admin.session.Sessions.Kind;
import io.latticegate.admin.session.Sessions.Live;
import io.latticegate.common.store.Database;
import io.latticegate.testing.FakeTime;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What principals and sessions promise on every database. */
abstract class SessionsContract {
    private static final String ONE = "00000000-0000-7000-8000-000000000001";
    private static final String TWO = "00000000-0000-7000-8000-000000000002";

    private final FakeTime time = new FakeTime();
    private final SecureRandom random = new SecureRandom();
    private Database database;
    private Accounts accounts;
    private Sessions sessions;

    /** A database without tables. */
    abstract Database emptyDatabase();

    @BeforeEach
    void open() {
        database = emptyDatabase();
        accounts = new Accounts(database, time);
        sessions = sessions("management token", "provider");
    }

    @AfterEach
    void close() {
        database.close();
    }

    private Sessions sessions(String management, String provider) {
        return new Sessions(
                database,
                time,
                random,
                management.getBytes(StandardCharsets.UTF_8),
                provider.getBytes(StandardCharsets.UTF_8));
    }

    private record Made(Account account, byte[] digest) {}

    private Made make(String name, @Nullable Instant end) {
        try (PrincipalToken token = PrincipalToken.create(random)) {
            byte[] digest = token.digest();
            Change change = accounts.create(new Terms(name, "operator", List.of(ONE, TWO), end), digest);
            assertThat(change).isInstanceOf(Change.Made.class);
            return new Made(((Change.Made) change).account(), digest);
        }
    }

    @Test
    void aTokenAdmitsItsPrincipalAndNobodyElse() {
        Made alice = make("alice", null);
        Made bob = make("bob", null);

        assertThat(accounts.admit(alice.digest()))
                .map(Account::id)
                .contains(alice.account().id());
        assertThat(accounts.admit(bob.digest()))
                .map(Account::id)
                .contains(bob.account().id());
        assertThat(accounts.admit(PrincipalToken.digest(new byte[36]))).isEmpty();
        assertThat(accounts.list()).extracting(Account::name).containsExactly("alice", "bob");
    }

    @Test
    void keepsWhatItWasTold() {
        Instant end = time.instant().plus(Duration.ofDays(3));
        Made alice = make("alice", end);

        Account kept = accounts.find(alice.account().id()).orElseThrow();

        assertThat(kept).isEqualTo(alice.account());
        assertThat(kept.projects()).containsExactly(ONE, TWO);
        assertThat(kept.expiresAt()).isEqualTo(end);
        assertThat(kept.lastUsedAt()).isNull();
    }

    @Test
    void notesUseToTheMinute() {
        Made alice = make("alice", null);
        Instant first = time.instant();

        assertThat(accounts.admit(alice.digest())).isPresent();
        time.advance(Duration.ofSeconds(59));
        assertThat(accounts.admit(alice.digest())).isPresent();
        assertThat(accounts.find(alice.account().id())).map(Account::lastUsedAt).contains(first);
        time.advance(Duration.ofSeconds(1));
        assertThat(accounts.admit(alice.digest())).isPresent();

        assertThat(accounts.find(alice.account().id())).map(Account::lastUsedAt).contains(time.instant());
    }

    @Test
    void anExpiredTokenAdmitsNobody() {
        Made alice = make("alice", time.instant().plus(Duration.ofMinutes(10)));
        Begun begun = sessions.begin(alice.account());

        time.advance(Duration.ofMinutes(10).minusMillis(1));
        assertThat(accounts.admit(alice.digest())).isPresent();
        assertThat(sessions.find(begun.key())).isPresent();
        time.advance(Duration.ofMillis(1));

        assertThat(accounts.admit(alice.digest())).isEmpty();
        assertThat(sessions.find(begun.key())).isEmpty();
    }

    @Test
    void namesAreUnique() {
        Made alice = make("alice", null);
        Made bob = make("bob", null);

        assertThat(accounts.create(new Terms("alice", "admin", null, null), new byte[32]))
                .isInstanceOf(Change.NameTaken.class);
        assertThat(accounts.update(bob.account().id(), null, now -> new Terms("alice", now.role(), null, null)))
                .isInstanceOf(Change.NameTaken.class);
        assertThat(accounts.update(alice.account().id(), null, now -> new Terms("alice", "viewer", null, null)))
                .isInstanceOf(Change.Made.class);
    }

    @Test
    void aChangeTakesEffectAtOnceAndEndsSessions() {
        Made alice = make("alice", null);
        Begun begun = sessions.begin(alice.account());
        assertThat(sessions.find(begun.key()))
                .map(Live::holder)
                .contains(new Holder(Kind.PRINCIPAL, "alice", "operator", List.of(ONE, TWO)));

        accounts.update(alice.account().id(), null, now -> new Terms("alice", "viewer", null, null));

        assertThat(accounts.admit(alice.digest())).map(Account::role).contains("viewer");
        assertThat(accounts.admit(alice.digest())).map(Account::projects).isEmpty();
        assertThat(sessions.find(begun.key())).isEmpty();
    }

    @Test
    void aSessionOfAnEarlierRevisionIsDeadEvenWhereItsRowIsLeft() {
        Made alice = make("alice", null);
        Begun begun = sessions.begin(alice.account());

        database.inTransaction(connection -> {
            try (Statement update = connection.createStatement()) {
                return update.executeUpdate("UPDATE principal SET revision = revision + 1");
            }
        });

        assertThat(sessions.find(begun.key())).isEmpty();
    }

    @Test
    void aRotationReplacesTheTokenAndEndsSessions() {
        Made alice = make("alice", null);
        Begun begun = sessions.begin(alice.account());
        byte[] next;
        try (PrincipalToken token = PrincipalToken.create(random)) {
            next = token.digest();
        }

        assertThat(accounts.rotate(alice.account().id(), null, next)).isInstanceOf(Change.Made.class);

        assertThat(accounts.admit(alice.digest())).isEmpty();
        assertThat(accounts.admit(next)).isPresent();
        assertThat(sessions.find(begun.key())).isEmpty();
        assertThat(accounts.rotate(ONE, null, new byte[32])).isInstanceOf(Change.NotFound.class);
    }

    @Test
    void aRemovedPrincipalIsGoneWithItsSessions() {
        Made alice = make("alice", null);
        Begun begun = sessions.begin(alice.account());

        assertThat(accounts.remove(alice.account().id(), null)).isEqualTo(Removal.REMOVED);

        assertThat(accounts.remove(alice.account().id(), null)).isEqualTo(Removal.NOT_FOUND);
        assertThat(accounts.admit(alice.digest())).isEmpty();
        assertThat(sessions.find(begun.key())).isEmpty();
    }

    @Test
    void aSessionEndsThirtyMinutesAfterItsLastUse() {
        Begun begun = sessions.beginManagement("admin");

        for (int i = 0; i < 3; i++) {
            time.advance(Duration.ofMinutes(30).minusMillis(1));
            assertThat(sessions.find(begun.key())).isPresent();
        }
        time.advance(Duration.ofMinutes(30));

        assertThat(sessions.find(begun.key())).isEmpty();
    }

    @Test
    void aSessionEndsTwelveHoursAfterItsSignInHoweverMuchItIsUsed() {
        Begun begun = sessions.beginManagement("admin");
        assertThat(begun.expiresAt()).isEqualTo(time.instant().plus(Duration.ofHours(12)));

        for (int i = 0; i < 47; i++) {
            time.advance(Duration.ofMinutes(15));
            assertThat(sessions.find(begun.key()))
                    .as("after %d quarters", i + 1)
                    .isPresent();
        }
        time.advance(Duration.ofMinutes(15));

        assertThat(sessions.find(begun.key())).isEmpty();
    }

    @Test
    void aSessionEndsWithWhatItWasBegunWith() {
        Begun management = sessions.beginManagement("admin");
        Begun oidc = sessions.beginOidc("alice (1)", "viewer");

        assertThat(sessions("another token", "provider").find(management.key())).isEmpty();
        assertThat(sessions("another token", "provider").find(oidc.key())).isPresent();
        assertThat(sessions("management token", "another provider").find(oidc.key()))
                .isEmpty();
        assertThat(sessions("management token", "another provider").find(management.key()))
                .map(Live::holder)
                .contains(new Holder(Kind.MANAGEMENT, "", "admin", null));
    }

    @Test
    void endsWhenTold() {
        Begun begun = sessions.beginManagement("admin");
        Begun other = sessions.beginManagement("admin");

        assertThat(sessions.end(begun.key())).isTrue();

        assertThat(sessions.end(begun.key())).isFalse();
        assertThat(sessions.find(begun.key())).isEmpty();
        assertThat(sessions.find(other.key())).isPresent();
    }

    @Test
    void theOldestGivesWayWhereOneNameHasTooMany() {
        List<Begun> all = new ArrayList<>();
        Begun foreign = sessions.beginOidc("bob (2)", "viewer");
        for (int i = 0; i <= Sessions.PER_NAME_MAX; i++) {
            all.add(sessions.beginOidc("alice (1)", "viewer"));
            time.advance(Duration.ofSeconds(1));
        }

        assertThat(sessions.find(all.getFirst().key())).isEmpty();
        assertThat(all.subList(1, all.size()))
                .allMatch(one -> sessions.find(one.key()).isPresent());
        assertThat(sessions.find(foreign.key())).isPresent();
    }

    @Test
    void theStoreHoldsNeitherTokensNorCookies() {
        byte[] tokenBytes;
        String cookie;
        String csrf;
        try (PrincipalToken token = PrincipalToken.create(random)) {
            tokenBytes = token.expose(byte[]::clone);
            accounts.create(new Terms("alice", "admin", null, null), token.digest());
            Begun begun = sessions.begin(accounts.admit(token.digest()).orElseThrow());
            cookie = begun.key().cookie();
            csrf = begun.key().csrfToken();
        }

        String stored = everything("principal") + everything("admin_session");

        assertThat(stored).contains("alice");
        for (byte[] secret : List.of(
                tokenBytes,
                cookie.getBytes(StandardCharsets.US_ASCII),
                Base64.getUrlDecoder().decode(cookie),
                csrf.getBytes(StandardCharsets.US_ASCII),
                Base64.getUrlDecoder().decode(csrf))) {
            assertThat(stored)
                    .doesNotContain(HexFormat.of().formatHex(secret))
                    .doesNotContain(new String(secret, StandardCharsets.ISO_8859_1));
        }
    }

    private String everything(String table) {
        return database.read(connection -> {
            StringBuilder text = new StringBuilder();
            try (Statement select = connection.createStatement();
                    ResultSet rows = select.executeQuery("SELECT * FROM " + table)) {
                ResultSetMetaData columns = rows.getMetaData();
                while (rows.next()) {
                    for (int i = 1; i <= columns.getColumnCount(); i++) {
                        byte[] bytes = columns.getColumnName(i).endsWith("hash")
                                        || columns.getColumnName(i).equals("binding")
                                ? rows.getBytes(i)
                                : null;
                        text.append(
                                        bytes == null
                                                ? rows.getString(i)
                                                : HexFormat.of().formatHex(bytes))
                                .append('\n');
                    }
                }
            }
            return text.toString();
        });
    }
}
