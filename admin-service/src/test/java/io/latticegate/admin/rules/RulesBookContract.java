package io.latticegate.admin.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.admin.rules.RulesBook.Outcome;
import io.latticegate.admin.rules.RulesVersion.Origin;
import io.latticegate.common.config.ConfigLoader;
import io.latticegate.common.config.ConfigProblem;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.config.RulesDocument;
import io.latticegate.common.config.RulesDocument.Format;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.latticegate.testing.FakeTime;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the book of rules promises on every database. */
abstract class RulesBookContract {
    private static final String FILE = """
            providers:
              mine: { base_url: "https://mine.example/v1", allowed_endpoints: [/v1/items] }
              near: { base_url: "http://127.0.0.1:11434", allow_http: true, allow_private: true }
            """;

    private final FakeTime time = new FakeTime();
    private final List<Long> announced = new ArrayList<>();
    private Database database;

    /** A database without tables. */
    abstract Database emptyDatabase();

    @BeforeEach
    void open() {
        database = emptyDatabase();
        announced.clear();
    }

    @AfterEach
    void close() {
        database.close();
    }

    private RulesBook book(String yaml) {
        LatticegateConfig file =
                ConfigLoader.in(Path.of("/nonexistent")).yaml(yaml).load().config();
        return new RulesBook(database, file, time, announced::add);
    }

    private static RulesDocument patched(RulesDocument document, String patch) {
        return document.patched(Format.JSON, "body", patch.getBytes(StandardCharsets.UTF_8));
    }

    private static Outcome change(RulesBook book, long expected, String patch) {
        return book.change(expected, patched(book.current().document(), patch), Origin.CHANGE, "req_1");
    }

    @Test
    void theFirstVersionIsWhatTheFileSays() {
        RulesBook book = book(FILE);
        assertThatThrownBy(book::current).isInstanceOf(StoreFault.Unavailable.class);

        RulesVersion first = book.begin();

        assertThat(first.version()).isEqualTo(1);
        assertThat(first.origin()).isEqualTo(Origin.FILE);
        assertThat(first.document()).isEqualTo(book.ofFile());
        assertThat(book.current()).isEqualTo(first);
        assertThat(announced).containsExactly(1L);
    }

    @Test
    void aChangeIsTheNextVersionAndSurvivesARestartWithTheSameFile() {
        RulesBook book = book(FILE);
        book.begin();
        Outcome outcome = change(book, 1, "{\"routing\":{\"strategy\":\"weighted\"}}");
        assertThat(outcome).isInstanceOf(Outcome.Made.class);

        RulesBook restarted = book(FILE + "\n# a comment is no change\n");
        assertThat(restarted.supersededByFile()).isEmpty();
        assertThat(restarted.begin()).isEqualTo(book.current());
        assertThat(restarted.current().version()).isEqualTo(2);
        assertThat(restarted.config().routing().strategy().name()).isEqualTo("WEIGHTED");
        assertThat(restarted.config().providers()).containsKey("mine");
    }

    @Test
    void aFileThatSaysSomethingElseBecomesTheNextVersionAndTheFormerCanBeBroughtBack() {
        RulesBook book = book(FILE);
        book.begin();
        change(book, 1, "{\"routing\":{\"strategy\":\"weighted\"}}");

        RulesBook restarted = book(FILE + "routing: { retry_budget: 0.5 }\n");
        assertThat(restarted.supersededByFile()).hasValue(book.current());
        RulesVersion now = restarted.begin();
        assertThat(now.version()).isEqualTo(3);
        assertThat(now.origin()).isEqualTo(Origin.FILE);
        assertThat(now.document()).isEqualTo(restarted.ofFile());

        RulesDocument former = restarted.find(2).orElseThrow().document();
        assertThat(restarted.change(3, former, Origin.ROLLBACK, "req_2")).isInstanceOf(Outcome.Made.class);
        assertThat(restarted.current().document()).isEqualTo(former);
        assertThat(restarted.list(Long.MAX_VALUE, 10))
                .extracting(RulesVersion::version)
                .containsExactly(4L, 3L, 2L, 1L);
        assertThat(restarted.list(3, 1)).extracting(RulesVersion::version).containsExactly(2L);
    }

    @Test
    void anotherInstanceSeesAChangeAtOnce() {
        RulesBook book = book(FILE);
        RulesBook other = book(FILE);
        book.begin();
        other.begin();
        change(book, 1, "{\"routing\":{\"strategy\":\"weighted\"}}");

        assertThat(other.current()).isEqualTo(book.current());
        assertThat(change(other, 1, "{\"routing\":null}")).isEqualTo(new Outcome.Late(2));
    }

