package io.latticegate.client.error;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The service has no room for the request now. */
public final class OverloadedException extends ServiceRefusalException {
    private static final long serialVersionUID = 1L;

    private final @Nullable Duration retryAfter;

    OverloadedException(int status, String code, String detail, @Nullable Duration retryAfter) {
        super(status, code, detail);
        this.retryAfter = retryAfter;
    }

    @Override
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
