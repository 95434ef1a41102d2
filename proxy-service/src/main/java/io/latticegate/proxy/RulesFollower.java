package io.latticegate.proxy;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.config.ConfigException;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.config.RulesDocument;
import io.latticegate.common.contract.ConfigApi;
import io.latticegate.common.service.Health;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps this process on the rules in force. admin-service is asked every {@link ConfigApi#POLL_MILLIS}, and at once when it
 * says that something changed; at most one question is under way. Versions only go up.
 *
 * <p>While admin-service does not answer, the last rules stay in force: nobody can change them without it. Where a process
 * has none yet, or cannot read a newer version, it serves nothing and is not ready, since the rules that it has may allow
 * what is not allowed any longer.
 *
 * <p>Confined to one context.
 */
final class RulesFollower {
    private static final Log LOG = Log.of(RulesFollower.class);

    private final Vertx vertx;
    private final Context context;
    private final MeshBus bus;
    private final LatticegateConfig file;
    private final Function<@Nullable Applied, Future<Void>> apply;
    private final Promise<Void> first = Promise.promise();
    private long read;
    private boolean asking;
    private boolean askAgain;
    private volatile Standing standing = new Standing(0, "no rules yet: admin-service has not answered");

    /**
     * Rules as this process reads them.
     *
     * @param config the file's configuration with the rules in it
     */
    record Applied(long version, LatticegateConfig config) {}

    private record Standing(long version, String fault) {}

    /**
     * @param file what this process was started with
     * @param apply puts rules into force, null: none; completes when no request begins under the former ones
     */
    RulesFollower(Vertx vertx, MeshBus bus, LatticegateConfig file, Function<@Nullable Applied, Future<Void>> apply) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.bus = bus;
        this.file = file;
        this.apply = apply;
    }

    /** Begins to follow; completes when the first rules are in force or {@code limitMillis} have passed without. */
    Future<Void> start(long limitMillis) {
        context.runOnContext(begin -> {
            bus.listen(ConfigApi.CHANGED, changed -> context.runOnContext(now -> ask()));
            vertx.setPeriodic(ConfigApi.POLL_MILLIS, timer -> ask());
            ask();
        });
        return first.future().timeout(limitMillis, TimeUnit.MILLISECONDS).otherwise(late -> {
            LOG.warn("admin-service does not answer yet; nothing is served until the rules in force are known");
            return null;
        });
    }

    /** For readiness. */
    Health.Finding finding() {
        Standing now = standing;
        return now.fault.isEmpty() ? Health.Finding.ok() : Health.Finding.failing(now.fault);
    }

    /** Version in force here; 0: none. */
    long version() {
        return standing.version;
    }

    private void ask() {
        if (asking) {
            askAgain = true;
            return;
        }
        asking = true;
        askAgain = false;
        bus.askSigned(ConfigApi.IN_FORCE, new ConfigApi.Follow(read))
                .compose(answer -> take(answer.reply()))
                .onComplete(done -> context.runOnContext(next -> {
                    asking = false;
                    if (askAgain) {
                        ask();
                    }
                }));
    }

    private Future<Void> take(ConfigApi.InForce reply) {
        return switch (reply) {
            case ConfigApi.InForce.Unchanged unchanged -> Future.succeededFuture();
            case ConfigApi.InForce.Unknown unknown -> Future.succeededFuture();
            case ConfigApi.InForce.Rules rules -> rules.version() > read ? take(rules) : Future.succeededFuture();
        };
    }

    private Future<Void> take(ConfigApi.InForce.Rules rules) {
        Applied applied;
        String fault;
        try {
            applied = new Applied(rules.version(), file.with(RulesDocument.stored(rules.document())));
            fault = "";
        } catch (ConfigException refused) {
            applied = null;
            fault = "version " + rules.version() + " of the rules cannot be read here: " + refused.getMessage();
            LOG.error("nothing is served, since the rules in force cannot be read here", LogKey.REASON.of(fault));
        }
        read = rules.version();
        Standing next = new Standing(applied == null ? 0 : rules.version(), fault);
        return apply.apply(applied)
                .onSuccess(inForce -> {
                    standing = next;
                    first.tryComplete();
                    if (next.version > 0) {
                        LOG.info("other rules are in force", LogKey.VERSION.of(next.version));
                    }
                })
                .recover(bug -> {
                    LOG.error("nothing is served, since rules could not be put into force", bug);
                    standing = new Standing(0, "version " + rules.version() + " of the rules was not put into force");
                    return apply.apply(null);
                });
    }
}
