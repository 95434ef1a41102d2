package io.latticegate.common.bus;

import io.latticegate.common.contract.Broadcast;
import io.latticegate.common.contract.Endpoint;
import io.latticegate.common.trace.TraceSpan;
import io.latticegate.common.value.SealedSecret;
import io.latticegate.common.value.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.internal.VertxInternal;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks and serves the contracts' questions over the Vert.x event bus, in one JVM or between several.
 *
 * <p>A future from {@link #ask} fails only with {@link BusFault}; every domain outcome is a value of the reply type.
 * {@link #serve} hands each message to an executor, because a consumer delivers one at a time and a handler that blocks
 * would hold up all that follow; since that also removes the consumer's back-pressure, at most {@link #IN_FLIGHT_MAX} handlers
 * run at once and further questions are answered {@link BusFault.Kind#OVERLOADED}.
 */
public final class MeshBus {
    /** Most questions that one process works on at the same time, per endpoint. */
    public static final int IN_FLIGHT_MAX = 4_096;

    private static final Logger LOG = LoggerFactory.getLogger(MeshBus.class);
    private static final long WITHDRAWAL_MILLIS = 500;
    private static final long IDLE_POLL_MILLIS = 10;
    private static final int OVERLOADED = 503;
    private static final int FAILED = 500;
    private static final int NOT_PERMITTED = 403;

    private final Vertx vertx;
    private final SignedExchange signatures;
    private final BusTelemetry telemetry;
    private final List<MessageConsumer<MessageOnTheBus>> consumers = new CopyOnWriteArrayList<>();
    private final AtomicInteger underWay = new AtomicInteger();

    private MeshBus(Vertx vertx, SignedExchange signatures, BusTelemetry telemetry) {
        this.vertx = vertx;
        this.signatures = signatures;
        this.telemetry = telemetry;
    }

    /** As the other, for a process that neither counts nor traces. */
    public static MeshBus on(Vertx vertx, SignedExchange signatures) {
        return on(vertx, signatures, BusTelemetry.none());
    }

    /** The bus of {@code vertx}; call once per Vert.x instance and service identity. */
    public static MeshBus on(Vertx vertx, SignedExchange signatures, BusTelemetry telemetry) {
        try {
            vertx.eventBus().registerCodec(new BusCodec());
        } catch (IllegalStateException alreadyRegistered) {
            LOG.trace("the codec is shared by all services of this JVM", alreadyRegistered);
        }
        return new MeshBus(vertx, signatures, telemetry);
    }

    /**
     * An answer to a signed question.
     *
     * @param questionHash binds sealed secrets in the reply to the question
     */
    public record Answer<R>(R reply, byte[] questionHash) {}

    /** Asks an endpoint that needs no signature. */
    public <Q extends Record, R> Future<R> ask(Endpoint<Q, R> endpoint, Q question) {
        return ask(endpoint, question, TraceSpan.NONE);
    }

    /** As the other, as a piece of {@code asker}'s trace. */
    public <Q extends Record, R> Future<R> ask(Endpoint<Q, R> endpoint, Q question, TraceSpan asker) {
        if (endpoint.signed()) {
            throw new IllegalArgumentException(endpoint.address() + " takes signed questions");
        }
        return request(endpoint, new MessageOnTheBus(endpoint.request(), question), asker)
                .map(message -> endpoint.reply().cast(message.value()));
    }

    /** Asks an endpoint whose questions and answers are signed; an answer by anyone but its server is a fault. */
    public <Q extends Record, R> Future<Answer<R>> askSigned(Endpoint<Q, R> endpoint, Q question) {
        return askSigned(endpoint, question, TraceSpan.NONE);
    }

    /** As the other, as a piece of {@code asker}'s trace. */
    public <Q extends Record, R> Future<Answer<R>> askSigned(Endpoint<Q, R> endpoint, Q question, TraceSpan asker) {
        SignedExchange.Prepared prepared = signatures.sign(endpoint, question);
        return request(endpoint, new MessageOnTheBus(SignedQuestion.class, prepared.question()), asker)
                .map(message -> new Answer<>(
                        signatures.verifyReply(endpoint, prepared, (SignedReply) message.value()),
                        prepared.questionHash()));
    }

    /** Opens a secret that came in {@code answer}. The caller owns and closes it. */
    public Secret open(Answer<?> answer, SealedSecret sealed) {
        return signatures.open(answer.questionHash(), sealed);
    }

    /** Serves an unsigned endpoint; {@code handler} may block when {@code executor} starts a virtual thread per task. */
    public <Q extends Record, R> void serve(Endpoint<Q, R> endpoint, Executor executor, Function<Q, R> handler) {
        if (endpoint.signed()) {
            throw new IllegalArgumentException(endpoint.address() + " must be served with serveSigned");
        }
        consume(
                endpoint,
                executor,
                message -> new MessageOnTheBus(
                        endpoint.reply(), handler.apply(endpoint.request().cast(message.value()))));
    }

    /** Serves a signed endpoint; {@code handler} is called only for askers whose role the endpoint admits. */
    public <Q extends Record, R> void serveSigned(
            Endpoint<Q, R> endpoint, Executor executor, BiFunction<Q, Asker, R> handler) {
        consume(endpoint, executor, message -> {
            SignedQuestion signed = (SignedQuestion) message.value();
            SignedExchange.Verified<Q> verified = signatures.verifyQuestion(endpoint, signed);
            R reply = handler.apply(verified.question(), verified.asker());
            return new MessageOnTheBus(
                    SignedReply.class, signatures.signReply(endpoint, verified.questionHash(), reply));
        });
    }

    /** Tells every listener. Best effort. */
    public <M extends Record> void publish(Broadcast<M> broadcast, M message) {
        vertx.eventBus().publish(broadcast.address(), new MessageOnTheBus(broadcast.message(), message), options());
    }

    /** Listens on the current context. */
    public <M extends Record> void listen(Broadcast<M> broadcast, Consumer<M> listener) {
        vertx.eventBus()
                .<MessageOnTheBus>consumer(
                        broadcast.address(),
                        message -> listener.accept(
                                broadcast.message().cast(message.body().value())));
    }

    /**
     * Takes no further questions; completes when those under way are answered. In a cluster the others are told first, and
     * what they have sent before they knew is still answered.
     */
    public Future<Void> leave() {
        Future<Void> told = ((VertxInternal) vertx).clusterManager() instanceof AttestedClusterManager cluster
                ? cluster.withdraw()
                        .compose(gone -> vertx.timer(WITHDRAWAL_MILLIS, TimeUnit.MILLISECONDS))
                        .mapEmpty()
                : Future.succeededFuture();
        return told.compose(known -> Future.all(
                        consumers.stream().map(MessageConsumer::unregister).toList()))
                .compose(closed -> idle());
    }

    private Future<Void> idle() {
        return underWay.get() == 0
                ? Future.succeededFuture()
                : vertx.timer(IDLE_POLL_MILLIS, TimeUnit.MILLISECONDS).compose(elapsed -> idle());
    }

    private Future<MessageOnTheBus> request(Endpoint<?, ?> endpoint, MessageOnTheBus question, TraceSpan asker) {
        DeliveryOptions options = options().setSendTimeout(endpoint.timeout().toMillis());
        TraceSpan span = telemetry.ask(endpoint, asker, options);
        return vertx.eventBus()
                .<MessageOnTheBus>request(endpoint.address(), question, options)
                .map(Message::body)
                .recover(failure -> {
                    BusFault fault = faultOf(endpoint, failure);
                    span.failed(fault.kind().name().toLowerCase(Locale.ROOT));
                    return Future.failedFuture(fault);
                })
                .onComplete(answered -> span.end());
    }

    private void consume(
            Endpoint<?, ?> endpoint, Executor executor, Function<MessageOnTheBus, MessageOnTheBus> handler) {
        AtomicInteger inFlight = new AtomicInteger();
        consumers.add(vertx.eventBus().<MessageOnTheBus>consumer(endpoint.address(), message -> {
            if (inFlight.incrementAndGet() > IN_FLIGHT_MAX) {
                inFlight.decrementAndGet();
                telemetry.overloaded(endpoint);
                message.fail(OVERLOADED, "more than " + IN_FLIGHT_MAX + " questions in flight");
                return;
            }
            underWay.incrementAndGet();
            BusTelemetry.Served served = telemetry.serve(endpoint, message);
            executor.execute(() -> served.during(() -> {
                try {
                    served.ended(answer(endpoint, message, handler));
                } finally {
                    inFlight.decrementAndGet();
                    underWay.decrementAndGet();
                }
            }));
        }));
    }

    private static BusTelemetry.Outcome answer(
            Endpoint<?, ?> endpoint,
            Message<MessageOnTheBus> message,
            Function<MessageOnTheBus, MessageOnTheBus> handler) {
        try {
            message.reply(handler.apply(message.body()), options());
            return BusTelemetry.Outcome.ANSWERED;
        } catch (SignedExchange.NotPermitted refused) {
            LOG.warn("refused a question on {}: {}", endpoint.address(), refused.getMessage());
            message.fail(NOT_PERMITTED, refused.getMessage());
            return BusTelemetry.Outcome.REFUSED;
        } catch (RuntimeException fault) {
            LOG.error("failed to answer a question on {}", endpoint.address(), fault);
            message.fail(FAILED, fault.getClass().getSimpleName());
            return BusTelemetry.Outcome.FAILED;
        }
    }

    private static BusFault faultOf(Endpoint<?, ?> endpoint, Throwable failure) {
        if (!(failure instanceof ReplyException reply)) {
            return new BusFault(BusFault.Kind.SERVER_FAILED, endpoint.address() + ": " + failure.getMessage());
        }
        BusFault.Kind kind = switch (reply.failureType()) {
            case TIMEOUT -> BusFault.Kind.TIMEOUT;
            case NO_HANDLERS -> BusFault.Kind.NO_HANDLERS;
            default ->
                switch (reply.failureCode()) {
                    case OVERLOADED -> BusFault.Kind.OVERLOADED;
                    case NOT_PERMITTED -> BusFault.Kind.REFUSED;
                    default -> BusFault.Kind.SERVER_FAILED;
                };
        };
        return new BusFault(kind, endpoint.address() + ": " + reply.getMessage());
    }

    private static DeliveryOptions options() {
        return new DeliveryOptions().setCodecName(BusCodec.NAME);
    }
}
