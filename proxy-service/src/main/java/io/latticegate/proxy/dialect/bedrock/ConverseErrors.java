package io.latticegate.proxy.dialect.bedrock;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.ErrorReply;
import io.latticegate.proxy.dialect.ErrorReport;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.Refusal;
import java.io.IOException;

/**
 * Errors as AWS's {@code restJson1} protocol writes them: the exception in the header {@value #TYPE_HEADER}, and {@code
 * {"message"}} as body. The body repeats the exception as {@code __type}, where clients look for it as well, and has our
 * machine-readable code as {@code reason}.
 */
public final class ConverseErrors {
    /** Names the exception in the head of an error answer. */
    public static final String TYPE_HEADER = "x-amzn-ErrorType";

    private ConverseErrors() {}

    static ErrorReply reply(ProviderError error, String requestId) {
        return reply(refusal(error), requestId);
    }

    static ErrorReply reply(Refusal refusal, String requestId) {
        return new ErrorReply(refusal.status(), JsonBytes.document(json -> {
            json.writeStartObject();
            writeMembers(json, refusal, requestId);
            json.writeEndObject();
        }));
    }

    /** Writes the members of the error object that is open. */
    public static void writeMembers(JsonGenerator json, Refusal refusal, String requestId) throws IOException {
        json.writeStringField("__type", exception(refusal.status()));
        json.writeStringField("message", refusal.message());
        json.writeStringField("reason", refusal.code());
        if (refusal.param() != null) {
            json.writeStringField("field", refusal.param());
        }
        json.writeStringField("requestId", requestId);
    }

    /** A failure inside a stream, as the one message that it ends with. */
    public static byte[] message(ProviderError error) {
        String type = switch (error.kind()) {
            case CLIENT_FAULT, NOT_FOUND -> "validationException";
            case RATE, QUOTA -> "throttlingException";
            case OVERLOAD -> "serviceUnavailableException";
            case AUTH, PERMISSION -> "internalServerException";
            case OUTAGE, TIMEOUT -> "modelStreamErrorException";
        };
        byte[] payload = JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeStringField("message", error.message());
            json.writeStringField("reason", error.code());
            json.writeEndObject();
        });
        return EventStreamMessage.exception(type, payload);
    }

    /** What a message says that is no event: a modelled exception, or an error of the service with a bare code. */
    static ProviderError read(EventStreamMessage message) {
        String type = message.header(EventStreamMessage.EXCEPTION_TYPE);
        if (type.isEmpty()) {
            String code = message.header(EventStreamMessage.ERROR_CODE);
            return ProviderError.of(
                    ProviderError.Kind.OUTAGE,
                    code.isEmpty() ? "provider_protocol_error" : code,
                    "The provider ended its stream with an error: " + message.header(EventStreamMessage.ERROR_MESSAGE));
        }
        String exception = Character.toUpperCase(type.charAt(0)) + type.substring(1);
        return ErrorReport.read(0, message.payload(), exception);
    }

    /** The exception of Bedrock that an HTTP status of ours stands for. */
    public static String exception(int status) {
        return switch (status) {
            case 401, 403 -> "AccessDeniedException";
            case 404 -> "ResourceNotFoundException";
            case 408, 504 -> "ModelTimeoutException";
            case 424 -> "ModelErrorException";
            case 429 -> "ThrottlingException";
            case 503 -> "ServiceUnavailableException";
            default -> status >= 500 ? "InternalServerException" : "ValidationException";
        };
    }

    private static Refusal refusal(ProviderError error) {
        return new Refusal(error.surfaceStatus(), error.code(), error.message(), null);
    }
}