    @Test
    void ofManyChangesToOneVersionExactlyOneIsMade() throws Exception {
        RulesBook book = book(FILE);
        book.begin();
        List<Outcome> outcomes = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Outcome>> calls = new ArrayList<>();
            for (int i = 1; i <= 16; i++) {
                String patch = "{\"routing\":{\"circuit_breaker\":{\"failures\":" + i + "}}}";
                RulesDocument proposed = patched(book.ofFile(), patch);
                calls.add(threads.submit(() -> book.change(1, proposed, Origin.CHANGE, "req")));
            }
            for (Future<Outcome> call : calls) {
                outcomes.add(call.get());
            }
        }
        assertThat(outcomes).filteredOn(Outcome.Made.class::isInstance).hasSize(1);
        assertThat(outcomes).filteredOn(Outcome.Late.class::isInstance).hasSize(15);
        assertThat(book.current().version()).isEqualTo(2);
    }

    @Test
    void whatChangesNothingMakesNoVersion() {
        RulesBook book = book(FILE);
        book.begin();
        assertThat(change(book, 1, "{}")).isEqualTo(new Outcome.Same(book.current()));
        assertThat(book.current().version()).isEqualTo(1);
    }

    @Test
    void aRefusedChangeLeavesNothingBehind() {
        RulesBook book = book(FILE);
        book.begin();
        assertThat(change(
                        book, 1, "{\"providers\":{\"new\":{\"base_url\":\"https://new.example\",\"retry_count\":99}}}"))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.problems())
                                .extracting(ConfigProblem::path)
                                .containsExactly("providers.new.retry_count"));
        assertThat(change(book, 1, "{\"providers\":{\"new\":{\"base_url\":\"https://other.example\"}}}"))
                .as("the refused address was not remembered")
                .isInstanceOf(Outcome.Made.class);
    }

    @Test
    void aProviderKeepsItsAddressEvenAfterItWasRemoved() {
        RulesBook book = book(FILE);
        book.begin();
        change(book, 1, "{\"providers\":{\"new\":{\"base_url\":\"https://new.example/a\"}}}");
        change(book, 2, "{\"providers\":{\"new\":null}}");

        assertThat(problems(book, "{\"providers\":{\"new\":{\"base_url\":\"https://evil.example\"}}}"))
                .containsExactly("providers.new.base_url");
        assertThat(problems(book, "{\"providers\":{\"new\":{\"base_url\":\"https://new.example:8443\"}}}"))
                .containsExactly("providers.new.base_url");
        assertThat(problems(book, "{\"providers\":{\"new\":{\"base_url\":\"https://NEW.example:443/b\"}}}"))
                .isEmpty();
        assertThat(problems(book, "{\"providers\":{\"mine\":{\"base_url\":\"https://evil.example/v1\"}}}"))
                .containsExactly("providers.mine.base_url");
        assertThat(problems(book, "{\"providers\":{\"anthropic\":{\"base_url\":\"https://evil.example\"}}}"))
                .containsExactly("providers.anthropic.base_url");
    }

    @Test
    void theFileMayMoveAProvider() {
        RulesBook before = book(FILE);
        before.begin();
        RulesBook after = book(FILE.replace("mine.example", "moved.example"));
        after.begin();

        assertThat(problems(after, "{\"providers\":{\"mine\":{\"base_url\":\"https://moved.example/v2\"}}}"))
                .isEmpty();
        assertThat(problems(after, "{\"providers\":{\"mine\":{\"base_url\":\"https://mine.example/v1\"}}}"))
                .containsExactly("providers.mine.base_url");
    }

    @Test
    void privateAddressesAreForTheFileToAllow() {
        String patch = "{\"providers\":{\"inside\":{\"base_url\":\"http://10.0.0.5\",\"allow_http\":true,"
                + "\"allow_private\":true},\"near\":{\"timeout\":\"5s\"}}}";
        RulesBook strict = book(FILE);
        strict.begin();
        assertThat(problems(strict, patch))
                .containsExactly("providers.inside.allow_private", "providers.inside.allow_http");

        assertThat(problems(book(FILE + "management: { private_providers: true }\n"), patch))
                .containsExactly();
    }

    private static List<String> problems(RulesBook book, String patch) {
        return book.problems(patched(book.ofFile(), patch)).stream()
                .map(ConfigProblem::path)
                .toList();
    }

    @Test
    void oldVersionsGoWhenThereAreTooMany() {
        RulesBook book = book(FILE);
        book.begin();
        for (int i = 1; i <= RulesStore.KEPT_MAX + 2; i++) {
            change(book, i, "{\"routing\":{\"circuit_breaker\":{\"failures\":" + (1 + i % 900) + "}}}");
        }
        assertThat(book.current().version()).isEqualTo(RulesStore.KEPT_MAX + 3L);
        assertThat(book.find(3)).isEmpty();
        assertThat(book.find(4)).isPresent();
        assertThat(book.list(Long.MAX_VALUE, 1_000)).hasSize(RulesStore.KEPT_MAX);
    }
}
