package io.latticegate.admin.manage;

import io.latticegate.admin.audit.UsageQuery;
import io.latticegate.admin.audit.UsageScope;
import io.latticegate.admin.audit.UsageTotals;
import io.latticegate.common.crypto.Eip55;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.vertx.core.json.JsonObject;

/** The call {@code /manage/usage/wallets/{wallet}}: what a wallet ever used. */
final class WalletUsageCalls implements Calls {
    private final Database database;

    WalletUsageCalls(Database database) {
        this.database = database;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.VIEWER, "usage.wallet", this::wallet, "usage", "wallets", "{id}");
    }

    /** {@code GET /manage/usage/wallets/{wallet}}; a wallet that never signed has used nothing. */
    Answer wallet(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        String wallet = wallet(request.segments().get(2));
        audited.note("wallet", wallet);
        UsageTotals totals;
        try {
            totals = database.read(connection -> UsageQuery.total(connection, UsageScope.WALLET, wallet));
        } catch (StoreFault fault) {
            throw Refused.unavailable("the audit store does not answer; nothing was summed");
        }
        return Answer.json(
                200,
                new JsonObject()
                        .put("wallet", wallet)
                        .put("total_requests", totals.requests())
                        .put("total_tokens", totals.tokensIn() + totals.tokensOut())
                        .put("total_cost", UsageJson.usd(totals.costMicroUsd()))
                        .put("succeeded", totals.succeeded())
                        .put("tokens_in", totals.tokensIn())
                        .put("tokens_out", totals.tokensOut())
                        .put("tokens_cached", totals.tokensCached())
                        .put("cost_usd", UsageJson.usd(totals.costMicroUsd()))
                        .put("cost_micro_usd", totals.costMicroUsd())
                        .put(
                                "last_used_at",
                                totals.requests() == 0 ? null : UsageJson.timeOfMicros(totals.lastAtMicros())));
    }

    /**
     * The canonical spelling of an address.
     *
     * @throws Refused 400 for any other text
     */
    static String wallet(String text) {
        try {
            return Eip55.parse(text).value();
        } catch (IllegalArgumentException malformed) {
            throw Refused.badRequest(
                    "a wallet address has 0x and 40 hexadecimal digits, in one case or with the EIP-55" + " checksum");
        }
    }
}
