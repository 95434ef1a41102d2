package io.latticegate.proxy.dialect;

import io.latticegate.proxy.chat.ProviderError;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a provider says went wrong, in any of the forms that are in use: {@code {"error":{"message","type","code"}}}
 * (OpenAI), {@code {"type":"error","error":{"type","message"}}} (Anthropic), {@code
 * {"error":{"code","message","status","details"}}} (Gemini, google.rpc.Status), {@code {"error":"…"}} (with {@code
 * error_type}: Text Generation Inference), {@code {"message":"…"}} (Cohere; AWS also as {@code Message}), {@code
 * {"detail":"…"}}, or no JSON at all, which is then not quoted. An error inside a stream may say an HTTP
 * status as a numeric {@code code}. Gemini answers a key that it does not know with 400; the reason {@code API_KEY_INVALID}
 * among the details tells.
 */
public final class ErrorReport {
    private static final String KEY_INVALID = "API_KEY_INVALID";

    private ErrorReport() {}

    /**
     * Classifies an error reply.
     *
     * @param status the provider's HTTP status, 0 for an error inside a stream
     */
    public static ProviderError read(int status, byte[] body) {
        return read(status, body, null);
    }

    /**
     * Classifies an error reply of a provider that names the error in a header.
     *
     * @param errorType AWS's {@code x-amzn-ErrorType}, a name that a colon and an address may follow; null where there is
     *     none
     */
    public static ProviderError read(int status, byte[] body, @Nullable String errorType) {
        int colon = errorType == null ? -1 : errorType.indexOf(':');
        String name = errorType == null || colon < 0 ? errorType : errorType.substring(0, colon);
        return read(status, new JsonMembers(body, 0, body.length), or(name, ""));
    }

    static ProviderError read(int status, JsonMembers members) {
        return read(status, members, "");
    }

    private static ProviderError read(int status, JsonMembers members, String named) {
        String message = "";
        String type = "";
        String code = "";
        long statusInside = -1;
        while (members.next()) {
            if (members.keyIs("error") && members.valueIsObject()) {
                JsonMembers error = members.value();
                while (error.next()) {
                    if (error.keyIs("message")) {
                        message = or(error.text(), message);
                    } else if (error.keyIs("type") || error.keyIs("status")) {
                        type = or(error.text(), type);
                    } else if (error.keyIs("code")) {
                        code = or(error.text(), code);
                        statusInside = error.number();
                    } else if (error.keyIs("details")) {
                        code = reasonOfKeyFault(error, code);
                    }
                }
            } else if (members.keyIs("error")
                    || members.keyIs("message")
                    || members.keyIs("Message")
                    || members.keyIs("detail")) {
                message = or(members.text(), message);
            } else if (members.keyIs("code")) {
                code = or(members.text(), code);
            } else if (members.keyIs("error_type")) {
                type = or(members.text(), type);
            }
        }
        boolean saysStatus = status == 0 && statusInside >= 400 && statusInside < 600;
        String said = code.isEmpty() ? type : code;
        return ProviderError.ofStatus(
                saysStatus ? (int) statusInside : status, named.isEmpty() ? said : named, message);
    }

    private static String reasonOfKeyFault(JsonMembers details, String before) {
        String[] code = {before};
        details.forEachElement(detail -> {
            while (detail.next()) {
                if (detail.keyIs("reason") && detail.valueIs('"' + KEY_INVALID + '"')) {
                    code[0] = KEY_INVALID;
                }
            }
        });
        return code[0];
    }

    private static String or(@Nullable String read, String before) {
        return read == null ? before : read;
    }
}
