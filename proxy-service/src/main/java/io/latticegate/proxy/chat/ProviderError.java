package io.latticegate.proxy.chat;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A failure that a provider reported, or that we met on the way to it, classified by who can do something about it.
 *
 * @param kind the class that decides retries, cooldown and the status at our surface
 * @param status the provider's HTTP status, or 0 when there was none (an error inside a stream, no connection)
 * @param message safe to show to a client: bounded, without control characters, without anything shaped like a key; for
 *     faults of the gateway's own credential or account it is our sentence, not the provider's
 * @param code the provider's machine-readable code or type, or our own; {@code [A-Za-z0-9_.-]}, at most 64 characters
 */
public record ProviderError(Kind kind, int status, String message, String code) {

    /** The longest message that is kept, in characters. */
    public static final int MESSAGE_LENGTH_MAX = 1_000;

    private static final int CODE_LENGTH_MAX = 64;
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029]+");
    private static final Pattern KEY_SHAPED =
            Pattern.compile("\\b(?:sk|pk|rk|xai|gsk|hf|key|org|proj)[-_](?=[\\w*.-]*[0-9*])[\\w*.-]{8,}|AIza[\\w-]{10,}"
                    + "|Bearer \\S{8,}|eyJ[\\w-]{10,}\\.[\\w.-]+");
    private static final Pattern NOT_CODE = Pattern.compile("[^A-Za-z0-9_.\\-]");

    /** Who can do something about the failure. */
    public enum Kind {
        /** The request itself is wrong; the same request fails everywhere. */
        CLIENT_FAULT(400),
        /** The provider does not accept the gateway's credential (its 401). */
        AUTH(502),
        /** The gateway's credential may not do this (the provider's 403). */
        PERMISSION(502),
        /** The provider has no such model or resource. */
        NOT_FOUND(404),
        /** Too many requests for now; worth another try later. */
        RATE(429),
        /** The account at the provider is out of money or of a long-term allowance. */
        QUOTA(503),
        /** The provider is alive and cannot take more. */
        OVERLOAD(503),
        /** The provider failed, broke its protocol, or cannot be reached. */
        OUTAGE(502),
        /** A deadline passed. */
        TIMEOUT(504);

        private final int surfaceStatus;

        Kind(int surfaceStatus) {
            this.surfaceStatus = surfaceStatus;
        }
    }

    /** Bounds and cleans what the provider said. */
    public ProviderError {
        message = cleaned(message);
        code = NOT_CODE.matcher(code).replaceAll("");
        if (code.length() > CODE_LENGTH_MAX) {
            code = code.substring(0, CODE_LENGTH_MAX);
        }
    }

    /**
     * Classifies an HTTP error of a provider. {@code status} is the provider's; {@code code} and {@code message} are what
     * its body said, or empty.
     */
    public static ProviderError ofStatus(int status, String code, String message) {
        Kind kind = kindOf(status, code);
        String said = switch (kind) {
            case AUTH -> "The provider did not accept the gateway's credential";
            case PERMISSION -> "The provider does not allow the gateway's credential to do this";
            case QUOTA -> "The gateway's account at the provider is out of quota";
            case CLIENT_FAULT, NOT_FOUND, RATE, OVERLOAD, OUTAGE, TIMEOUT ->
                message.isBlank() ? "The provider answered with status " + status : message;
        };
        return new ProviderError(kind, status, said, code.isEmpty() ? defaultCode(kind) : code);
    }

    /**
     * The same failure where the key was the client's own: what the provider has against the key or the account is then a
     * fault of the client, with a status that says so, and nothing to try elsewhere.
     */
    public ProviderError ofClientsKey() {
        return switch (kind) {
            case AUTH ->
                new ProviderError(
                        Kind.CLIENT_FAULT,
                        401,
                        "The provider did not accept the key that the request brought",
                        "provider_key_rejected");
            case PERMISSION ->
                new ProviderError(
                        Kind.CLIENT_FAULT,
                        403,
                        "The provider does not allow this to the key that the request brought",
                        "provider_key_forbidden");
            case QUOTA ->
                new ProviderError(
                        Kind.CLIENT_FAULT,
                        429,
                        "The account of the key that the request brought is out of quota",
                        "insufficient_quota");
            case CLIENT_FAULT, NOT_FOUND, RATE, OVERLOAD, OUTAGE, TIMEOUT -> this;
        };
    }

    /** A failure without an HTTP status: broken protocol, no connection, a deadline. */
    public static ProviderError of(Kind kind, String code, String message) {
        return new ProviderError(kind, 0, message, code);
    }

    /**
     * The HTTP status that our surface answers with. Faults of the client stay 4xx with the provider's own status; faults
     * of the upstream are 5xx, so that a provider's 401 or 403 never reads as if the client's own credential were wrong.
     */
    public int surfaceStatus() {
        boolean ownStatusFits = kind == Kind.CLIENT_FAULT && status >= 400 && status < 500;
        return ownStatusFits ? status : kind.surfaceStatus;
    }

    /** Whether another attempt, perhaps elsewhere, can succeed with the same request. */
    public boolean retryable() {
        return kind != Kind.CLIENT_FAULT && kind != Kind.NOT_FOUND;
    }

    /** Whether the same target may do better a moment later. */
    public boolean mayPass() {
        return switch (kind) {
            case OVERLOAD, OUTAGE -> status == 0 || status >= 500;
            case CLIENT_FAULT, NOT_FOUND, AUTH, PERMISSION, QUOTA, RATE, TIMEOUT -> false;
        };
    }

    /** Whether the same target may well answer under another key. */
    public boolean concernsKey() {
        return switch (kind) {
            case AUTH, PERMISSION, QUOTA, RATE -> true;
            case CLIENT_FAULT, NOT_FOUND, OVERLOAD, OUTAGE, TIMEOUT -> false;
        };
    }

    private static Kind kindOf(int status, String code) {
        Kind byCode = kindOfCode(code);
        if (byCode != null) {
            return byCode;
        }
        boolean requestWrong = code.equals("invalid_request_error") || code.equals("request_too_large");
        if (status == 0 && requestWrong) {
            return Kind.CLIENT_FAULT;
        }
        return switch (status) {
            case 401, 407 -> Kind.AUTH;
            case 402 -> Kind.QUOTA;
            case 403 -> Kind.PERMISSION;
            case 404 -> Kind.NOT_FOUND;
            case 408, 504 -> Kind.TIMEOUT;
            case 429 -> Kind.RATE;
            case 503, 529 -> Kind.OVERLOAD;
            default -> status >= 400 && status < 500 ? Kind.CLIENT_FAULT : Kind.OUTAGE;
        };
    }

    /**
     * Codes say more than the status: OpenAI reports an empty account as 429, Anthropic reports it as 400, and Text
     * Generation Inference reports a failure of its own as 424.
     */
    private static @Nullable Kind kindOfCode(String code) {
        return switch (code) {
            case "insufficient_quota",
                    "billing_hard_limit_reached",
                    "billing_error",
                    "billing_not_active",
                    "quota_exceeded" -> Kind.QUOTA;
            case "overloaded_error", "engine_overloaded", "slow_down", "overloaded" -> Kind.OVERLOAD;
            case "generation", "incomplete_generation" -> Kind.OUTAGE;
            case "rate_limit_error", "rate_limit_exceeded" -> Kind.RATE;
            case "authentication_error", "invalid_api_key", "API_KEY_INVALID" -> Kind.AUTH;
            case "permission_error" -> Kind.PERMISSION;
            case "timeout_error" -> Kind.TIMEOUT;
            case "model_not_found", "not_found_error" -> Kind.NOT_FOUND;
            default -> kindOfException(code);
        };
    }

    /** The exceptions of AWS, which names faults of its own with a 4xx and faults of a signature with 400 or 403. */
    private static @Nullable Kind kindOfException(String code) {
        return switch (code) {
            case "ValidationException" -> Kind.CLIENT_FAULT;
            case "UnrecognizedClientException",
                    "InvalidSignatureException",
                    "IncompleteSignatureException",
                    "ExpiredTokenException",
                    "MissingAuthenticationTokenException" -> Kind.AUTH;
            case "AccessDeniedException" -> Kind.PERMISSION;
            case "ResourceNotFoundException" -> Kind.NOT_FOUND;
            case "ThrottlingException" -> Kind.RATE;
            case "ServiceQuotaExceededException" -> Kind.QUOTA;
            case "ServiceUnavailableException", "ModelNotReadyException" -> Kind.OVERLOAD;
            case "ModelErrorException", "ModelStreamErrorException", "InternalServerException" -> Kind.OUTAGE;
            case "ModelTimeoutException" -> Kind.TIMEOUT;
            default -> null;
        };
    }

    private static String defaultCode(Kind kind) {
        return switch (kind) {
            case CLIENT_FAULT -> "invalid_request";
            case AUTH -> "provider_auth_failed";
            case PERMISSION -> "provider_permission_denied";
            case NOT_FOUND -> "not_found";
            case RATE -> "provider_rate_limited";
            case QUOTA -> "provider_quota_exhausted";
            case OVERLOAD -> "provider_overloaded";
            case OUTAGE -> "provider_error";
            case TIMEOUT -> "provider_timeout";
        };
    }

    private static String cleaned(String message) {
        String bounded = message.length() > MESSAGE_LENGTH_MAX ? message.substring(0, MESSAGE_LENGTH_MAX) : message;
        String oneLine = CONTROL.matcher(bounded).replaceAll(" ");
        return KEY_SHAPED.matcher(oneLine).replaceAll("[redacted]");
    }
}
