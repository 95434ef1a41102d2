package io.latticegate.proxy.relay;

import io.latticegate.common.bus.BusFault;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.AuthApi.WalletReply;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.wallet.WalletClaim;
import io.latticegate.common.wallet.WalletClaimMessage;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.edge.ErrorDialect;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks auth-service whether a wallet's claim is admitted, and writes the refusal when it is not. */
final class WalletGate {
    private final MeshBus bus;

    WalletGate(MeshBus bus) {
        this.bus = bus;
    }

    /** As the other, with nothing to undo when the wallet is not admitted. */
    void admit(Exchange exchange, WalletClaim claim, Consumer<String> admitted) {
        admit(exchange, claim, admitted, () -> {});
    }

    /**
     * Asks auth-service. Runs {@code admitted} with the recovered wallet, or {@code otherwise} and refuses.
     *
     * @param otherwise releases what the caller holds
     */
    void admit(Exchange exchange, WalletClaim claim, Consumer<String> admitted, Runnable otherwise) {
        AuthApi.WalletClaim question = WalletClaimMessage.of(claim);
        String claimed = question.claimedWallet();
        bus.ask(AuthApi.ADMIT_WALLET, question, exchange.step("admit wallet")).onComplete(reply -> {
            exchange.stepOver();
            if (exchange.finished()) {
                otherwise.run();
                return;
            }
            if (reply.failed()) {
                otherwise.run();
                busFailed(exchange, reply.cause());
                return;
            }
            switch (reply.result()) {
                case WalletReply.Admitted(String wallet) -> {
                    exchange.facts().actorKind = AuditActor.Kind.WALLET;
                    exchange.facts().actorId = wallet;
                    admitted.accept(wallet);
                }
                case WalletReply.Rejected rejected -> {
                    otherwise.run();
                    reject(exchange, claimed, rejected);
                }
            }
        });
    }

    private static void reject(Exchange exchange, @Nullable String claimed, WalletReply.Rejected rejected) {
        if (claimed != null) {
            exchange.facts().actorKind = AuditActor.Kind.WALLET;
            exchange.facts().actorId = claimed;
        }
        int status = switch (rejected.refusal()) {
            case INVALID_SIGNATURE, INVALID_NONCE, EXPIRED -> 401;
            case RATE_LIMITED -> 429;
            case STATE_LOST -> 503;
        };
        exchange.refuse(
                Outcome.DENIED,
                new Refusal(status, rejected.code(), rejected.detail(), null),
                new ErrorDialect.RelayHint(rejected.expectedNonce(), rejected.serverTimeSeconds()),
                rejected.retryAfterMillis());
    }

    /** Refuses because a service of the mesh does not answer. */
    static void busFailed(Exchange exchange, Throwable fault) {
        String who = fault instanceof BusFault ? "a service of the mesh does not answer" : "an internal fault";
        exchange.refuse(Outcome.ERROR, TokenRelay.unavailableBecause(who), null, 1_000);
    }
}
