package io.latticegate.proxy.relay;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.AuditApi;
import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.SignedActions;
import io.latticegate.common.wallet.WalletClaim;
import io.latticegate.common.wallet.WalletSignature;
import io.latticegate.common.wallet.WalletSignature.Parsed;
import io.latticegate.proxy.dialect.Refusal;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/usage/{wallet}}: what a wallet has used, told to nobody but the wallet. The request has no body, so the
 * values of the signed {@code UsageQuery} stand in the path and in headers. Wallets that were never seen get zeros: whether an
 * address is known here cannot be learnt without its key.
 */
final class WalletUsage {
    private static final String SIGNATURE = "X-Wallet-Signature";
    private static final String TIMESTAMP = "X-Wallet-Timestamp";
    private static final String CHAIN = "X-Wallet-Chain-Id";
    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,17}");
    private static final int MICRO_DIGITS = 6;

    private final MeshBus bus;
    private final WalletGate gate;
    private final SignedActions actions;

    WalletUsage(MeshBus bus, WalletGate gate, SignedActions actions) {
        this.bus = bus;
        this.gate = gate;
        this.actions = actions;
    }

    void answer(Exchange exchange, String walletText) {
        WalletAddress wallet;
        try {
            wallet = WalletAddress.parse(walletText);
        } catch (IllegalArgumentException malformed) {
            exchange.refuse(
                    Outcome.FAILURE,
                    new Refusal(400, "invalid_wallet", "A wallet address has 0x and 40 hex digits", "wallet"));
            return;
        }
        WalletClaim claim = claim(exchange, wallet);
        if (claim != null) {
            gate.admit(exchange, claim, signer -> tell(exchange, signer));
        }
    }

    /** What the headers claim, or null when the request was refused for them. */
    private @Nullable WalletClaim claim(Exchange exchange, WalletAddress wallet) {
        MultiMap headers = exchange.request().headers();
        List<String> signatures = headers.getAll(SIGNATURE);
        List<String> timestamps = headers.getAll(TIMESTAMP);
        if (signatures.size() != 1 || timestamps.size() != 1) {
            return refused(
                    exchange,
                    "invalid_signature",
                    "Invalid signature: headers " + SIGNATURE + " and " + TIMESTAMP + " are both required, once");
        }
        if (!NUMBER.matcher(timestamps.getFirst()).matches()) {
            return refused(
                    exchange, "invalid_signature", "Invalid signature: " + TIMESTAMP + " must be seconds since 1970");
        }
        Long chain = chain(headers);
        if (chain == null) {
            return refused(
                    exchange,
                    "typed_data_schema_mismatch",
                    "Invalid signature: " + CHAIN + " must be one of "
                            + actions.domains().chainIds());
        }
        if (!(WalletSignature.parse(signatures.getFirst()) instanceof Parsed.Valid(WalletSignature signature))) {
            return refused(
                    exchange,
                    "invalid_signature",
                    "Invalid signature: " + SIGNATURE + " must be 0x and 130 hexadecimal digits, or 128 (EIP-2098),"
                            + " with low s");
        }
        long timestamp = Long.parseLong(timestamps.getFirst());
        Hash32 digest = actions.usageQuery(chain, wallet, BigInteger.valueOf(timestamp));
        return new WalletClaim.Query(digest, signature, timestamp, wallet);
    }

    /** The chain under which the wallet signed: the first on the list unless a header names another one of it. */
    private @Nullable Long chain(MultiMap headers) {
        List<Long> allowed = actions.domains().chainIds();
        List<String> named = headers.getAll(CHAIN);
        if (named.isEmpty()) {
            return allowed.getFirst();
        }
        return named.size() == 1
                        && NUMBER.matcher(named.getFirst()).matches()
                        && allowed.contains(Long.valueOf(named.getFirst()))
                ? Long.valueOf(named.getFirst())
                : null;
    }

    private static @Nullable WalletClaim refused(Exchange exchange, String code, String detail) {
        exchange.refuse(Outcome.DENIED, new Refusal(401, code, detail, null));
        return null;
    }

    private void tell(Exchange exchange, String wallet) {
        bus.askSigned(AuditApi.WALLET_USAGE, new AuditApi.WalletUsage(wallet)).onComplete(reply -> {
            if (reply.failed()) {
                WalletGate.busFailed(exchange, reply.cause());
                return;
            }
            AuditApi.WalletTotals totals = reply.result().reply();
            WalletRelay.answer(
                    exchange,
                    new JsonObject()
                            .put("wallet", wallet)
                            .put("total_requests", totals.requests())
                            .put("total_tokens", totals.tokens())
                            .put("total_cost", BigDecimal.valueOf(totals.costMicroUsd(), MICRO_DIGITS)));
        });
    }
}
