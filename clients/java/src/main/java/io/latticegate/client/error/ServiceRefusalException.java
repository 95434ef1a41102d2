package io.latticegate.client.error;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** fhe-service refused a request and said why. Codes that a program acts on have a subtype. */
public sealed class ServiceRefusalException extends FheClientException
        permits KeyEpochExpiredException, NotFoundException, OverloadedException, PrivacyBudgetExhaustedException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final String detail;

    /**
     * A refusal without a subtype of its own.
     *
     * @param status of HTTP; 0 where it came as a frame of a reply that had begun
     */
    public ServiceRefusalException(int status, String code, String detail) {
        super("fhe-service refused: " + code + (status == 0 ? "" : " (" + status + ")") + ": " + detail);
        this.status = status;
        this.code = code;
        this.detail = detail;
    }

    /** The exception for a code. */
    public static ServiceRefusalException of(int status, String code, String detail, @Nullable Duration retryAfter) {
        return switch (code) {
            case "key_epoch_expired" -> new KeyEpochExpiredException(status, code, detail);
            case "not_found" -> new NotFoundException(status, code, detail);
            case "privacy_budget_exhausted" -> new PrivacyBudgetExhaustedException(status, code, detail);
            case "overloaded", "rate_limit_exceeded", "store_unavailable" ->
                new OverloadedException(status, code, detail, retryAfter);
            default -> new ServiceRefusalException(status, code, detail);
        };
    }

    /** The status of HTTP, or 0 where the refusal came as a frame. */
    public int status() {
        return status;
    }

    /** The service's name of the reason, such as {@code quota_exceeded}. */
    public String code() {
        return code;
    }

    /** The service's sentence: what, where, what is allowed. */
    public String detail() {
        return detail;
    }

    /** How long the service asks to wait before the same request is worth another try. */
    public Optional<Duration> retryAfter() {
        return Optional.empty();
    }
}
