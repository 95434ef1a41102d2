package io.latticegate.proxy.edge;

import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogField;
import io.latticegate.common.telemetry.LogKey;
import io.latticegate.proxy.relay.ErrorType;
import io.latticegate.proxy.relay.Outcome;
import io.latticegate.proxy.relay.RequestFacts;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One line for a request that has ended: as a warning where this gateway or a provider failed, otherwise at level debug.
 * Neither bodies nor headers nor queries are in it, at no level.
 */
final class RequestLog {
    private static final Log LOG = Log.of(RequestLog.class);
    private static final int SERVER_ERROR = 500;

    /** @param traceId of a request that is traced, or null */
    static void ended(RequestFacts facts, @Nullable String traceId) {
        if (facts.outcome == Outcome.ERROR && facts.status >= SERVER_ERROR) {
            LOG.warn("A request failed", fields(facts, traceId));
        } else if (LOG.isDebugEnabled()) {
            LOG.debug("A request has ended", fields(facts, traceId));
        }
    }

    private static LogField[] fields(RequestFacts facts, @Nullable String traceId) {
        return new LogField[] {
            LogKey.REQUEST_ID.of(facts.requestId),
            LogKey.TRACE_ID.of(traceId),
            LogKey.METHOD.of(facts.method),
            LogKey.PATH.of(facts.path),
            LogKey.STATUS.of(facts.status),
            LogKey.OUTCOME.of(facts.outcome),
            LogKey.REASON.of(facts.reason == null ? null : ErrorType.of(facts.reason)),
            LogKey.PROJECT.of(facts.projectId),
            LogKey.TOKEN_ID.of(facts.tokenId),
            LogKey.MODEL.of(facts.model),
            LogKey.PROVIDER.of(facts.provider),
            LogKey.ATTEMPT.of(facts.attempts),
            LogKey.TOKENS_IN.of(facts.usage.input()),
            LogKey.TOKENS_OUT.of(facts.usage.output()),
            LogKey.ELAPSED_MS.of(Duration.ofNanos(facts.elapsedNanos))
        };
    }

    private RequestLog() {}
}
