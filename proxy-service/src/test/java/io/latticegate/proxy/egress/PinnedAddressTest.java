package io.latticegate.proxy.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.egress.EgressScope;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PinnedAddressTest {
    private static final InetAddress ONE = InetAddress.ofLiteral("1.1.1.1");
    private static final InetAddress OTHER = InetAddress.ofLiteral("8.8.8.8");
    private static final InetAddress INSIDE = InetAddress.ofLiteral("10.0.0.1");

    private final Deque<Promise<List<InetAddress>>> questions = new ArrayDeque<>();
    private long now = 1;
    private final PinnedAddress address =
            new PinnedAddress("api.example", EgressScope.PUBLIC, name -> ask(), () -> now);

    private Future<List<InetAddress>> ask() {
        Promise<List<InetAddress>> question = Promise.promise();
        questions.add(question);
        return question.future();
    }

    private void answer(InetAddress... addresses) {
        questions.remove().complete(List.of(addresses));
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void oneQuestionServesAllWhoWait() {
        Future<InetAddress> first = address.current();
        Future<InetAddress> second = address.current();
        assertThat(questions).hasSize(1);
        answer(ONE);
        assertThat(first.result()).isEqualTo(ONE);
        assertThat(second.result()).isEqualTo(ONE);
        assertThat(address.current().result()).isEqualTo(ONE);
        assertThat(questions).isEmpty();
    }

    @Test
    void theAddressCarriesNoName() throws UnknownHostException {
        Future<InetAddress> current = address.current();
        answer(InetAddress.getByAddress("api.example", ONE.getAddress()));
        assertThat(current.result()).hasToString("/1.1.1.1");
    }

    @Test
    void aSingleForbiddenAddressSpoilsTheAnswer() {
        Future<InetAddress> current = address.current();
        answer(ONE, INSIDE);
        assertThat(current.cause())
                .isInstanceOf(ForbiddenAddress.class)
                .hasMessageContaining("api.example")
                .hasMessageContaining("10.0.0.1 is a private address");
    }

    @Test
    void anEmptyAndAnEndlessAnswerAreRefused() {
        Future<InetAddress> none = address.current();
        answer();
        assertThat(none.cause()).isInstanceOf(ForbiddenAddress.class);
        Future<InetAddress> tooMany = address.current();
        questions.remove().complete(Collections.nCopies(PinnedAddress.ADDRESSES_MAX + 1, ONE));
        assertThat(tooMany.cause()).isInstanceOf(ForbiddenAddress.class);
    }

    @Test
    void theOldAddressServesWhileTheNameIsAskedForAgain() {
        address.current();
        answer(ONE);
        pass(PinnedAddress.FRESH);
        assertThat(address.current().result()).isEqualTo(ONE);
        assertThat(address.current().result()).isEqualTo(ONE);
        assertThat(questions).hasSize(1);
        answer(OTHER);
        assertThat(address.current().result()).isEqualTo(OTHER);
        assertThat(questions).isEmpty();
    }

    @Test
    void anAddressThatIsStillNamedIsKept() {
        address.current();
        answer(ONE, OTHER);
        pass(PinnedAddress.FRESH);
        address.current();
        answer(OTHER, ONE);
        assertThat(address.current().result()).isEqualTo(ONE);
    }

    @Test
    void aNameThatMovesInsideIsLeftAtOnce() {
        address.current();
        answer(ONE);
        pass(PinnedAddress.FRESH);
        address.current();
        answer(INSIDE);
        Future<InetAddress> current = address.current();
        assertThat(current.isComplete()).isFalse();
        answer(INSIDE);
        assertThat(current.cause()).isInstanceOf(ForbiddenAddress.class);
    }

    @Test
    void anAddressOutlivesItsNameServersForAWhile() {
        address.current();
        answer(ONE);
        pass(PinnedAddress.FRESH);
        address.current();
        questions.remove().fail(new UnknownHostException("api.example"));
        assertThat(address.current().result()).isEqualTo(ONE);
        questions.remove().fail(new UnknownHostException("api.example"));
        pass(PinnedAddress.STALE);
        Future<InetAddress> late = address.current();
        questions.remove().fail(new UnknownHostException("api.example"));
        assertThat(late.cause()).isInstanceOf(UnknownHostException.class);
    }

    @Test
    void anotherAddressIsTriedWhereOneDoesNotAnswer() {
        address.current();
        answer(ONE, OTHER);
        address.unreachable(ONE);
        Future<InetAddress> next = address.current();
        answer(ONE, OTHER);
        assertThat(next.result()).isEqualTo(OTHER);
    }

    @Test
    void theOnlyAddressIsTriedAgain() {
        address.current();
        answer(ONE);
        address.unreachable(ONE);
        Future<InetAddress> next = address.current();
        answer(ONE);
        assertThat(next.result()).isEqualTo(ONE);
    }
}
