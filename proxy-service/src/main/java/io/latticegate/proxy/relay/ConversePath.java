package io.latticegate.proxy.relay;

import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.bedrock.ConverseModelId;
import org.jspecify.annotations.Nullable;

/**
 * A path of Bedrock's Converse API, which names the model and the call: {@code /model/{model}/converse}.
 *
 * @param model decoded
 */
public record ConversePath(String model, Operation operation) {
    /** What all paths of Bedrock's runtime begin with. */
    public static final String PREFIX = "/model/";

    private static final String COMPLETE = "/converse";
    private static final String STREAM = "/converse-stream";

    /** The path taken apart, or null when it is none of these. */
    public static @Nullable ConversePath of(@Nullable String path) {
        if (path == null || !path.startsWith(PREFIX)) {
            return null;
        }
        int call = path.indexOf('/', PREFIX.length());
        Operation operation = call < 0 ? null : operationOf(path.substring(call));
        String model = operation == null ? null : ConverseModelId.decoded(path.substring(PREFIX.length(), call));
        return operation == null || model == null ? null : new ConversePath(model, operation);
    }

    /** The call of a chat. */
    static ConversePath of(String model, boolean stream) {
        return new ConversePath(model, stream ? Operation.CONVERSE_STREAM : Operation.CONVERSE);
    }

    private static @Nullable Operation operationOf(String call) {
        return switch (call) {
            case COMPLETE -> Operation.CONVERSE;
            case STREAM -> Operation.CONVERSE_STREAM;
            default -> null;
        };
    }

    /** Why a query is refused, or null: these calls have none. */
    static @Nullable Refusal queryFault(@Nullable String query) {
        return query == null || query.isEmpty() ? null : Refusal.invalid("query", "This path takes no query");
    }

    /** The same call as a path at the provider. {@code upstreamModel} is the provider's name of the model where it differs. */
    String at(@Nullable String upstreamModel) {
        String named = upstreamModel == null ? model : upstreamModel;
        return PREFIX + ConverseModelId.encoded(named) + (operation == Operation.CONVERSE ? COMPLETE : STREAM);
    }
}
